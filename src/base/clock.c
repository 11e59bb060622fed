/*
 * clock - the only reader of time.  Knows UTC only; must not depend on the
 * time zone or the locale.
 */
#include "clock.h"

#include <stdlib.h>
#include <time.h>

#define S_PER_DAY	INT64_C(86400)
/* 9999-12-31T23:59:59.999Z: four digits of year end here (RFC 3339 s.1). */
#define CLOCK_MAX_US	(INT64_C(253402300799) * US_PER_S + 999 * US_PER_MS)

/* What clock_us() says when a test has set it; 0 is real time. */
static int64_t	clock_fixed_us;

static void	clock_digits(char *out, unsigned int v, size_t n, char end);
static int64_t	clock_read(clockid_t id);

int64_t
clock_us(void)
{
	if (clock_fixed_us != 0)
		return (clock_fixed_us);
	return (clock_read(CLOCK_REALTIME));
}

int64_t
clock_mono_us(void)
{
	return (clock_read(CLOCK_MONOTONIC));
}

int64_t
clock_cpu_us(void)
{
	return (clock_read(CLOCK_PROCESS_CPUTIME_ID));
}

void
clock_set(int64_t us)
{
	clock_fixed_us = us;
}

void
clock_format(int64_t us, char out[CLOCK_RFC3339_LEN + 1])
{
	int64_t		s, days, z, era, doe, yoe, doy, mp;
	unsigned int	year, month, day, tod, ms;

	if (us < 0)
		us = 0;
	if (us > CLOCK_MAX_US)
		us = CLOCK_MAX_US;
	s = us / US_PER_S;
	ms = (unsigned int)(us % US_PER_S / US_PER_MS);
	days = s / S_PER_DAY;
	tod = (unsigned int)(s % S_PER_DAY);

	/*
	 * Days to a date of the proleptic Gregorian calendar, with years that
	 * start in March so that the leap day is the last of its year, and
	 * eras of 400 years = 146097 days.  719468 days lie between 0000-03-01
	 * and 1970-01-01.
	 */
	z = days + 719468;
	era = z / 146097;
	doe = z % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = (unsigned int)(doy - (153 * mp + 2) / 5 + 1);
	month = (unsigned int)(mp < 10 ? mp + 3 : mp - 9);
	year = (unsigned int)(yoe + era * 400) + (month <= 2);

	/* By hand: a printf here would be the dearest part of a log line. */
	clock_digits(out, year, 4, '-');
	clock_digits(out + 5, month, 2, '-');
	clock_digits(out + 8, day, 2, 'T');
	clock_digits(out + 11, tod / 3600, 2, ':');
	clock_digits(out + 14, tod / 60 % 60, 2, ':');
	clock_digits(out + 17, tod % 60, 2, '.');
	clock_digits(out + 20, ms, 3, 'Z');
	out[CLOCK_RFC3339_LEN] = '\0';
}

/* |v| as |n| decimal digits with |end| behind them. */
static void
clock_digits(char *out, unsigned int v, size_t n, char end)
{
	out[n] = end;
	while (n-- > 0) {
		out[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

static int64_t
clock_read(clockid_t id)
{
	struct timespec	ts;

	/* Cannot fail for these two ids; a service without time is useless. */
	if (clock_gettime(id, &ts) != 0)
		abort();
	return ((int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000);
}
