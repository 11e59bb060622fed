/*
 * db_slot - the connections of this worker.  For src/db alone.
 * A slot is one connection at most, and one database name of Kore's pgsql
 * ("identity.3"), so that Kore's pool for that name is exactly this slot.
 */
#ifndef DB_SLOT_H
#define DB_SLOT_H

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/pgsql.h>

#include <stdbool.h>
#include <stdint.h>

#include "db_link.h"
#include "db_query.h"

#define DB_SLOTS_MAX	64

enum db_slot_state {
	DB_SLOT_DOWN,		/* waits for retry_us */
	DB_SLOT_OPENING,	/* the link resolves or connects */
	DB_SLOT_IDLE,		/* in Kore's free list */
	DB_SLOT_BUSY		/* runs |query| */
};

/* What the server does for |query| at the moment. */
enum db_slot_step {
	DB_STEP_LIMIT,		/* sets limit_ms */
	DB_STEP_PREPARE,
	DB_STEP_STATEMENT
};

struct db_slot {
	struct db_link		 link;		/* must be first */
	enum db_slot_state	 state;
	char			 name[24];	/* Kore's name for it */
	struct pgsql_conn	*conn;		/* Kore's; IDLE, BUSY */
	struct kore_pgsql	 sql;		/* of |query| */
	struct db_query		*query;		/* BUSY */
	PGresult		*result;	/* of |query|, so far */
	int			 limit_ms;	/* statement_timeout of now */
	int64_t			 heard_us;	/* when it answered last */
	int64_t			 hard_us;	/* BUSY: when to give it up */
	int64_t			 retry_us;	/* DOWN */
	int			 failures;	/* in a row */
	enum db_slot_step	 step;		/* BUSY */
	bool			 is_prepared[SQL_MAX];
	bool			 is_outdated;	/* BUSY: not to be used again */
	bool			 is_offered;	/* to PQconnectdb(), db_wrap.c */
};

enum err	db_slot_init(const struct db_settings *s) MUSTCHECK;
void		db_slot_shutdown(void);
int		db_slot_count(void);
struct db_slot	*db_slot_get(int i);
/* A connection on which nothing runs, or NULL. */
struct db_slot	*db_slot_idle(void);
/* Connects what is down, gives up what takes too long. */
void		db_slot_tick(int64_t now_us);
void		db_slot_set(struct db_slot *s, enum db_slot_state state);
/* Closes the connection, whatever its state; |s->query| must be NULL. */
void		db_slot_discard(struct db_slot *s, const char *why);
/*
 * The schema changed under the prepared statements of one connection, and so
 * under all: idle ones are closed, busy ones when their statement ends.
 */
void		db_slot_outdate(void);
/* Connections that are idle or busy. */
int		db_slot_n_up(void);
/* When the last of them was lost, or db_slot_init(). */
int64_t		db_slot_down_us(void);

#endif
