/*
 * rnd - getrandom(2), or abort: no caller ever continues with bad randomness.
 */
#ifndef RND_H
#define RND_H

#include <stddef.h>
#include <stdint.h>

/* More than 16 bytes come straight from the kernel, ids from a pool of it. */
void		rnd_bytes(void *p, size_t len);
/* Uniform in [0, n), n > 0, by rejection. */
uint32_t	rnd_below(uint32_t n);

#endif
