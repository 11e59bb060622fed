/*
 * db_run - prepares and sends a statement on an adopted connection and collects
 * its answer through Kore's pgsql.
 * Kore's traps around a lost connection (docs/kore.md, section 3) end here:
 * it learns of a finished statement only while the connection is whole, and
 * is otherwise told to discard it.
 */
#include <sys/param.h>

#include <poll.h>
#include <string.h>

#include "clock.h"
#include "db_error.h"
#include "db_run.h"
#include "str.h"

/* How long the server may take beyond its own statement_timeout. */
#define RUN_GRACE_US	(500 * US_PER_MS)
/* A connection that answered so lately needs no look at its socket. */
#define RUN_FRESH_US	1000

static bool	db_run_put(struct db_slot *s, struct db_query *q);
static bool	db_run_next(struct db_slot *s);
static bool	db_run_is_clean(struct db_slot *s);
static bool	db_run_is_usable(const struct db_slot *s);
static bool	db_run_step(struct db_slot *s);
static void	db_run_collect(struct db_slot *s);
static void	db_run_finish(struct db_slot *s);
static void	db_run_callback(struct kore_pgsql *sql, void *arg);

bool
db_run_send(struct db_slot *s, struct db_query *q, int64_t now_us)
{
	if (now_us - s->heard_us < RUN_FRESH_US ? !db_run_is_usable(s) :
	    !db_run_is_clean(s)) {
		db_slot_discard(s, "connection lost");
		return (false);
	}
	kore_pgsql_init(&s->sql);
	kore_pgsql_bind_callback(&s->sql, db_run_callback, NULL);
	if (!kore_pgsql_setup(&s->sql, s->name, KORE_PGSQL_ASYNC)) {
		kore_pgsql_cleanup(&s->sql);
		db_slot_discard(s, "connection not found");
		return (false);
	}
	/*
	 * What kore_pgsql_query() does, by hand, since it knows no prepared
	 * statements.  KORE_PGSQL_SCHEDULED stays off: the connection is always
	 * scheduled, as a db_link, and Kore must not cancel or unschedule it.
	 */
	if (!db_run_put(s, q)) {
		db_slot_discard(s, "statement not accepted for sending");
		return (false);
	}
	s->query = q;
	s->hard_us = now_us + q->ms * US_PER_MS + RUN_GRACE_US;
	db_slot_set(s, DB_SLOT_BUSY);
	/* Part of it may be out: not to be sent again, and not from here. */
	if (!db_link_flush(&s->link))
		s->hard_us = 0;
	return (true);
}

/*
 * The statement, or what has to come before it.  The server counts the time of
 * a statement from its first message, so another limit is one of its own; and
 * it is prepared when it is first wanted, since preparing all of them would
 * make every connection wait, and its backend keep, what few of them need.
 */
static bool
db_run_put(struct db_slot *s, struct db_query *q)
{
	const struct sql_statement	*st = sql_get(q->id);
	const struct db_params		*p = &q->p;
	char				 ms[16];
	const char			*limit[1] = { ms };

	s->sql.state = KORE_PGSQL_STATE_WAIT;
	if (s->limit_ms != q->ms) {
		s->step = DB_STEP_LIMIT;
		return (str_printf(ms, sizeof(ms), "%d", q->ms) == ERR_OK &&
		    PQsendQueryParams(s->link.pg, "select pg_catalog."
		    "set_config('statement_timeout', $1, false)", 1, NULL,
		    limit, NULL, NULL, 0) == 1);
	}
	if (!s->is_prepared[q->id]) {
		s->step = DB_STEP_PREPARE;
		return (PQsendPrepare(s->link.pg, st->name, st->text, 0,
		    NULL) == 1);
	}
	s->step = DB_STEP_STATEMENT;
	return (PQsendQueryPrepared(s->link.pg, st->name, p->n,
	    (const char *const *)p->value, p->len, p->format, 1) == 1);
}

/* What came before it was done: the next step.  False: it was not. */
static bool
db_run_next(struct db_slot *s)
{
	PGresult	*res = s->result;
	ExecStatusType	 status = PQresultStatus(res);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		return (false);
	PQclear(res);
	s->result = NULL;
	if (s->step == DB_STEP_LIMIT)
		s->limit_ms = s->query->ms;
	else
		s->is_prepared[s->query->id] = true;
	if (!db_run_put(s, s->query) || !db_link_flush(&s->link))
		db_run_abandon(s, ERR_DB_DOWN, "connection lost");
	return (true);
}

void
db_run_ready(struct db_slot *s)
{
	if (s->state == DB_SLOT_IDLE) {
		if (!db_link_drain(&s->link))
			db_slot_discard(s, "connection lost");
		return;
	}
	/*
	 * Without an error flag, whatever epoll said: what arrived before the
	 * end is read first, and the end shows itself there.
	 */
	s->conn->evt.flags |= KORE_EVENT_READ;
	kore_pgsql_handle(s->conn, 0);
	while (db_run_step(s))
		;
	if (s->state == DB_SLOT_BUSY && s->link.is_writing &&
	    !db_link_flush(&s->link))
		db_run_abandon(s, ERR_DB_DOWN, "connection lost");
}

void
db_run_abandon(struct db_slot *s, enum err e, const char *why)
{
	struct db_query	*q = s->query;
	PGresult	*res = s->result;
	char		 constraint[DB_CONSTRAINT_LEN + 1] = "";
	bool		 is_undone = s->step != DB_STEP_STATEMENT;

	s->query = NULL;
	s->result = NULL;
	db_slot_discard(s, why);
	/* The server's own word (57P01, ...), if it sent one. */
	if (res != NULL && PQresultStatus(res) == PGRES_FATAL_ERROR) {
		e = db_error(res, constraint);
		is_undone = is_undone || db_error_is_undone(res);
	}
	if (is_undone && db_query_again(q))
		q = NULL;
	db_query_pump();
	if (q != NULL)
		db_query_end(q, e, NULL, constraint);
	PQclear(res);
}

/* One state of Kore's after the other.  True: there may be more to read. */
static bool
db_run_step(struct db_slot *s)
{
	struct kore_pgsql	*sql = &s->sql;

	if (s->state != DB_SLOT_BUSY)
		return (false);
	if (sql->result != NULL)
		db_run_collect(s);
	else if (sql->state == KORE_PGSQL_STATE_DONE) {
		db_run_finish(s);
		return (false);
	}
	if (PQstatus(s->link.pg) != CONNECTION_OK ||
	    PQsocket(s->link.pg) < 0 || s->link.is_doomed) {
		db_run_abandon(s, ERR_DB_DOWN, "connection lost");
		return (false);
	}
	if (sql->state == KORE_PGSQL_STATE_WAIT)
		return (false);
	/*
	 * A row-less command is "done" for Kore before the server is ready
	 * again, and an error may follow rows: commit comes last.  The end has
	 * mostly arrived with the rows; reading again would find nothing.
	 */
	if (PQisBusy(s->link.pg)) {
		sql->state = KORE_PGSQL_STATE_RESULT;
		s->conn->evt.flags |= KORE_EVENT_READ;
		kore_pgsql_continue(sql);
	} else {
		sql->result = PQgetResult(s->link.pg);
		sql->state = sql->result == NULL ? KORE_PGSQL_STATE_DONE :
		    KORE_PGSQL_STATE_RESULT;
	}
	return (true);
}

/* The first result is the answer, unless an error comes after it. */
static void
db_run_collect(struct db_slot *s)
{
	PGresult	*res = s->sql.result;

	s->sql.result = NULL;
	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		if (s->result != NULL) {
			PQclear(res);
			return;
		}
		break;
	case PGRES_FATAL_ERROR:
		if (db_error_is_fatal(res))
			s->link.is_doomed = true;
		if (s->link.is_doomed && s->result != NULL) {
			/* Rows, then the end: was it committed?  Unknown. */
			PQclear(res);
			return;
		}
		break;
	default:
		/* COPY and the like: no statement of ours; start afresh. */
		s->link.is_doomed = true;
		break;
	}
	PQclear(s->result);
	s->result = res;
}

/* The server is ready for the next statement. */
static void
db_run_finish(struct db_slot *s)
{
	struct db_query	*q = s->query;
	PGresult	*res = s->result;
	char		 constraint[DB_CONSTRAINT_LEN + 1] = "";
	ExecStatusType	 status = PQresultStatus(res);
	enum err	 e = ERR_OK;
	bool		 is_stale;

	/* Success inside a transaction that stays open is none. */
	if (PQtransactionStatus(s->link.pg) != PQTRANS_IDLE) {
		db_run_abandon(s, ERR_DB_DOWN, "a transaction was left open");
		return;
	}
	if (s->step != DB_STEP_STATEMENT && db_run_next(s))
		return;
	s->query = NULL;
	s->result = NULL;
	if (db_run_is_usable(s) && !s->is_outdated) {
		kore_pgsql_continue(&s->sql);	/* to Kore's free list */
		kore_pgsql_cleanup(&s->sql);
		db_slot_set(s, DB_SLOT_IDLE);
		s->heard_us = clock_mono_us();
	} else
		db_slot_discard(s, s->is_outdated ? "statements are outdated" :
		    "connection lost");
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		e = db_error(res, constraint);
		is_stale = e == ERR_DB && db_error_is_stale(res);
		if (is_stale)
			db_slot_outdate();
		if (is_stale || db_error_is_undone(res)) {
			if (db_query_again(q))
				q = NULL;
		} else if (e == ERR_DB)
			db_error_log(sql_get(q->id)->name, res);
	}
	db_query_pump();
	if (q != NULL)
		db_query_end(q, e, e == ERR_OK ? res : NULL, constraint);
	PQclear(res);
}

/*
 * May a statement be sent?  A look at the socket costs a microsecond; a
 * statement that is lost with a dead connection costs somebody an error.
 */
static bool
db_run_is_clean(struct db_slot *s)
{
	struct pollfd	 fd = {
		.fd = PQsocket(s->link.pg), .events = POLLIN
	};

	if (fd.fd >= 0 && poll(&fd, 1, 0) != 0 && !db_link_drain(&s->link))
		return (false);
	return (db_run_is_usable(s));
}

/* As far as is known; a transaction left open must not reach the next one. */
static bool
db_run_is_usable(const struct db_slot *s)
{
	const PGconn	*pg = s->link.pg;

	return (PQsocket(pg) >= 0 && !s->link.is_doomed &&
	    PQstatus(pg) == CONNECTION_OK &&
	    PQtransactionStatus(pg) == PQTRANS_IDLE);
}

/* Kore calls it at each step; db_run_ready() looks at the state instead. */
static void
db_run_callback(struct kore_pgsql *sql, void *arg)
{
	(void)sql;
	(void)arg;
}
