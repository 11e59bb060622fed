/*
 * sync_api - GET /users/sync: pages of a snapshot or of changes, and waiting
 * for one.  What a page holds and why none can be lost: docs/PROTOCOL.sync.md.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api_chunk.h"
#include "clock.h"
#include "coding.h"
#include "etag.h"
#include "headers.h"
#include "routes.h"
#include "str.h"
#include "sync_read.h"
#include "sync_seen.h"

/* Up to this an answer has a length; beyond it the client's pace is watched. */
#define SYNC_WHOLE_MAX	65536
#define SYNC_GZIP_MIN	1024

struct sync_input {
	struct sync_reader	r;		/* first: sync_read_*() */
	bool			is_gzip;
	bool			is_final;	/* waited enough */
};

static const struct sync_number	sync_seconds = {
	"wait", 0, 0, 30, "Send a number of seconds from 0 to 30."
};

static int	sync_parse(struct http_request *req);
static int	sync_got(struct http_request *req);
static int	sync_wait(struct http_request *req);
static int	sync_end(struct http_request *req);
static bool	sync_may_wait(struct sync_input *in);
static int	sync_reply(struct http_request *req);
static int	sync_reply_parts(struct http_request *req);
static void	sync_tag(struct http_request *req,
		    const struct sync_reader *r);
static bool	sync_is_known(struct http_request *req,
		    const struct sync_reader *r);
static void	sync_tag_make(const struct sync_reader *r,
		    char tag[SYNC_TAG_LEN + 1]);

static struct http_state sync_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(sync_parse),
	KORE_HTTP_STATE(sync_read_enter),
	KORE_HTTP_STATE(sync_read_ask),
	KORE_HTTP_STATE(sync_got),
	KORE_HTTP_STATE(sync_wait),
	KORE_HTTP_STATE(sync_end),
};
/* From sync_got() and sync_wait() to sync_read_enter(). */
#define SYNC_GOT_AGAIN	-3
#define SYNC_WAIT_AGAIN	-4

static const struct api_route sync_route = {
	.name = "sync", .methods = API_GET,
	.states = sync_states, .n_states = COUNT(sync_states),
	.input_size = sizeof(struct sync_input), .leave = sync_read_leave,
};

/* ---- GET /users/sync.  Guard: key.  200 | 304 | 410 | 422. --------------- */

int
api_sync(struct http_request *req)
{
	return (api_run(req, &sync_route));
}

static int
sync_parse(struct http_request *req)
{
	struct sync_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	struct decode_errors	 e = { .n = 0 };
	int32_t			 wait_s;

	sync_read_init(req, r, api_query(req, "cursor"), &e);
	wait_s = sync_read_number(req, &sync_seconds, &e);
	if (e.n > 0)
		return (api_fail_fields(req, &e));
	in->is_gzip = (coding_accepted(api_header(req, "accept-encoding")) &
	    CODING_GZIP) != 0;
	r->call.until_us = clock_mono_us() + wait_s * US_PER_S;
	sync_read_page(r);
	if (r->with_hash || !feed_idle(&r->cur, &r->call.app))
		return (api_next(req));

	/* Nothing has changed, as far as this node has heard. */
	r->call.seen = feed_now(&r->call.app);
	if (wait_s > 0 && feed_wait(&r->call))
		return (api_skip(req, 3));	/* to sync_wait() */
	if (wait_s == 0 && sync_is_known(req, r))
		return (api_reply_unchanged(req));
	return (api_next(req));
}

static int
sync_got(struct http_request *req)
{
	struct sync_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	bool			 is_resync;
	int			 ret;

	if (!sync_read_got(req, &ret, &is_resync)) {
		if (!is_resync)
			return (ret);
		return (api_chunk_is_begun(req) ? api_chunk_cut(req,
		    "the feed began anew") : api_fail(req, PROBLEM_RESYNC));
	}
	if (r->is_last && sync_may_wait(in)) {
		if (feed_wait(&r->call)) {
			buf_clear(&r->piece);
			sync_read_page(r);
			return (api_next(req));
		}
		if (feed_now(&r->call.app) != r->call.seen) {
			sync_read_page(r);
			return (api_skip(req, SYNC_GOT_AGAIN));
		}
	}
	if (!r->is_last || api_chunk_is_begun(req))
		return (sync_reply_parts(req));
	return (sync_reply(req));
}

/* Woken by a change, by time, or because this worker stops. */
static int
sync_wait(struct http_request *req)
{
	struct sync_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;

	if (r->call.place == FEED_WAITING)
		return (api_sleep(req));
	/*
	 * Once more in any case: it costs one statement for each call that
	 * waited, and the answer does not rest on what was not heard.
	 */
	in->is_final = clock_mono_us() >= r->call.until_us ||
	    api_is_stopping() || !sync_read_is_granted(req, r);
	return (api_skip(req, SYNC_WAIT_AGAIN));
}

/* All parts were handed over; until they were taken, their memory counts. */
static int
sync_end(struct http_request *req)
{
	struct sync_input	*in = api_input(req);

	if (api_chunk_is_busy(req))
		return (api_sleep(req));
	feed_leave(&in->r.call);
	return (api_chunk_end(req));
}

/* Nothing but "nothing new" is worth waiting for. */
static bool
sync_may_wait(struct sync_input *in)
{
	struct sync_reader	*r = &in->r;

	r->call.waits_for = r->waits_for;
	if (r->is_full || r->has_more || !sync_read_is_empty(r))
		return (false);
	return (!in->is_final && clock_mono_us() < r->call.until_us);
}

/* The page is one part. */
static int
sync_reply(struct http_request *req)
{
	struct sync_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;

	if (r->is_full && !r->has_more)
		sync_seen_full(&r->call.app);
	if (!r->has_more && r->waits_for == 0)
		feed_idle_put(&r->cur, &r->call.app, r->call.seen);
	if (sync_is_known(req, r)) {
		feed_leave(&r->call);
		return (api_reply_unchanged(req));
	}
	if (sync_read_finish(r) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	sync_tag(req, r);
	api_set_header(req, "vary", "accept-encoding");
	in->is_gzip = in->is_gzip && r->piece.len >= SYNC_GZIP_MIN;
	if (r->piece.len <= SYNC_WHOLE_MAX) {
		feed_leave(&r->call);
		return (api_chunk_whole(req, &r->piece, HEADERS_JSON,
		    in->is_gzip));
	}
	if (!api_chunk_begin(req, HEADERS_JSON, in->is_gzip))
		return (api_fail(req, PROBLEM_OVERLOADED));
	feed_sending(&r->call);
	if (!api_chunk_put(req, &r->piece, GZIP_LAST))
		return (api_chunk_cut(req, "connection lost"));
	return (api_skip(req, 1));		/* to sync_end() */
}

/* A part of a page of several. */
static int
sync_reply_parts(struct http_request *req)
{
	struct sync_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;

	if (r->is_last && sync_read_finish(r) != ERR_OK)
		return (api_chunk_cut(req, "the page cannot be ended"));
	if (!api_chunk_is_begun(req)) {
		api_set_header(req, "vary", "accept-encoding");
		if (!api_chunk_begin(req, HEADERS_JSON, in->is_gzip))
			return (api_fail(req, PROBLEM_OVERLOADED));
	}
	feed_sending(&r->call);
	if (!api_chunk_put(req, &r->piece, r->is_last ? GZIP_LAST :
	    GZIP_MORE))
		return (api_chunk_cut(req, "connection lost"));
	if (!r->is_last)
		return (api_skip(req, SYNC_GOT_AGAIN));
	if (r->is_full && !r->has_more)
		sync_seen_full(&r->call.app);
	return (api_skip(req, 1));		/* to sync_end() */
}

/*
 * Sets the tag of where the page leads.  It is weak, since two answers that
 * lead there may differ in what comes again.
 */
static void
sync_tag(struct http_request *req, const struct sync_reader *r)
{
	char	tag[SYNC_TAG_LEN + 1], weak[SYNC_TAG_LEN + 3];

	sync_tag_make(r, tag);
	if (str_printf(weak, sizeof(weak), "W/%s", tag) == ERR_OK)
		api_set_header(req, "etag", weak);
}

/* Does the client stand there already?  Then the tag is set too. */
static bool
sync_is_known(struct http_request *req, const struct sync_reader *r)
{
	const char	*known = api_header(req, "if-none-match");
	char		 tag[SYNC_TAG_LEN + 1];

	if (known == NULL)
		return (false);
	sync_tag_make(r, tag);
	if (!etag_matches(known, tag))
		return (false);
	sync_tag(req, r);
	/* As with the 200 (RFC 9110 s.15.4.5). */
	api_set_header(req, "vary", "accept-encoding");
	return (true);
}

static void
sync_tag_make(const struct sync_reader *r, char tag[SYNC_TAG_LEN + 1])
{
	char	more[SYNC_HASH_LEN + 2] = "";

	if (r->with_hash && str_printf(more, sizeof(more), "#%s",
	    r->set_hash) != ERR_OK)
		more[0] = '\0';		/* not reached: it fits */
	sync_cursor_tag(&r->cur, &r->call.app, more, tag);
}
