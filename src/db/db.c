/*
 * db - the queue in front of the connections, and the deadlines.
 * Must not know libpq's or Kore's states (db_run, db_slot).
 */
#include <sys/param.h>

#include <string.h>

#include "clock.h"
#include "db.h"
#include "db_query.h"
#include "db_result.h"
#include "db_run.h"
#include "db_slot.h"
#include "log.h"
#include "mem.h"

#define DB_TICK_MS	100
/* A restart of the server is worth waiting for this long. */
#define DB_PATIENCE_US	(1 * US_PER_S)

/* What waits for a connection, oldest first. */
static TAILQ_HEAD(db_queue, db_query)	db_queue =
    TAILQ_HEAD_INITIALIZER(db_queue);
/* How many those are. */
static int	db_waiting;
/* Limits given to db_init(). */
static int	db_queue_max, db_query_ms;
/* Is told of each statement that has ended; may be NULL. */
static db_observe_fn	db_observe;
/* Between db_init() and db_shutdown(). */
static bool	db_is_open;

static void	db_tick(void *arg, u_int64_t now_ms);
static void	db_expire(int64_t now_us);
static bool	db_is_hopeless(int64_t now_us);
static bool	db_dispatch(struct db_query *q, int64_t now_us);
static enum err	db_check(enum sql_id id, const struct db_params *p);
static void	db_tell(struct db_query *q, enum err e, const PGresult *res,
		    const char *constraint);

enum err
db_init(const struct db_settings *s)
{
	enum err	r;

	if (db_is_open)
		return (ERR_EXISTS);
	if (s->queue_max < 0 || s->query_ms < 1 || s->connect_ms < 1)
		return (ERR_RANGE);
	db_queue_max = s->queue_max;
	db_query_ms = s->query_ms;
	db_observe = s->observe;
	if ((r = db_slot_init(s)) != ERR_OK)
		return (r);
	db_is_open = true;
	(void)kore_timer_add(db_tick, DB_TICK_MS, NULL, 0);
	return (ERR_OK);
}

void
db_shutdown(void)
{
	struct db_query	*q;
	int		 i;

	db_is_open = false;
	for (i = 0; i < db_slot_count(); i++)
		if ((q = db_slot_get(i)->query) != NULL)
			q->done = NULL;
	while ((q = TAILQ_FIRST(&db_queue)) != NULL) {
		TAILQ_REMOVE(&db_queue, q, next);
		db_waiting--;
		q->done = NULL;
		db_query_end(q, ERR_DB_DOWN, NULL, "");
	}
	db_slot_shutdown();
}

enum err
db_send(enum sql_id id, struct db_params *p, db_done_fn done, void *arg,
    struct db_query **out)
{
	struct db_query	*q = NULL;
	int64_t		 now;
	enum err	 r;

	if (out != NULL)
		*out = NULL;
	if ((r = db_check(id, p)) != ERR_OK)
		goto done;
	if ((q = mem_new(sizeof(*q))) == NULL) {
		r = ERR_NOMEM;
		goto done;
	}
	now = clock_mono_us();
	q->id = id;
	q->p = *p;
	q->done = done;
	q->arg = arg;
	q->ms = p->ms != 0 ? p->ms : sql_get(id)->deadline_ms;
	if (q->ms == 0)
		q->ms = db_query_ms;
	q->asked_us = now;
	q->deadline_us = now + q->ms * US_PER_MS;
	/* Nobody is overtaken. */
	if (db_waiting > 0 || !db_dispatch(q, now)) {
		if (db_is_hopeless(now))
			r = ERR_DB_DOWN;
		else if (db_waiting >= db_queue_max)
			r = ERR_BUSY;
		if (r != ERR_OK)
			goto done;
		TAILQ_INSERT_TAIL(&db_queue, q, next);
		db_waiting++;
	}
	memset(p, 0, sizeof(*p));		/* transferred */
	if (out != NULL)
		*out = q;
	q = NULL;
done:
	mem_free(q);
	db_params_clear(p);
	return (r);
}

void
db_cancel(struct db_query *q)
{
	if (q != NULL)
		q->done = NULL;
}

bool
db_is_up(void)
{
	return (db_slot_n_up() > 0);
}

void
db_stats(int *ready, int *busy, int *waiting)
{
	int	 i;

	*ready = *busy = 0;
	for (i = 0; i < db_slot_count(); i++) {
		*ready += db_slot_get(i)->state == DB_SLOT_IDLE;
		*busy += db_slot_get(i)->state == DB_SLOT_BUSY;
	}
	*waiting = db_waiting;
}

void
db_query_end(struct db_query *q, enum err e, const PGresult *res,
    const char *constraint)
{
	if (db_observe != NULL)
		db_observe(q->id, clock_mono_us() - q->asked_us);
	db_tell(q, e, res, constraint);
	db_params_clear(&q->p);
	mem_free(q);
}

bool
db_query_again(struct db_query *q)
{
	if (q->is_retried || !db_is_open ||
	    clock_mono_us() >= q->deadline_us)
		return (false);
	q->is_retried = true;
	TAILQ_INSERT_HEAD(&db_queue, q, next);
	db_waiting++;
	return (true);
}

void
db_query_pump(void)
{
	struct db_query	*q;
	int64_t		 now;

	if (db_waiting == 0)
		return;
	now = clock_mono_us();
	while ((q = TAILQ_FIRST(&db_queue)) != NULL) {
		/* Off the queue first: sending must find it consistent. */
		TAILQ_REMOVE(&db_queue, q, next);
		db_waiting--;
		if (!db_dispatch(q, now)) {
			TAILQ_INSERT_HEAD(&db_queue, q, next);
			db_waiting++;
			return;
		}
	}
}

static void
db_tick(void *arg, u_int64_t now_ms)
{
	int64_t	 now = clock_mono_us();

	(void)arg;
	(void)now_ms;
	if (!db_is_open)
		return;
	db_expire(now);
	db_slot_tick(now);
	db_query_pump();
}

/*
 * Whose time is up is told so.  A statement that runs goes on: the server's
 * statement_timeout ends it a little later and keeps the connection, and
 * db_slot_tick() gives up one that does not answer at all.
 */
static void
db_expire(int64_t now_us)
{
	struct db_query	*q;
	enum err	 e;
	int		 i;

	for (i = 0; i < db_slot_count(); i++) {
		q = db_slot_get(i)->query;
		if (q != NULL && now_us >= q->deadline_us)
			db_tell(q, ERR_TIMEOUT, NULL, "");
	}
	while ((q = TAILQ_FIRST(&db_queue)) != NULL) {
		if (db_is_hopeless(now_us))
			e = ERR_DB_DOWN;
		else if (now_us >= q->deadline_us)
			e = ERR_TIMEOUT;
		else
			break;
		TAILQ_REMOVE(&db_queue, q, next);
		db_waiting--;
		db_query_end(q, e, NULL, "");
	}
}

static bool
db_is_hopeless(int64_t now_us)
{
	return (!db_is_open || (db_slot_n_up() == 0 &&
	    now_us - db_slot_down_us() > DB_PATIENCE_US));
}

/* Each failure discards a connection, so this ends. */
static bool
db_dispatch(struct db_query *q, int64_t now_us)
{
	struct db_slot	*s;

	while ((s = db_slot_idle()) != NULL)
		if (db_run_send(s, q, now_us))
			return (true);
	return (false);
}

static enum err
db_check(enum sql_id id, const struct db_params *p)
{
	if (p->err != ERR_OK)
		return (p->err);
	if (!db_is_open)
		return (ERR_DB_DOWN);
	if ((int)id < 0 || id >= SQL_MAX)
		return (ERR_RANGE);
	if (p->n != sql_get(id)->n_params) {
		log_msg(LOG_LEVEL_ERROR,
		    "statement %s: %d parameters given, %d wanted",
		    sql_get(id)->name, p->n, sql_get(id)->n_params);
		return (ERR_DB);
	}
	return (ERR_OK);
}

/* Once at most, and never again after it. */
static void
db_tell(struct db_query *q, enum err e, const PGresult *res,
    const char *constraint)
{
	struct db_result	 r;
	db_done_fn		 done = q->done;

	if (done == NULL)
		return;
	q->done = NULL;
	/* PQ functions take no const result; struct db_result is read only. */
	r.pg = (PGresult *)(uintptr_t)res;
	done(q->arg, e, res == NULL ? NULL : &r, constraint);
}
