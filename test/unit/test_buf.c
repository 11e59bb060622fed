/*
 * test_buf - growth, the cap, the sticky error, JSON strings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "buf.h"

static void	buf_grows(void **state);
static void	buf_cap_is_exact(void **state);
static void	buf_error_sticks(void **state);
static void	buf_reset_forgives(void **state);
static void	buf_printf_table(void **state);
static void	buf_i64_table(void **state);
static void	buf_json_table(void **state);
static void	buf_max_huge(void **state);

static void
buf_grows(void **state)
{
	struct buf	b;
	size_t		i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++)
		buf_char(&b, (char)('a' + i % 26));
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_int_equal(b.len, 100000);
	for (i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	assert_int_equal(b.data[100000], '\0');
	buf_clear(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	/* Usable again, with the same cap. */
	buf_str(&b, "again");
	assert_string_equal(b.data, "again");
	assert_int_equal(b.max, 100000);
	buf_clear(&b);
}

static void
buf_cap_is_exact(void **state)
{
	size_t	max;

	(void)state;
	for (max = 0; max < 300; max++) {
		struct buf	b;
		size_t		i;

		buf_init(&b, max);
		for (i = 0; i < max; i++)
			buf_char(&b, 'x');
		assert_int_equal(buf_err(&b), ERR_OK);
		buf_add(&b, "", 0);
		assert_int_equal(buf_err(&b), ERR_OK);
		buf_char(&b, 'y');
		assert_int_equal(buf_err(&b), ERR_SPACE);
		assert_int_equal(b.len, max);
		assert_true(b.cap <= max + 1);
		buf_clear(&b);
	}
}

static void
buf_error_sticks(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, 4);
	buf_str(&b, "ab");
	buf_str(&b, "cde");		/* too much: nothing of it */
	buf_str(&b, "f");		/* would fit, but comes after */
	buf_printf(&b, "%d", 1);
	buf_json(&b, "", 0);
	assert_int_equal(buf_err(&b), ERR_SPACE);
	assert_string_equal(b.data, "ab");
	buf_clear(&b);
	assert_int_equal(buf_err(&b), ERR_OK);
}

static void
buf_reset_forgives(void **state)
{
	struct buf	b;
	char		*data;

	(void)state;
	buf_init(&b, 4);
	buf_reset(&b);			/* nothing held yet */
	buf_str(&b, "abcd");
	data = b.data;
	buf_char(&b, 'e');
	assert_int_equal(buf_err(&b), ERR_SPACE);
	buf_reset(&b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_string_equal(b.data, "");
	buf_str(&b, "wxyz");
	assert_ptr_equal(b.data, data);
	assert_string_equal(b.data, "wxyz");
	buf_clear(&b);
}

static void
buf_i64_table(void **state)
{
	const struct {
		int64_t		 v;
		const char	*text;
	}		 rows[] = {
		{ 0, "0" }, { 7, "7" }, { -1, "-1" }, { 10, "10" },
		{ 1234567890123, "1234567890123" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct buf	 b;
	size_t		 i;

	(void)state;
	buf_init(&b, 20);
	for (i = 0; i < COUNT(rows); i++) {
		buf_i64(&b, rows[i].v);
		assert_int_equal(buf_err(&b), ERR_OK);
		assert_string_equal(b.data, rows[i].text);
		buf_reset(&b);
	}
	buf_clear(&b);
}

static void
buf_printf_table(void **state)
{
	static const size_t	widths[] = { 0, 1, 2, 100, 126, 127, 128, 129,
	    255, 256, 257, 999, 1000 };
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(widths); i++) {
		struct buf	b;
		size_t		want = widths[i] < 1 ? 1 : widths[i];

		buf_init(&b, 1001);
		buf_char(&b, '>');
		buf_printf(&b, "%*d", (int)widths[i], 7);
		assert_int_equal(buf_err(&b), ERR_OK);
		assert_int_equal(b.len, want + 1);
		assert_int_equal(b.data[0], '>');
		assert_int_equal(b.data[b.len - 1], '7');
		assert_int_equal(strlen(b.data), b.len);
		buf_printf(&b, "%*d", (int)(1001 - b.len) + 1, 7);
		assert_int_equal(buf_err(&b), ERR_SPACE);
		assert_int_equal(b.len, want + 1);
		assert_int_equal(strlen(b.data), b.len);
		buf_clear(&b);
	}
}

static void
buf_json_table(void **state)
{
	static const struct {
		const char	*in;
		size_t		 len;
		const char	*out;
	} t[] = {
		{ "", 0, "\"\"" },
		{ "abc", 3, "\"abc\"" },
		{ "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"" },
		{ "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
		{ "\x0b", 1, "\"\\u000b\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
		    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "<script>&'", 10, "\"<script>&'\"" },
		{ "\"\"", 2, "\"\\\"\\\"\"" },
		{ "x\ny", 3, "\"x\\ny\"" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct buf	b;

		buf_init(&b, 100);
		buf_json(&b, t[i].in, t[i].len);
		assert_int_equal(buf_err(&b), ERR_OK);
		assert_string_equal(b.data, t[i].out);
		buf_clear(&b);
	}
}

static void
buf_max_huge(void **state)
{
	struct buf	b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_str(&b, "a");
	assert_int_equal(buf_err(&b), ERR_OK);
	buf_add(&b, "a", SIZE_MAX);	/* refused before it is read */
	assert_int_equal(buf_err(&b), ERR_SPACE);
	assert_string_equal(b.data, "a");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(buf_grows),
		cmocka_unit_test(buf_cap_is_exact),
		cmocka_unit_test(buf_error_sticks),
		cmocka_unit_test(buf_reset_forgives),
		cmocka_unit_test(buf_printf_table),
		cmocka_unit_test(buf_i64_table),
		cmocka_unit_test(buf_json_table),
		cmocka_unit_test(buf_max_huge),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
