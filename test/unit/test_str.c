/*
 * test_str - numbers, UTF-8, copies; exact-size inputs on the heap, so that a
 * read beyond them is found.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "str.h"

static void	str_int_table(void **state);
static void	str_utf8_table(void **state);
static void	str_copy_table(void **state);
static void	str_caseeq_table(void **state);
static void	str_printf_table(void **state);
static void	str_trim_table(void **state);

static void
str_int_table(void **state)
{
	static const struct {
		const char	*s;
		int64_t		 min, max;
		enum err	 r;
		int64_t		 v;
	} t[] = {
		{ "0", 0, 10, ERR_OK, 0 },
		{ "10", 0, 10, ERR_OK, 10 },
		{ "11", 0, 10, ERR_RANGE, 0 },
		{ "-1", 0, 10, ERR_RANGE, 0 },
		{ "-1", -1, 10, ERR_OK, -1 },
		{ "007", 0, 10, ERR_OK, 7 },
		{ "-0", 0, 10, ERR_OK, 0 },
		{ "9223372036854775807", 0, INT64_MAX, ERR_OK, INT64_MAX },
		{ "9223372036854775808", 0, INT64_MAX, ERR_RANGE, 0 },
		{ "-9223372036854775808", INT64_MIN, 0, ERR_OK, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, 0, ERR_RANGE, 0 },
		{ "99999999999999999999999", 0, INT64_MAX, ERR_RANGE, 0 },
		{ "99999999999999999999999x", 0, 9, ERR_FORMAT, 0 },
		{ "", 0, 10, ERR_FORMAT, 0 },
		{ "-", -9, 10, ERR_FORMAT, 0 },
		{ "+1", 0, 10, ERR_FORMAT, 0 },
		{ "--1", -9, 10, ERR_FORMAT, 0 },
		{ " 1", 0, 10, ERR_FORMAT, 0 },
		{ "1 ", 0, 10, ERR_FORMAT, 0 },
		{ "1.0", 0, 10, ERR_FORMAT, 0 },
		{ "0x1", 0, 10, ERR_FORMAT, 0 },
		{ "1e1", 0, 10, ERR_FORMAT, 0 },
		{ "\xd9\xa1", 0, 10, ERR_FORMAT, 0 },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		size_t	 len = strlen(t[i].s);
		char	*s = mem_new(len > 0 ? len : 1);
		int64_t	 v = 42;

		assert_non_null(s);
		memcpy(s, t[i].s, len);
		assert_int_equal(str_int(s, len, t[i].min, t[i].max, &v),
		    t[i].r);
		assert_int_equal(v, t[i].r == ERR_OK ? t[i].v : 42);
		mem_free(s);
	}
}

static void
str_utf8_table(void **state)
{
	static const struct {
		const char	*s;
		size_t		 len;
		bool		 is_good;
		size_t		 n;
	} t[] = {
		{ "", 0, true, 0 },
		{ "abc", 3, true, 3 },
		{ "\x7f", 1, true, 1 },
		{ "a\0b", 3, false, 0 },
		{ "\xc2\x80", 2, true, 1 },
		{ "\xdf\xbf", 2, true, 1 },
		{ "\xe0\xa0\x80", 3, true, 1 },
		{ "\xed\x9f\xbf", 3, true, 1 },
		{ "\xee\x80\x80", 3, true, 1 },
		{ "\xef\xbf\xbf", 3, true, 1 },
		{ "\xf0\x90\x80\x80", 4, true, 1 },
		{ "\xf4\x8f\xbf\xbf", 4, true, 1 },
		{ "a\xc3\xa9z\xf0\x9f\x98\x80", 8, true, 4 },
		/* Overlong. */
		{ "\xc0\x80", 2, false, 0 },
		{ "\xc1\xbf", 2, false, 0 },
		{ "\xe0\x9f\xbf", 3, false, 0 },
		{ "\xf0\x8f\xbf\xbf", 4, false, 0 },
		/* Surrogates, past U+10FFFF, five bytes. */
		{ "\xed\xa0\x80", 3, false, 0 },
		{ "\xed\xbf\xbf", 3, false, 0 },
		{ "\xf4\x90\x80\x80", 4, false, 0 },
		{ "\xf5\x80\x80\x80", 4, false, 0 },
		{ "\xf8\x88\x80\x80\x80", 5, false, 0 },
		{ "\xff", 1, false, 0 },
		/* Cut, stray, and a follower that is none. */
		{ "\xc3", 1, false, 0 },
		{ "\xe2\x82", 2, false, 0 },
		{ "\xf0\x9f\x98", 3, false, 0 },
		{ "\x80", 1, false, 0 },
		{ "a\xbf", 2, false, 0 },
		{ "\xc3\x28", 2, false, 0 },
		{ "\xe2\x28\xa1", 3, false, 0 },
		{ "\xe2\x82\x28", 3, false, 0 },
		{ "\xf0\x9f\x98\x28", 4, false, 0 },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		char	*s = mem_new(t[i].len > 0 ? t[i].len : 1);

		assert_non_null(s);
		memcpy(s, t[i].s, t[i].len);
		assert_int_equal(str_is_utf8(s, t[i].len), t[i].is_good);
		if (t[i].is_good)
			assert_int_equal(str_utf8_count(s, t[i].len), t[i].n);
		mem_free(s);
	}
}

static void
str_copy_table(void **state)
{
	char	dst[4] = "old";

	(void)state;
	assert_int_equal(str_copy(dst, sizeof(dst), "abcd", 4), ERR_SPACE);
	assert_string_equal(dst, "old");
	assert_int_equal(str_copy(dst, sizeof(dst), "abcd", 3), ERR_OK);
	assert_string_equal(dst, "abc");
	assert_int_equal(str_copy(dst, sizeof(dst), NULL, 0), ERR_OK);
	assert_string_equal(dst, "");
	assert_int_equal(str_copy(dst, 0, "", 0), ERR_SPACE);
	assert_int_equal(str_copy(dst, sizeof(dst), "x", SIZE_MAX), ERR_SPACE);
}

static void
str_caseeq_table(void **state)
{
	static const struct {
		const char	*a, *b;
		bool		 is_eq;
	} t[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "", false },
		{ "aBc", "AbC", true },
		{ "abc", "abcd", false },
		{ "abcd", "abc", false },
		{ "@", "`", false },		/* one bit apart, no letters */
		{ "[", "{", false },
		{ "Z", "z", true },
		{ "k", "\xe2\x84\xaa", false },	/* KELVIN SIGN */
		{ "\xc3\x89", "\xc3\xa9", false },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(str_caseeq(t[i].a, t[i].b), t[i].is_eq);
}

static void
str_printf_table(void **state)
{
	char	dst[4] = "old";

	(void)state;
	assert_int_equal(str_printf(dst, sizeof(dst), "%d", 123), ERR_OK);
	assert_string_equal(dst, "123");
	assert_int_equal(str_printf(dst, sizeof(dst), "%d", 1234), ERR_SPACE);
	assert_string_equal(dst, "");
	assert_int_equal(str_printf(dst, sizeof(dst), "%s", "x"), ERR_OK);
	assert_string_equal(dst, "x");
	assert_int_equal(str_printf(dst, 0, "%s", "y"), ERR_SPACE);
	assert_string_equal(dst, "x");
}

static void
str_trim_table(void **state)
{
	static const struct {
		const char	*s, *left;
	} t[] = {
		{ "", "" },
		{ " ", "" },
		{ "\t\n\v\f\r ", "" },
		{ "a", "a" },
		{ " a b\t", "a b" },
		{ "\b a", "\b a" },
		{ "\xc2\xa0 a", "\xc2\xa0 a" },	/* no-break: not ASCII */
	};
	const char	*s;
	char		*heap;
	size_t		 i, len;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		len = strlen(t[i].s);
		assert_non_null(heap = malloc(len + 1));
		memcpy(heap, t[i].s, len);
		heap[len] = 'x';		/* is not looked at */
		s = heap;
		str_trim(&s, &len);
		assert_int_equal(len, strlen(t[i].left));
		assert_memory_equal(s, t[i].left, len);
		free(heap);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(str_int_table),
		cmocka_unit_test(str_utf8_table),
		cmocka_unit_test(str_copy_table),
		cmocka_unit_test(str_caseeq_table),
		cmocka_unit_test(str_printf_table),
		cmocka_unit_test(str_trim_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
