/*
 * test_apikey - text form of service keys: round trip, a fixed example, and
 * every way to be wrong.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "apikey.h"
#include "codec.h"
#include "digest.h"

/* Its CRC-32 and SHA-256 were computed by another program (Node). */
#define KEY_ID		"AbCdEf012345"
#define KEY_SECRET	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg"
#define KEY_TEXT	"isk_" KEY_ID "_" KEY_SECRET "0vNBjT"
#define KEY_HASH	\
	"71d84b1859bad11abcb3dfd9353c8d1873aafd883ffaf6f2c9df7cbcfc3e1850"

static void	apikey_round(void **state);
static void	apikey_are_distinct(void **state);
static void	apikey_example(void **state);
static void	apikey_bad_table(void **state);
static void	apikey_every_change(void **state);
static void	apikey_every_length(void **state);

static void
apikey_round(void **state)
{
	struct apikey	made, read;
	char		text[APIKEY_TEXT_LEN + 1];
	uint8_t		hash[SHA256_LEN];
	int		i;

	(void)state;
	for (i = 0; i < 100; i++) {
		memset(text, 'x', sizeof(text));
		apikey_make(&made, text);
		assert_int_equal(strlen(text), APIKEY_TEXT_LEN);
		assert_int_equal(apikey_parse(text, strlen(text), &read),
		    ERR_OK);
		assert_string_equal(made.id, read.id);
		assert_memory_equal(made.hash, read.hash, APIKEY_HASH_LEN);
		assert_string_equal(made.last4, read.last4);
		assert_memory_equal(text + 4, made.id, APIKEY_ID_LEN);
		sha256_of(text + 17, APIKEY_SECRET_LEN, hash);
		assert_memory_equal(hash, made.hash, sizeof(hash));
		assert_memory_equal(text + 17 + 39, made.last4, 4);
	}
}

static void
apikey_are_distinct(void **state)
{
	struct apikey	a, b;
	char		text_a[APIKEY_TEXT_LEN + 1];
	char		text_b[APIKEY_TEXT_LEN + 1];

	(void)state;
	apikey_make(&a, text_a);
	apikey_make(&b, text_b);
	assert_string_not_equal(a.id, b.id);
	assert_memory_not_equal(text_a + 17, text_b + 17, APIKEY_SECRET_LEN);
}

static void
apikey_example(void **state)
{
	struct apikey	k;
	char		hex[CODEC_HEX_LEN(APIKEY_HASH_LEN) + 1];

	(void)state;
	assert_int_equal(strlen(KEY_TEXT), APIKEY_TEXT_LEN);
	assert_int_equal(apikey_parse(KEY_TEXT, strlen(KEY_TEXT), &k), ERR_OK);
	assert_string_equal(k.id, KEY_ID);
	assert_string_equal(k.last4, "defg");
	hex_encode(k.hash, sizeof(k.hash), hex);
	assert_string_equal(hex, KEY_HASH);
}

static void
apikey_bad_table(void **state)
{
	static const struct {
		size_t		 at;
		char		 c;
		enum err	 want;
	} t[] = {
		{ 0, 'I', ERR_FORMAT },
		{ 3, '-', ERR_FORMAT },
		{ 4, '_', ERR_FORMAT },
		{ 4, '\0', ERR_FORMAT },
		{ 15, '+', ERR_FORMAT },
		{ 16, 'A', ERR_FORMAT },
		{ 17, '-', ERR_FORMAT },
		{ 17, ' ', ERR_FORMAT },
		{ 30, (char)0xc3, ERR_FORMAT },
		{ 59, '_', ERR_FORMAT },
		{ 60, '/', ERR_FORMAT },
		{ 65, '\n', ERR_FORMAT },
		{ 4, 'Z', ERR_SIGNATURE },
		{ 17, 'Z', ERR_SIGNATURE },
		{ 59, 'Z', ERR_SIGNATURE },
		{ 65, 'Z', ERR_SIGNATURE },
	};
	struct apikey	k, zero;
	char		text[APIKEY_TEXT_LEN + 1];
	size_t		i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		memcpy(text, KEY_TEXT, sizeof(text));
		assert_int_not_equal(text[t[i].at], t[i].c);
		text[t[i].at] = t[i].c;
		memset(&k, 0xff, sizeof(k));
		if (apikey_parse(text, APIKEY_TEXT_LEN, &k) != t[i].want)
			fail_msg("row %zu", i);
		assert_memory_equal(&k, &zero, sizeof(k));
	}
	assert_int_equal(apikey_parse("", 0, &k), ERR_FORMAT);
}

/* Any one byte changed in any way is seen. */
static void
apikey_every_change(void **state)
{
	struct apikey	k;
	char		text[APIKEY_TEXT_LEN + 1];
	size_t		at;
	int		c;

	(void)state;
	memcpy(text, KEY_TEXT, sizeof(text));
	for (at = 0; at < APIKEY_TEXT_LEN; at++) {
		for (c = 0; c < 256; c++) {
			if ((char)c == KEY_TEXT[at])
				continue;
			text[at] = (char)c;
			assert_int_not_equal(apikey_parse(text,
			    APIKEY_TEXT_LEN, &k), ERR_OK);
		}
		text[at] = KEY_TEXT[at];
	}
	assert_int_equal(apikey_parse(text, APIKEY_TEXT_LEN, &k), ERR_OK);
}

static void
apikey_every_length(void **state)
{
	struct apikey	k;
	char		text[] = KEY_TEXT "0";
	size_t		len;

	(void)state;
	for (len = 0; len < sizeof(text); len++)
		assert_int_equal(apikey_parse(text, len, &k),
		    len == APIKEY_TEXT_LEN ? ERR_OK : ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(apikey_round),
		cmocka_unit_test(apikey_are_distinct),
		cmocka_unit_test(apikey_example),
		cmocka_unit_test(apikey_bad_table),
		cmocka_unit_test(apikey_every_change),
		cmocka_unit_test(apikey_every_length),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
