/*
 * fuzz_apikey - a key that is accepted has its shape and its checksum.  A
 * first byte '+' mends the checksum, so that the fuzzer gets past it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apikey.h"
#include "codec.h"
#include "digest.h"

#define BEFORE_CHECK	(APIKEY_TEXT_LEN - APIKEY_CHECK_LEN)

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const char *s, size_t len)
{
	struct apikey	k;
	char		want[APIKEY_CHECK_LEN + 1];
	uint8_t		hash[SHA256_LEN];
	size_t		i;

	if (apikey_parse(s, len, &k) != ERR_OK)
		return;
	if (len != APIKEY_TEXT_LEN || memcmp(s, "isk_", 4) != 0)
		abort();
	for (i = 4; i < len; i++) {
		if (strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz", s[i]) == NULL &&
		    !(i == 16 && s[i] == '_'))
			abort();
	}
	base62_u32(crc32_of(s, BEFORE_CHECK), want, APIKEY_CHECK_LEN);
	sha256_of(s + 17, APIKEY_SECRET_LEN, hash);
	if (memcmp(want, s + BEFORE_CHECK, APIKEY_CHECK_LEN) != 0 ||
	    memcmp(k.hash, hash, sizeof(hash)) != 0 ||
	    memcmp(k.id, s + 4, APIKEY_ID_LEN) != 0 ||
	    strlen(k.id) != APIKEY_ID_LEN || strlen(k.last4) != 4)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char	s[APIKEY_TEXT_LEN + 1];

	check((const char *)data, len);
	if (len == APIKEY_TEXT_LEN + 1 && data[0] == '+') {
		memcpy(s, data + 1, APIKEY_TEXT_LEN);
		base62_u32(crc32_of(s, BEFORE_CHECK), s + BEFORE_CHECK,
		    APIKEY_CHECK_LEN);
		check(s, APIKEY_TEXT_LEN);
	}
	return (0);
}
