/*
 * feed - calls of /users/sync that wait for a change, the few that may read a
 * page at the same time, and what is known to have no change.
 * A call that waits holds no connection to the database and asks nothing: the
 * notification wakes it, on every worker (triggers send it on the channel
 * identity_feed).  Memory: the request, and a list entry.
 */
#ifndef FEED_H
#define FEED_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "sync_cursor.h"
#include "uuid.h"

struct http_request;

enum feed_place {
	FEED_NOWHERE,
	FEED_QUEUED,		/* wants to read */
	FEED_READING,		/* has a connection, or will have */
	FEED_SENDING,		/* holds what it has read */
	FEED_WAITING		/* for a change, or its time */
};

/* Part of a request's input; the list knows its address. */
struct feed_call {
	TAILQ_ENTRY(feed_call)	 list;
	enum feed_place		 place;
	struct http_request	*req;
	struct uuid		 app;
	/* What feed_now() said before the database was asked. */
	uint64_t		 seen;
	/* Of feed_wait(): the end, monotonic; and a change that is to be read
	 * when no transaction as old as this is running any more; 0: none. */
	int64_t			 until_us;
	int64_t			 waits_for;
	int64_t			 queued_us;
	bool			 is_refused;	/* waited in vain to read */
};

/*
 * Once per worker: how many may read at a time, hold something that was read
 * (reading included), and wait.
 */
void		feed_init(int reading_max, int holding_max, int waiting_max);

/* Moves with each change of the application's feed, on all workers. */
uint64_t	feed_now(const struct uuid *app);
/* Is the line that tells of changes alive? */
bool		feed_is_live(void);

/*
 * A place to read from the database.  True: there is one.  False: |c| is in
 * the queue, and its request is woken when its turn has come, or when it has
 * waited too long (is_refused).
 */
bool		feed_read(struct feed_call *c);
/* From reading to sending. */
void		feed_sending(struct feed_call *c);
/*
 * Waits until something may have changed (c->seen has moved), c->until_us, or
 * the end of this worker; then the request is woken, in FEED_NOWHERE.  False:
 * too many wait already, or it would not have to.
 */
bool		feed_wait(struct feed_call *c);
/* Leaves whatever place |c| has; any number of times. */
void		feed_leave(struct feed_call *c);

/*
 * The place |cur| had no change behind it when feed_now() was |seen|.  Kept in
 * this worker, for a few hundred cursors.
 */
void		feed_idle_put(const struct sync_cursor *cur,
		    const struct uuid *app, uint64_t seen);
/* Is that still so?  False also when it is not known. */
bool		feed_idle(const struct sync_cursor *cur,
		    const struct uuid *app);

/* Every 100 ms. */
void		feed_tick(int64_t mono_us);
/* Wakes all: this worker stops. */
void		feed_drain(void);
/* Calls that wait, for /metrics. */
int		feed_n_waiting(void);

#endif
