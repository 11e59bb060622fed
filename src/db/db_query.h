/*
 * db_query - a statement that was asked for, and the queue it waits in.  For
 * src/db alone.
 */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "db.h"

struct db_query {
	TAILQ_ENTRY(db_query)	 next;		/* while it waits */
	enum sql_id		 id;
	struct db_params	 p;
	db_done_fn		 done;		/* NULL: nobody asks any more */
	void			*arg;
	int64_t			 asked_us;
	int64_t			 deadline_us;	/* of the answer to |done| */
	int			 ms;		/* how long it may run */
	bool			 is_retried;
};

/* Answers |q| and frees it; |res| (may be NULL) stays the caller's. */
void	db_query_end(struct db_query *q, enum err e, const PGresult *res,
	    const char *constraint);
/*
 * It certainly had no effect: to the head of the queue, once.  False: this was
 * done before, or its time is up; |q| is still the caller's.
 */
bool	db_query_again(struct db_query *q);
/* A connection may be free: sends what waits. */
void	db_query_pump(void);

#endif
