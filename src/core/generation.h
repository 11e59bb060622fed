/*
 * generation - how every worker learns at once that something cached is old.
 * A table of counters in memory shared by all workers; a cached copy carries
 * the counters that stood before it was read from the database and is good
 * only while they have not moved.  Whoever changes something moves the
 * counters before it answers, so the very next call on any worker sees it;
 * other nodes are told by NOTIFY.  Two things may share a counter: that costs
 * a miss, never a stale answer.
 */
#ifndef GENERATION_H
#define GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

/* Caches may be used for this long after the last sign of life of the
 * notification line: api.md's "within a second, on every node". */
#define GENERATION_LEASE_US	(900 * INT64_C(1000))

enum generation_kind {
	GENERATION_USER = 'u',
	GENERATION_SESSION = 's',
	GENERATION_APP = 'a',
	GENERATION_KEY = 'k',
	GENERATION_PLATFORM = 'g',
	GENERATION_FEED = 'f'		/* of an application, or of any */
};

struct generations;

/* Shared anonymous memory; call before workers are forked.  ERR_NOMEM. */
enum err	generations_new(struct generations **out) MUSTCHECK;
void		generations_free(struct generations *g);
/* Counter of one thing; |id| as in a notification: a UUID's 16 bytes, a key
 * id's characters, or nothing (GENERATION_PLATFORM). */
uint64_t	generation_of(const struct generations *g,
		    enum generation_kind k, const void *id, size_t len);
void		generation_bump(struct generations *g, enum generation_kind k,
		    const void *id, size_t len);
/* Everything cached is old. */
void		generation_bump_all(struct generations *g);
/* Moved by generation_bump_all only. */
uint64_t	generation_all(const struct generations *g);
/*
 * Acts on a notification payload: "u:<uuid>", "s:<uuid>", "a:<uuid>",
 * "k:<key id>", "g" or "*"; anything else counts as "*".
 */
void		generation_notified(struct generations *g,
		    const char *payload);
/* The notification line was alive at |mono_us|. */
void		generation_heard(struct generations *g, int64_t mono_us);
/* May caches be used at |mono_us|? */
bool		generation_is_fresh(const struct generations *g,
		    int64_t mono_us);

#endif
