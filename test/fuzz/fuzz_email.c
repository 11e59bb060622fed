/*
 * fuzz_email - e-mail addresses and identifiers: what is accepted is one line
 * of UTF-8 with one '@', in lower case, and stays as it is.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contact.h"
#include "str.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const char *s)
{
	char	again[EMAIL_MAX_LEN + 1];
	size_t	i, len = strlen(s), n_at = 0;

	for (i = 0; i < len; i++) {
		if (s[i] == '@')
			n_at++;
		if ((s[i] >= 0 && s[i] <= ' ') || s[i] == 0x7f ||
		    (s[i] >= 'A' && s[i] <= 'Z'))
			abort();
	}
	if (n_at != 1 || s[0] == '@' || s[len - 1] == '@' ||
	    len > EMAIL_MAX_LEN || !str_is_utf8(s, len) ||
	    email_normalise(s, len, again) != ERR_OK || strcmp(s, again) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char	*s = (const char *)data;
	char		 out[EMAIL_MAX_LEN + 1];
	struct contact	 c;

	memset(out, 'x', sizeof(out));
	if (email_normalise(s, len, out) == ERR_OK)
		check(out);
	else if (out[0] != '\0')
		abort();
	if (contact_parse(s, len, "91", &c) != ERR_OK)
		return (0);
	if (c.kind == CONTACT_EMAIL)
		check(c.text);
	else if (c.text[0] != '+')
		abort();
	return (0);
}
