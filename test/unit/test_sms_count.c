/*
 * test_sms_count - what a text costs, at the edges.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "err.h"
#include "sms_count.h"

static void	sms_count_table(void **state);
static void	sms_count_alphabet(void **state);
static void	sms_count_pairs(void **state);

static void
sms_count_table(void **state)
{
	static const struct {
		const char	*c;	/* repeated |n| times */
		size_t		 n;
		bool		 is_gsm7;
		size_t		 units, segments, left;
	} t[] = {
		{ "a", 0, true, 0, 1, 160 }, { "a", 1, true, 1, 1, 159 },
		{ "a", 160, true, 160, 1, 0 }, { "a", 161, true, 161, 2, 145 },
		{ "a", 306, true, 306, 2, 0 }, { "a", 307, true, 307, 3, 152 },
		{ "€", 80, true, 160, 1, 0 },
		/* an escape is not cut from its character: 76 pairs in 153 */
		{ "€", 81, true, 162, 2, 143 },
		{ "{", 152, true, 304, 2, 1 }, { "{", 153, true, 306, 3, 151 },
		{ "क", 70, false, 70, 1, 0 }, { "क", 71, false, 71, 2, 63 },
		{ "क", 134, false, 134, 2, 0 }, { "क", 135, false, 135, 3, 66 },
		{ "😀", 35, false, 70, 1, 0 }, { "😀", 36, false, 72, 2, 61 },
	};
	char			s[2048];
	struct sms_count	c;
	size_t			i, k, len;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		len = 0;
		for (k = 0; k < t[i].n; k++) {
			memcpy(s + len, t[i].c, strlen(t[i].c));
			len += strlen(t[i].c);
		}
		sms_count(s, len, &c);
		assert_int_equal(c.is_gsm7, t[i].is_gsm7);
		assert_int_equal(c.characters, t[i].n);
		assert_int_equal(c.units, t[i].units);
		assert_int_equal(c.segments, t[i].segments);
		assert_int_equal(c.left, t[i].left);
	}
}

static void
sms_count_alphabet(void **state)
{
	static const struct {
		const char	*c;
		size_t		 units;		/* 0: UCS-2 */
	} t[] = {
		{ "@", 1 }, { "$", 1 }, { "_", 1 }, { "\n", 1 }, { "#", 1 },
		{ "é", 1 }, { "Ω", 1 }, { "§", 1 }, { "¿", 1 }, { "Ç", 1 },
		{ "^", 2 }, { "{", 2 }, { "}", 2 }, { "\\", 2 }, { "[", 2 },
		{ "~", 2 }, { "]", 2 }, { "|", 2 }, { "€", 2 },
		{ "`", 0 }, { "ç", 0 }, { "á", 0 }, { "\t", 0 }, { "’", 0 },
		{ "–", 0 }, { "₹", 0 }, { "\xc2\xa0", 0 },
	};
	struct sms_count	c;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		sms_count(t[i].c, strlen(t[i].c), &c);
		if (c.is_gsm7 != (t[i].units > 0))
			fail_msg("\"%s\"", t[i].c);
		if (t[i].units > 0)
			assert_int_equal(c.units, t[i].units);
		else
			assert_string_equal(c.first_ucs2, t[i].c);
	}
}

/* 152 septets and an escape pair: the pair goes to the next part. */
static void
sms_count_pairs(void **state)
{
	char			s[512];
	struct sms_count	c;

	(void)state;
	memset(s, 'a', sizeof(s));
	s[152] = '{';
	sms_count(s, 306, &c);		/* 307 septets, and one is empty */
	assert_int_equal(c.units, 307);
	assert_int_equal(c.segments, 3);
	assert_int_equal(c.left, 153 * 3 - 308);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(sms_count_table),
		cmocka_unit_test(sms_count_alphabet),
		cmocka_unit_test(sms_count_pairs),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
