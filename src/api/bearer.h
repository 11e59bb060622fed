/*
 * bearer - the person's own access token (RFC 6750): what it says, and whether
 * the session that it names is alive.  One place decides both, and what the
 * caller is told.
 */
#ifndef BEARER_H
#define BEARER_H

#include <stdbool.h>

#include "session_store.h"
#include "token.h"

struct http_request;

/*
 * For endpoints that need no more than a live session: the input begins with
 * this, and the table has API_BEARER where it is needed.
 */
struct bearer {
	struct token_claims	claims;
	struct session_view	view;	/* as it stood a moment ago */
};

#define API_BEARER							\
	KORE_HTTP_STATE(bearer_check),					\
	KORE_HTTP_STATE(bearer_ask),					\
	KORE_HTTP_STATE(bearer_got)

int	bearer_check(struct http_request *req);
int	bearer_ask(struct http_request *req);
int	bearer_got(struct http_request *req);

/* The token is one of ours, for the calling application, not expired; else
 * |*ret| (401 was replied). */
bool	bearer_token(struct http_request *req, struct token_claims *claims,
	    int *ret);
/* |view| is the live session of |claims|; else |*ret| (401, 403). */
bool	bearer_judge(struct http_request *req,
	    const struct token_claims *claims, const struct session_view *view,
	    int *ret);

#endif
