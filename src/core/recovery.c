/*
 * recovery - see recovery.h.
 */
#include "recovery.h"

#include <string.h>

#include "codec.h"
#include "mem.h"
#include "rnd.h"

#define RECOVERY_PREFIX		"irt_"
#define RECOVERY_PREFIX_LEN	4
#define RECOVERY_BYTES		32

void
recovery_make(char text[RECOVERY_TOKEN_LEN + 1], uint8_t hash[SHA256_LEN])
{
	uint8_t	b[RECOVERY_BYTES];

	rnd_bytes(b, sizeof(b));
	memcpy(text, RECOVERY_PREFIX, RECOVERY_PREFIX_LEN);
	b64url_encode(b, sizeof(b), text + RECOVERY_PREFIX_LEN);
	sha256_of(text, RECOVERY_TOKEN_LEN, hash);
	mem_wipe(b, sizeof(b));
}

enum err
recovery_parse(const char *s, size_t len, uint8_t hash[SHA256_LEN])
{
	uint8_t	b[RECOVERY_BYTES];
	size_t	n = sizeof(b);

	if (len != RECOVERY_TOKEN_LEN ||
	    memcmp(s, RECOVERY_PREFIX, RECOVERY_PREFIX_LEN) != 0 ||
	    b64url_decode(s + RECOVERY_PREFIX_LEN, len - RECOVERY_PREFIX_LEN,
	    b, &n) != ERR_OK || n != sizeof(b))
		return (ERR_FORMAT);
	mem_wipe(b, sizeof(b));
	sha256_of(s, len, hash);
	return (ERR_OK);
}
