/*
 * provider_send - the request that sends one text message through a generic
 * or Fast2SMS provider, and the meaning of its answer.
 */
#ifndef PROVIDER_SEND_H
#define PROVIDER_SEND_H

#include "http_call.h"
#include "provider.h"
#include "verdict.h"

struct sms_send {
	const char	*to;		/* E.164 with '+' */
	const char	*code;		/* digits; "" in a notice */
	const char	*message;	/* the rendered text */
	const char	*app_name;
	const char	*brand;
	const char	*request_id;	/* the outbox id */
	const char	*template;	/* the message's name (message.h) */
	const char	*locale;	/* of the text; "" : not known */
	const char	*language;	/* the person's; "" : not known */
	int		 ttl_s;		/* of the code */
	int64_t		 now_s;		/* UNIX time, for what is signed */
};

/*
 * Fills |out| (http_call_init() done by the caller, cleared by the caller also
 * on an error).  An error is a message that must not be sent: |why| has the
 * kind (VERDICT_USER: the number is none of this provider's; VERDICT_CONFIG:
 * the template and its variables do not fit) and the reason.
 * ERR_FORMAT, ERR_SPACE, ERR_NOMEM.
 */
enum err	provider_request(const struct provider *p,
		    const struct sms_send *s, struct http_call *out,
		    struct verdict *why) MUSTCHECK;
/* What the answer to provider_request() means; never fails. */
void		provider_judge(const struct provider *p,
		    const struct http_answer *a, struct verdict *out);

#endif
