/*
 * session_cache - see session_cache.h.
 * Four-way sets of slots; each slot is guarded by a sequence lock whose data
 * words are atomics, so a reader that loses the race sees it and misses.
 */
#include "session_cache.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#include "rnd.h"

#define SESSION_CACHE_WAYS	4
#define SESSION_CACHE_WORDS	((sizeof(struct session_entry) + 7) / 8)
/* sid is the first field of the entry: two words. */
#define SESSION_CACHE_SID_WORDS	2

struct session_slot {
	_Atomic uint64_t	seq;		/* odd: being written */
	_Atomic int64_t		touched_us;	/* last_seen_at written then */
	_Atomic uint64_t	w[SESSION_CACHE_WORDS];
};

struct session_cache {
	uint32_t		sets;
	size_t			bytes;		/* of the mapping */
	struct session_slot	slot[];
};

_Static_assert(sizeof(struct session_slot) <= 1024, "a slot is 1 KiB");

static struct session_slot	*session_cache_set(struct session_cache *c,
				    const struct uuid *sid);
static struct session_slot	*session_cache_find(struct session_cache *c,
				    const struct uuid *sid);
static bool			 session_slot_has(struct session_slot *s,
				    const struct uuid *sid);

enum err
session_cache_new(uint32_t slots, struct session_cache **out)
{
	struct session_cache	*c;
	uint32_t		 sets;
	size_t			 bytes;

	sets = (slots + SESSION_CACHE_WAYS - 1) / SESSION_CACHE_WAYS;
	if (sets == 0)
		sets = 1;
	bytes = sizeof(*c) + (size_t)sets * SESSION_CACHE_WAYS *
	    sizeof(struct session_slot);
	c = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return (ERR_NOMEM);
	c->sets = sets;
	c->bytes = bytes;
	*out = c;
	return (ERR_OK);
}

void
session_cache_free(struct session_cache *c)
{
	if (c != NULL)
		(void)munmap(c, c->bytes);
}

bool
session_cache_get(struct session_cache *c, const struct uuid *sid,
    struct session_entry *out)
{
	struct session_slot	*s;
	uint64_t		 seq, w[SESSION_CACHE_WORDS];
	size_t			 i;

	if ((s = session_cache_find(c, sid)) == NULL)
		return (false);
	seq = atomic_load_explicit(&s->seq, memory_order_acquire);
	if (seq & 1)
		return (false);
	for (i = 0; i < SESSION_CACHE_WORDS; i++)
		w[i] = atomic_load_explicit(&s->w[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&s->seq, memory_order_relaxed) != seq)
		return (false);

	memcpy(out, w, sizeof(*out));
	return (memcmp(&out->sid, sid, sizeof(*sid)) == 0 &&
	    out->body_len <= SESSION_CACHE_BODY_MAX);
}

void
session_cache_put(struct session_cache *c, const struct session_entry *e)
{
	struct session_slot	*s;
	uint64_t		 seq, w[SESSION_CACHE_WORDS];
	size_t			 i;

	if ((s = session_cache_find(c, &e->sid)) == NULL) {
		s = session_cache_set(c, &e->sid);
		for (i = 0; i < SESSION_CACHE_WAYS; i++) {
			if (atomic_load(&s[i].seq) == 0)
				break;
		}
		if (i == SESSION_CACHE_WAYS)
			i = rnd_below(SESSION_CACHE_WAYS);
		s = &s[i];
	}

	seq = atomic_load_explicit(&s->seq, memory_order_relaxed);
	if ((seq & 1) || !atomic_compare_exchange_strong_explicit(&s->seq,
	    &seq, seq + 1, memory_order_acquire, memory_order_relaxed))
		return;
	atomic_thread_fence(memory_order_release);
	memset(w, 0, sizeof(w));
	memcpy(w, e, sizeof(*e));
	for (i = 0; i < SESSION_CACHE_WORDS; i++)
		atomic_store_explicit(&s->w[i], w[i], memory_order_relaxed);
	atomic_store_explicit(&s->seq, seq + 2, memory_order_release);
}

void
session_stamp_take(const struct generations *g, const struct uuid *sid,
    const struct uuid *user, const struct uuid *app,
    struct session_stamp *out)
{
	out->all = generation_all(g);
	out->session = generation_of(g, GENERATION_SESSION, sid->b,
	    sizeof(sid->b));
	out->user = user == NULL ? 0 : generation_of(g, GENERATION_USER,
	    user->b, sizeof(user->b));
	out->app = generation_of(g, GENERATION_APP, app->b, sizeof(app->b));
}

bool
session_stamp_eq(const struct session_stamp *a, const struct session_stamp *b)
{
	return (a->all == b->all && a->session == b->session &&
	    a->user == b->user && a->app == b->app);
}

bool
session_cache_due(struct session_cache *c, const struct uuid *sid,
    int64_t now_us, int64_t every_us)
{
	struct session_slot	*s;
	int64_t			 last;

	if ((s = session_cache_find(c, sid)) == NULL)
		return (false);
	last = atomic_load_explicit(&s->touched_us, memory_order_relaxed);
	if (now_us - last < every_us)
		return (false);
	return (atomic_compare_exchange_strong_explicit(&s->touched_us, &last,
	    now_us, memory_order_relaxed, memory_order_relaxed));
}

/* Bytes 8..15 of a version 7 id are random. */
static struct session_slot *
session_cache_set(struct session_cache *c, const struct uuid *sid)
{
	uint64_t	h;

	memcpy(&h, sid->b + 8, sizeof(h));
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (&c->slot[(h >> 32) % c->sets * SESSION_CACHE_WAYS]);
}

static struct session_slot *
session_cache_find(struct session_cache *c, const struct uuid *sid)
{
	struct session_slot	*s = session_cache_set(c, sid);
	int			 i;

	for (i = 0; i < SESSION_CACHE_WAYS; i++) {
		if (session_slot_has(&s[i], sid))
			return (&s[i]);
	}
	return (NULL);
}

/* A hint only: the reader checks again under the sequence lock. */
static bool
session_slot_has(struct session_slot *s, const struct uuid *sid)
{
	uint64_t	w[SESSION_CACHE_SID_WORDS];
	int		i;

	memcpy(w, sid->b, sizeof(w));
	for (i = 0; i < SESSION_CACHE_SID_WORDS; i++) {
		if (atomic_load_explicit(&s->w[i], memory_order_relaxed) !=
		    w[i])
			return (false);
	}
	return (true);
}
