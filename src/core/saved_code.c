/*
 * saved_code - see saved_code.h.
 */
#include "saved_code.h"

#include <string.h>

#include "mem.h"
#include "rnd.h"

/* Crockford's base32: no i, l, o, u. */
static const char	saved_code_digits[] =
    "0123456789abcdefghjkmnpqrstvwxyz";

void
saved_code_make(char out[SAVED_CODE_TEXT_LEN + 1])
{
	uint8_t	random[SAVED_CODE_LEN];
	int	i, n = 0;

	rnd_bytes(random, sizeof(random));
	for (i = 0; i < SAVED_CODE_LEN; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = '-';
		out[n++] = saved_code_digits[random[i] & 31];
	}
	out[n] = '\0';
	mem_wipe(random, sizeof(random));
}

enum err
saved_code_parse(const char *s, size_t len, char out[SAVED_CODE_LEN + 1])
{
	size_t	i, n = 0;
	char	c;

	for (i = 0; i < len; i++) {
		c = s[i];
		if (c == '-' || c == ' ')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == 'o')
			c = '0';
		else if (c == 'i' || c == 'l')
			c = '1';
		if (n == SAVED_CODE_LEN || c == '\0' ||
		    strchr(saved_code_digits, c) == NULL)
			return (ERR_FORMAT);
		out[n++] = c;
	}
	out[n] = '\0';
	return (n == SAVED_CODE_LEN ? ERR_OK : ERR_FORMAT);
}

/* The text is longer than any that otp_mac() signs with the same key. */
enum err
saved_code_mac(struct hmac_key *k, const struct uuid *user,
    const char code[SAVED_CODE_LEN + 1], uint8_t out[SAVED_CODE_MAC_LEN])
{
	uint8_t		text[sizeof(user->b) + SAVED_CODE_LEN];
	enum err	r;

	memcpy(text, user->b, sizeof(user->b));
	memcpy(text + sizeof(user->b), code, SAVED_CODE_LEN);
	r = hmac_sha256(k, text, sizeof(text), out);
	mem_wipe(text, sizeof(text));
	return (r);
}
