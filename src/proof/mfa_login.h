/*
 * mfa_login - from the right password to the second factor: which methods the
 * person has, the code where it is one of them, the ticket that holds the
 * sign-in until /auth/otp/verify.  Part of POST /auth/login
 * and of the console's sign-in.
 */
#ifndef MFA_LOGIN_H
#define MFA_LOGIN_H

#include <stdbool.h>

#include "otp_store.h"

struct http_request;

/* Part of the endpoint's input. */
struct mfa_login {
	struct otp_person	person;
	struct otp_code		code;
	struct otp_sent		sent;
	char			token[TICKET_LEN + 1];
};

/* Asks for the methods of |user|; then mfa_login_send() in the next state,
 * after api_got(). */
int	mfa_login_ask(struct http_request *req, struct mfa_login *m,
	    const struct uuid *user);
/* Asks for ticket and code; then mfa_login_is_open() in the next state. */
int	mfa_login_send(struct http_request *req, struct mfa_login *m,
	    const char *device_id, const char *device_name);
/* There is a method, and a ticket was made. */
bool	mfa_login_is_open(const struct mfa_login *m);
/* Replies 200 mfa_required. */
int	mfa_login_reply(struct http_request *req, const struct mfa_login *m);
/* Replies 429 or 503: no method is possible now. */
int	mfa_login_fail(struct http_request *req, const struct mfa_login *m);

#endif
