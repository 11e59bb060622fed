/*
 * rnd - random bytes from the kernel.  Must never fall back to anything else.
 */
#include "rnd.h"

#include <sys/random.h>

#include <errno.h>
#include <stdlib.h>

void
rnd_bytes(void *p, size_t len)
{
	uint8_t	*at = p;
	ssize_t	 n;

	while (len > 0) {
		n = getrandom(at, len, 0);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			abort();
		}
		at += n;
		len -= (size_t)n;
	}
}

uint32_t
rnd_below(uint32_t n)
{
	uint32_t	v, min;

	if (n == 0)
		abort();
	/* 2^32 mod n: values below it would favour the small results. */
	min = (uint32_t)(0 - n) % n;
	do {
		rnd_bytes(&v, sizeof(v));
	} while (v < min);
	return (v % n);
}
