/*
 * db_run - one statement on one slot, through Kore's pgsql.  For src/db alone.
 */
#ifndef DB_RUN_H
#define DB_RUN_H

#include "db_slot.h"

/*
 * Sends |q| on the idle |s|.  False: the connection was bad, is discarded, and
 * |q| was not sent.
 */
bool	db_run_send(struct db_slot *s, struct db_query *q, int64_t now_us);
/* Something happened on the connection of |s|, idle or busy. */
void	db_run_ready(struct db_slot *s);
/* Gives up the running query and its connection. */
void	db_run_abandon(struct db_slot *s, enum err e, const char *why);

#endif
