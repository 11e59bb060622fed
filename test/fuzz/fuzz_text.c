/*
 * fuzz_text - an operator's texts: the first byte is the name and channel, the
 * rest the text and, behind a NUL, a value.  What passes the check renders to
 * UTF-8, and no value adds a line to it or a tag to its HTML.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "message_text.h"
#include "str.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static size_t	fuzz_text_count(const char *s, char c);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_var	 more[4] = {
		{ "code", NULL }, { "brand", NULL }, { "host", NULL },
		{ "device", NULL },
	};
	const struct text_vars	 v = { NULL, more, COUNT(more) };
	struct text_preview	 p;
	struct text_errors	 e;
	struct text		 t = { "s", NULL, NULL };
	char			*s, *value;
	const char		*name;
	size_t			 i;

	if (len < 1 || (name = text_name(data[0] % 8)) == NULL)
		return (0);
	if ((s = mem_dup(data + 1, len - 1)) == NULL)
		abort();
	value = s + strlen(s);
	if ((size_t)(value - s) < len - 1)
		value++;
	t.text = t.html = s;
	for (i = 0; i < COUNT(more); i++)
		more[i].value = value;
	if (!str_is_utf8(value, strlen(value)) ||
	    text_check(name, TEXT_EMAIL, &t, &e) != ERR_OK) {
		mem_free(s);
		return (0);
	}
	if (text_preview(name, TEXT_EMAIL, &t, &v, &p) == ERR_OK) {
		if (!str_is_utf8(p.out.text.data, p.out.text.len) ||
		    !str_is_utf8(p.out.html.data, p.out.html.len))
			abort();
		if (fuzz_text_count(p.out.html.data, '<') >
		    fuzz_text_count(s, '<') ||
		    fuzz_text_count(p.out.text.data, '\n') >
		    fuzz_text_count(s, '\n'))
			abort();
	}
	text_out_clear(&p.out);
	(void)text_preview(name, TEXT_SMS, &t, &v, &p);
	text_out_clear(&p.out);
	mem_free(s);
	return (0);
}

static size_t
fuzz_text_count(const char *s, char c)
{
	size_t	n = 0;

	for (; *s != '\0'; s++)
		n += *s == c;
	return (n);
}
