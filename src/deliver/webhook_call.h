/*
 * webhook_call - one call to an application's webhook: what is sent, and what
 * its answer means.  Nothing about people is in it.
 */
#ifndef WEBHOOK_CALL_H
#define WEBHOOK_CALL_H

#include "outbound.h"
#include "verdict.h"

struct webhook_call {
	struct http_call	http;
	struct outbound_call	out;		/* for outbound_start() */
};

/* Whom to tell; borrowed. */
struct webhook_target {
	const struct uuid	*app;
	const char		*url, *secret;
};

void		webhook_call_init(struct webhook_call *c);
void		webhook_call_clear(struct webhook_call *c);
/* |event|: "sync" or "test".  ERR_SPACE, ERR_NOMEM, ERR_CRYPTO. */
enum err	webhook_call_make(struct webhook_call *c,
		    const struct webhook_target *t, const char *event)
		    MUSTCHECK;
/* True: it was taken (2xx).  Otherwise v->reason says why not. */
bool		webhook_call_judge(const struct outbound_result *r,
		    struct verdict *v);

#endif
