/*
 * test_money - amounts as gateways write them, to the millionth.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "money.h"

static void	money_reads(void **state);
static void	money_refuses(void **state);
static void	money_every_place(void **state);
static void	money_writes(void **state);

static void
money_reads(void **state)
{
	static const struct {
		const char	*s;
		enum money_unit	 unit;
		int64_t		 n;
	} t[] = {
		{ "0", MONEY_UNIT, 0 }, { "0.00", MONEY_UNIT, 0 },
		{ "1", MONEY_UNIT, 1000000 }, { "0.25", MONEY_UNIT, 250000 },
		{ "0.0075", MONEY_UNIT, 7500 }, { ".5", MONEY_UNIT, 500000 },
		{ "5.", MONEY_UNIT, 5000000 }, { "007.50", MONEY_UNIT, 7500000 },
		{ "-0.00750", MONEY_UNIT, 7500 }, { "+1.5", MONEY_UNIT, 1500000 },
		{ "7.5e-05", MONEY_UNIT, 75 }, { "1e-06", MONEY_UNIT, 1 },
		{ "1.5E+2", MONEY_UNIT, 150000000 }, { "0e99", MONEY_UNIT, 0 },
		{ "25", MONEY_HUNDREDTH, 250000 },
		{ "0.75", MONEY_HUNDREDTH, 7500 },
		{ "7", MONEY_THOUSANDTH, 7000 },
		{ "7500", MONEY_MILLIONTH, 7500 },
		/* Up, never down. */
		{ "0.0000001", MONEY_UNIT, 1 }, { "1e-99", MONEY_UNIT, 1 },
		{ "0.1234561", MONEY_UNIT, 123457 },
		{ "0.1234560", MONEY_UNIT, 123456 },
		{ "0.5", MONEY_MILLIONTH, 1 },
		{ "0.10000000000000000000000000", MONEY_UNIT, 100000 },
		{ "0.10000000000000000000000001", MONEY_UNIT, 100001 },
		{ "0.00000000000000000000000000", MONEY_UNIT, 0 },
		{ "999999999.999999", MONEY_UNIT, MONEY_MAX },
		{ "999999999999999", MONEY_MILLIONTH, MONEY_MAX },
	};
	int64_t	n;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (money_parse(t[i].s, strlen(t[i].s), t[i].unit, &n) !=
		    ERR_OK || n != t[i].n)
			fail_msg("%s: %lld", t[i].s, (long long)n);
	}
	/* A long number that its exponent makes small. */
	assert_int_equal(money_parse("1000000000000000000000000e-18", 29,
	    MONEY_UNIT, &n), ERR_OK);
	assert_int_equal(n, INT64_C(1000000000000));
}

static void
money_refuses(void **state)
{
	static const struct {
		const char	*s;
		enum err	 r;
	} t[] = {
		{ "", ERR_FORMAT }, { "-", ERR_FORMAT }, { ".", ERR_FORMAT },
		{ "--1", ERR_FORMAT }, { "1.2.3", ERR_FORMAT },
		{ "0,25", ERR_FORMAT }, { "1 ", ERR_FORMAT },
		{ " 1", ERR_FORMAT }, { "$1", ERR_FORMAT },
		{ "1 INR", ERR_FORMAT }, { "true", ERR_FORMAT },
		{ "1e", ERR_FORMAT }, { "1e-", ERR_FORMAT },
		{ "1e5x", ERR_FORMAT }, { "e5", ERR_FORMAT },
		{ "1e100", ERR_FORMAT }, { "0x10", ERR_FORMAT },
		{ "nan", ERR_FORMAT }, { "inf", ERR_FORMAT },
		{ "1e99", ERR_RANGE }, { "1000000000", ERR_RANGE },
		{ "999999999.9999991", ERR_RANGE },
		{ "99999999999999999999999999999999", ERR_RANGE },
	};
	int64_t	n;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (money_parse(t[i].s, strlen(t[i].s), MONEY_UNIT, &n) !=
		    t[i].r)
			fail_msg("%s", t[i].s);
	}
}

/* Whatever a double may hold of it, %.15g gives it back: nothing is lost. */
static void
money_every_place(void **state)
{
	char	text[32];
	double	d;
	int64_t	i, n;

	(void)state;
	for (i = 0; i < 3000000; i += 7) {
		(void)snprintf(text, sizeof(text), "%lld.%06lld",
		    (long long)(i / 1000000), (long long)(i % 1000000));
		assert_int_equal(sscanf(text, "%lf", &d), 1);
		(void)snprintf(text, sizeof(text), "%.15g", d);
		assert_int_equal(money_parse(text, strlen(text), MONEY_UNIT,
		    &n), ERR_OK);
		assert_int_equal(n, i);
	}
}

static void
money_writes(void **state)
{
	static const struct {
		int64_t		 n;
		const char	*s;
	} t[] = {
		{ 0, "0.00" }, { 1, "0.000001" }, { 7500, "0.0075" },
		{ 250000, "0.25" }, { 1500000, "1.50" },
		{ 12000000, "12.00" }, { MONEY_MAX, "999999999.999999" },
		{ INT64_MAX, "9223372036854.775807" },
	};
	char	s[MONEY_TEXT_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		money_text(t[i].n, s);
		assert_string_equal(s, t[i].s);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(money_reads),
		cmocka_unit_test(money_refuses),
		cmocka_unit_test(money_every_place),
		cmocka_unit_test(money_writes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
