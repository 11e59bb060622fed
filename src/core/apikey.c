/*
 * apikey - text form of service keys: isk_<id>_<secret><check>.
 * Owns shape, checksum and hash; whether a key is known, enabled or expired
 * is the guard's.  Ref: api.md s.2.
 */
#include "apikey.h"

#include <stdbool.h>
#include <string.h>

#include "codec.h"
#include "digest.h"

#define APIKEY_PREFIX		"isk_"
#define APIKEY_PREFIX_LEN	(sizeof(APIKEY_PREFIX) - 1)
#define APIKEY_SECRET_AT	(APIKEY_PREFIX_LEN + APIKEY_ID_LEN + 1)
#define APIKEY_CHECK_AT		(APIKEY_SECRET_AT + APIKEY_SECRET_LEN)

static bool	apikey_is_base62(const char *s, size_t len);
static void	apikey_check_make(const char *text,
		    char out[APIKEY_CHECK_LEN + 1]);
static void	apikey_fill(const char *text, struct apikey *out);

void
apikey_make(struct apikey *k, char text[APIKEY_TEXT_LEN + 1])
{
	memcpy(text, APIKEY_PREFIX, APIKEY_PREFIX_LEN);
	base62_random(text + APIKEY_PREFIX_LEN, APIKEY_ID_LEN);
	text[APIKEY_SECRET_AT - 1] = '_';
	base62_random(text + APIKEY_SECRET_AT, APIKEY_SECRET_LEN);
	apikey_check_make(text, text + APIKEY_CHECK_AT);
	apikey_fill(text, k);
}

enum err
apikey_parse(const char *s, size_t len, struct apikey *out)
{
	char	check[APIKEY_CHECK_LEN + 1];

	memset(out, 0, sizeof(*out));
	if (len != APIKEY_TEXT_LEN ||
	    memcmp(s, APIKEY_PREFIX, APIKEY_PREFIX_LEN) != 0 ||
	    s[APIKEY_SECRET_AT - 1] != '_' ||
	    !apikey_is_base62(s + APIKEY_PREFIX_LEN, APIKEY_ID_LEN) ||
	    !apikey_is_base62(s + APIKEY_SECRET_AT,
	    APIKEY_SECRET_LEN + APIKEY_CHECK_LEN))
		return (ERR_FORMAT);
	apikey_check_make(s, check);
	/* A checksum of what stands beside it is no secret. */
	if (memcmp(check, s + APIKEY_CHECK_AT, APIKEY_CHECK_LEN) != 0)
		return (ERR_SIGNATURE);
	apikey_fill(s, out);
	return (ERR_OK);
}

static bool
apikey_is_base62(const char *s, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		if ((s[i] < '0' || s[i] > '9') && (s[i] < 'A' || s[i] > 'Z') &&
		    (s[i] < 'a' || s[i] > 'z'))
			return (false);
	}
	return (true);
}

/* 62^6 > 2^32, so six digits hold every CRC-32. */
static void
apikey_check_make(const char *text, char out[APIKEY_CHECK_LEN + 1])
{
	base62_u32(crc32_of(text, APIKEY_CHECK_AT), out, APIKEY_CHECK_LEN);
}

static void
apikey_fill(const char *text, struct apikey *out)
{
	const char	*secret = text + APIKEY_SECRET_AT;

	memcpy(out->id, text + APIKEY_PREFIX_LEN, APIKEY_ID_LEN);
	out->id[APIKEY_ID_LEN] = '\0';
	sha256_of(secret, APIKEY_SECRET_LEN, out->hash);
	memcpy(out->last4, secret + APIKEY_SECRET_LEN - 4, 4);
	out->last4[4] = '\0';
}
