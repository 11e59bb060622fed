/*
 * fuzz_mime - mails: line 1 is from, 2 reply-to, 3 the subject, the rest the
 * body.  Whatever they are, the message has the headers it has, short lines
 * that end in CRLF, and none that a server could take for its own.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mime.h"
#include "str.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static char	*fuzz_mime_line(char **s);
static void	fuzz_mime_sound(const char *s);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mime_mail	 m = { .to = "a@b.c", .html = "<p>x</p>" };
	struct buf		 b;
	char			*s, *p;

	if ((s = mem_dup(data, len)) == NULL)
		abort();
	p = s;
	m.from = fuzz_mime_line(&p);
	m.reply_to = fuzz_mime_line(&p);
	m.subject = fuzz_mime_line(&p);
	m.text = p;
	buf_init(&b, MIME_MAX);
	if (mime_build(&m, &b) == ERR_OK)
		fuzz_mime_sound(b.data);
	buf_clear(&b);
	mem_free(s);
	return (0);
}

/* Lines are cut at a tab, so that a line feed may be in one. */
static char *
fuzz_mime_line(char **s)
{
	char	*line = *s, *end = strchr(line, '\t');

	if (end == NULL)
		*s += strlen(line);
	else {
		*end = '\0';
		*s = end + 1;
	}
	return (line);
}

static void
fuzz_mime_sound(const char *s)
{
	static const char *const	names[] = {
		"Date: ", "From: ", "To: ", "Reply-To: ", "Message-ID:",
		"Subject: ", "Auto-Submitted: ", "X-Auto-Response-Suppress: ",
		"MIME-Version: ", "Content-Type: ",
		"Content-Transfer-Encoding: ", " ",
	};
	const char			*end;
	bool				 is_body = false;
	size_t				 i;

	for (; *s != '\0'; s = end + 2) {
		if ((end = strpbrk(s, "\r\n")) == NULL ||
		    memcmp(end, "\r\n", 2) != 0)
			abort();
		if (s[0] == '.' || strncmp(s, "From ", 5) == 0 ||
		    (end - s > 76 && s[0] != ' '))
			abort();
		is_body = is_body || end == s;
		if (is_body)
			continue;
		for (i = 0; i < COUNT(names); i++) {
			if (strncmp(s, names[i], strlen(names[i])) == 0)
				break;
		}
		if (i == COUNT(names))
			abort();
	}
}
