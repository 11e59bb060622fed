/*
 * sync_stream_api - GET /users/sync/stream: the pages of /users/sync as
 * Server-Sent Events (WHATWG HTML s.9.2), each with its cursor as its id, so
 * that Last-Event-ID goes on where the last one ended.
 * A stream ends after a while, when the key or the application changes, and
 * when this worker stops: the client comes again and shows how far it is.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api_chunk.h"
#include "clock.h"
#include "routes.h"
#include "sync_read.h"
#include "sync_seen.h"

#define STREAM_TYPE		"text/event-stream"
#define STREAM_LEAD		"event: page\ndata: "
/* A client that was cut off comes again after a second. */
#define STREAM_HELLO		"retry: 1000\n\n"
#define STREAM_HEARTBEAT_US	(15 * US_PER_S)

struct stream_input {
	struct sync_reader	r;		/* first: sync_read_*() */
	bool			is_counted;
	bool			is_waiting;	/* feed_wait() was true */
	int64_t			end_us;		/* monotonic */
};

static const struct sync_number	stream_seconds = {
	"seconds", 300, 1, 3600, "Send a number of seconds from 1 to 3600."
};

static int	stream_parse(struct http_request *req);
static int	stream_got(struct http_request *req);
static int	stream_wait(struct http_request *req);
static int	stream_end(struct http_request *req);
static void	stream_leave(void *input);
static int	stream_page(struct http_request *req);
static int	stream_quiet(struct http_request *req);
static bool	stream_text(struct http_request *req, const char *text,
		    enum gzip_end end);
static int	stream_resync(struct http_request *req);
static int	stream_finish(struct http_request *req);
static bool	stream_is_over(struct http_request *req);

static struct http_state stream_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(stream_parse),
	KORE_HTTP_STATE(sync_read_enter),
	KORE_HTTP_STATE(sync_read_ask),
	KORE_HTTP_STATE(stream_got),
	KORE_HTTP_STATE(stream_wait),
	KORE_HTTP_STATE(stream_end),
};
/* To sync_read_enter(), and from stream_wait() to itself. */
#define STREAM_GOT_AGAIN	-3
#define STREAM_WAIT_AGAIN	-4
#define STREAM_WAIT_ON		-1

static const struct api_route stream_route = {
	.name = "sync_stream", .methods = API_GET,
	.states = stream_states, .n_states = COUNT(stream_states),
	.input_size = sizeof(struct stream_input), .leave = stream_leave,
};

/* Streams of this worker. */
static int	stream_n;

/* ---- GET /users/sync/stream.  Guard: key.  200 | 410 | 422 | 503. -------- */

int
api_sync_stream(struct http_request *req)
{
	return (api_run(req, &stream_route));
}

static int
stream_parse(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	struct decode_errors	 e = { .n = 0 };
	const char		*cursor;
	int32_t			 life_s;

	/* A client that comes again keeps the query of its first call. */
	if ((cursor = api_header(req, "last-event-id")) == NULL ||
	    cursor[0] == '\0')
		cursor = api_query(req, "cursor");
	sync_read_init(req, r, cursor, &e);
	life_s = sync_read_number(req, &stream_seconds, &e);
	if (e.n > 0)
		return (api_fail_fields(req, &e));
	/* A quarter of what this worker may serve. */
	if (stream_n >= (int)http_request_limit / 4)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 5));
	if (api_is_stopping())
		return (api_fail_retry(req, PROBLEM_DRAINING, 1));
	stream_n++;
	in->is_counted = true;
	in->end_us = clock_mono_us() + life_s * US_PER_S;
	r->limit = MIN(r->limit, SYNC_PART);
	r->lead = STREAM_HELLO STREAM_LEAD;
	sync_read_page(r);
	return (api_next(req));
}

static int
stream_got(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	bool			 is_resync;
	int			 ret;

	if (!sync_read_got(req, &ret, &is_resync))
		return (is_resync ? stream_resync(req) : ret);
	feed_sending(&r->call);
	if (!api_chunk_is_begun(req)) {
		if (!api_chunk_begin(req, STREAM_TYPE, false))
			return (api_fail(req, PROBLEM_OVERLOADED));
		if (req->method == HTTP_METHOD_HEAD)
			return (api_chunk_end(req));
	}
	return (stream_page(req));
}

/* Until there is something to read again. */
static int
stream_wait(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct feed_call	*call = &in->r.call;
	int64_t			 now = clock_mono_us();

	if (api_chunk_is_busy(req) || call->place == FEED_WAITING)
		return (api_sleep(req));
	if (stream_is_over(req))
		return (stream_finish(req));
	if (in->is_waiting) {
		in->is_waiting = false;
		if (now < call->until_us || !feed_is_live())
			return (api_skip(req, STREAM_WAIT_AGAIN));
		if (!stream_text(req, ":\n\n", GZIP_FLUSH))
			return (api_chunk_cut(req, "connection lost"));
		return (api_skip(req, STREAM_WAIT_ON));
	}
	call->until_us = MIN(now + STREAM_HEARTBEAT_US, in->end_us);
	if (feed_wait(call)) {
		in->is_waiting = true;
		return (api_sleep(req));
	}
	if (feed_now(&call->app) != call->seen)
		return (api_skip(req, STREAM_WAIT_AGAIN));
	return (stream_finish(req));
}

static int
stream_end(struct http_request *req)
{
	if (api_chunk_is_busy(req))
		return (api_sleep(req));
	return (api_chunk_end(req));
}

static void
stream_leave(void *input)
{
	struct stream_input	*in = input;

	if (in->is_counted)
		stream_n--;
	in->is_counted = false;
	sync_read_leave(&in->r);
}

/* ---- the parts of it ----------------------------------------------------- */

/* A part of a page has arrived, mostly all of it. */
static int
stream_page(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	bool			 has_more = r->has_more;

	if (!r->is_last) {
		if (!api_chunk_put(req, &r->piece, GZIP_MORE))
			return (api_chunk_cut(req, "connection lost"));
		return (api_skip(req, STREAM_GOT_AGAIN));
	}
	r->call.waits_for = r->waits_for;
	if (r->n_parts == 1 && sync_read_is_empty(r) && !r->is_full)
		return (stream_quiet(req));
	if (sync_read_finish(r) != ERR_OK)
		return (api_chunk_cut(req, "the page cannot be ended"));
	buf_printf(&r->piece, "\nid: %s\n\n", r->text);
	if (!api_chunk_put(req, &r->piece, GZIP_FLUSH))
		return (api_chunk_cut(req, "connection lost"));
	r->lead = STREAM_LEAD;
	if (r->is_full && !has_more) {
		r->is_full = false;
		sync_seen_full(&r->call.app);
	}
	sync_read_page(r);
	return (has_more ? api_skip(req, STREAM_GOT_AGAIN) : api_next(req));
}

/* Nothing to tell but, now and then, a place further on. */
static int
stream_quiet(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct sync_reader	*r = &in->r;
	bool			 has_more = r->has_more;
	struct buf		 piece;

	api_chunk_new(&piece, 256);
	if (r->lead[0] == 'r')
		buf_str(&piece, STREAM_HELLO);
	if (r->cur.made_s != r->from.made_s) {
		if (sync_read_finish(r) != ERR_OK)
			return (api_chunk_cut(req, "no cursor"));
		buf_printf(&piece, "id: %s\n\n", r->text);
	}
	buf_clear(&r->piece);
	if (!api_chunk_put(req, &piece, GZIP_FLUSH))
		return (api_chunk_cut(req, "connection lost"));
	r->lead = STREAM_LEAD;
	sync_read_page(r);
	return (has_more ? api_skip(req, STREAM_GOT_AGAIN) : api_next(req));
}

static bool
stream_text(struct http_request *req, const char *text, enum gzip_end end)
{
	struct buf	piece;

	api_chunk_new(&piece, strlen(text));
	buf_str(&piece, text);
	return (api_chunk_put(req, &piece, end));
}

/* The cursor is of no use any more; before a page has gone out, 410. */
static int
stream_resync(struct http_request *req)
{
	struct stream_input	*in = api_input(req);
	struct buf		 doc;
	bool			 is_sent;

	feed_leave(&in->r.call);
	if (!api_chunk_is_begun(req))
		return (api_fail(req, PROBLEM_RESYNC));
	buf_init(&doc, 4096);
	buf_str(&doc, "event: resync\ndata: ");
	problem_json(&doc, PROBLEM_RESYNC, NULL, api_origin(req)->request_id,
	    NULL);
	buf_str(&doc, "\n\n");
	is_sent = buf_err(&doc) == ERR_OK &&
	    stream_text(req, doc.data, GZIP_LAST);
	buf_clear(&doc);
	if (!is_sent)
		return (api_chunk_cut(req, "connection lost"));
	return (api_skip(req, 1));		/* to stream_end() */
}

/* From stream_wait(): the client comes again. */
static int
stream_finish(struct http_request *req)
{
	if (!stream_text(req, "", GZIP_LAST))
		return (api_chunk_cut(req, "connection lost"));
	return (api_next(req));
}

static bool
stream_is_over(struct http_request *req)
{
	struct stream_input	*in = api_input(req);

	return (api_is_stopping() || clock_mono_us() >= in->end_us ||
	    !sync_read_is_granted(req, &in->r));
}
