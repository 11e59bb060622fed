/*
 * stat_flush - see stat_flush.h.
 */
#include "stat_flush.h"

#include "api.h"
#include "buf.h"
#include "clock.h"
#include "db.h"
#include "db_row.h"
#include "log.h"
#include "platform.h"

#define STAT_EVERY_US	(60 * US_PER_S)

static void	stat_flush_write(void);
static void	stat_flush_codes(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	stat_flush_done(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

/* When the sums are written next; 0: not since the start. */
static int64_t	stat_due_us;
/* What this worker used when it was last asked. */
static struct proc_usage	stat_usage;

void
stat_flush_tick(int64_t mono_us, int worker, bool is_first)
{
	struct metrics_worker	w;
	int			ready, busy, waiting;

	db_stats(&ready, &busy, &waiting);
	w.busy = api_busy();
	w.db_ready = ready;
	w.db_busy = busy;
	w.db_waiting = waiting;
	/* Where the kernel tells nothing, what it told before stands. */
	if (proc_usage(&w.usage) == ERR_OK)
		stat_usage = w.usage;
	w.usage = stat_usage;
	metrics_worker_set(platform_metrics(), worker, &w);
	if (!is_first)
		return;
	if (stat_due_us == 0)
		stat_due_us = mono_us + 5 * US_PER_S;
	if (mono_us < stat_due_us)
		return;
	stat_due_us = mono_us + STAT_EVERY_US;
	stat_flush_write();
}

static void
stat_flush_write(void)
{
	struct db_params	p = DB_PARAMS_INIT, none = DB_PARAMS_INIT;
	struct buf		sums;

	buf_init(&sums, 4096);
	if (metrics_latency(platform_metrics(), &sums)) {
		db_text(&p, sums.data);
		if (p.err == ERR_OK)
			p.err = buf_err(&sums);
		if (db_send(SQL_STAT_ADD, &p, stat_flush_done, NULL, NULL) !=
		    ERR_OK)
			log_msg(LOG_LEVEL_WARN, "sums not written: no "
			    "connection");
	}
	buf_clear(&sums);
	if (db_send(SQL_STAT_CODES, &none, stat_flush_codes, NULL, NULL) !=
	    ERR_OK)
		log_msg(LOG_LEVEL_WARN, "codes not counted: no connection");
}

static void
stat_flush_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "sums not written: %s", err_text(e));
}

/* More codes were wrong than used: somebody guesses them. */
static void
stat_flush_codes(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	row;
	int64_t		wrong = 0;

	stat_flush_done(arg, e, res, constraint);
	if (e != ERR_OK)
		return;
	row = db_row_at(res, 0);
	if (!db_row_is_null(&row, "wrong"))
		wrong = db_row_i64(&row, "wrong");
	if (row.err == ERR_OK && wrong > 0)
		log_msg(LOG_LEVEL_WARN, "one-time codes are guessed: %lld "
		    "wrong ones in an hour; the audit log has from where "
		    "(otp_failed)", (long long)wrong);
}
