/*
 * test_ed25519 - the vectors of RFC 8032 s.7.1, and signatures that are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "ed25519.h"

static void	ed25519_vectors(void **state);
static void	ed25519_every_bit(void **state);
static void	ed25519_malleable(void **state);
static void	ed25519_other_key(void **state);

static struct ed25519_key *
key_of(const char *hex)
{
	struct ed25519_key	*k;
	uint8_t			 seed[ED25519_SEED_LEN];

	assert_int_equal(hex_decode(hex, strlen(hex), seed, sizeof(seed)),
	    ERR_OK);
	assert_int_equal(ed25519_key_new(seed, &k), ERR_OK);
	return (k);
}

#define SEED	"4ccd089b28ff96da9db6c346ec114e0f"	\
		"5b8a319f35aba624da8cf6ed4fb8a6fb"

static void
ed25519_vectors(void **state)
{
	static const struct {
		const char	*seed, *public, *message, *sig;
	} t[] = {
		{ "9d61b19deffd5a60ba844af492ec2cc4"
		    "4449c5697b326919703bac031cae7f60",
		    "d75a980182b10ab7d54bfed3c964073a"
		    "0ee172f3daa62325af021a68f707511a",
		    "",
		    "e5564300c360ac729086e2cc806e828a"
		    "84877f1eb8e5d974d873e06522490155"
		    "5fb8821590a33bacc61e39701cf9b46b"
		    "d25bf5f0595bbe24655141438e7a100b" },
		{ SEED,
		    "3d4017c3e843895a92b70aa74d1b7ebc"
		    "9c982ccf2ec4968cc0cd55f12af4660c",
		    "\x72",
		    "92a009a9f0d4cab8720e820b5f642540"
		    "a2b27b5416503f8fb3762223ebdb69da"
		    "085ac1e43e15996e458f3613d0f11d8c"
		    "387b2eaeb4302aeeb00d291612bb0c00" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b1"
		    "66d38535076f094b85ce3a2e0b4458f7",
		    "fc51cd8e6218a1a38da47ed00230f058"
		    "0816ed13ba3303ac5deb911548908025",
		    "\xaf\x82",
		    "6291d657deec24024827e69c3abe01a3"
		    "0ce548a284743a445e3680d7db5ac3ac"
		    "18ff9b538d16f290ae67f760984dc659"
		    "4a7c15e9716ed28dc027beceea1ec40a" },
	};
	struct ed25519_key	*k;
	uint8_t			 sig[ED25519_SIG_LEN];
	uint8_t			 public[ED25519_PUBLIC_LEN];
	char			 hex[CODEC_HEX_LEN(ED25519_SIG_LEN) + 1];
	size_t			 i, len;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		len = strlen(t[i].message);
		k = key_of(t[i].seed);
		ed25519_public(k, public);
		hex_encode(public, sizeof(public), hex);
		assert_string_equal(hex, t[i].public);
		/* Twice: the context is used again. */
		assert_int_equal(ed25519_sign(k, t[i].message, len, sig),
		    ERR_OK);
		assert_int_equal(ed25519_sign(k, t[i].message, len, sig),
		    ERR_OK);
		hex_encode(sig, sizeof(sig), hex);
		assert_string_equal(hex, t[i].sig);
		assert_int_equal(ed25519_verify(k, t[i].message, len, sig),
		    ERR_OK);
		ed25519_key_free(k);
	}
	ed25519_key_free(NULL);
}

static void
ed25519_every_bit(void **state)
{
	struct ed25519_key	*k = key_of(SEED);
	uint8_t			 sig[ED25519_SIG_LEN];
	int			 i;

	(void)state;
	assert_int_equal(ed25519_sign(k, "text", 4, sig), ERR_OK);
	for (i = 0; i < ED25519_SIG_LEN * 8; i++) {
		sig[i / 8] ^= (uint8_t)(1 << (i % 8));
		assert_int_equal(ed25519_verify(k, "text", 4, sig),
		    ERR_SIGNATURE);
		sig[i / 8] ^= (uint8_t)(1 << (i % 8));
	}
	assert_int_equal(ed25519_verify(k, "test", 4, sig), ERR_SIGNATURE);
	assert_int_equal(ed25519_verify(k, "text", 3, sig), ERR_SIGNATURE);
	assert_int_equal(ed25519_verify(k, "text", 4, sig), ERR_OK);
	ed25519_key_free(k);
}

/* S + L means the same as S; RFC 8032 s.5.1.7 allows one spelling. */
static void
ed25519_malleable(void **state)
{
	static const char	order[] =
	    "edd3f55c1a631258d69cf7a2def9de14"
	    "00000000000000000000000000000010";
	struct ed25519_key	*k = key_of(SEED);
	uint8_t			 sig[ED25519_SIG_LEN], l[32];
	unsigned int		 i, sum = 0;

	(void)state;
	assert_int_equal(hex_decode(order, strlen(order), l, sizeof(l)),
	    ERR_OK);
	assert_int_equal(ed25519_sign(k, "text", 4, sig), ERR_OK);
	for (i = 0; i < sizeof(l); i++) {
		sum += sig[32 + i] + (unsigned int)l[i];
		sig[32 + i] = (uint8_t)sum;
		sum >>= 8;
	}
	assert_int_equal(sum, 0);
	assert_int_equal(ed25519_verify(k, "text", 4, sig), ERR_SIGNATURE);
	ed25519_key_free(k);
}

static void
ed25519_other_key(void **state)
{
	struct ed25519_key	*a = key_of(SEED);
	struct ed25519_key	*b = key_of("9d61b19deffd5a60ba844af492ec2cc4"
				    "4449c5697b326919703bac031cae7f60");
	uint8_t			 sig[ED25519_SIG_LEN];

	(void)state;
	assert_int_equal(ed25519_sign(a, "text", 4, sig), ERR_OK);
	assert_int_equal(ed25519_verify(b, "text", 4, sig), ERR_SIGNATURE);
	assert_int_equal(ed25519_verify(a, "text", 4, sig), ERR_OK);
	ed25519_key_free(a);
	ed25519_key_free(b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(ed25519_vectors),
		cmocka_unit_test(ed25519_every_bit),
		cmocka_unit_test(ed25519_malleable),
		cmocka_unit_test(ed25519_other_key),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
