/*
 * money - see money.h.
 */
#include "money.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MONEY_DIGITS_MAX	18	/* fit into an int64_t */
#define MONEY_EXP_MAX		99
#define MONEY_PLACES		6

/* Digits as one number, and how many of them are behind the point. */
struct money_digits {
	int64_t	n;
	int	count;		/* without leading zeros */
	int	places;
	bool	has_any, has_rest;	/* of digits that are not in |n| */
};

static size_t	money_digits(const char *s, size_t len,
		    struct money_digits *d);
static bool	money_exponent(const char *s, size_t len, int *out);
static enum err	money_scale(const struct money_digits *d, int exp,
		    int64_t *out);

enum err
money_parse(const char *s, size_t len, enum money_unit unit, int64_t *out)
{
	struct money_digits	d = { 0, 0, 0, false, false };
	size_t			n;
	int			exp = 0;

	if (len > 0 && (s[0] == '-' || s[0] == '+')) {
		s++;
		len--;
	}
	n = money_digits(s, len, &d);
	if (!d.has_any || !money_exponent(s + n, len - n, &exp))
		return (ERR_FORMAT);
	return (money_scale(&d, exp - d.places + MONEY_PLACES - (int)unit,
	    out));
}

void
money_text(int64_t n, char out[MONEY_TEXT_LEN + 1])
{
	size_t	len;

	(void)snprintf(out, MONEY_TEXT_LEN + 1, "%lld.%06lld",
	    (long long)(n / 1000000), (long long)(n % 1000000));
	for (len = strlen(out); out[len - 1] == '0' && out[len - 3] != '.';
	    len--)
		out[len - 1] = '\0';
}

/* Bytes taken; those that are too fine to count are looked at, not kept. */
static size_t
money_digits(const char *s, size_t len, struct money_digits *d)
{
	bool	is_behind = false;
	size_t	i;

	for (i = 0; i < len; i++) {
		if (s[i] == '.' && !is_behind) {
			is_behind = true;
			continue;
		}
		if (s[i] < '0' || s[i] > '9')
			break;
		d->has_any = true;
		if (d->count < MONEY_DIGITS_MAX) {
			d->n = d->n * 10 + (s[i] - '0');
			d->count += d->count > 0 || s[i] != '0';
			d->places += is_behind;
			continue;
		}
		d->has_rest = d->has_rest || s[i] != '0';
		d->places -= !is_behind;
	}
	return (i);
}

/* Nothing, or "e-05". */
static bool
money_exponent(const char *s, size_t len, int *out)
{
	bool	is_minus;
	size_t	i = 1;
	int	n = 0;

	*out = 0;
	if (len == 0)
		return (true);
	if (s[0] != 'e' && s[0] != 'E')
		return (false);
	is_minus = len > 1 && s[1] == '-';
	i += len > 1 && (s[1] == '-' || s[1] == '+');
	if (i == len)
		return (false);
	for (; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return (false);
		if ((n = n * 10 + (s[i] - '0')) > MONEY_EXP_MAX)
			return (false);
	}
	*out = is_minus ? -n : n;
	return (true);
}

static enum err
money_scale(const struct money_digits *d, int exp, int64_t *out)
{
	int64_t	n = d->n;
	bool	has_rest = d->has_rest;

	for (; exp > 0 && n != 0; exp--) {
		if (n > MONEY_MAX / 10)
			return (ERR_RANGE);
		n *= 10;
	}
	for (; exp < 0 && n != 0; exp++) {
		has_rest = has_rest || n % 10 != 0;
		n /= 10;
	}
	n += has_rest;
	if (n > MONEY_MAX)
		return (ERR_RANGE);
	*out = n;
	return (ERR_OK);
}
