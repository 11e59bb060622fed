/*
 * key_use - see key_use.h.
 * A place is given to another key only when its uses are written, so none is
 * missing that the database has taken.  What an outage or the end of a worker
 * loses is up to a minute of counts; when a key was last used comes with its
 * next use.
 */
#include "key_use.h"

#include <string.h>

#include "apikey.h"
#include "buf.h"
#include "clock.h"
#include "db.h"
#include "fnv.h"
#include "log.h"
#include "mem.h"

#define KEY_USE_SLOTS	1024	/* 48 KiB a worker */
#define KEY_USE_PROBES	8	/* places that a key may have */
#define KEY_USE_EVERY_US (60 * US_PER_S)
#define KEY_USE_BATCH	64	/* keys in one statement */
#define KEY_USE_DIGITS	10	/* of a count */

struct key_use {
	char		id[APIKEY_ID_LEN + 1];	/* "" = free */
	uint32_t	n;			/* since it was last written */
	struct ip	from;			/* the last of them */
	int64_t		written_us;
};

static struct key_use	*key_use_place(const char *id);
static int		 key_use_write(int64_t every_us);
static void		 key_use_written(void *arg, enum err e,
			    const struct db_result *res,
			    const char *constraint);

static struct key_use	*key_uses;	/* of this worker */

enum err
key_use_init(void)
{
	if ((key_uses = mem_new(KEY_USE_SLOTS * sizeof(*key_uses))) == NULL)
		return (ERR_NOMEM);
	return (ERR_OK);
}

void
key_use_add(const char *id, const struct ip *from)
{
	struct key_use	*u = key_use_place(id);

	if (strcmp(u->id, id) != 0) {
		memset(u, 0, sizeof(*u));
		memcpy(u->id, id, sizeof(u->id));
	}
	if (u->n < UINT32_MAX)
		u->n++;
	u->from = *from;
}

void
key_use_flush(void)
{
	(void)key_use_write(KEY_USE_EVERY_US);
}

/* The place of |id|, or one that has nothing left to be written. */
static struct key_use *
key_use_place(const char *id)
{
	struct key_use	*u, *idle = NULL;
	uint32_t	 h = fnv1a(id, APIKEY_ID_LEN);
	int		 i;

	for (i = 0; i < KEY_USE_PROBES; i++) {
		u = &key_uses[(h + (uint32_t)i) % KEY_USE_SLOTS];
		if (strcmp(u->id, id) == 0)
			return (u);
		if (u->n == 0 && idle == NULL)
			idle = u;
	}
	if (idle != NULL)
		return (idle);
	/* More keys than places: these are written before their minute. */
	while (key_use_write(0) == KEY_USE_BATCH)
		;
	return (&key_uses[h % KEY_USE_SLOTS]);
}

/* Writes a batch of what was last written |every_us| ago.  -> keys in it */
static int
key_use_write(int64_t every_us)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct key_use		*u, *batch[KEY_USE_BATCH];
	struct buf		 ids, ips, counts;
	char			 ip[IP_TEXT_LEN + 1];
	int64_t			 now = clock_us();
	int			 i, n = 0;

	buf_init(&ids, KEY_USE_BATCH * (APIKEY_ID_LEN + 1) + 2);
	buf_init(&ips, KEY_USE_BATCH * (IP_TEXT_LEN + 1) + 2);
	buf_init(&counts, KEY_USE_BATCH * (KEY_USE_DIGITS + 1) + 2);
	for (i = 0; i < KEY_USE_SLOTS && n < KEY_USE_BATCH; i++) {
		u = &key_uses[i];
		if (u->n == 0 || now - u->written_us < every_us)
			continue;
		/* Base62, addresses and numbers need no quotes. */
		buf_char(&ids, n == 0 ? '{' : ',');
		buf_str(&ids, u->id);
		ip_format(&u->from, ip);
		buf_char(&ips, n == 0 ? '{' : ',');
		buf_str(&ips, ip);
		buf_char(&counts, n == 0 ? '{' : ',');
		buf_i64(&counts, u->n);
		batch[n++] = u;
	}
	buf_char(&ids, '}');
	buf_char(&ips, '}');
	buf_char(&counts, '}');
	if (n > 0 && buf_err(&ids) == ERR_OK && buf_err(&ips) == ERR_OK &&
	    buf_err(&counts) == ERR_OK) {
		db_text(&p, ids.data);
		db_time(&p, now);
		db_text(&p, ips.data);
		db_text(&p, counts.data);
		if (db_send(SQL_KEY_TOUCH, &p, key_use_written, NULL, NULL) !=
		    ERR_OK)
			n = 0;	/* kept, and tried again a second later */
		for (i = 0; i < n; i++) {
			batch[i]->n = 0;
			batch[i]->written_us = now;
		}
	}
	buf_clear(&ids);
	buf_clear(&ips);
	buf_clear(&counts);
	return (n);
}

static void
key_use_written(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "uses of keys not written: %s",
		    err_text(e));
}
