/*
 * housekeep - see housekeep.h.
 */
#include "housekeep.h"

#include "clock.h"
#include "db.h"
#include "log.h"

#define HOUSEKEEP_EVERY_US	(600 * US_PER_S)
/* After a full batch the next one follows at once. */
#define HOUSEKEEP_NEXT_US	US_PER_S
#define HOUSEKEEP_BATCH		2000

static void	housekeep_done(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

static int64_t	housekeep_due_us;	/* 0: not since the start */

void
housekeep_tick(int64_t mono_us)
{
	struct db_params	p = DB_PARAMS_INIT;

	if (housekeep_due_us == 0)
		housekeep_due_us = mono_us + HOUSEKEEP_NEXT_US;
	if (mono_us < housekeep_due_us)
		return;
	housekeep_due_us = mono_us + HOUSEKEEP_EVERY_US;
	db_i32(&p, HOUSEKEEP_BATCH);
	if (db_send(SQL_THROTTLE_PURGE, &p, housekeep_done, NULL, NULL) !=
	    ERR_OK)
		housekeep_due_us = mono_us + HOUSEKEEP_NEXT_US;
}

static void
housekeep_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	r;

	(void)arg;
	(void)constraint;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "old counts not removed: %s",
		    err_text(e));
		return;
	}
	r = db_row_at(res, 0);
	if (db_row_i64(&r, "n") == HOUSEKEEP_BATCH)
		housekeep_due_us = clock_mono_us() + HOUSEKEEP_NEXT_US;
}
