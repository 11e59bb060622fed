/*
 * attempt - tries at a secret that may be wrong: the quick limits of the node
 * (core/throttle.h) per address of the person, as the caller tells it, and per
 * application.  Tries per person are counted in the database.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdbool.h>

#include "contact.h"
#include "err.h"
#include "throttle.h"
#include "uuid.h"

#define ATTEMPT_NOBODY_LEN	5

enum attempt_kind { ATTEMPT_SIGN_IN, ATTEMPT_RECOVERY };

/* Part of an endpoint's input; zeroed. */
struct attempt {
	struct throttle_subject	v[2];
	int			n;		/* counted ones of |v| */
	int			wait_s;		/* > 0: none was counted */
	struct uuid		app;
	uint8_t			address[16];
};

struct http_request;

/*
 * Counts the try as failed before it is made.  |client_ip| may be "".  After
 * it, |a->wait_s| tells whether it may be made.
 */
void		attempt_begin(struct http_request *req,
		    enum attempt_kind kind, const char *client_ip,
		    struct attempt *a);
/* It was none, or was right: takes the counts back.  Once is enough. */
void		attempt_undo(struct attempt *a);
/*
 * For states before the secret was compared: takes the counts back when |ret|
 * says that the request was answered, for nothing was found wrong.  Gives
 * |ret|.
 */
int		attempt_left(struct attempt *a, int ret);
/* 429 for |wait_s|, told to the audit log; |user| may be NULL. */
int		attempt_refuse(struct http_request *req, int wait_s,
		    const struct uuid *user);
/*
 * Where tries at an identifier that is nobody's are counted: one of 2^20
 * names, under a key, so that no caller knows who shares one.  ERR_CRYPTO.
 */
enum err	attempt_nobody(const struct contact *c,
		    char out[ATTEMPT_NOBODY_LEN + 1]) MUSTCHECK;

#endif
