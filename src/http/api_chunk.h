/*
 * api_chunk - an answer in pieces whose length nobody knows when it begins:
 * status and headers first, then one piece after the other, each when the one
 * before has been taken by the client.  Framed by RFC 9112 s.7.1; for HTTP/1.0
 * by the end of the connection.  Packed by gzip on request.
 */
#ifndef API_CHUNK_H
#define API_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "gzip.h"

struct api_chunks;		/* of one request */

/*
 * Sends status 200 and the headers that were set, so that nothing can go wrong
 * politely any more; the connection stays open for the next request.  False:
 * no memory, nothing was sent.  HEAD gets the headers alone: api_chunk_put()
 * throws away.
 */
bool	api_chunk_begin(struct http_request *req, const char *type,
	    bool is_gzip);
bool	api_chunk_is_begun(struct http_request *req);
/* An empty piece of |max| bytes at most, with room for its frame. */
void	api_chunk_new(struct buf *piece, size_t max);
/*
 * Hands over what was appended to |piece|, which is cleared.  After GZIP_LAST
 * nothing but api_chunk_end() may follow.  False: no memory or no connection;
 * then api_chunk_cut().
 */
bool	api_chunk_put(struct http_request *req, struct buf *piece,
	    enum gzip_end end);
/* |piece| alone as a whole answer with its length, which ends the request. */
int	api_chunk_whole(struct http_request *req, struct buf *piece,
	    const char *type, bool is_gzip);
/* A piece is on its way: api_sleep() until woken. */
bool	api_chunk_is_busy(struct http_request *req);
/* The last piece has been taken: the connection is free again. */
int	api_chunk_end(struct http_request *req);
/* Ends the connection, so that the client takes no part for the whole. */
int	api_chunk_cut(struct http_request *req, const char *why);

/* The request is freed: what is being sent goes on without it. */
void	api_chunk_free(struct api_chunks *k);
/* Cuts answers that nobody takes; every second. */
void	api_chunk_tick(int64_t mono_us);

#endif
