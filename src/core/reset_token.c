/*
 * reset_token - see reset_token.h.
 */
#include "reset_token.h"

#include <string.h>

#include "codec.h"
#include "mem.h"
#include "rnd.h"

#define RESET_TOKEN_PREFIX		"irt_"
#define RESET_TOKEN_PREFIX_LEN	4
#define RESET_TOKEN_BYTES		32

void
reset_token_make(char text[RESET_TOKEN_LEN + 1], uint8_t hash[SHA256_LEN])
{
	uint8_t	b[RESET_TOKEN_BYTES];

	rnd_bytes(b, sizeof(b));
	memcpy(text, RESET_TOKEN_PREFIX, RESET_TOKEN_PREFIX_LEN);
	b64url_encode(b, sizeof(b), text + RESET_TOKEN_PREFIX_LEN);
	sha256_of(text, RESET_TOKEN_LEN, hash);
	mem_wipe(b, sizeof(b));
}

enum err
reset_token_parse(const char *s, size_t len, uint8_t hash[SHA256_LEN])
{
	uint8_t	b[RESET_TOKEN_BYTES];
	size_t	n = sizeof(b);

	if (len != RESET_TOKEN_LEN ||
	    memcmp(s, RESET_TOKEN_PREFIX, RESET_TOKEN_PREFIX_LEN) != 0 ||
	    b64url_decode(s + RESET_TOKEN_PREFIX_LEN,
	    len - RESET_TOKEN_PREFIX_LEN, b, &n) != ERR_OK || n != sizeof(b))
		return (ERR_FORMAT);
	mem_wipe(b, sizeof(b));
	sha256_of(s, len, hash);
	return (ERR_OK);
}
