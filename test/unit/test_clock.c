/*
 * test_clock - RFC 3339 text of every day, setting, monotonic time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "clock.h"

static void	clock_table(void **state);
static void	clock_every_day(void **state);
static void	clock_sets(void **state);
static void	clock_runs(void **state);

static void
clock_table(void **state)
{
	static const struct {
		int64_t		 us;
		const char	*s;
	} t[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 999, "1970-01-01T00:00:00.000Z" },
		{ 1000, "1970-01-01T00:00:00.001Z" },
		{ -1, "1970-01-01T00:00:00.000Z" },
		{ INT64_MIN, "1970-01-01T00:00:00.000Z" },
		{ INT64_C(951782399999999), "2000-02-28T23:59:59.999Z" },
		{ INT64_C(951782400000000), "2000-02-29T00:00:00.000Z" },
		{ INT64_C(951868800000000), "2000-03-01T00:00:00.000Z" },
		{ INT64_C(1795464900123456), "2026-11-23T20:15:00.123Z" },
		{ INT64_C(4107542400000000), "2100-03-01T00:00:00.000Z" },
		{ INT64_C(253402300799999000), "9999-12-31T23:59:59.999Z" },
		{ INT64_C(253402300800000000), "9999-12-31T23:59:59.999Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		char	s[CLOCK_RFC3339_LEN + 1];

		clock_format(t[i].us, s);
		assert_string_equal(s, t[i].s);
	}
}

/* Against the C library, each day of 400 years, at another time of day. */
static void
clock_every_day(void **state)
{
	int64_t	day;

	(void)state;
	for (day = 0; day < 146097; day++) {
		time_t		at = (time_t)(day * 86400 + day * 31 % 86400);
		struct tm	tm;
		char		want[32], s[CLOCK_RFC3339_LEN + 1];

		assert_non_null(gmtime_r(&at, &tm));
		assert_int_equal(strftime(want, sizeof(want),
		    "%Y-%m-%dT%H:%M:%S.000Z", &tm), CLOCK_RFC3339_LEN);
		clock_format((int64_t)at * US_PER_S, s);
		assert_string_equal(s, want);
	}
}

static void
clock_sets(void **state)
{
	(void)state;
	clock_set(42);
	assert_int_equal(clock_us(), 42);
	assert_int_equal(clock_us(), 42);
	clock_set(0);
	/* 2020 at the least, and before 2100. */
	assert_in_range(clock_us() / US_PER_S, INT64_C(1577836800),
	    INT64_C(4102444800));
}

static void
clock_runs(void **state)
{
	const struct timespec	wait = { 0, 2 * 1000 * 1000 };
	int64_t			mono, wall;

	(void)state;
	clock_set(42);
	mono = clock_mono_us();
	assert_int_equal(nanosleep(&wait, NULL), 0);
	assert_true(clock_mono_us() - mono >= 2000);	/* not set by a test */
	clock_set(0);
	wall = clock_us();
	assert_int_equal(nanosleep(&wait, NULL), 0);
	assert_int_not_equal(clock_us(), wall);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(clock_table),
		cmocka_unit_test(clock_every_day),
		cmocka_unit_test(clock_sets),
		cmocka_unit_test(clock_runs),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
