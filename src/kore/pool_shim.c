/*
 * pool_shim - keeps Kore from making its pools as large as they could ever
 * become.  Kore gives each one room for every connection that a worker may
 * have (http.c:207, net.c:41, connection.c:43), and touches all of it: 9 MiB
 * a worker before the first request.  A pool grows by itself (pool.c:85-89), by
 * a quarter of what it began with.  Link wrap (T1 of docs/kore.md).
 */
#include <sys/param.h>

#include <kore/kore.h>

/* A pool begins with this many bytes; what outgrows it comes in quarters. */
#define POOL_SHIM_BYTES		(256 * 1024)

void	__real_kore_pool_init(struct kore_pool *pool, const char *name,
	    size_t len, size_t elm);
void	__wrap_kore_pool_init(struct kore_pool *pool, const char *name,
	    size_t len, size_t elm);

void
__wrap_kore_pool_init(struct kore_pool *pool, const char *name, size_t len,
    size_t elm)
{
	size_t	begin;

	/* At least 16: Kore's own minimum (pool.c:25). */
	begin = MAX(POOL_SHIM_BYTES / (len + sizeof(struct kore_pool_entry)),
	    (size_t)16);
	__real_kore_pool_init(pool, name, len, MIN(elm, begin));
}
