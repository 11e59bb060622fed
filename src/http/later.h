/*
 * later - statements that are sent a random moment after the answer.
 * What a statement costs then shows neither in the time of its own answer nor
 * in that of the next request.  Owns the parameters until they are sent; they
 * wait in this worker's memory, LATER_SPREAD_MS and a tick at most, longer
 * only while the database is away.
 */
#ifndef LATER_H
#define LATER_H

#include <stdint.h>

#include "db_param.h"
#include "err.h"
#include "sql.h"

#define LATER_MAX	512	/* waiting in a worker */
#define LATER_SPREAD_MS	200
#define LATER_KEPT_S	30	/* tried again so long, then logged */

/*
 * Takes |p| over and clears it, on failure too.  ERR_BUSY: too many wait.
 * ERR_DB_DOWN: no connection now.  Else what |p| could not hold.
 */
enum err	later_send(enum sql_id q, struct db_params *p) MUSTCHECK;
/* Sends what is due; often, from the worker's timer.  |now|: clock_mono_us. */
void		later_tick(int64_t now);
/* The worker is about to end: everything is due. */
void		later_drain(void);
/* How many wait or are under way: a worker does not end before they are 0. */
int		later_busy(void);

#endif
