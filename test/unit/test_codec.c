/*
 * test_codec - vectors of the RFCs, strictness, bounds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "codec.h"
#include "mem.h"

static void	hex_table(void **state);
static void	hex_bad_table(void **state);
static void	b64url_table(void **state);
static void	b64url_round(void **state);
static void	b64_bad_table(void **state);
static void	b64_space(void **state);
static void	base62_table(void **state);
static void	base62_random_is_uniform(void **state);
static void	crc32_table(void **state);

static void
hex_table(void **state)
{
	uint8_t	b[256], back[256];
	char	s[513];
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	hex_encode(b, sizeof(b), s);
	assert_int_equal(strlen(s), CODEC_HEX_LEN(sizeof(b)));
	assert_memory_equal(s, "000102", 6);
	assert_string_equal(s + 506, "fdfeff");
	assert_int_equal(hex_decode(s, 512, back, 256), ERR_OK);
	assert_memory_equal(b, back, 256);
	for (i = 0; i < 512; i++)
		s[i] = (char)toupper((unsigned char)s[i]);
	memset(back, 0, sizeof(back));
	assert_int_equal(hex_decode(s, 512, back, 256), ERR_OK);
	assert_memory_equal(b, back, 256);
	hex_encode(NULL, 0, s);
	assert_string_equal(s, "");
}

static void
hex_bad_table(void **state)
{
	static const struct {
		const char	*s;
		size_t		 n;
	} t[] = {
		{ "a", 1 }, { "abc", 1 }, { "abcd", 1 }, { "ab", 2 },
		{ "", 1 }, { "g0", 1 }, { "0g", 1 }, { "0/", 1 }, { "0:", 1 },
		{ "0@", 1 }, { "0`", 1 }, { "0G", 1 }, { " 0", 1 },
		{ "-1", 1 }, { "0x", 1 }, { "\xff\xff", 1 },
	};
	uint8_t	b[4];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(hex_decode(t[i].s, strlen(t[i].s), b, t[i].n),
		    ERR_FORMAT);
}

static void
b64url_table(void **state)
{
	/* RFC 4648 s.10, without padding; then the two letters of s.5. */
	static const struct {
		const char	*b;
		size_t		 n;
		const char	*url, *std;
	} t[] = {
		{ "", 0, "", "" },
		{ "f", 1, "Zg", "Zg==" },
		{ "fo", 2, "Zm8", "Zm8=" },
		{ "foo", 3, "Zm9v", "Zm9v" },
		{ "foob", 4, "Zm9vYg", "Zm9vYg==" },
		{ "fooba", 5, "Zm9vYmE", "Zm9vYmE=" },
		{ "foobar", 6, "Zm9vYmFy", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", 3, "-__-", "+//+" },
		{ "\0", 1, "AA", "AA==" },
	};
	char	s[16];
	uint8_t	b[16];
	size_t	i, n;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		b64url_encode(t[i].b, t[i].n, s);
		assert_string_equal(s, t[i].url);
		assert_int_equal(strlen(s), CODEC_B64URL_LEN(t[i].n));
		n = t[i].n;
		assert_int_equal(b64url_decode(s, strlen(s), b, &n), ERR_OK);
		assert_int_equal(n, t[i].n);
		assert_memory_equal(b, t[i].b, n);
		b64_encode(t[i].b, t[i].n, s);
		assert_string_equal(s, t[i].std);
		assert_int_equal(strlen(s), CODEC_B64_LEN(t[i].n));
		b64_encode_bare(t[i].b, t[i].n, s);
		assert_int_equal(strlen(s), CODEC_B64URL_LEN(t[i].n));
		assert_memory_equal(s, t[i].std, CODEC_B64URL_LEN(t[i].n));
		n = sizeof(b);
		assert_int_equal(b64_decode(t[i].std, strlen(t[i].std), b, &n),
		    ERR_OK);
		assert_int_equal(n, t[i].n);
		assert_memory_equal(b, t[i].b, n);
	}
}

static void
b64url_round(void **state)
{
	size_t	n, i;

	(void)state;
	for (n = 0; n < 100; n++) {
		uint8_t	*b = mem_new(n + 1), *back = mem_new(n + 1);
		char	*s = mem_new(CODEC_B64URL_LEN(n) + 1);
		size_t	 got = n;

		assert_non_null(b);
		assert_non_null(back);
		assert_non_null(s);
		for (i = 0; i < n; i++)
			b[i] = (uint8_t)(i * 37 + n * 11);
		b64url_encode(b, n, s);
		assert_int_equal(strlen(s), CODEC_B64URL_LEN(n));
		assert_int_equal(b64url_decode(s, strlen(s), back, &got),
		    ERR_OK);
		assert_int_equal(got, n);
		assert_memory_equal(b, back, n);
		mem_free(b);
		mem_free(back);
		mem_free(s);
	}
}

static void
b64_bad_table(void **state)
{
	static const char	*const url[] = {
		"A", "AAAAA", "AB", "AAB", "AA==", "AAA=", "A=", "=", "A A",
		"AA\n", "+AAA", "/AAA", "AA.A", "\xc3\xa9", "Zg\0",
	};
	static const char	*const std[] = {
		"A", "AA", "AAA", "=", "==", "===", "====", "A===", "AB==",
		"AAB=", "AA=A", "=AAA", "AA==AAAA", "-AAA", "_AAA", "AAA\n",
		"Zg==\n", "Zm9=Zm9v",
	};
	uint8_t	b[16];
	size_t	i, n;

	(void)state;
	for (i = 0; i < COUNT(url); i++) {
		n = sizeof(b);
		/* The last has a NUL that counts. */
		assert_int_equal(b64url_decode(url[i], i == COUNT(url) - 1 ?
		    3 : strlen(url[i]), b, &n), ERR_FORMAT);
		assert_int_equal(n, sizeof(b));
	}
	for (i = 0; i < COUNT(std); i++) {
		n = sizeof(b);
		assert_int_equal(b64_decode(std[i], strlen(std[i]), b, &n),
		    ERR_FORMAT);
		assert_int_equal(n, sizeof(b));
	}
}

static void
b64_space(void **state)
{
	uint8_t	b[4] = "xxx";
	size_t	n;

	(void)state;
	n = 2;
	assert_int_equal(b64url_decode("Zm9v", 4, b, &n), ERR_SPACE);
	assert_int_equal(n, 2);
	n = 0;
	assert_int_equal(b64url_decode("Zg", 2, b, &n), ERR_SPACE);
	n = 1;
	assert_int_equal(b64_decode("Zm8=", 4, b, &n), ERR_SPACE);
	assert_memory_equal(b, "xxx", 4);
	n = 2;
	assert_int_equal(b64_decode("Zm8=", 4, b, &n), ERR_OK);
	assert_int_equal(n, 2);
	assert_memory_equal(b, "fox", 4);
}

static void
base62_table(void **state)
{
	static const struct {
		uint32_t	 v;
		size_t		 n;
		const char	*s;
	} t[] = {
		{ 0, 6, "000000" },
		{ 9, 6, "000009" },
		{ 10, 6, "00000A" },
		{ 35, 6, "00000Z" },
		{ 36, 6, "00000a" },
		{ 61, 6, "00000z" },
		{ 62, 6, "000010" },
		{ 3843, 2, "zz" },
		{ UINT32_MAX, 6, "4gfFC3" },
		{ 5, 0, "" },
	};
	char	s[8];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		base62_u32(t[i].v, s, t[i].n);
		assert_string_equal(s, t[i].s);
	}
}

static void
base62_random_is_uniform(void **state)
{
	enum { N = 620000 };
	unsigned int	 count[256] = { 0 };
	char		*s = mem_new(N + 1);
	size_t		 i, n_kinds = 0;

	(void)state;
	assert_non_null(s);
	base62_random(s, N);
	assert_int_equal(strlen(s), N);
	for (i = 0; i < N; i++)
		count[(unsigned char)s[i]]++;
	for (i = 0; i < 256; i++) {
		if (count[i] == 0)
			continue;
		n_kinds++;
		assert_true(isalnum((int)i));
		/* Mean 10000, deviation 99; without rejection 12109. */
		assert_in_range(count[i], 9000, 11000);
	}
	assert_int_equal(n_kinds, 62);
	base62_random(s, 0);
	assert_string_equal(s, "");
	mem_free(s);
}

static void
crc32_table(void **state)
{
	static const struct {
		const char	*s;
		uint32_t	 v;
	} t[] = {
		{ "", 0 },
		{ "a", 0xe8b7be43 },
		{ "123456789", 0xcbf43926 },
		{ "The quick brown fox jumps over the lazy dog", 0x414fa339 },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(crc32_of(t[i].s, strlen(t[i].s)), t[i].v);
	assert_int_equal(crc32_of("\0\0\0\0", 4), 0x2144df1c);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(hex_table),
		cmocka_unit_test(hex_bad_table),
		cmocka_unit_test(b64url_table),
		cmocka_unit_test(b64url_round),
		cmocka_unit_test(b64_bad_table),
		cmocka_unit_test(b64_space),
		cmocka_unit_test(base62_table),
		cmocka_unit_test(base62_random_is_uniform),
		cmocka_unit_test(crc32_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
