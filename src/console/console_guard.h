/*
 * console_guard - who may use the console: cookie, session, and that the call
 * comes from the console itself.  The session is looked up in the database at
 * every call, so that one that was revoked is over at once.
 */
#ifndef CONSOLE_GUARD_H
#define CONSOLE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console_cookie.h"
#include "uuid.h"

struct http_request;

/* First states of every table under /setup/api. */
#define CONSOLE_GUARD							\
	KORE_HTTP_STATE(console_guard_check),				\
	KORE_HTTP_STATE(console_guard_ask),				\
	KORE_HTTP_STATE(console_guard_got)

/*
 * A guarded endpoint id_route and its table id_states, named "id" in the log.
 * |size| of the input (0: none), |forget| as leave of struct api_route or
 * NULL, then the states behind the guard's.
 */
#define CONSOLE_ROUTE(id, allowed, size, forget, ...)			\
	static struct http_state id##_states[] = {			\
		CONSOLE_GUARD, __VA_ARGS__				\
	};								\
	static const struct api_route id##_route = {			\
		.name = #id, .methods = (allowed),			\
		.states = id##_states, .n_states = COUNT(id##_states),	\
		.input_size = (size), .leave = (forget),		\
	}

/* How long a proof that the person is there counts. */
#define CONSOLE_STEP_UP_S	300

/* The administrator who calls. */
struct console_admin {
	struct uuid		session, person;
	char			name[401];
	int64_t			step_up_us;	/* 0: never */
	struct console_token	token;
};

int	console_guard_check(struct http_request *req);
int	console_guard_ask(struct http_request *req);
int	console_guard_got(struct http_request *req);

/* Of a call that has passed the guard. */
const struct console_admin	*console_admin(struct http_request *req);
/*
 * Comes the call from a page of ours?  Sec-Fetch-Site says so; a client that
 * does not send it shows the session's token (|csrf|, NULL: there is no
 * session, and none is wanted).
 */
bool	console_is_same_origin(struct http_request *req, const char *csrf);
/* Did the person prove to be there in the last 5 minutes? */
bool	console_is_stepped_up(struct http_request *req);
/* As console_is_stepped_up; false: replied. */
bool	console_step_up(struct http_request *req, int *ret);
/* The version of If-Match.  False: 428 or 400 was replied. */
bool	console_if_match(struct http_request *req, int64_t *version,
	    int *ret);
/*
 * Part |n| of the path behind /setup/api/, counted from 0: with
 * /setup/api/users/ID/sessions, 1 is the id.  False: 404 was replied.
 */
bool	console_path_uuid(struct http_request *req, int n, struct uuid *out,
	    int *ret);
bool	console_path_text(struct http_request *req, int n, char *dst,
	    size_t cap, int *ret);

#endif
