/*
 * totp_enrol - enrolling an authenticator app: a secret that is shown once, and
 * the code that shows that the app has it.  Part of /auth/mfa/totp, where the
 * person's own session asks, and of the console's profile.
 */
#ifndef TOTP_ENROL_H
#define TOTP_ENROL_H

#include <stdbool.h>

#include "second_factor.h"

struct http_request;

/* Part of the endpoint's input. */
struct totp_enrol {
	uint8_t			secret[TOTP_SECRET_LEN];
	struct factor_code	typed;
	struct otp_proof	proof;		/* of totp_enrol_look() */
	bool			is_done;
};

/*
 * Asks for a new secret of |user|, whose session (of the calling application,
 * or of the console) is |session|; then totp_enrol_begun() in the next state.
 */
int	totp_enrol_begin(struct http_request *req, struct totp_enrol *t,
	    const struct uuid *session, const struct uuid *user);
/* Replies with what an app scans, and the same to be typed; |account| is what
 * the app will show.  409: one is enrolled already. */
int	totp_enrol_begun(struct http_request *req, struct totp_enrol *t,
	    const char *account);

/* Asks for what |t->typed| is compared with; then totp_enrol_confirm() in the
 * next state. */
int	totp_enrol_look(struct http_request *req, struct totp_enrol *t,
	    const struct uuid *user);
/* Compares, asks; then totp_enrol_confirmed() in the next state.  409, 422. */
int	totp_enrol_confirm(struct http_request *req, struct totp_enrol *t,
	    const struct uuid *session, const struct uuid *user);
/* True when the app is in force, and all workers of this node know it; else
 * |*ret|. */
bool	totp_enrol_confirmed(struct http_request *req, struct totp_enrol *t,
	    const struct uuid *user, int *ret);

#endif
