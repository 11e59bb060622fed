/*
 * verdict - what came of one attempt to send: the class that decides what
 * happens next, and the reason that an administrator reads.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define VERDICT_REASON_MAX	240	/* bytes of UTF-8; the column holds 500 */
#define VERDICT_REF_MAX		200	/* outbox.provider_ref */

enum verdict_kind {
	VERDICT_OK,		/* accepted; not: delivered */
	VERDICT_RETRY,		/* may work again, here or elsewhere */
	VERDICT_USER,		/* this recipient is wrong: not here again */
	VERDICT_CONFIG,		/* the provider's settings are wrong */
	VERDICT_BALANCE,	/* no money left with the provider */
	VERDICT_THROTTLED	/* too many for this recipient: do not repeat */
};

struct verdict {
	enum verdict_kind	kind;
	char			reason[VERDICT_REASON_MAX + 1];	/* no secret; "" when OK */
	char			ref[VERDICT_REF_MAX + 1];	/* message id, or "" */
	int			retry_after_s;			/* asked for; 0: not */
	bool			has_cost;
	int64_t			cost;	/* that the answer tells (money.h) */
	const char		*note;	/* what is odd in the answer, or NULL */
};

/* What the network did before an answer was complete. */
enum verdict_fault {
	FAULT_NONE,
	FAULT_RESOLVE,		/* the name has no address */
	FAULT_BLOCKED,		/* egress.h said no */
	FAULT_CONNECT,
	FAULT_TLS,		/* certificate wrong, or no TLS where it must be */
	FAULT_HANDSHAKE,	/* TLS broke off: a server that restarts does that */
	FAULT_TIMEOUT,
	FAULT_CUT,		/* the connection broke off */
	FAULT_TOO_LARGE,	/* answer over the cap */
	FAULT_REDIRECT,		/* 3xx: never followed */
	FAULT_LOGIN,		/* SMTP: user name or password refused */
	FAULT_OTHER
};

/* "ok", "retry", "user", "config", "balance", "throttled". */
const char	*verdict_name(enum verdict_kind k);
/* The other way round, for the classes that a document's map may name (all
 * but "ok").  ERR_NOT_FOUND. */
enum err	 verdict_parse(const char *s, enum verdict_kind *out) MUSTCHECK;
/* Sets kind and reason (printf; cut at a character's end, control characters
 * become blanks), clears the rest. */
void		 verdict_set(struct verdict *v, enum verdict_kind kind,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* A transport that failed; |detail| (may be NULL) is the library's sentence. */
void		 verdict_fault(struct verdict *v, enum verdict_fault f,
		    const char *detail);
/*
 * What an SMTP server said: |code| is its last reply (0: none), |line| its
 * text (may be NULL), |is_rcpt| whether it answered to RCPT TO or the data
 * (then 5xx may be about this recipient).  RFC 5321 s.4.2, RFC 3463:
 * 2xx OK; 4xx retry; 5.1.x and 5.2.x of RCPT the recipient; 530, 534, 535,
 * 538, 5.7.x and all else the configuration.
 */
void		 verdict_smtp(struct verdict *v, int code, const char *line,
		    bool is_rcpt);

#endif
