/*
 * later - see later.h.
 */
#include "later.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "log.h"
#include "rnd.h"

struct later_job {
	enum sql_id		 q;
	int64_t			 due;		/* clock_mono_us */
	int64_t			 until;		/* no try after that */
	struct db_params	 p;
};

static bool	later_try(struct later_job *j, int64_t now);
static void	later_done(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);

static struct later_job	later_jobs[LATER_MAX];	/* of this worker */
static int		later_n;
static int		later_under_way;

enum err
later_send(enum sql_id q, struct db_params *p)
{
	struct later_job	*j;
	enum err		 e = ERR_OK;

	if (p->err != ERR_OK)
		e = p->err;
	else if (!db_is_up())
		e = ERR_DB_DOWN;
	else if (later_n == LATER_MAX)
		e = ERR_BUSY;
	if (e != ERR_OK) {
		db_params_clear(p);
		return (e);
	}
	j = &later_jobs[later_n++];
	j->q = q;
	j->due = clock_mono_us() +
	    (int64_t)rnd_below(LATER_SPREAD_MS * US_PER_MS);
	j->until = j->due + LATER_KEPT_S * US_PER_S;
	j->p = *p;
	memset(p, 0, sizeof(*p));
	return (ERR_OK);
}

void
later_tick(int64_t now)
{
	int	i;

	for (i = 0; i < later_n; ) {
		if (later_jobs[i].due > now || !later_try(&later_jobs[i], now))
			i++;
		else
			later_jobs[i] = later_jobs[--later_n];
	}
}

void
later_drain(void)
{
	later_tick(INT64_MAX - 1);
}

int
later_busy(void)
{
	return (later_n + later_under_way);
}

/* True: the job is out of the table, sent or given up. */
static bool
later_try(struct later_job *j, int64_t now)
{
	enum err	e;

	if (!db_is_up() && now < j->until)
		return (false);
	if ((e = db_send(j->q, &j->p, later_done,
	    (void *)(uintptr_t)sql_get(j->q)->name, NULL)) != ERR_OK)
		log_msg(LOG_LEVEL_ERROR, "%s: not written: %s",
		    sql_get(j->q)->name, err_text(e));
	else
		later_under_way++;
	return (true);
}

static void
later_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	const char	*name = arg;		/* of the statement */

	(void)res;
	later_under_way--;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_ERROR, "%s: not written: %s%s%s", name,
		    err_text(e), constraint[0] != '\0' ? ": " : "", constraint);
}
