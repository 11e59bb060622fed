/*
 * throttle - see throttle.h.  A set-associative table; a slot is one word: a
 * tag of 28 bits and the subject's theoretical arrival time (as in budget.c)
 * in 36 bits of 8 ms since the start, so that one compare-and-swap changes
 * both.  Two subjects share a count when set and tag agree: 1 in 2^28 a slot.
 */
#include "throttle.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "rnd.h"

#define THROTTLE_SETS		4096
#define THROTTLE_WAYS		8
#define THROTTLE_UNIT_US	8000
#define THROTTLE_TAG_SHIFT	36
#define THROTTLE_TIME_MASK	((UINT64_C(1) << THROTTLE_TAG_SHIFT) - 1)
#define THROTTLE_ID_MAX		64

struct throttle {
	uint8_t			salt[16];	/* nobody can aim at a set */
	int64_t			start_us;
	_Atomic uint64_t	slot[THROTTLE_SETS][THROTTLE_WAYS];
};

/* Where a subject is, or would be. */
struct throttle_place {
	_Atomic uint64_t	*slot;
	uint64_t		 seen;		/* its word */
	bool			 is_ours;
};

static uint64_t	throttle_hash(const struct throttle *t,
		    const struct throttle_subject *s);
static void	throttle_find(struct throttle *t, uint64_t hash,
		    struct throttle_place *out);
static int64_t	throttle_units(const struct throttle *t, int64_t mono_us);
static int64_t	throttle_step(int32_t max);

enum err
throttle_new(struct throttle **out)
{
	struct throttle	*t;

	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		return (ERR_NOMEM);
	rnd_bytes(t->salt, sizeof(t->salt));
	/* A window earlier, so that no time is negative. */
	t->start_us = clock_mono_us() - THROTTLE_WINDOW_US;
	*out = t;
	return (ERR_OK);
}

void
throttle_free(struct throttle *t)
{
	if (t != NULL)
		(void)munmap(t, sizeof(*t));
}

int
throttle_take(struct throttle *t, const struct throttle_subject *s,
    int64_t mono_us)
{
	struct throttle_place	 p;
	uint64_t		 hash;
	int64_t			 now, step, tat, over;

	if (s->max <= 0)
		return (0);
	hash = throttle_hash(t, s);
	now = throttle_units(t, mono_us);
	step = throttle_step(s->max);
	do {
		throttle_find(t, hash, &p);
		tat = p.is_ours ? (int64_t)(p.seen & THROTTLE_TIME_MASK) : now;
		if (tat < now)
			tat = now;
		tat += step;
		over = tat - now - step * s->max;
		if (over > 0)
			return ((int)((over * THROTTLE_UNIT_US + US_PER_S - 1) /
			    US_PER_S));
	} while (!atomic_compare_exchange_weak(p.slot, &p.seen,
	    (hash & ~THROTTLE_TIME_MASK) | (uint64_t)tat));
	return (0);
}

void
throttle_give(struct throttle *t, const struct throttle_subject *s)
{
	struct throttle_place	 p;
	uint64_t		 hash;
	int64_t			 tat;

	if (s->max <= 0)
		return;
	hash = throttle_hash(t, s);
	do {
		throttle_find(t, hash, &p);
		if (!p.is_ours)		/* forgotten meanwhile */
			return;
		tat = (int64_t)(p.seen & THROTTLE_TIME_MASK) -
		    throttle_step(s->max);
		if (tat < 0)
			tat = 0;
	} while (!atomic_compare_exchange_weak(p.slot, &p.seen,
	    (hash & ~THROTTLE_TIME_MASK) | (uint64_t)tat));
}

size_t
throttle_address(const struct ip *a, uint8_t out[16])
{
	size_t	len = ip_is_v4(a) ? 16 : 8;

	memcpy(out, a->b, len);
	return (len);
}

/* The low bits, where the time is, choose the set; the high are the tag. */
static uint64_t
throttle_hash(const struct throttle *t, const struct throttle_subject *s)
{
	uint8_t		text[sizeof(t->salt) + 1 + THROTTLE_ID_MAX];
	uint8_t		mac[SHA256_LEN];
	uint64_t	h;
	size_t		len = s->len;

	if (len > THROTTLE_ID_MAX)
		len = THROTTLE_ID_MAX;
	memcpy(text, t->salt, sizeof(t->salt));
	text[sizeof(t->salt)] = (uint8_t)s->kind;
	memcpy(text + sizeof(t->salt) + 1, s->id, len);
	sha256_of(text, sizeof(t->salt) + 1 + len, mac);
	memcpy(&h, mac, sizeof(h));
	if ((h >> THROTTLE_TAG_SHIFT) == 0)	/* an empty slot's */
		h |= UINT64_C(1) << THROTTLE_TAG_SHIFT;
	return (h);
}

/* The subject's slot, or the one of its set whose count ends first. */
static void
throttle_find(struct throttle *t, uint64_t hash, struct throttle_place *out)
{
	_Atomic uint64_t	*set = t->slot[hash % THROTTLE_SETS];
	uint64_t		 w, least = UINT64_MAX;
	int			 i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < THROTTLE_WAYS; i++) {
		w = atomic_load(&set[i]);
		if (w >> THROTTLE_TAG_SHIFT == hash >> THROTTLE_TAG_SHIFT) {
			out->slot = &set[i];
			out->seen = w;
			out->is_ours = true;
			return;
		}
		if (out->slot == NULL || (w & THROTTLE_TIME_MASK) < least) {
			least = w & THROTTLE_TIME_MASK;
			out->slot = &set[i];
			out->seen = w;
		}
	}
}

static int64_t
throttle_units(const struct throttle *t, int64_t mono_us)
{
	int64_t	us = mono_us - t->start_us;

	return (us > 0 ? us / THROTTLE_UNIT_US : 0);
}

/* Time that one failure takes to be forgotten. */
static int64_t
throttle_step(int32_t max)
{
	int64_t	step = THROTTLE_WINDOW_US / THROTTLE_UNIT_US / max;

	return (step > 0 ? step : 1);
}
