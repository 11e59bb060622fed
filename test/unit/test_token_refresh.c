/*
 * test_token_refresh - refresh tokens: round trip, a fixed example, and every
 * way to be wrong.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "token.h"

static void	token_refresh_round(void **state);
static void	token_refresh_example(void **state);
static void	token_refresh_successor(void **state);
static void	token_refresh_bad_table(void **state);

static void
token_refresh_round(void **state)
{
	struct token_hash	a, b, c;
	char			text[TOKEN_REFRESH_LEN + 1];
	char			other[TOKEN_REFRESH_LEN + 1];
	int			i;

	(void)state;
	for (i = 0; i < 100; i++) {
		token_refresh_make(text, &a);
		token_refresh_make(other, &c);
		assert_int_equal(strlen(text), TOKEN_REFRESH_LEN);
		assert_memory_equal(text, "isr_", 4);
		assert_string_not_equal(text, other);
		assert_int_equal(token_refresh_parse(text, strlen(text), &b),
		    ERR_OK);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_memory_not_equal(&a, &c, sizeof(a));
	}
}

static void
token_refresh_example(void **state)
{
	static const char	text[] =
	    "isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
	struct token_hash	h;
	char			hex[CODEC_HEX_LEN(TOKEN_HASH_LEN) + 1];

	(void)state;
	assert_int_equal(token_refresh_parse(text, strlen(text), &h), ERR_OK);
	hex_encode(h.b, sizeof(h.b), hex);
	assert_string_equal(hex,
	    "9da5f206dec872558405c348d0609f724ee28db965f205bca883ed56aa5c557f");
}

/* The second was made with Node's crypto; the key is 32 times 9. */
static void
token_refresh_successor(void **state)
{
	static const char	old[] =
	    "isr_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
	static const char	want[] =
	    "isr_4rdDqGoq9xMAsgIoXRTeE2d_mgkKNemPsV6uMbWJ5UE";
	struct hmac_key		*k, *other;
	struct token_hash	h, parsed;
	uint8_t			key[32];
	char			next[TOKEN_REFRESH_LEN + 1];
	char			again[TOKEN_REFRESH_LEN + 1];

	(void)state;
	memset(key, 9, sizeof(key));
	assert_int_equal(hmac_key_new(key, sizeof(key), &k), ERR_OK);
	key[0] ^= 1;
	assert_int_equal(hmac_key_new(key, sizeof(key), &other), ERR_OK);
	assert_int_equal(token_refresh_next(k, old, next, &h), ERR_OK);
	assert_string_equal(next, want);
	assert_int_equal(token_refresh_parse(next, strlen(next), &parsed),
	    ERR_OK);
	assert_memory_equal(&h, &parsed, sizeof(h));
	assert_int_equal(token_refresh_next(k, old, again, &h), ERR_OK);
	assert_string_equal(again, next);
	assert_int_equal(token_refresh_next(other, old, again, &h), ERR_OK);
	assert_string_not_equal(again, next);
	assert_int_equal(token_refresh_next(k, next, again, &h), ERR_OK);
	assert_string_not_equal(again, next);
	assert_string_not_equal(again, old);
	hmac_key_free(k);
	hmac_key_free(other);
}

static void
token_refresh_bad_table(void **state)
{
	static const char *const	t[] = {
		"", "isr_",
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
		"ISR_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"isk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"isr-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+",
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH/8",
		"isr_ AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
		/* spare bits set: another spelling of the same bytes */
		"isr_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
	};
	struct token_hash	h, zero;
	size_t			i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		memset(&h, 0xff, sizeof(h));
		if (token_refresh_parse(t[i], strlen(t[i]), &h) != ERR_FORMAT)
			fail_msg("'%s' was taken", t[i]);
		assert_memory_equal(&h, &zero, sizeof(h));
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(token_refresh_round),
		cmocka_unit_test(token_refresh_example),
		cmocka_unit_test(token_refresh_successor),
		cmocka_unit_test(token_refresh_bad_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
