/*
 * generation - see generation.h.  Owns the shared counters; knows nothing of
 * what is cached.
 */
#include "generation.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

/* 64 bits: a counter never comes back to an old value.  512 KiB. */
#define GENERATION_SLOTS	65536u

struct generations {
	_Atomic uint64_t	all;
	_Atomic int64_t		heard_us;
	_Atomic uint64_t	slot[GENERATION_SLOTS];
};

static uint32_t	generation_slot(enum generation_kind k, const void *id,
		    size_t len);

enum err
generations_new(struct generations **out)
{
	void	*p;

	p = mmap(NULL, sizeof(struct generations), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	*out = p;
	return (ERR_OK);
}

void
generations_free(struct generations *g)
{
	if (g != NULL)
		(void)munmap(g, sizeof(*g));
}

uint64_t
generation_of(const struct generations *g, enum generation_kind k,
    const void *id, size_t len)
{
	return (atomic_load_explicit(&g->slot[generation_slot(k, id, len)],
	    memory_order_acquire));
}

void
generation_bump(struct generations *g, enum generation_kind k, const void *id,
    size_t len)
{
	atomic_fetch_add_explicit(&g->slot[generation_slot(k, id, len)], 1,
	    memory_order_acq_rel);
}

void
generation_bump_all(struct generations *g)
{
	atomic_fetch_add_explicit(&g->all, 1, memory_order_acq_rel);
}

uint64_t
generation_all(const struct generations *g)
{
	return (atomic_load_explicit(&g->all, memory_order_acquire));
}

void
generation_notified(struct generations *g, const char *payload)
{
	struct uuid	u;
	size_t		len = strlen(payload);

	if (strcmp(payload, "g") == 0) {
		generation_bump(g, GENERATION_PLATFORM, NULL, 0);
	} else if (len > 2 && payload[0] == 'k' && payload[1] == ':') {
		generation_bump(g, GENERATION_KEY, payload + 2, len - 2);
	} else if (len > 2 && payload[1] == ':' &&
	    strchr("usa", payload[0]) != NULL &&
	    uuid_parse(payload + 2, len - 2, &u) == ERR_OK) {
		generation_bump(g, (enum generation_kind)payload[0], u.b,
		    sizeof(u.b));
	} else
		generation_bump_all(g);
}

void
generation_heard(struct generations *g, int64_t mono_us)
{
	atomic_store_explicit(&g->heard_us, mono_us, memory_order_release);
}

bool
generation_is_fresh(const struct generations *g, int64_t mono_us)
{
	int64_t	heard = atomic_load_explicit(&g->heard_us,
		    memory_order_acquire);

	return (heard != 0 && mono_us - heard < GENERATION_LEASE_US);
}

/* FNV-1a: the ids are random already, and nobody gains by a collision. */
static uint32_t
generation_slot(enum generation_kind k, const void *id, size_t len)
{
	const uint8_t	*p = id;
	uint64_t	 h = UINT64_C(14695981039346656037);
	size_t		 i;

	h = (h ^ (uint8_t)k) * UINT64_C(1099511628211);
	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return ((uint32_t)((h ^ (h >> 32)) % GENERATION_SLOTS));
}
