/*
 * compose - one message for one provider: text, request or e-mail, and what
 * the answer means.  Sends nothing itself; a dispatcher and a command use it.
 */
#ifndef COMPOSE_H
#define COMPOSE_H

#include "deliver_set.h"
#include "message.h"
#include "mime.h"
#include "outbound.h"
#include "verdict.h"

/* What is to be sent; everything is borrowed. */
struct compose_ask {
	const struct deliver_set	*set;
	size_t				 provider;	/* of the set */
	bool				 is_email;	/* to the e-mail address */
	const char			*mobile, *email;	/* "" : none */
	const char			*carrier, *language;
	const char			*person_name;
	const char			*brand, *host;
	const char			*text;		/* instead of a template; or NULL */
	struct uuid			 id;		/* of the outbox */
	const struct message_opened	*message;
};

/* A call, ready for outbound_start(); caller's storage. */
struct compose {
	struct outbound_call	 call;
	struct http_call	 http;
	struct outbound_mail	 mail;
	struct buf		 mime;
	struct text_out		 text;
	const char		*locale;	/* of the text; borrowed */
	char			 from[EMAIL_MAX_LEN + 1];
	char			 to[EMAIL_MAX_LEN + 1];
	const struct provider	*via;	/* whose secrets are in the call */
};

void		compose_init(struct compose *c);
void		compose_clear(struct compose *c);
/*
 * Fills |c|.  An error is a message that must not be sent this way: |why| says
 * it, as if it had been tried.
 */
enum err	compose_make(const struct compose_ask *a, struct compose *c,
		    struct verdict *why) MUSTCHECK;
/* What |r| means for the provider that was asked. */
void		compose_judge(const struct compose_ask *a,
		    const struct outbound_result *r, struct verdict *out);

#endif
