/*
 * session_cache - answers of /auth/session, ready to send, in memory shared by
 * all workers.  Bounded; what does not fit is evicted.  Never decides: whether
 * an entry may still be used is told by its stamp (generation.h).
 */
#ifndef SESSION_CACHE_H
#define SESSION_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "generation.h"
#include "uuid.h"

/* Larger answers are not cached.  A slot is 1 KiB with its keys. */
#define SESSION_CACHE_BODY_MAX	880

/* Counters that stood before the row was read. */
struct session_stamp {
	uint64_t	all, session, user, app;
};

struct session_entry {
	struct uuid		sid;
	struct uuid		app;
	struct uuid		user;
	struct session_stamp	stamp;
	int64_t			expires_us;	/* of the session, UTC */
	uint64_t		body_len;
	char			body[SESSION_CACHE_BODY_MAX];
};

struct session_cache;

/* Shared memory for |slots| (rounded up to a multiple of 4).  ERR_NOMEM. */
enum err	session_cache_new(uint32_t slots, struct session_cache **out)
		    MUSTCHECK;
void		session_cache_free(struct session_cache *c);
/* Copies the entry of |sid| if there is one that was not torn by a writer. */
bool		session_cache_get(struct session_cache *c,
		    const struct uuid *sid, struct session_entry *out);
/* Puts or replaces; silently does nothing when another writer is at it. */
void		session_cache_put(struct session_cache *c,
		    const struct session_entry *e);
/* The session, user and app counters of now; user may be NULL (counter 0). */
void		session_stamp_take(const struct generations *g,
		    const struct uuid *sid, const struct uuid *user,
		    const struct uuid *app, struct session_stamp *out);
bool		session_stamp_eq(const struct session_stamp *a,
		    const struct session_stamp *b);
/*
 * True about once in |every_us| for each cached session, for one caller among
 * all workers: time to write last_seen_at.
 */
bool		session_cache_due(struct session_cache *c,
		    const struct uuid *sid, int64_t now_us, int64_t every_us);

#endif
