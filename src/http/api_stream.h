/*
 * api_stream - a long answer, made page by page from a statement while the
 * client takes it: memory is bounded by a page, whatever the length.
 */
#ifndef API_STREAM_H
#define API_STREAM_H

#include "api.h"

/* What the statement gives as its place: keyset values, as text. */
#define API_STREAM_NEXT_LEN	255

/* Parameters of the next page; |next| is NULL for the first one. */
typedef void (*api_stream_params_fn)(struct http_request *req,
    struct db_params *p, const char *next);

/*
 * |query| returns exactly one row: piece text? (bytes to send as they are) and
 * next text? (where the next page begins; null: this was the last one).  None
 * for the first page: what is asked for is not there, 404.
 */
struct api_stream {
	const char		*type;		/* content type */
	const char		*file_name;	/* of the download, or NULL */
	enum sql_id		 query;
	api_stream_params_fn	 params;
};

struct api_stream_run;		/* of one request */

/*
 * The last two states of a table.  Up to the first page, what goes wrong is an
 * error answer; afterwards the connection is cut, so that no client takes a
 * part for the whole.
 */
#define API_STREAM							\
	KORE_HTTP_STATE(api_stream_ask),				\
	KORE_HTTP_STATE(api_stream_got)

/* In a state before them, once; |s| stays the caller's, for as long as the
 * request lives (static, or part of its input). */
void	api_stream_init(struct http_request *req, const struct api_stream *s);

int	api_stream_ask(struct http_request *req);
int	api_stream_got(struct http_request *req);

/* The request is freed. */
void	api_stream_free(struct api_stream_run *run);

#endif
