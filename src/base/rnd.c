/*
 * rnd - random bytes from the kernel.  Must never fall back to anything else.
 * Owns a small pool for each thread, out of which ids are cut: a system call
 * for each would be a tenth of the work of a request.  What is longer than an
 * id is a secret and comes straight from the kernel.
 */
#include "rnd.h"

#include <sys/random.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define RND_POOL_LEN	256
#define RND_ID_LEN	16	/* a UUID */

struct rnd_pool {
	uint8_t		b[RND_POOL_LEN];
	size_t		n_left;		/* at the end of |b|, not handed out */
	unsigned int	n_forks;	/* of the process that filled it */
};

/* The pool of this thread. */
static _Thread_local struct rnd_pool	rnd_pool;
/* Raised in the child of each fork, which must not repeat its parent. */
static unsigned int			rnd_n_forks;
/* Guards the registration with fork(2). */
static pthread_once_t			rnd_once = PTHREAD_ONCE_INIT;

static void	rnd_kernel(void *p, size_t len);
static void	rnd_watch_forks(void);
static void	rnd_forked(void);

void
rnd_bytes(void *p, size_t len)
{
	struct rnd_pool	*pool = &rnd_pool;
	uint8_t		*at;

	if (len > RND_ID_LEN) {
		rnd_kernel(p, len);
		return;
	}
	if (pthread_once(&rnd_once, rnd_watch_forks) != 0)
		abort();
	if (pool->n_left < len || pool->n_forks != rnd_n_forks) {
		rnd_kernel(pool->b, sizeof(pool->b));
		pool->n_left = sizeof(pool->b);
		pool->n_forks = rnd_n_forks;
	}
	at = pool->b + sizeof(pool->b) - pool->n_left;
	if (len > 0)
		memcpy(p, at, len);
	mem_wipe(at, len);
	pool->n_left -= len;
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

static void
rnd_kernel(void *p, size_t len)
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

static void
rnd_watch_forks(void)
{
	if (pthread_atfork(NULL, NULL, rnd_forked) != 0)
		abort();
}

static void
rnd_forked(void)
{
	rnd_n_forks++;
}
