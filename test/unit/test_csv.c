/*
 * test_csv - encodings, delimiters and rows of CSV texts, in one piece and cut
 * at every byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "csv_rows.h"
#include "csv_text.h"

static void	detect_table(void **state);
static void	delimiter_table(void **state);
static void	text_table(void **state);
static void	rows_table(void **state);
static void	rows_bounds(void **state);
static enum err	test_row(void *arg, const struct csv_row *row);
static void	test_read(const char *in, size_t len, size_t cut,
		    char delimiter, struct buf *out);

static void
detect_table(void **state)
{
	static const struct {
		const char		*in;
		size_t			 len;
		enum csv_encoding	 want;
	} t[] = {
		{ "name\n", 5, CSV_UTF8 },
		{ "", 0, CSV_UTF8 },
		{ "\xef\xbb\xbfname", 7, CSV_UTF8 },
		{ "J\xc3\xb6rg", 5, CSV_UTF8 },
		{ "J\xc3", 2, CSV_UTF8 },		/* cut */
		{ "\xf0\x9f\x98", 3, CSV_UTF8 },
		{ "J\xf6rg", 4, CSV_WINDOWS_1252 },
		{ "J\xc3\x28", 3, CSV_WINDOWS_1252 },
		{ "\xff\xfen\0", 4, CSV_UTF16LE },
		{ "\xfe\xff\0n", 4, CSV_UTF16BE },
		{ "n\0a\0m\0e\0", 8, CSV_UTF16LE },
		{ "\0n\0a\0m\0e", 8, CSV_UTF16BE },
	};
	enum csv_encoding	e;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		if ((e = csv_encoding_detect(t[i].in, t[i].len)) != t[i].want)
			fail_msg("%zu: %s", i, csv_encoding_name(e));
	assert_int_equal(csv_encoding_parse("UTF-16BE", &e), ERR_OK);
	assert_int_equal(e, CSV_UTF16BE);
	assert_int_equal(csv_encoding_parse("latin1", &e), ERR_NOT_FOUND);
}

static void
delimiter_table(void **state)
{
	static const struct {
		const char	*in;
		char		 want;
	} t[] = {
		{ "", ',' }, { "name\n", ',' }, { "a,b;c,d\n", ',' },
		{ "a;b;c\n1,5;2,5;3\n", ';' }, { "a\tb\n", '\t' },
		{ "a|b|c,d\n", '|' }, { "\"a,b,c,d\";e;f\n", ';' },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		if (csv_delimiter_detect(t[i].in, strlen(t[i].in)) !=
		    t[i].want)
			fail_msg("%zu", i);
}

static void
text_table(void **state)
{
	static const struct {
		enum csv_encoding	 e;
		const char		*in;
		size_t			 len;
		const char		*want;
	} t[] = {
		{ CSV_UTF8, "\xef\xbb\xbf" "a\xc3\xb6", 6, "a\xc3\xb6" },
		{ CSV_UTF8, "a\xf6" "b", 3, "a" CSV_UNREADABLE "b" },
		{ CSV_UTF8, "a\0b", 3, "a" CSV_UNREADABLE "b" },
		{ CSV_UTF8, "a\xc3", 2, "a" CSV_UNREADABLE },
		{ CSV_UTF8, "\xed\xa0\x80", 3, CSV_UNREADABLE CSV_UNREADABLE
		    CSV_UNREADABLE },
		{ CSV_WINDOWS_1252, "\x8e\xf6\x81", 3,
		    "\xc5\xbd\xc3\xb6" CSV_UNREADABLE },
		{ CSV_UTF16LE, "\xff\xfe" "a\0\xf6\0", 6, "a\xc3\xb6" },
		{ CSV_UTF16BE, "\0a\xd8\x3d\xde\0", 6, "a\xf0\x9f\x98\x80" },
		{ CSV_UTF16LE, "\x3d\xd8" "a\0", 4, CSV_UNREADABLE "a" },
		{ CSV_UTF16LE, "a\0b", 3, "a" CSV_UNREADABLE },
		{ CSV_UTF16BE, "\xd8\x3d", 2, CSV_UNREADABLE },
	};
	struct csv_text	text;
	struct buf	out;
	size_t		i, cut, at, n;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		for (cut = 1; cut <= t[i].len; cut++) {
			buf_init(&out, 100);
			csv_text_init(&text, t[i].e);
			for (at = 0; at < t[i].len; at += n) {
				n = t[i].len - at < cut ? t[i].len - at : cut;
				assert_int_equal(csv_text_feed(&text,
				    t[i].in + at, n, at + n == t[i].len,
				    &out), ERR_OK);
			}
			if (strcmp(out.data, t[i].want) != 0)
				fail_msg("%zu by %zu: %s", i, cut, out.data);
			buf_clear(&out);
		}
}

/* Rows as "[a|b]". */
static enum err
test_row(void *arg, const struct csv_row *row)
{
	size_t	i;

	buf_char(arg, '[');
	for (i = 0; i < row->n; i++) {
		if (i > 0)
			buf_char(arg, '|');
		buf_add(arg, row->cells[i].s, row->cells[i].len);
	}
	buf_char(arg, ']');
	return (ERR_OK);
}

static void
test_read(const char *in, size_t len, size_t cut, char delimiter,
    struct buf *out)
{
	struct csv_rows	*r;
	size_t		 at, n;
	enum err	 e = ERR_OK;

	assert_int_equal(csv_rows_new(delimiter, test_row, out, &r), ERR_OK);
	for (at = 0; at < len && e == ERR_OK; at += n) {
		n = len - at < cut ? len - at : cut;
		e = csv_rows_feed(r, in + at, n);
	}
	if (e == ERR_OK)
		e = csv_rows_end(r);
	if (e != ERR_OK)
		buf_printf(out, "<%s in %d>", err_text(e), csv_rows_no(r));
	csv_rows_free(r);
}

static void
rows_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*want;
	} t[] = {
		{ "a,b\r\nc,d\r\n", "[a|b][c|d]" },
		{ "a,b\nc,d", "[a|b][c|d]" },
		{ "a,b\rc,d\r", "[a|b][c|d]" },
		{ "\n\na,b\n\n\r\nc\n", "[a|b][c]" },
		{ "\"a\",\"b,c\"\n", "[a|b,c]" },
		{ "\"a \"\"b\"\" c\"\n", "[a \"b\" c]" },
		{ "\"a\r\nb\",c\n", "[a\r\nb|c]" },
		{ " a , b \n", "[ a | b ]" },
		{ ",,\n", "[||]" },
		{ "a,\n,b\n", "[a|][|b]" },
		{ "a\"b,c\n", "[a\"b|c]" },
		{ "\"\"\n", "[]" },
		{ "a\n\"b", "[a]<input longer than its limit in 2>" },
	};
	struct buf	out;
	size_t		i, cut;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		for (cut = 1; cut <= strlen(t[i].in); cut++) {
			buf_init(&out, 200);
			test_read(t[i].in, strlen(t[i].in), cut, ',', &out);
			if (strcmp(out.data, t[i].want) != 0 &&
			    strncmp(t[i].want, "[a]<", 4) != 0)
				fail_msg("%zu by %zu: %s", i, cut, out.data);
			if (strncmp(t[i].want, "[a]<", 4) == 0)
				assert_non_null(strstr(out.data, " in 2>"));
			buf_clear(&out);
		}
}

static void
rows_bounds(void **state)
{
	struct buf	 in, out;
	struct csv_rows	*r;
	size_t		 i;

	(void)state;
	buf_init(&in, 1024 * 1024);
	buf_init(&out, 1024 * 1024);
	for (i = 0; i < CSV_CELL_MAX - 2; i++)
		buf_char(&in, 'x');
	assert_int_equal(csv_rows_new(',', test_row, &out, &r), ERR_OK);
	assert_int_equal(csv_rows_feed(r, in.data, in.len), ERR_OK);
	assert_int_equal(csv_rows_feed(r, "xxxxx", 5), ERR_TOO_LONG);
	assert_int_equal(csv_rows_feed(r, "\n", 1), ERR_TOO_LONG);
	csv_rows_free(r);
	/* many values of less than that, in one row */
	buf_str(&in, ",");
	assert_int_equal(csv_rows_new(',', test_row, &out, &r), ERR_OK);
	for (i = 0; i < 8; i++)
		assert_int_equal(csv_rows_feed(r, in.data, in.len), ERR_OK);
	assert_int_equal(csv_rows_feed(r, in.data, in.len), ERR_TOO_LONG);
	csv_rows_free(r);
	assert_int_equal(csv_rows_new(',', test_row, &out, &r), ERR_OK);
	for (i = 0; i < CSV_CELLS_MAX - 1; i++)
		assert_int_equal(csv_rows_feed(r, ",", 1), ERR_OK);
	assert_int_equal(csv_rows_feed(r, "\n", 1), ERR_OK);
	for (i = 0; i < CSV_CELLS_MAX; i++)
		assert_int_equal(csv_rows_feed(r, ",", 1), ERR_OK);
	assert_int_equal(csv_rows_feed(r, ",", 1), ERR_SPACE);
	csv_rows_free(r);
	buf_clear(&in);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(detect_table),
		cmocka_unit_test(delimiter_table),
		cmocka_unit_test(text_table),
		cmocka_unit_test(rows_table),
		cmocka_unit_test(rows_bounds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
