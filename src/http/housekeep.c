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

struct housekeep_job {
	enum sql_id	 q;
	const char	*what;		/* for the log */
	int64_t		 due_us;	/* 0: not since the start */
};

static void	housekeep_ask(struct housekeep_job *j, int64_t mono_us);
static void	housekeep_done(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

static struct housekeep_job	housekeep_jobs[] = {
	{ SQL_THROTTLE_PURGE,	"old counts",		0 },
	{ SQL_SIGN_IN_PURGE,	"ended sign-ins",	0 },
	{ SQL_TOMBSTONE_PURGE,	"old leavers",		0 },
	{ SQL_IMPORT_PURGE,	"old imports",		0 },
};

void
housekeep_tick(int64_t mono_us)
{
	struct housekeep_job	*j;
	size_t			 i;

	for (i = 0; i < COUNT(housekeep_jobs); i++) {
		j = &housekeep_jobs[i];
		if (j->due_us == 0)
			j->due_us = mono_us + HOUSEKEEP_NEXT_US;
		if (mono_us >= j->due_us)
			housekeep_ask(j, mono_us);
	}
}

static void
housekeep_ask(struct housekeep_job *j, int64_t mono_us)
{
	struct db_params	p = DB_PARAMS_INIT;

	j->due_us = mono_us + HOUSEKEEP_EVERY_US;
	db_i32(&p, HOUSEKEEP_BATCH);
	if (db_send(j->q, &p, housekeep_done, j, NULL) != ERR_OK)
		j->due_us = mono_us + HOUSEKEEP_NEXT_US;
}

static void
housekeep_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct housekeep_job	*j = arg;
	struct db_row		 r;

	(void)constraint;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "%s not removed: %s", j->what,
		    err_text(e));
		return;
	}
	r = db_row_at(res, 0);
	if (db_row_i64(&r, "n") == HOUSEKEEP_BATCH)
		j->due_us = clock_mono_us() + HOUSEKEEP_NEXT_US;
}
