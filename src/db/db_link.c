/*
 * db_link - PQconnectStart() and PQconnectPoll() driven by Kore's epoll.
 * Owns the connection until it is taken; must not know statements.
 */
#include <sys/epoll.h>

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "db_error.h"
#include "db_link.h"

/* libpq's keywords and the three that db_dns replaces. */
#define LINK_KEYS_MAX	(DB_CONNINFO_MAX + 4)

static void	db_link_event(void *arg, int err);
static void	db_link_start(struct db_link *l);
static void	db_link_poll(struct db_link *l);
static void	db_link_fail(struct db_link *l, const char *why);
static void	db_link_notice(void *arg, const PGresult *res);
static void	db_link_schedule(struct db_link *l, int events);

void
db_link_init(struct db_link *l, const struct db_link_ops *ops,
    const struct db_conninfo *info, struct db_dns *dns)
{
	memset(l, 0, sizeof(*l));
	l->evt.handle = db_link_event;
	l->ops = ops;
	l->info = info;
	l->dns = dns;
}

void
db_link_open(struct db_link *l, int64_t deadline_us)
{
	l->deadline_us = deadline_us;
	if (!db_dns_is_needed(l->dns)) {
		db_link_start(l);
		return;
	}
	l->state = DB_LINK_RESOLVING;
	db_dns_ask(l->dns);
	db_link_tick(l, clock_mono_us());
}

void
db_link_tick(struct db_link *l, int64_t now_us)
{
	if (l->state != DB_LINK_RESOLVING && l->state != DB_LINK_CONNECTING)
		return;
	if (now_us >= l->deadline_us) {
		db_link_fail(l, l->state == DB_LINK_RESOLVING ?
		    "name resolution takes too long" :
		    "connecting takes too long");
	} else if (l->state == DB_LINK_RESOLVING && !l->dns->is_running) {
		if (l->dns->is_good)
			db_link_start(l);
		else
			db_link_fail(l, l->dns->why);
	}
}

void
db_link_close(struct db_link *l)
{
	/* Closing the descriptor takes it out of the epoll set. */
	if (l->pg != NULL)
		PQfinish(l->pg);
	l->pg = NULL;
	l->state = DB_LINK_CLOSED;
}

void
db_link_forget(struct db_link *l)
{
	l->pg = NULL;
	l->state = DB_LINK_CLOSED;
}

bool
db_link_flush(struct db_link *l)
{
	int	r;

	if ((r = PQflush(l->pg)) < 0 || PQsocket(l->pg) < 0)
		return (false);
	if (l->is_writing != (r > 0)) {
		l->is_writing = r > 0;
		db_link_schedule(l, l->is_writing ? EPOLLIN | EPOLLOUT :
		    EPOLLIN);
	}
	return (true);
}

bool
db_link_read(struct db_link *l)
{
	bool	 is_good;

	/* Edge-triggered: what is left in the socket is not announced again. */
	do {
		is_good = PQconsumeInput(l->pg) == 1;
	} while (is_good && errno != EAGAIN);	/* db_wrap.c sets it */
	return (is_good && PQsocket(l->pg) >= 0);
}

bool
db_link_drain(struct db_link *l)
{
	/* PQisBusy() parses: a FATAL comes out at db_link_notice(). */
	return (db_link_read(l) && !PQisBusy(l->pg) && !l->is_doomed &&
	    PQstatus(l->pg) == CONNECTION_OK);
}

static void
db_link_event(void *arg, int err)
{
	struct db_link	*l = arg;

	/* Reading is what tells an error, and what came before it. */
	(void)err;
	if (l->state == DB_LINK_CONNECTING)
		db_link_poll(l);
	else if (l->state == DB_LINK_OPEN)
		l->ops->ready(l);
}

static void
db_link_start(struct db_link *l)
{
	const char	*key[LINK_KEYS_MAX], *value[LINK_KEYS_MAX];
	int		 i, n;

	for (n = 0; n < l->info->n; n++) {
		key[n] = l->info->key[n];
		value[n] = l->info->value[n];
	}
	if (db_dns_is_needed(l->dns)) {
		for (i = 0; i < n; i++)
			if (strcmp(key[i], "host") == 0)
				value[i] = l->dns->hosts;
			else if (strcmp(key[i], "port") == 0)
				value[i] = l->dns->ports;
		key[n] = "hostaddr";
		value[n++] = l->dns->addrs;
	}
	key[n] = value[n] = NULL;

	l->pg = PQconnectStartParams(key, value, 0);
	if (l->pg == NULL) {
		db_link_fail(l, "out of memory");
		return;
	}
	(void)PQsetNoticeReceiver(l->pg, db_link_notice, l);
	l->is_writing = l->is_doomed = false;
	l->state = DB_LINK_CONNECTING;
	if (PQstatus(l->pg) == CONNECTION_BAD) {
		db_link_fail(l, PQerrorMessage(l->pg));
		return;
	}
	/* As if PQconnectPoll() had said "writing" (libpq documentation). */
	db_link_schedule(l, EPOLLOUT);
}

/*
 * The socket may be another one after each step (next address, plain after
 * TLS was refused), and epoll is edge-triggered: scheduling anew each time
 * makes it look at the present state of the present socket.
 */
static void
db_link_poll(struct db_link *l)
{
	switch (PQconnectPoll(l->pg)) {
	case PGRES_POLLING_READING:
		db_link_schedule(l, EPOLLIN);
		break;
	case PGRES_POLLING_WRITING:
		db_link_schedule(l, EPOLLOUT);
		break;
	case PGRES_POLLING_OK:
		if (PQsetnonblocking(l->pg, 1) != 0) {
			db_link_fail(l, PQerrorMessage(l->pg));
			break;
		}
		l->state = DB_LINK_OPEN;
		db_link_schedule(l, EPOLLIN);
		l->ops->up(l);
		break;
	default:
		db_link_fail(l, PQerrorMessage(l->pg));
		break;
	}
}

static void
db_link_fail(struct db_link *l, const char *why)
{
	char	line[DB_WHY_LEN + 1];

	/* |why| may be the connection's own. */
	db_error_line(line, sizeof(line), why);
	db_link_close(l);
	l->ops->failed(l, line);
}

/*
 * libpq would print notices to stderr.  What the server says between two
 * statements, such as that it shuts down, arrives here too.
 */
static void
db_link_notice(void *arg, const PGresult *res)
{
	struct db_link	*l = arg;

	if (db_error_is_fatal(res))
		l->is_doomed = true;
}

static void
db_link_schedule(struct db_link *l, int events)
{
	kore_platform_event_schedule(PQsocket(l->pg),
	    events | (int)EPOLLET, 0, l);
}
