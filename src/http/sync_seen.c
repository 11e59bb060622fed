/*
 * sync_seen - see sync_seen.h.
 */
#include "sync_seen.h"

#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "db.h"
#include "fnv.h"
#include "log.h"

#define SEEN_APPS	512		/* direct-mapped: 512 at a time */
/* Who comes again and again from the same place is written this often. */
#define SEEN_SAME_US	(30 * US_PER_S)

struct seen_app {
	struct uuid	app, epoch;
	int64_t		xid;		/* all up to it is there; -1: unknown */
	int64_t		written_xid, written_us;
	bool		is_used, is_new, is_full;
};

/* The four arrays of the statement, as text. */
struct seen_arrays {
	struct buf	app, epoch, xid, full;
	int		n;
};

static struct seen_app	*seen_slot(const struct uuid *app);
static void	seen_put(struct seen_arrays *a, const struct seen_app *s);
static void	seen_send(struct seen_arrays *a);
static void	seen_done(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);

static struct seen_app	seen_apps[SEEN_APPS];	/* of this worker */
static bool		seen_is_any;

void
sync_seen_add(const struct uuid *app, const struct sync_cursor *cur)
{
	struct seen_app	*s = seen_slot(app);
	size_t		 i;

	s->is_new = true;
	seen_is_any = true;
	if (cur == NULL || cur->kind != SYNC_DELTA)
		return;
	s->epoch = cur->epoch;
	/* Inside a transaction's changes, the one before it is complete. */
	s->xid = cur->xid;
	for (i = 0; i < sizeof(cur->id.b); i++) {
		if (cur->id.b[i] != 0xff) {
			s->xid = cur->xid - 1;
			break;
		}
	}
}

void
sync_seen_full(const struct uuid *app)
{
	struct seen_app	*s = seen_slot(app);

	s->is_new = s->is_full = true;
	seen_is_any = true;
}

void
sync_seen_flush(int64_t mono_us)
{
	struct seen_arrays	 a;
	struct seen_app		*s;
	int			 i;

	if (!seen_is_any)
		return;
	seen_is_any = false;
	memset(&a, 0, sizeof(a));
	buf_init(&a.app, SEEN_APPS * (UUID_TEXT_LEN + 1) + 2);
	buf_init(&a.epoch, SEEN_APPS * (UUID_TEXT_LEN + 1) + 2);
	buf_init(&a.xid, SEEN_APPS * 21 + 2);
	buf_init(&a.full, SEEN_APPS * 2 + 2);
	for (i = 0; i < SEEN_APPS; i++) {
		s = &seen_apps[i];
		if (!s->is_new || (s->xid == s->written_xid && !s->is_full &&
		    mono_us - s->written_us < SEEN_SAME_US))
			continue;
		seen_put(&a, s);
		s->written_xid = s->xid;
		s->written_us = mono_us;
		s->is_new = s->is_full = false;
	}
	if (a.n > 0)
		seen_send(&a);
	buf_clear(&a.app);
	buf_clear(&a.epoch);
	buf_clear(&a.xid);
	buf_clear(&a.full);
}

/* Another application's slot is given up: its next call makes it again. */
static struct seen_app *
seen_slot(const struct uuid *app)
{
	struct seen_app	*s;

	s = &seen_apps[fnv1a(app->b, sizeof(app->b)) % SEEN_APPS];
	if (!s->is_used || uuid_cmp(&s->app, app) != 0) {
		memset(s, 0, sizeof(*s));
		s->app = *app;
		s->xid = -1;
		s->written_xid = -2;
		s->is_used = true;
	}
	return (s);
}

static void
seen_put(struct seen_arrays *a, const struct seen_app *s)
{
	char	app[UUID_TEXT_LEN + 1], epoch[UUID_TEXT_LEN + 1];
	char	sep = a->n++ == 0 ? '{' : ',';

	uuid_format(&s->app, app);
	uuid_format(&s->epoch, epoch);
	buf_printf(&a->app, "%c%s", sep, app);
	buf_printf(&a->epoch, "%c%s", sep, epoch);
	buf_printf(&a->xid, "%c%lld", sep, (long long)s->xid);
	buf_printf(&a->full, "%c%c", sep, s->is_full ? 't' : 'f');
}

static void
seen_send(struct seen_arrays *a)
{
	struct buf		*all[] = {
		&a->app, &a->epoch, &a->xid, &a->full
	};
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e = ERR_OK;
	size_t			 i;

	for (i = 0; i < COUNT(all); i++) {
		buf_char(all[i], '}');
		if (buf_err(all[i]) != ERR_OK)
			e = buf_err(all[i]);
		db_text_len(&p, all[i]->data, all[i]->len);
	}
	if (e == ERR_OK)
		e = db_send(SQL_SYNC_SEEN, &p, seen_done, NULL, NULL);
	else
		db_params_clear(&p);
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "progress of sync not written: %s",
		    err_text(e));
}

/* What an outage loses, the next call writes again within 30 s. */
static void
seen_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "progress of sync not written: %s",
		    err_text(e));
}
