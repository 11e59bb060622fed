/*
 * db_slot - opens the connections of this worker, hands them to Kore's pgsql,
 * and opens lost ones again.
 * Must not know who asks for what.
 */
#include <string.h>

#include "clock.h"
#include "db_error.h"
#include "db_run.h"
#include "db_slot.h"
#include "log.h"
#include "mem.h"
#include "rnd.h"
#include "str.h"

#define SLOT_BACKOFF_MS		100
#define SLOT_BACKOFF_MAX_MS	5000
/* With no connection at all: look more often whether the server is back. */
#define SLOT_BACKOFF_DOWN_MS	1000
/* Spread of the others when the first one is back. */
#define SLOT_SPREAD_MS		50
#define SLOT_LOG_US		(10 * US_PER_S)
/* client_connection_check_interval. */
#define SLOT_SERVER_VERSION	140000

/* The slots; their addresses are known to Kore's event loop. */
static struct db_slot		 slot_all[DB_SLOTS_MAX];
/* How many of them are in use. */
static int			 slot_n;
/* What to connect to. */
static struct db_conninfo	 slot_info;
/* Its names. */
static struct db_dns		 slot_dns;
/* statement_timeout of a connection that was just opened. */
static int			 slot_query_ms;
/* Deadline of opening one. */
static int			 slot_connect_ms;
/* How many are IDLE or BUSY. */
static int			 slot_up;
/* When that became 0. */
static int64_t			 slot_down_us;
/* When a failure was logged last. */
static int64_t			 slot_logged_us;

static void	db_slot_up(struct db_link *l);
static void	db_slot_ready(struct db_link *l);
static void	db_slot_failed(struct db_link *l, const char *why);
static void	db_slot_resolved(void);
static bool	db_slot_adopt(struct db_slot *s);
static void	db_slot_spread(int64_t now_us);
static void	db_slot_log(const char *why);
static void	db_slot_no_callback(struct kore_pgsql *sql, void *arg);

static const struct db_link_ops db_slot_ops = {
	.up = db_slot_up,
	.ready = db_slot_ready,
	.failed = db_slot_failed,
};

enum err
db_slot_init(const struct db_settings *set)
{
	struct db_slot	*s;
	char		 why[DB_WHY_LEN + 1];
	enum err	 r;
	int		 i;

	if (set->pool_size < 1 || set->pool_size > DB_SLOTS_MAX)
		return (ERR_RANGE);
	if ((r = db_conninfo_parse(&slot_info, set->conninfo, DB_USE_QUERY,
	    set->query_ms, why)) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "database address: %s", why);
		return (r);
	}
	db_dns_init(&slot_dns, &slot_info, db_slot_resolved);
	slot_connect_ms = set->connect_ms;
	slot_query_ms = set->query_ms;
	slot_down_us = clock_mono_us();
	for (i = 0; i < set->pool_size; i++) {
		s = &slot_all[i];
		memset(s, 0, sizeof(*s));
		if ((r = str_printf(s->name, sizeof(s->name), "identity.%d",
		    i)) != ERR_OK)
			return (r);
		if (!kore_pgsql_register(s->name, s->name))
			return (ERR_EXISTS);
		db_link_init(&s->link, &db_slot_ops, &slot_info, &slot_dns);
	}
	slot_n = set->pool_size;
	db_slot_tick(slot_down_us);
	return (ERR_OK);
}

void
db_slot_shutdown(void)
{
	int	 i, n = slot_n;

	slot_n = 0;
	for (i = 0; i < n; i++) {
		if (slot_all[i].state == DB_SLOT_BUSY)
			db_run_abandon(&slot_all[i], ERR_DB_DOWN, "shutdown");
		else
			db_slot_discard(&slot_all[i], "shutdown");
	}
	if (!slot_dns.is_running)	/* the thread reads it */
		db_conninfo_clear(&slot_info);
}

int
db_slot_count(void)
{
	return (slot_n);
}

struct db_slot *
db_slot_get(int i)
{
	return (&slot_all[i]);
}

struct db_slot *
db_slot_idle(void)
{
	int	 i;

	for (i = 0; i < slot_n; i++)
		if (slot_all[i].state == DB_SLOT_IDLE)
			return (&slot_all[i]);
	return (NULL);
}

int
db_slot_n_up(void)
{
	return (slot_up);
}

int64_t
db_slot_down_us(void)
{
	return (slot_down_us);
}

void
db_slot_tick(int64_t now_us)
{
	struct db_slot	*s;
	int		 i;

	for (i = 0; i < slot_n; i++) {
		s = &slot_all[i];
		switch (s->state) {
		case DB_SLOT_DOWN:
			if (now_us < s->retry_us)
				break;
			db_slot_set(s, DB_SLOT_OPENING);
			db_link_open(&s->link,
			    now_us + slot_connect_ms * US_PER_MS);
			break;
		case DB_SLOT_OPENING:
			db_link_tick(&s->link, now_us);
			break;
		case DB_SLOT_BUSY:
			if (now_us >= s->hard_us)
				db_run_abandon(s, ERR_TIMEOUT,
				    "the server does not answer");
			break;
		case DB_SLOT_IDLE:
			break;
		}
	}
}

void
db_slot_set(struct db_slot *s, enum db_slot_state state)
{
	bool	 was_up = s->state >= DB_SLOT_IDLE;
	bool	 is_up = state >= DB_SLOT_IDLE;

	s->state = state;
	if (is_up && !was_up) {
		if (slot_up++ == 0) {
			log_msg(LOG_LEVEL_INFO, "database: connected");
			slot_logged_us = 0;
			db_slot_spread(clock_mono_us());
		}
	} else if (was_up && !is_up && --slot_up == 0 && slot_n > 0) {
		slot_down_us = clock_mono_us();
		log_msg(LOG_LEVEL_WARN, "database: no connection left");
	}
}

/*
 * A connection that had been up is opened again soon, one that never came up
 * after ever longer waits; each with jitter, so that workers spread.
 */
void
db_slot_discard(struct db_slot *s, const char *why)
{
	int	 shift, ms, max;

	if (s->state >= DB_SLOT_IDLE) {
		/* Ends the connection and forgets it (conn_cleanup()). */
		kore_pgsql_handle(s->conn, 1);
		kore_pgsql_cleanup(&s->sql);
		s->conn = NULL;
		db_link_forget(&s->link);
	} else
		db_link_close(&s->link);
	db_slot_set(s, DB_SLOT_DOWN);

	shift = s->failures++;
	max = slot_up > 0 ? SLOT_BACKOFF_MAX_MS : SLOT_BACKOFF_DOWN_MS;
	ms = shift < 6 ? SLOT_BACKOFF_MS << shift : max;
	if (ms > max)
		ms = max;
	ms = ms / 2 + (int)rnd_below((uint32_t)(ms / 2 + 1));
	s->retry_us = clock_mono_us() + ms * US_PER_MS;
	db_slot_log(why);
}

void
db_slot_outdate(void)
{
	int	 i;

	for (i = 0; i < slot_n; i++) {
		if (slot_all[i].state == DB_SLOT_IDLE)
			db_slot_discard(&slot_all[i],
			    "statements are outdated");
		else if (slot_all[i].state == DB_SLOT_BUSY)
			slot_all[i].is_outdated = true;
	}
}

/* The link is open. */
static void
db_slot_up(struct db_link *l)
{
	struct db_slot	*s = (struct db_slot *)(void *)l;

	if (PQserverVersion(l->pg) < SLOT_SERVER_VERSION) {
		db_slot_discard(s, "PostgreSQL 14 or newer is needed");
		return;
	}
	if (!db_slot_adopt(s)) {
		db_slot_discard(s, "cannot be taken into use");
		return;
	}
	memset(s->is_prepared, 0, sizeof(s->is_prepared));
	s->failures = 0;
	s->is_outdated = false;
	s->limit_ms = slot_query_ms;
	db_slot_set(s, DB_SLOT_IDLE);
	db_query_pump();
}

static void
db_slot_failed(struct db_link *l, const char *why)
{
	db_slot_discard((struct db_slot *)(void *)l, why);
}

static void
db_slot_ready(struct db_link *l)
{
	struct db_slot	*s = (struct db_slot *)(void *)l;

	if (s->state >= DB_SLOT_IDLE)
		db_run_ready(s);
}

/* Must not discard: called while Kore hands out events. */
static void
db_slot_resolved(void)
{
	int64_t	 now = clock_mono_us();
	int	 i;

	for (i = 0; i < slot_n; i++)
		if (slot_all[i].state == DB_SLOT_OPENING)
			db_link_tick(&slot_all[i].link, now);
}

/*
 * Makes Kore's pgsql take the connection into its free list, where setup for
 * this slot's name will find it: PQconnectdb(), which Kore calls in between,
 * is ours (db_wrap.c).
 */
static bool
db_slot_adopt(struct db_slot *s)
{
	int	 r;

	kore_pgsql_init(&s->sql);
	kore_pgsql_bind_callback(&s->sql, db_slot_no_callback, NULL);
	s->is_offered = true;
	r = kore_pgsql_setup(&s->sql, s->name, KORE_PGSQL_ASYNC);
	if (r != KORE_RESULT_OK && !s->is_offered)
		db_link_forget(&s->link);	/* taken, and closed by Kore */
	s->is_offered = false;
	s->conn = s->sql.conn;
	kore_pgsql_cleanup(&s->sql);
	return (r == KORE_RESULT_OK);
}

/* The server is back: no need for the others to wait. */
static void
db_slot_spread(int64_t now_us)
{
	int	 i;

	for (i = 0; i < slot_n; i++) {
		slot_all[i].failures = 0;
		if (slot_all[i].state == DB_SLOT_DOWN)
			slot_all[i].retry_us = now_us +
			    rnd_below(SLOT_SPREAD_MS + 1) * US_PER_MS;
	}
}

/* Once when it begins, then every ten seconds. */
static void
db_slot_log(const char *why)
{
	int64_t	 now = clock_mono_us();

	if (slot_n == 0 ||
	    (slot_logged_us != 0 && now - slot_logged_us < SLOT_LOG_US))
		return;
	slot_logged_us = now;
	log_msg(LOG_LEVEL_WARN, "database: %s; %d of %d connections are up",
	    why, slot_up, slot_n);
}

static void
db_slot_no_callback(struct kore_pgsql *sql, void *arg)
{
	(void)sql;
	(void)arg;
}
