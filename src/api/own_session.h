/*
 * own_session - the person's own session, behind "Authorization: Bearer":
 * token, application, session, person and assignment are judged here for every
 * endpoint that a person's token opens.
 */
#ifndef OWN_SESSION_H
#define OWN_SESSION_H

#include <stdbool.h>

#include "session_store.h"
#include "token.h"

struct http_request;

/* Part of an endpoint's input. */
struct own_session {
	struct token_claims	claims;
	struct session_view	view;		/* after own_session_got() */
};

/* The token, against the calling application; else |*ret| (401 replied). */
bool	own_session_parse(struct http_request *req, struct own_session *s,
	    int *ret);
/* Asks for the row; then own_session_got() in the next state. */
int	own_session_ask(struct http_request *req, struct own_session *s);
/* True: it is live.  Else |*ret|: waiting, or 401 or 403 was replied. */
bool	own_session_got(struct http_request *req, struct own_session *s,
	    int *ret);

/*
 * The three as states, for endpoints that need no more than a live session:
 * their input begins with struct own_session.
 */
#define API_OWN_SESSION							\
	KORE_HTTP_STATE(own_session_check),				\
	KORE_HTTP_STATE(own_session_look),				\
	KORE_HTTP_STATE(own_session_judge)

int	own_session_check(struct http_request *req);
int	own_session_look(struct http_request *req);
int	own_session_judge(struct http_request *req);

#endif
