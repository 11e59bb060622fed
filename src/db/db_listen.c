/*
 * db_listen - LISTEN on a connection of its own, kept alive by pings.
 * Owns that connection; must not know what a notification means.
 */
#include <sys/param.h>

#include <string.h>

#include "buf.h"
#include "clock.h"
#include "db_error.h"
#include "db_link.h"
#include "db_listen.h"
#include "log.h"
#include "rnd.h"

#define LISTEN_TICK_MS		250
#define LISTEN_CONNECT_US	(3 * US_PER_S)
#define LISTEN_ANSWER_US	(1 * US_PER_S)
#define LISTEN_BACKOFF_MS	100
#define LISTEN_BACKOFF_MAX_MS	1000
#define LISTEN_SQL_MAX		1024

static void	db_listen_up(struct db_link *l);
static void	db_listen_ready(struct db_link *l);
static void	db_listen_failed(struct db_link *l, const char *why);
static void	db_listen_tick(void *arg, u_int64_t now_ms);
static void	db_listen_resolved(void);
static bool	db_listen_ask(const char *sql);
static bool	db_listen_read(void);
static void	db_listen_hear(void);
static void	db_listen_answered(void);

static const struct db_link_ops listen_ops = {
	.up = db_listen_up,
	.ready = db_listen_ready,
	.failed = db_listen_failed,
};

/* The connection; its address is known to Kore's event loop. */
static struct db_link		 listen_link;
/* What to connect to, and its names. */
static struct db_conninfo	 listen_info;
static struct db_dns		 listen_dns;
/* What to listen to and whom to tell; nothing before db_listen_init(). */
static struct db_listener	 listen_to;
/* LISTEN was answered: notifications are being heard. */
static bool			 listen_is_on;
/* When the statement that is under way was sent; 0: none is. */
static int64_t			 listen_asked_us;
/* When to connect again. */
static int64_t			 listen_retry_us;
/* Failures in a row. */
static int			 listen_failures;

enum err
db_listen_init(const char *conninfo, const struct db_listener *l)
{
	char		 why[DB_WHY_LEN + 1];
	enum err	 r;

	if (listen_to.n_channels > 0)
		return (ERR_EXISTS);
	if ((r = db_conninfo_parse(&listen_info, conninfo, DB_USE_LISTEN, 0,
	    why)) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "database address: %s", why);
		return (r);
	}
	listen_to = *l;
	db_dns_init(&listen_dns, &listen_info, db_listen_resolved);
	db_link_init(&listen_link, &listen_ops, &listen_info, &listen_dns);
	(void)kore_timer_add(db_listen_tick, LISTEN_TICK_MS, NULL, 0);
	db_listen_tick(NULL, 0);
	return (ERR_OK);
}

static void
db_listen_tick(void *arg, u_int64_t now_ms)
{
	int64_t	 now = clock_mono_us();

	(void)arg;
	(void)now_ms;
	switch (listen_link.state) {
	case DB_LINK_CLOSED:
		if (now >= listen_retry_us)
			db_link_open(&listen_link, now + LISTEN_CONNECT_US);
		break;
	case DB_LINK_RESOLVING:
	case DB_LINK_CONNECTING:
		db_link_tick(&listen_link, now);
		break;
	case DB_LINK_OPEN:
		if (listen_asked_us == 0) {
			if (!db_listen_ask("select 1"))
				db_listen_failed(&listen_link, "cannot send");
		} else if (now - listen_asked_us >= LISTEN_ANSWER_US)
			db_listen_failed(&listen_link, "no answer");
		break;
	}
}

static void
db_listen_resolved(void)
{
	db_link_tick(&listen_link, clock_mono_us());
}

/* One query of several statements: they are answered in turn. */
static void
db_listen_up(struct db_link *l)
{
	struct buf	 sql;
	char		*name;
	size_t		 i;
	bool		 is_good = true;

	buf_init(&sql, LISTEN_SQL_MAX);
	for (i = 0; i < listen_to.n_channels; i++) {
		name = PQescapeIdentifier(l->pg, listen_to.channels[i],
		    strlen(listen_to.channels[i]));
		is_good &= name != NULL;
		buf_printf(&sql, "listen %s;", name != NULL ? name : "");
		PQfreemem(name);
	}
	if (!is_good || buf_err(&sql) != ERR_OK || !db_listen_ask(sql.data))
		db_listen_failed(l, "cannot LISTEN");
	buf_clear(&sql);
}

static void
db_listen_ready(struct db_link *l)
{
	if (!db_link_read(l) || !db_link_flush(l) || !db_listen_read())
		db_listen_failed(l, "connection lost");
}

static void
db_listen_failed(struct db_link *l, const char *why)
{
	int	 shift, ms;

	db_link_close(l);
	shift = listen_failures++;
	ms = shift < 5 ? LISTEN_BACKOFF_MS << shift : LISTEN_BACKOFF_MAX_MS;
	ms = ms / 2 + (int)rnd_below((uint32_t)(ms / 2 + 1));
	listen_retry_us = clock_mono_us() + ms * US_PER_MS;
	listen_asked_us = 0;
	if (listen_is_on) {
		listen_is_on = false;
		log_msg(LOG_LEVEL_WARN, "notifications: %s", why);
		listen_to.gap();
	}
}

static bool
db_listen_ask(const char *sql)
{
	listen_asked_us = clock_mono_us();
	return (PQsendQuery(listen_link.pg, sql) == 1 &&
	    db_link_flush(&listen_link));
}

/* False: the connection must not be used on. */
static bool
db_listen_read(void)
{
	PGconn		*pg = listen_link.pg;
	PGresult	*res;
	ExecStatusType	 status;

	while (listen_asked_us != 0 && !PQisBusy(pg)) {
		if ((res = PQgetResult(pg)) == NULL) {
			/* What came before the answer is told before it. */
			db_listen_hear();
			db_listen_answered();
			break;
		}
		status = PQresultStatus(res);
		PQclear(res);
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			return (false);
	}
	db_listen_hear();
	/* Inside a transaction nothing would be heard. */
	return (PQstatus(pg) == CONNECTION_OK && !listen_link.is_doomed &&
	    PQtransactionStatus(pg) != PQTRANS_INTRANS &&
	    PQtransactionStatus(pg) != PQTRANS_INERROR);
}

static void
db_listen_hear(void)
{
	PGnotify	*n;

	while ((n = PQnotifies(listen_link.pg)) != NULL) {
		listen_to.notify(n->relname, n->extra);
		PQfreemem(n);
	}
}

static void
db_listen_answered(void)
{
	listen_asked_us = 0;
	listen_failures = 0;
	if (!listen_is_on) {
		listen_is_on = true;
		log_msg(LOG_LEVEL_INFO, "notifications: listening");
		listen_to.gap();
	}
	listen_to.alive();
}
