/*
 * sync_read - what /users/sync and /users/sync/stream share: a cursor, and the
 * states that read behind it in parts of a thousand people, so that a page of
 * any size is made in the memory of one part.
 */
#ifndef SYNC_READ_H
#define SYNC_READ_H

#include "api.h"
#include "feed.h"
#include "sync_store.h"

#define SYNC_LIMIT_MAX		10000
#define SYNC_LIMIT_DEFAULT	1000
#define SYNC_PART		1000	/* people of one statement */
/* Of a thousand people of the widest kind, and of all that left a page. */
#define SYNC_PART_MAX		(8 * 1024 * 1024)
#define SYNC_REMOVED_MAX	(SYNC_LIMIT_MAX * 160)

/* A number that the query may have. */
struct sync_number {
	const char	*name;
	int32_t		 def, min, max;
	const char	*message;	/* what is wrong, for a person */
};

/* First member of the input of both. */
struct sync_reader {
	struct feed_call	 call;
	struct sync_cursor	 from;		/* the page began here */
	struct sync_cursor	 cur;		/* the next part begins here */
	char			 text[SYNC_CURSOR_LEN + 1];	/* of |cur| */
	bool			 has_cursor;	/* one was presented */
	bool			 is_full;	/* a snapshot, to its end */
	bool			 with_hash;
	uint64_t		 grant;		/* of key and application */
	int32_t			 limit, left;	/* of the page */
	int			 n_parts;
	bool			 has_users;	/* in the page so far */
	bool			 has_more, is_last;	/* part of the page */
	int64_t			 waits_for;
	char			 set_hash[SYNC_HASH_LEN + 1];
	const char		*lead;		/* before a page's JSON */
	struct buf		 piece;		/* api_chunk_new() */
	struct buf		 removed;
};

/* Parses |cursor| (NULL or "": none) and the other fields of the query; a bad
 * one is added to |e|. */
void	sync_read_init(struct http_request *req, struct sync_reader *r,
	    const char *cursor, struct decode_errors *e);
/* A number of the query; |def| when it is not there, or is bad. */
int32_t	sync_read_number(struct http_request *req,
	    const struct sync_number *n, struct decode_errors *e);
/* A page begins: |limit| people at most. */
void	sync_read_page(struct sync_reader *r);
/* Neither person nor leaver in the page. */
bool	sync_read_is_empty(const struct sync_reader *r);
/* The key may be disabled, the application changed since it was let in. */
bool	sync_read_is_granted(struct http_request *req,
	    const struct sync_reader *r);
/* For the route: it is freed. */
void	sync_read_leave(void *input);

/* Two states: a place to read, then the statement. */
int	sync_read_enter(struct http_request *req);
int	sync_read_ask(struct http_request *req);
/*
 * First call of the state behind them.  True: a part is in r->piece, r->cur
 * stands behind it.  False: |*ret| (waiting, or it has failed); or, with
 * |*is_resync|, the caller's answer: the cursor is of no use any more.
 */
bool	sync_read_got(struct http_request *req, int *ret, bool *is_resync);
/* Appends what follows the people, r->text included.  ERR_CRYPTO. */
enum err	sync_read_finish(struct sync_reader *r) MUSTCHECK;

#endif
