/*
 * money - amounts as whole millionths of a unit, as the price table has them:
 * never floating point, which has no 0.1.
 */
#ifndef MONEY_H
#define MONEY_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define MONEY_MAX	INT64_C(999999999999999)

/* What 1 stands for in an amount: as many places behind the point. */
enum money_unit {
	MONEY_UNIT = 0, MONEY_HUNDREDTH = 2, MONEY_THOUSANDTH = 3,
	MONEY_MILLIONTH = 6
};

/*
 * Reads a decimal number, "12", "0.0075", "-1.5", "7.5e-05", of |len| bytes.
 * A sign is dropped: some book what they charge as a debit.  What is finer
 * than a millionth is rounded up.  ERR_FORMAT; ERR_RANGE: over MONEY_MAX.
 */
enum err	money_parse(const char *s, size_t len, enum money_unit unit,
		    int64_t *out) MUSTCHECK;
/* "12.00", "0.0075": two places, up to six where they say something. */
#define MONEY_TEXT_LEN	24
void		money_text(int64_t n, char out[MONEY_TEXT_LEN + 1]);

#endif
