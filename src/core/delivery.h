/*
 * delivery - the policy of the outbox: through which providers a message may
 * go, in which order, and what follows an attempt.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provider.h"
#include "verdict.h"

#define DELIVERY_ROUTE_MAX	16
#define DELIVERY_ATTEMPTS_MAX	12	/* altogether */
#define DELIVERY_PAUSE_S	300	/* of a provider with wrong settings */
#define DELIVERY_WRONG_S	60	/* until a message tries it again */

struct delivery_provider {
	const struct provider	*p;
	int64_t			 paused_until_us;	/* 0: not */
};

struct delivery_ask {
	const char	*mobile;	/* E.164, or "" */
	const char	*email;		/* or "" */
	const char	*carrier;	/* person.carrier, or "" */
	int64_t		 now_us;
	bool		 is_sms;	/* the message's channel */
	bool		 is_code;	/* it has a code (provider_has_free_text) */
	bool		 email_fallback;	/* the setting */
};

struct delivery_hop {
	size_t	i;		/* of the providers given */
	bool	is_email;	/* to the e-mail address, with the e-mail text */
};

enum delivery_none {
	DELIVERY_FOUND,
	DELIVERY_NO_PROVIDER,	/* none that is enabled for the channel */
	DELIVERY_NO_COUNTRY,	/* none that serves the country */
	DELIVERY_NO_ADDRESS,	/* the person cannot be reached there */
	DELIVERY_CARRIER_ALONE	/* a carrier's gateway must not be the only way */
};

struct delivery_route {
	struct delivery_hop	hop[DELIVERY_ROUTE_MAX];
	size_t			n;
	enum delivery_none	why;	/* n == 0 */
};

/*
 * The ways for one message, best first: text message providers by priority
 * (paused ones behind the others: better a try than none), then carriers'
 * gateways where they are not the only way, then e-mail when it is allowed as
 * fall-back.  For an e-mail, the smtp providers by priority.
 */
void		delivery_route(const struct delivery_provider *all, size_t n,
		    const struct delivery_ask *ask, struct delivery_route *out);
/* A sentence for the log and the console. */
const char	*delivery_none_text(enum delivery_none w);

struct delivery_state {
	enum verdict_kind	kind;		/* of the attempt that ended */
	int			attempts;	/* with it, altogether */
	int			tries;		/* with it, in a row at this hop */
	int			retry_after_s;	/* verdict.h */
	int			retries;	/* of the provider .. */
	int			backoff_ms;	/* .. that was asked */
	bool			has_next;	/* another hop is there .. */
	bool			is_wrap;	/* .. the first again: after a wait */
	int64_t			now_us, expires_us;
};

enum delivery_step {
	DELIVERY_DONE,		/* state 'sent' */
	DELIVERY_SAME,		/* again at this hop, at |at_us| */
	DELIVERY_NEXT,		/* at the next hop (after the last: the first) */
	DELIVERY_FAIL,		/* state 'failed' */
	DELIVERY_EXPIRE		/* state 'expired': no time for another try */
};

struct delivery_next {
	enum delivery_step	step;
	int64_t			at_us;		/* SAME, NEXT: not before */
	int			pause_s;	/* pause this provider; 0: not */
	bool			is_alert;	/* an administrator must look */
};

/*
 * What follows.  After |retries| more tries at one hop comes the next; the
 * round begins again when all have failed, and where there is but one.  Waits
 * have full jitter: uniform in [0, min(30 s, backoff_ms * 2^(n-1))], at least
 * 200 ms, at least Retry-After; a first try at the next hop does not wait.
 * Nothing is tried at or after |expires_us|.
 */
void		delivery_decide(const struct delivery_state *s,
		    struct delivery_next *out);

#endif
