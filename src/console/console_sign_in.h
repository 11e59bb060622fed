/*
 * console_sign_in - what the steps of a sign-in to the console share: the
 * answers, as a page (which needs no JavaScript) or as JSON (for /setup/api).
 */
#ifndef CONSOLE_SIGN_IN_H
#define CONSOLE_SIGN_IN_H

#include <stdbool.h>

#include "attempt.h"
#include "console_cookie.h"
#include "mfa_login.h"
#include "problem.h"

#define CONSOLE_NEXT_LEN	512

struct http_request;

/* The first member of each step's input. */
struct console_sign_in {
	char			next[CONSOLE_NEXT_LEN + 1];
	struct attempt		attempt;
	struct console_token	token;		/* of the session to be */
	bool			is_opened;
	struct uuid		session;	/* once opened */
};

/* The field of a table; |s| begins with |sign_in|. */
#define CONSOLE_NEXT_F(s)						\
	{ "next", DECODE_TEXT, "v_any_token",				\
	    offsetof(struct s, sign_in.next), CONSOLE_NEXT_LEN + 1,	\
	    false, "Not an address." }

/* What the page shows beside the step's form. */
struct console_step {
	const char	*name;		/* "who", "password", "code", "factor" */
	const char	*identifier;
	const char	*challenge_id;
	const char	*mfa_token;
	const char	*dev_code;
	const char	*hint;
};

/* Reads the fields of the route: JSON alone, or a form.  False: replied. */
bool	console_sign_in_read(struct http_request *req,
	    const struct console_step *step, int *ret);
/*
 * Before anything else of a step: where it came from, and the limit of its
 * address.  False: |*ret| (refused was replied).
 */
bool	console_sign_in_begin(struct http_request *req, int *ret);
/* The person's own address and agent are those of the request. */
void	console_sign_in_origin(struct http_request *req);
/* The request asks for JSON. */
bool	console_sign_in_is_json(struct http_request *req);
/* Reads the row of console_open and its like into struct console_sign_in. */
enum err	console_sign_in_rows(const struct db_result *res,
		    void *target);
/* The session is open: cookie, then a redirect, or with JSON the statement
 * that shows the session (console_doc_got follows). */
int	console_sign_in_done(struct http_request *req);
/* The second factor is wanted. */
int	console_sign_in_factor(struct http_request *req,
	    const struct mfa_login *m);
/* It is not; |retry_s| counts for 429 and 503.  Pages say it in |step|'s
 * form. */
int	console_sign_in_fail(struct http_request *req, enum problem p,
	    int retry_s, const struct console_step *step);
/* The page of a step; |error| "" for none. */
int	console_sign_in_page(struct http_request *req, int status,
	    const struct console_step *step, const char *error);

#endif
