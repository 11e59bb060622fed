/*
 * tokens_reply - the Tokens object (api.md s.3): the answer of every call
 * that opens or renews a session.
 */
#ifndef TOKENS_REPLY_H
#define TOKENS_REPLY_H

#include "session_store.h"

struct http_request;

/* Signs an access token for |v| and replies 200 with it and
 * |refresh_token|; 500 when signing fails. */
int	tokens_reply(struct http_request *req, const struct session_view *v,
	    const char *refresh_token);

#endif
