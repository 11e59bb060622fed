/*
 * test_digest - vectors of FIPS 180-4, RFC 4231 and RFC 5869; one key used
 * for many messages.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "digest.h"
#include "mem.h"

static void	sha256_table(void **state);
static void	hmac_table(void **state);
static void	hmac_is_reusable(void **state);
static void	hmac_keys_are_apart(void **state);
static void	hkdf_table(void **state);
static void	hkdf_limits(void **state);
static void	digest_is(const uint8_t *d, size_t n, const char *hex);

static void
digest_is(const uint8_t *d, size_t n, const char *hex)
{
	char	s[CODEC_HEX_LEN(128) + 1];

	assert_true(n <= 128);
	hex_encode(d, n, s);
	assert_string_equal(s, hex);
}

static void
sha256_table(void **state)
{
	static const struct {
		const char	*s;	/* repeated */
		size_t		 n;
		const char	*hex;
	} t[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "a", 55,
		    "9f4390f8d30c2dd92ec9f095b65e2b9a"
		    "e9b0a925a5258e241c9f1e910f734318" },
		{ "a", 56,
		    "b35439a4ac6f0948b6d6f9e3c6af0f5f"
		    "590ce20f1bde7090ef7970686ec6738a" },
		{ "a", 64,
		    "ffe054fe7ae0cb6dc65c3af9b61d5209"
		    "f439851db43d0ba5997337df154668eb" },
		{ "a", 1000,
		    "41edece42d63e8d9bf515a9ba6932e1c"
		    "20cbc9f5a5d134645adb5db1b9737ea3" },
	};
	char	buf[1000];
	uint8_t	d[SHA256_LEN];
	size_t	i, j, len;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		for (j = len = 0; j < t[i].n; j++, len += strlen(t[i].s))
			memcpy(buf + len, t[i].s, strlen(t[i].s));
		sha256_of(buf, len, d);
		digest_is(d, sizeof(d), t[i].hex);
	}
}

static void
hmac_table(void **state)
{
	static const struct {
		const char	*key;	/* repeated */
		size_t		 n;
		const char	*msg, *hex;
	} t[] = {
		{ "\x0b", 20, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", 1, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ "\xaa", 131, "Test Using Larger Than Block-Size Key - "
		    "Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f"
		    "8e0bc6213728c5140546040f0ee37f54" },
		{ "", 1, "",
		    "b613679a0814d9ec772f95d778c35fc5"
		    "ff1697c493715653c6c712144292c5ad" },
		{ "", 1, "x",
		    "4cbc96099a6467ce002461f10549b489"
		    "8265ebe6188b45efacc44293516e62c4" },
	};
	char	key[200];
	uint8_t	d[SHA256_LEN];
	size_t	i, j, len;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct hmac_key	*k = NULL;

		for (j = len = 0; j < t[i].n; j++, len += strlen(t[i].key))
			memcpy(key + len, t[i].key, strlen(t[i].key));
		assert_int_equal(hmac_key_new(key, len, &k), ERR_OK);
		mem_wipe(key, sizeof(key));	/* it has a copy */
		assert_int_equal(hmac_sha256(k, t[i].msg, strlen(t[i].msg), d),
		    ERR_OK);
		digest_is(d, sizeof(d), t[i].hex);
		hmac_key_free(k);
	}
}

/* The nth MAC of one key is that of a fresh key, whatever came before. */
static void
hmac_is_reusable(void **state)
{
	struct hmac_key	*k = NULL, *fresh;
	uint8_t		 msg[200], d[SHA256_LEN], want[SHA256_LEN];
	size_t		 len;

	(void)state;
	memset(msg, 'y', sizeof(msg));
	assert_int_equal(hmac_key_new("key", 3, &k), ERR_OK);
	for (len = 0; len <= sizeof(msg); len++) {
		fresh = NULL;
		assert_int_equal(hmac_key_new("key", 3, &fresh), ERR_OK);
		assert_int_equal(hmac_sha256(fresh, msg, len, want), ERR_OK);
		assert_int_equal(hmac_sha256(k, msg, len, d), ERR_OK);
		assert_memory_equal(d, want, sizeof(d));
		hmac_key_free(fresh);
	}
	hmac_key_free(k);
	hmac_key_free(NULL);
}

static void
hmac_keys_are_apart(void **state)
{
	struct hmac_key	*a = NULL, *b = NULL;
	uint8_t		 da[SHA256_LEN], db[SHA256_LEN], again[SHA256_LEN];

	(void)state;
	assert_int_equal(hmac_key_new("a", 1, &a), ERR_OK);
	assert_int_equal(hmac_key_new("b", 1, &b), ERR_OK);
	assert_int_equal(hmac_sha256(a, "m", 1, da), ERR_OK);
	assert_int_equal(hmac_sha256(b, "m", 1, db), ERR_OK);
	assert_memory_not_equal(da, db, sizeof(da));
	hmac_key_free(b);
	assert_int_equal(hmac_sha256(a, "m", 1, again), ERR_OK);
	assert_memory_equal(da, again, sizeof(da));
	hmac_key_free(a);
}

static void
hkdf_table(void **state)
{
	static const struct {
		const char	*key;
		const char	*info;
		size_t		 n;
		const char	*hex;
	} t[] = {
		/* RFC 5869 A.3: no salt, no info. */
		{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		    "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
		    "", 42,
		    "8da4e775a563c18f715f802a063c5a31"
		    "b8a11f5c5ee1879ec3454e5f3c738d2d"
		    "9d201395faa4b61a96c8" },
		{ "master", "identity/seal/v1", 32,
		    "966ff0682b815df92abc6117368bb09e"
		    "92a0447ca0343c35ca4fa57dff4a574a" },
		{ "master", "identity/seal/v1", 33,
		    "966ff0682b815df92abc6117368bb09e"
		    "92a0447ca0343c35ca4fa57dff4a574a"
		    "c3" },
		{ "master", "identity/token/v1", 65,
		    "de6be522dba64998ce49c1bd5e6567fb"
		    "bc43a59f1570fa444c7d96c331343437"
		    "28a0b503979e0b2e22f47996ef4dd972"
		    "25902dac24234722c96f4298783f274e"
		    "a7" },
		{ "", "x", 16,
		    "0dfd7b633e54fd3c77e68749c2c9a889" },
	};
	uint8_t	d[65 + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		d[t[i].n] = 0x5a;
		assert_int_equal(hkdf_sha256(t[i].key, strlen(t[i].key),
		    t[i].info, d, t[i].n), ERR_OK);
		digest_is(d, t[i].n, t[i].hex);
		assert_int_equal(d[t[i].n], 0x5a);
	}
}

static void
hkdf_limits(void **state)
{
	static uint8_t	d[255 * SHA256_LEN + 1];
	char		info[257];

	(void)state;
	assert_int_equal(hkdf_sha256("k", 1, "i", d, sizeof(d) - 1), ERR_OK);
	assert_int_equal(hkdf_sha256("k", 1, "i", d, sizeof(d)), ERR_CRYPTO);
	memset(info, 'i', sizeof(info));
	info[256] = '\0';
	assert_int_equal(hkdf_sha256("k", 1, info, d, 32), ERR_CRYPTO);
	info[255] = '\0';
	assert_int_equal(hkdf_sha256("k", 1, info, d, 32), ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(sha256_table),
		cmocka_unit_test(hmac_table),
		cmocka_unit_test(hmac_is_reusable),
		cmocka_unit_test(hmac_keys_are_apart),
		cmocka_unit_test(hkdf_table),
		cmocka_unit_test(hkdf_limits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
