/*
 * api_stream - see api_stream.h.  Owns the order of asking and sending; the
 * sending itself is api_chunk's.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api_chunk.h"
#include "api_ctx.h"
#include "api_stream.h"
#include "mem.h"
#include "str.h"

/* A page of a thousand rows of the widest kind. */
#define STREAM_PIECE_MAX	(64 * 1024 * 1024)

struct api_stream_run {
	const struct api_stream	*s;
	struct buf		 page;		/* arrived, not handed over */
	bool			 is_started, is_last;
	char			 next[API_STREAM_NEXT_LEN + 1];
};

static enum err	stream_rows(const struct db_result *res, void *target);
static bool	stream_begin(struct http_request *req);

void
api_stream_init(struct http_request *req, const struct api_stream *s)
{
	struct api_stream_run	*run;

	if ((run = mem_new(sizeof(*run))) == NULL)
		return;			/* api_stream_ask() answers */
	run->s = s;
	api_chunk_new(&run->page, STREAM_PIECE_MAX);
	api_ctx(req)->stream = run;
}

void
api_stream_free(struct api_stream_run *run)
{
	if (run == NULL)
		return;
	buf_clear(&run->page);
	mem_free(run);
}

int
api_stream_ask(struct http_request *req)
{
	struct api_stream_run	*run = api_ctx(req)->stream;
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e;

	if (run == NULL)
		return (api_fail(req, PROBLEM_INTERNAL));
	if (api_chunk_is_busy(req))
		return (api_sleep(req));
	if (run->is_last && run->is_started)
		return (api_chunk_end(req));
	run->s->params(req, &p, run->next[0] != '\0' ? run->next : NULL);
	if ((e = api_ask_try(req, run->s->query, &p, stream_rows, run)) ==
	    ERR_OK)
		return (api_next(req));
	if (run->is_started)
		return (api_chunk_cut(req, err_text(e)));
	return (api_fail_retry(req, problem_of_err(e), 1));
}

int
api_stream_got(struct http_request *req)
{
	struct api_stream_run	*run = api_ctx(req)->stream;
	const char		*constraint;
	enum err		 e;
	int			 ret;

	if (!api_got_err(req, &ret, &e, &constraint))
		return (ret);
	if (e != ERR_OK && run->is_started)
		return (api_chunk_cut(req, err_text(e)));
	if (e == ERR_NOT_FOUND)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	if (e != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	if (!run->is_started && !stream_begin(req))
		return (api_fail(req, PROBLEM_OVERLOADED));
	if (req->method == HTTP_METHOD_HEAD)
		return (api_chunk_end(req));
	if (!api_chunk_put(req, &run->page, run->is_last ? GZIP_LAST :
	    GZIP_MORE))
		return (api_chunk_cut(req, "connection lost"));
	return (api_skip(req, -2));	/* to api_stream_ask() again */
}

static enum err
stream_rows(const struct db_result *res, void *target)
{
	struct api_stream_run	*run = target;
	struct db_row		 r = db_row_at(res, 0);
	const char		*piece;
	size_t			 len = 0;

	if (db_result_rows(res) != 1)
		return (db_result_rows(res) == 0 && !run->is_started ?
		    ERR_NOT_FOUND : ERR_DB);
	piece = db_row_str(&r, "piece", &len);
	run->is_last = db_row_is_null(&r, "next");
	db_row_text(&r, "next", run->next, sizeof(run->next));
	if (r.err != ERR_OK)
		return (r.err);
	buf_clear(&run->page);
	api_chunk_new(&run->page, STREAM_PIECE_MAX);
	if (piece != NULL)
		buf_add(&run->page, piece, len);
	return (buf_err(&run->page));
}

/* Status and headers. */
static bool
stream_begin(struct http_request *req)
{
	struct api_stream_run	*run = api_ctx(req)->stream;
	char			 text[160];

	run->is_started = true;
	if (run->s->file_name != NULL && str_printf(text, sizeof(text),
	    "attachment; filename=\"%s\"", run->s->file_name) == ERR_OK)
		api_set_header(req, "content-disposition", text);
	return (api_chunk_begin(req, run->s->type, false));
}
