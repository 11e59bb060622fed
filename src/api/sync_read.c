/*
 * sync_read - see sync_read.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api_chunk.h"
#include "clock.h"
#include "generation.h"
#include "platform.h"
#include "str.h"
#include "sync_read.h"
#include "sync_seen.h"

/* A cursor with nothing behind it stays as it is, so that the client may go on
 * saying that it knows; until it is as old as this, in seconds and places. */
#define SYNC_KEEP_S	3600
#define SYNC_KEEP_XIDS	5000
/* A hash over everybody takes some seconds for each million. */
#define SYNC_HASH_MS	60000
/* Statements of one page: looking through other applications' changes may
 * find nothing for a while. */
#define SYNC_PARTS_MAX	64

static const struct sync_number	sync_limit = {
	"limit", SYNC_LIMIT_DEFAULT, 1, SYNC_LIMIT_MAX,
	"Send a number from 1 to 10000."
};
static const struct sync_number	sync_set_hash = {
	"set_hash", 0, 0, 1, "Send 0 or 1."
};

static bool	sync_read_cursor(struct http_request *req,
		    struct sync_reader *r, const char *s);
static uint64_t	sync_read_grant(struct http_request *req);
static enum err	sync_read_rows(const struct db_result *res, void *target);
static void	sync_read_add(struct sync_reader *r,
		    const struct sync_found *f);
static void	sync_read_move(struct sync_reader *r,
		    const struct sync_found *f);
static int	sync_read_fail(struct http_request *req, enum err e);
static void	sync_read_bad(struct decode_errors *e, const char *field,
		    const char *message);

void
sync_read_init(struct http_request *req, struct sync_reader *r,
    const char *cursor, struct decode_errors *e)
{
	r->call.req = req;
	r->call.app = api_caller(req)->app;
	r->grant = sync_read_grant(req);
	r->lead = "";
	buf_init(&r->removed, SYNC_REMOVED_MAX);
	if (cursor != NULL && cursor[0] != '\0' &&
	    !sync_read_cursor(req, r, cursor))
		sync_read_bad(e, "cursor", "Send a cursor as this service "
		    "gave it to this application, or none.");
	if (!r->has_cursor)
		r->cur.kind = SYNC_SNAPSHOT;
	r->is_full = r->cur.kind != SYNC_DELTA;
	r->limit = sync_read_number(req, &sync_limit, e);
	r->with_hash = sync_read_number(req, &sync_set_hash, e) == 1;
	if (e->n == 0)
		sync_seen_add(&r->call.app, r->has_cursor ? &r->cur : NULL);
}

int32_t
sync_read_number(struct http_request *req, const struct sync_number *n,
    struct decode_errors *e)
{
	const char	*s;
	int64_t		 v;

	if ((s = api_query(req, n->name)) == NULL)
		return (n->def);
	if (str_int(s, strlen(s), n->min, n->max, &v) == ERR_OK)
		return ((int32_t)v);
	sync_read_bad(e, n->name, n->message);
	return (n->def);
}

void
sync_read_page(struct sync_reader *r)
{
	r->from = r->cur;
	r->left = r->limit;
	r->n_parts = 0;
	r->has_users = r->has_more = r->is_last = false;
	r->set_hash[0] = '\0';
	buf_clear(&r->removed);
}

bool
sync_read_is_empty(const struct sync_reader *r)
{
	return (!r->has_users && r->removed.len == 0);
}

bool
sync_read_is_granted(struct http_request *req, const struct sync_reader *r)
{
	return (sync_read_grant(req) == r->grant);
}

void
sync_read_leave(void *input)
{
	struct sync_reader	*r = input;

	feed_leave(&r->call);
	buf_clear(&r->piece);
	buf_clear(&r->removed);
}

/* ---- states -------------------------------------------------------------- */

int
sync_read_enter(struct http_request *req)
{
	struct sync_reader	*r = api_input(req);

	if (r->call.is_refused)
		return (sync_read_fail(req, ERR_BUSY));
	if (!feed_read(&r->call))
		return (api_sleep(req));
	return (api_next(req));
}

int
sync_read_ask(struct http_request *req)
{
	struct sync_reader	*r = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e;

	r->call.seen = feed_now(&r->call.app);
	sync_store_page_params(&p, &r->cur, &r->call.app,
	    MIN(r->left, SYNC_PART), r->with_hash);
	if (r->with_hash)
		p.ms = SYNC_HASH_MS;
	if ((e = api_ask_try(req, r->cur.kind == SYNC_SNAPSHOT ?
	    SQL_SYNC_SNAPSHOT : SQL_SYNC_DELTA, &p, sync_read_rows, r)) !=
	    ERR_OK)
		return (sync_read_fail(req, e));
	return (api_next(req));
}

bool
sync_read_got(struct http_request *req, int *ret, bool *is_resync)
{
	struct sync_reader	*r = api_input(req);
	const char		*constraint;
	enum err		 e;

	*is_resync = false;
	if (!api_got_err(req, ret, &e, &constraint))
		return (false);
	/* Read ahead of the client by one part; it takes the last one first. */
	if (api_chunk_is_busy(req)) {
		feed_sending(&r->call);
		*ret = api_sleep(req);
		return (false);
	}
	*is_resync = e == ERR_EXPIRED;
	if (e == ERR_OK)
		return (true);
	if (!*is_resync)
		*ret = sync_read_fail(req, e);
	return (false);
}

enum err
sync_read_finish(struct sync_reader *r)
{
	enum err	e;

	if ((e = sync_cursor_format(&r->cur, &r->call.app,
	    platform_sync_key(), r->text)) != ERR_OK)
		return (e);
	buf_str(&r->piece, "],\"removed\":[");
	buf_add(&r->piece, r->removed.data, r->removed.len);
	buf_printf(&r->piece, "],\"cursor\":\"%s\",\"has_more\":%s,"
	    "\"full\":%s", r->text, r->has_more ? "true" : "false",
	    r->is_full ? "true" : "false");
	if (r->set_hash[0] != '\0')
		buf_printf(&r->piece, ",\"set_hash\":\"%s\"", r->set_hash);
	buf_char(&r->piece, '}');
	return (buf_err(&r->piece));
}

/* ---- the parts of it ----------------------------------------------------- */

static bool
sync_read_cursor(struct http_request *req, struct sync_reader *r,
    const char *s)
{
	const struct uuid	*app = &api_caller(req)->app;
	size_t			 n = strlen(s);

	if (sync_cursor_parse(s, n, app, platform_sync_key(), &r->cur) !=
	    ERR_OK && (platform_sync_old() == NULL || sync_cursor_parse(s, n,
	    app, platform_sync_old(), &r->cur) != ERR_OK))
		return (false);
	r->has_cursor = true;
	memcpy(r->text, s, sizeof(r->text));	/* its length was checked */
	return (true);
}

/* Both counters only grow. */
static uint64_t
sync_read_grant(struct http_request *req)
{
	const struct api_caller		*c = api_caller(req);
	const struct generations	*g = platform_generations();

	return (generation_of(g, GENERATION_KEY, c->key_id, APIKEY_ID_LEN) +
	    generation_of(g, GENERATION_APP, c->app.b, sizeof(c->app.b)));
}

/* The answer has arrived: what it says is taken over before it goes away. */
static enum err
sync_read_rows(const struct db_result *res, void *target)
{
	struct sync_reader	*r = target;
	struct sync_found	 f;
	enum err		 e;

	if (db_result_rows(res) != 1)
		return (ERR_DB);
	if ((e = sync_store_page(res, &r->cur, &f)) != ERR_OK)
		return (e);
	if (f.is_resync)
		return (ERR_EXPIRED);
	sync_read_add(r, &f);
	sync_read_move(r, &f);
	if (buf_err(&r->piece) != ERR_OK)
		return (buf_err(&r->piece));
	return (buf_err(&r->removed));
}

static void
sync_read_add(struct sync_reader *r, const struct sync_found *f)
{
	buf_clear(&r->piece);
	api_chunk_new(&r->piece, SYNC_PART_MAX);
	if (r->n_parts++ == 0) {
		buf_str(&r->piece, r->lead);
		buf_str(&r->piece, "{\"users\":[");
	}
	if (f->n_users > 0) {
		if (r->has_users)
			buf_char(&r->piece, ',');
		buf_add(&r->piece, f->users, f->users_len);
		r->has_users = true;
	}
	if (f->n_removed > 0) {
		if (r->removed.len > 0)
			buf_char(&r->removed, ',');
		buf_add(&r->removed, f->removed, f->removed_len);
	}
	r->left -= f->n_users + f->n_removed;
	r->has_more = f->has_more;
	r->waits_for = f->waits_for;
	memcpy(r->set_hash, f->set_hash, sizeof(r->set_hash));
	r->is_last = !f->has_more || r->left <= 0 ||
	    r->n_parts >= SYNC_PARTS_MAX;
}

static void
sync_read_move(struct sync_reader *r, const struct sync_found *f)
{
	int64_t	now_s = clock_us() / US_PER_S;

	if (sync_read_is_empty(r) && !r->is_full && !f->has_more &&
	    f->next.xid - r->from.xid < SYNC_KEEP_XIDS &&
	    now_s - r->from.made_s < SYNC_KEEP_S) {
		r->cur = r->from;
		return;
	}
	r->cur = f->next;
	r->cur.made_s = now_s;
}

/* An error answer, as long as none has begun. */
static int
sync_read_fail(struct http_request *req, enum err e)
{
	if (api_chunk_is_begun(req))
		return (api_chunk_cut(req, err_text(e)));
	return (api_fail_retry(req, problem_of_err(e), 1));
}

static void
sync_read_bad(struct decode_errors *e, const char *field, const char *message)
{
	if (e->n >= DECODE_ERRORS_MAX)
		return;
	e->v[e->n].field = field;
	e->v[e->n++].message = message;
}
