/*
 * test_form - urlencoded bodies and cookies.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "form.h"
#include "mem.h"

static void	form_table(void **state);
static void	form_bad_table(void **state);
static void	form_lengths(void **state);
static void	form_pairs_limit(void **state);
static void	cookie_table(void **state);

/* A body, and its pairs as name, value, name, value. */
struct form_case {
	const char	*body;
	size_t		 n;
	const char	*v[6];
};

static void
form_table(void **state)
{
	static const struct form_case	t[] = {
		{ "", 0, { NULL } },
		{ "&", 0, { NULL } },
		{ "&&&", 0, { NULL } },
		{ "a=1", 1, { "a", "1" } },
		{ "a=1&b=2", 2, { "a", "1", "b", "2" } },
		{ "&a=1&&b=2&", 2, { "a", "1", "b", "2" } },
		{ "a", 1, { "a", "" } },
		{ "a=", 1, { "a", "" } },
		{ "=a", 1, { "", "a" } },
		{ "=", 1, { "", "" } },
		{ "a&b", 2, { "a", "", "b", "" } },
		/* What Kore's parser loses: a second '=', newline, TAB. */
		{ "k=a=b==", 1, { "k", "a=b==" } },
		{ "k=a%0D%0Ab%09c", 1, { "k", "a\r\nb\tc" } },
		{ "k=%2B+%20%26%3D%25", 1, { "k", "+  &=%" } },
		{ "%61%3D=1", 1, { "a=", "1" } },
		{ "a+b=1", 1, { "a b", "1" } },
		{ "k=%C3%A9\xc3\xa9", 1, { "k", "\xc3\xa9\xc3\xa9" } },
		{ "k=%c3%a9", 1, { "k", "\xc3\xa9" } },
		{ "k=%2500", 1, { "k", "%00" } },
		{ "k=a;b", 1, { "k", "a;b" } },
		{ "a=1&A=2&aa=3", 3, { "a", "1", "A", "2", "aa", "3" } },
	};
	size_t	i, j;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct form	 f;
		char		*s = mem_dup(t[i].body, strlen(t[i].body));

		assert_non_null(s);
		assert_int_equal(form_parse(s, strlen(t[i].body), &f), ERR_OK);
		assert_int_equal(f.n, t[i].n);
		for (j = 0; j < f.n; j++) {
			const char		*name = t[i].v[2 * j];
			const char		*value = t[i].v[2 * j + 1];
			const struct form_pair	*p = form_find(&f, name);

			assert_non_null(p);
			assert_ptr_equal(p, &f.v[j]);
			assert_string_equal(p->name, name);
			assert_int_equal(p->name_len, strlen(name));
			assert_string_equal(p->value, value);
			assert_int_equal(p->value_len, strlen(value));
		}
		assert_null(form_find(&f, "not there"));
		mem_free(s);
	}
}

static void
form_bad_table(void **state)
{
	static const struct {
		const char	*body;
		size_t		 len;
		enum err	 r;
	} t[] = {
		{ "a=%", 3, ERR_FORMAT },
		{ "a=%1", 4, ERR_FORMAT },
		{ "a=%1&b", 6, ERR_FORMAT },
		{ "a=%&41=b", 8, ERR_FORMAT },
		{ "a%4=41", 6, ERR_FORMAT },
		{ "a=%zz", 5, ERR_FORMAT },
		{ "a=%+1", 5, ERR_FORMAT },
		{ "a=%u0041", 8, ERR_FORMAT },
		{ "%=1", 3, ERR_FORMAT },
		{ "a=%00", 5, ERR_FORMAT },
		{ "a%00=1", 6, ERR_FORMAT },
		{ "a=\0", 3, ERR_FORMAT },
		{ "a\0b=1", 5, ERR_FORMAT },
		{ "a=%FF", 5, ERR_FORMAT },
		{ "a=%C3", 5, ERR_FORMAT },
		{ "a=%C3&b=%A9", 11, ERR_FORMAT },
		{ "a=%C0%80", 8, ERR_FORMAT },
		{ "a=%ED%A0%80", 11, ERR_FORMAT },
		{ "\xff=1", 3, ERR_FORMAT },
		{ "a=1&a=2", 7, ERR_EXISTS },
		{ "a=1&b=2&%61=3", 13, ERR_EXISTS },
		{ "a&a", 3, ERR_EXISTS },
		{ "=1&=2", 5, ERR_EXISTS },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct form	 f;
		char		*s = mem_dup(t[i].body, t[i].len);

		assert_non_null(s);
		assert_int_equal(form_parse(s, t[i].len, &f), t[i].r);
		mem_free(s);
	}
}

/* Only |len| bytes count, and only the one behind them is written. */
static void
form_lengths(void **state)
{
	char		s[] = "a=1&b=%41XY";
	struct form	f;

	(void)state;
	assert_int_equal(form_parse(s, 9, &f), ERR_OK);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.v[1].value, "A");
	assert_int_equal(s[10], 'Y');
	assert_int_equal(form_parse(s, 0, &f), ERR_OK);
	assert_int_equal(f.n, 0);
}

static void
form_pairs_limit(void **state)
{
	char		s[FORM_PAIRS_MAX * 8 + 16];
	struct form	f;
	size_t		n, i, len;

	(void)state;
	for (n = FORM_PAIRS_MAX - 1; n <= FORM_PAIRS_MAX + 1; n++) {
		for (i = len = 0; i < n; i++) {
			memcpy(s + len, "x00=1&", 6);
			s[len + 1] = (char)('0' + i / 10);
			s[len + 2] = (char)('0' + i % 10);
			len += 6;
		}
		assert_int_equal(form_parse(s, len, &f),
		    n <= FORM_PAIRS_MAX ? ERR_OK : ERR_SPACE);
		assert_true(f.n <= FORM_PAIRS_MAX);
	}
}

static void
cookie_table(void **state)
{
	static const struct {
		const char	*header;
		enum err	 r;
		const char	*value;
	} t[] = {
		{ "sid=abc", ERR_OK, "abc" },
		{ "a=1; sid=abc; b=2", ERR_OK, "abc" },
		{ "a=1;sid=abc;b=2", ERR_OK, "abc" },
		{ " \tsid=abc \t; b=2", ERR_OK, "abc" },
		{ "sid=", ERR_OK, "" },
		{ "sid= ", ERR_OK, "" },
		{ "sid=a=b=", ERR_OK, "a=b=" },
		{ "sid=\"q\"", ERR_OK, "\"q\"" },
		{ "xsid=1; sid=2; sidx=3", ERR_OK, "2" },
		{ "; ;sid=1;", ERR_OK, "1" },
		{ "", ERR_NOT_FOUND, NULL },
		{ ";", ERR_NOT_FOUND, NULL },
		{ "sid", ERR_NOT_FOUND, NULL },
		{ "sid;=1", ERR_NOT_FOUND, NULL },
		{ "SID=1", ERR_NOT_FOUND, NULL },
		{ "si=1", ERR_NOT_FOUND, NULL },
		{ "sid =1", ERR_NOT_FOUND, NULL },
		{ "a=sid=1", ERR_NOT_FOUND, NULL },
		{ "a=1, sid=1", ERR_NOT_FOUND, NULL },
		{ "sid=1; sid=1", ERR_EXISTS, NULL },
		{ "sid=1; a=2;sid=", ERR_EXISTS, NULL },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		char		*s = mem_dup(t[i].header, strlen(t[i].header));
		const char	*v = NULL;
		size_t		 len = 99;

		assert_non_null(s);
		assert_int_equal(cookie_find(s, "sid", &v, &len), t[i].r);
		if (t[i].r == ERR_OK) {
			assert_int_equal(len, strlen(t[i].value));
			assert_memory_equal(v, t[i].value, len);
			assert_true(v >= s && v + len <= s + strlen(s));
		} else {
			assert_null(v);
			assert_int_equal(len, 99);
		}
		mem_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(form_table),
		cmocka_unit_test(form_bad_table),
		cmocka_unit_test(form_lengths),
		cmocka_unit_test(form_pairs_limit),
		cmocka_unit_test(cookie_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
