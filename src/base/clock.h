/*
 * clock - the only reader of time.  Unit tests may set it.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define US_PER_S		INT64_C(1000000)
#define US_PER_MS		INT64_C(1000)
/* "2026-11-23T20:15:00.123Z" */
#define CLOCK_RFC3339_LEN	24

/* UTC in microseconds since 1970. */
int64_t		clock_us(void);
/* Monotonic microseconds, for deadlines and durations. */
int64_t		clock_mono_us(void);
/* Processor time of this process, all threads, in microseconds. */
int64_t		clock_cpu_us(void);
/* Fixes clock_us() at |us| for a test; 0 gives real time back. */
void		clock_set(int64_t us);
/* RFC 3339 in UTC with milliseconds and a NUL; years 1970-9999 (clamped). */
void		clock_format(int64_t us, char out[CLOCK_RFC3339_LEN + 1]);

#endif
