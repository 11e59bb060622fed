/*
 * api_chunk - see api_chunk.h.  Owns the long answers of this worker that are
 * under way, and their framing.
 *
 * Kore flushes, closes and reads on only when an answer is complete, so all
 * three are done here: CONN_IS_BUSY keeps it from reading the next request,
 * "connection: close" is said first and done last.
 */
#include <sys/param.h>
#include <sys/queue.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api_chunk.h"
#include "api_ctx.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "str.h"

/* A client takes a piece in this time or is gone. */
#define CHUNK_STALL_US		(60 * US_PER_S)
#define CHUNK_HEAD_LEN		10	/* eight hex digits, CRLF */
#define CHUNK_TAIL		"\r\n0\r\n\r\n"
/* What deflate may add to what cannot be packed (zlib's deflateBound). */
#define CHUNK_GZIP_SPARE	4096

/* What the connection holds until it is sent; outlives the request. */
struct chunk_piece {
	struct buf		 data;
	struct api_chunks	*owner;		/* NULL: the request is gone */
};

struct api_chunks {
	TAILQ_ENTRY(api_chunks)	 list;
	struct http_request	*req;
	struct gzip		*gzip;		/* NULL: sent as it is */
	struct chunk_piece	*sending;	/* NULL: nothing */
	bool			 is_chunked, is_head, has_to_close;
	int64_t			 deadline_us;	/* monotonic; 0: none */
};

static bool	chunk_pack(struct api_chunks *k, struct buf *piece,
		    enum gzip_end end);
static void	chunk_frame(struct api_chunks *k, struct buf *piece,
		    enum gzip_end end);
static bool	chunk_send(struct api_chunks *k, struct buf *piece);
static int	chunk_sent(struct netbuf *nb);

/* Answers of this worker. */
static TAILQ_HEAD(, api_chunks)	chunk_all = TAILQ_HEAD_INITIALIZER(chunk_all);

bool
api_chunk_begin(struct http_request *req, const char *type, bool is_gzip)
{
	struct api_chunks	*k;

	if ((k = mem_new(sizeof(*k))) == NULL)
		return (false);
	k->req = req;
	k->is_head = req->method == HTTP_METHOD_HEAD;
	k->is_chunked = (req->flags & HTTP_VERSION_1_0) == 0;
	if (is_gzip && gzip_new(&k->gzip) != ERR_OK) {
		mem_free(k);
		return (false);
	}
	TAILQ_INSERT_TAIL(&chunk_all, k, list);
	api_ctx(req)->chunks = k;
	if (is_gzip)
		api_set_header(req, "content-encoding", "gzip");
	if (k->is_chunked)
		api_set_header(req, "transfer-encoding", "chunked");
	req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	req->owner->flags |= CONN_IS_BUSY;
	(void)api_reply_bytes(req, HTTP_STATUS_OK, type, NULL, 0);
	/* Between two pieces nothing is queued, and that is not the end. */
	k->has_to_close = (req->owner->flags & CONN_CLOSE_EMPTY) != 0;
	req->owner->flags &= ~CONN_CLOSE_EMPTY;
	return (true);
}

bool
api_chunk_is_begun(struct http_request *req)
{
	return (api_ctx(req)->chunks != NULL);
}

bool
api_chunk_is_busy(struct http_request *req)
{
	struct api_chunks	*k = api_ctx(req)->chunks;

	return (k != NULL && k->sending != NULL);
}

void
api_chunk_new(struct buf *piece, size_t max)
{
	buf_init(piece, CHUNK_HEAD_LEN + max + sizeof(CHUNK_TAIL));
	buf_str(piece, "00000000\r\n");
}

bool
api_chunk_put(struct http_request *req, struct buf *piece, enum gzip_end end)
{
	struct api_chunks	*k = api_ctx(req)->chunks;

	if (req->owner == NULL || req->owner->state ==
	    CONN_STATE_DISCONNECTING || k->sending != NULL ||
	    buf_err(piece) != ERR_OK || !chunk_pack(k, piece, end)) {
		buf_clear(piece);
		return (false);
	}
	chunk_frame(k, piece, end);
	if (buf_err(piece) != ERR_OK) {
		buf_clear(piece);
		return (false);
	}
	if (!k->is_head && piece->len > 0)
		return (chunk_send(k, piece));
	buf_clear(piece);
	return (true);
}

int
api_chunk_whole(struct http_request *req, struct buf *piece, const char *type,
    bool is_gzip)
{
	struct buf	 packed;
	struct gzip	*z = NULL;
	int		 r;

	buf_init(&packed, piece->len + CHUNK_GZIP_SPARE);
	if (buf_err(piece) != ERR_OK || (is_gzip &&
	    (gzip_new(&z) != ERR_OK || gzip_add(z,
	    piece->data + CHUNK_HEAD_LEN, piece->len - CHUNK_HEAD_LEN,
	    GZIP_LAST, &packed) != ERR_OK)))
		r = api_fail(req, PROBLEM_INTERNAL);
	else if (is_gzip) {
		api_set_header(req, "content-encoding", "gzip");
		r = api_reply_bytes(req, 200, type, packed.data, packed.len);
	} else
		r = api_reply_bytes(req, 200, type,
		    piece->data + CHUNK_HEAD_LEN,
		    piece->len - CHUNK_HEAD_LEN);
	gzip_free(z);
	buf_clear(&packed);
	buf_clear(piece);
	return (r);
}

int
api_chunk_end(struct http_request *req)
{
	struct connection	*c = req->owner;

	if (c == NULL || c->state == CONN_STATE_DISCONNECTING)
		return (HTTP_STATE_COMPLETE);
	c->flags &= ~CONN_IS_BUSY;
	if (api_ctx(req)->chunks->has_to_close || api_is_stopping())
		c->flags |= CONN_CLOSE_EMPTY;	/* Kore flushes and closes */
	else
		http_start_recv(c);
	return (HTTP_STATE_COMPLETE);
}

int
api_chunk_cut(struct http_request *req, const char *why)
{
	struct api_ctx	*c = api_ctx(req);

	log_msg(LOG_LEVEL_WARN, "%s: answer of %s cut: %s", c->request_id,
	    c->route->name, why);
	if (req->owner != NULL)
		kore_connection_disconnect(req->owner);
	return (HTTP_STATE_COMPLETE);
}

void
api_chunk_free(struct api_chunks *k)
{
	if (k == NULL)
		return;
	if (k->sending != NULL)
		k->sending->owner = NULL;
	TAILQ_REMOVE(&chunk_all, k, list);
	gzip_free(k->gzip);
	mem_free(k);
}

void
api_chunk_tick(int64_t mono_us)
{
	struct api_chunks	*k;

	TAILQ_FOREACH(k, &chunk_all, list) {
		if (k->deadline_us == 0 || mono_us < k->deadline_us)
			continue;
		k->deadline_us = 0;
		(void)api_chunk_cut(k->req, "not taken by the client");
	}
}

/* The content of |piece| is replaced by what it packs to. */
static bool
chunk_pack(struct api_chunks *k, struct buf *piece, enum gzip_end end)
{
	struct buf	packed;
	size_t		len = piece->len - CHUNK_HEAD_LEN;

	if (k->gzip == NULL)
		return (true);
	api_chunk_new(&packed, len + len / 1000 + CHUNK_GZIP_SPARE);
	if (gzip_add(k->gzip, piece->data + CHUNK_HEAD_LEN, len, end,
	    &packed) != ERR_OK) {
		buf_clear(&packed);
		return (false);
	}
	buf_clear(piece);
	*piece = packed;
	return (true);
}

/* Fills in the length that was left open, or takes the frame away. */
static void
chunk_frame(struct api_chunks *k, struct buf *piece, enum gzip_end end)
{
	size_t	len = piece->len - CHUNK_HEAD_LEN;
	char	head[CHUNK_HEAD_LEN + 1];

	if (!k->is_chunked || len == 0) {
		/* A chunk of no length would be the end. */
		memmove(piece->data, piece->data + CHUNK_HEAD_LEN, len);
		piece->len = len;
		piece->data[len] = '\0';
		if (k->is_chunked && end == GZIP_LAST)
			buf_str(piece, &CHUNK_TAIL[2]);
		return;
	}
	if (str_printf(head, sizeof(head), "%08zx\r\n", len) != ERR_OK) {
		piece->err = ERR_SPACE;
		return;
	}
	memcpy(piece->data, head, CHUNK_HEAD_LEN);
	buf_add(piece, CHUNK_TAIL, end == GZIP_LAST ?
	    sizeof(CHUNK_TAIL) - 1 : 2);
}

/* |piece| is taken over in either case. */
static bool
chunk_send(struct api_chunks *k, struct buf *piece)
{
	struct chunk_piece	*p;
	struct netbuf		*nb;

	if ((p = mem_new(sizeof(*p))) == NULL) {
		buf_clear(piece);
		return (false);
	}
	p->data = *piece;
	memset(piece, 0, sizeof(*piece));	/* transferred */
	p->owner = k;
	k->sending = p;
	k->deadline_us = clock_mono_us() + CHUNK_STALL_US;
	net_send_stream(k->req->owner, p->data.data, p->data.len, chunk_sent,
	    &nb);
	nb->extra = p;
	return (net_send_flush(k->req->owner) == KORE_RESULT_OK);
}

/* Sent, or the connection is being removed with what it still holds. */
static int
chunk_sent(struct netbuf *nb)
{
	struct chunk_piece	*p = nb->extra;
	struct api_chunks	*k = p->owner;

	if (k != NULL) {
		k->sending = NULL;
		k->deadline_us = 0;
		http_request_wakeup(k->req);
	}
	buf_clear(&p->data);
	mem_free(p);
	return (KORE_RESULT_OK);
}
