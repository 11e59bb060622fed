/*
 * db - one statement at a time on Kore's asynchronous pgsql.
 * Owns the connections of a worker (opened without blocking; a statement of
 * sql/queries is prepared on one when it first runs there), the queue in front
 * of them and the deadline of each query.  A query is an object of this module
 * and outlives the request that asked: a client that leaves cancels only the
 * callback.
 * A statement that certainly had no effect (its session was ended on request
 * or before it was sent, it was picked to end a deadlock, or its prepared form
 * is outdated) runs once more; nothing else does.
 */
#ifndef DB_H
#define DB_H

#include <stdbool.h>
#include <stdint.h>

#include "db_param.h"
#include "db_row.h"
#include "err.h"
#include "sql.h"

struct db_query;

/*
 * Called once, from the event loop, never from inside db_send().  |e| is
 * ERR_OK (|res| has the rows, valid during the call) or why not: ERR_DB_DOWN,
 * ERR_TIMEOUT, ERR_EXISTS, ERR_CONSTRAINT, ERR_CONFLICT, ERR_DB.
 * |constraint|: name of the violated constraint, or the P0001 message text,
 * or "".
 */
typedef void (*db_done_fn)(void *arg, enum err e, const struct db_result *res,
    const char *constraint);

/* A statement has ended, well or not, |us| after db_send(). */
typedef void (*db_observe_fn)(enum sql_id id, int64_t us);

struct db_settings {
	const char	*conninfo;	/* libpq URI or keywords */
	int		 pool_size;	/* connections of this worker */
	int		 queue_max;	/* waiting queries; beyond: ERR_BUSY */
	int		 query_ms;	/* of a query, waiting included;
					 * unless it has its own (sql.h) */
	int		 connect_ms;
	db_observe_fn	 observe;	/* or NULL */
};

/* In the worker, once, from kore_worker_configure. */
enum err	db_init(const struct db_settings *s) MUSTCHECK;
/* Finishes nothing, closes everything. */
void		db_shutdown(void);
/*
 * Sends statement |q| with |p| (taken over and cleared, on failure too).
 * |*out| (may be NULL) is valid until |done| was called or db_cancel().
 * ERR_BUSY: queue full.  ERR_DB_DOWN: no connection for over 1 s.
 */
enum err	db_send(enum sql_id q, struct db_params *p, db_done_fn done,
		    void *arg, struct db_query **out) MUSTCHECK;
/*
 * The asker is gone: |done| will not be called; the statement runs on.
 * |q| may be NULL.
 */
void		db_cancel(struct db_query *q);
/* At least one connection is ready. */
bool		db_is_up(void);
/* For /readyz, /metrics: ready, busy, waiting. */
void		db_stats(int *ready, int *busy, int *waiting);

#endif
