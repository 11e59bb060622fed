/*
 * outbound - one exchange with somebody else's server: an HTTP request or an
 * e-mail.  The name is resolved on a task thread, each address is asked about
 * (core/egress.h), and curl connects to one that passed and to no other.  No
 * redirect is followed, no proxy is used, certificates are verified, answers
 * are capped, and all of it has a deadline.  Ref: security.md 3.9.
 */
#ifndef OUTBOUND_H
#define OUTBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "http_call.h"
#include "ip.h"
#include "provider.h"
#include "settings.h"

#define OUTBOUND_LINE_MAX	255
#define OUTBOUND_DETAIL_MAX	255

/* An e-mail to one recipient; everything is borrowed. */
struct outbound_mail {
	const char		*host;
	uint16_t		 port;
	enum smtp_security	 security;
	const char		*username;	/* "" : no authentication */
	const char		*password;
	const char		*from, *to;	/* bare addresses */
	const char		*data;		/* the message (core/mime.h) */
	size_t			 len;
};

/* Either |http| or |mail|; borrowed until the exchange ended. */
struct outbound_call {
	const struct http_call		*http;
	const struct outbound_mail	*mail;
	int				 timeout_ms;	/* all of it */
};

/* What came of it; pointers are good during the callback. */
struct outbound_result {
	struct http_answer	 answer;	/* of a mail: the fault alone */
	int			 smtp_code;	/* last reply, 0: none */
	const char		*smtp_line;	/* its text */
	bool			 is_rcpt;	/* to RCPT TO or the data */
	int			 ms;
};

struct outbound;

/* Called once, from the event loop, never from inside outbound_start(). */
typedef void (*outbound_done_fn)(void *arg, const struct outbound_result *r);

/* In each worker and in a command, before anything else; |s| is borrowed. */
void		outbound_init(const struct settings *s);
/*
 * Starts |c|, whose contents stay until |done| was called or
 * outbound_cancel().  What is wrong with the URL, the address or the server
 * comes with |done|.  ERR_NOMEM.
 */
enum err	outbound_start(const struct outbound_call *c,
		    outbound_done_fn done, void *arg, struct outbound **out)
		    MUSTCHECK;
/* |done| will not be called; NULL is fine. */
void		outbound_cancel(struct outbound *o);
/* Deadlines of those whose name is being resolved; every 100 ms. */
void		outbound_tick(int64_t mono_us);
/* How many are under way. */
int		outbound_busy(void);
/* The same, waiting for it: for commands, never in a worker. */
enum err	outbound_run(const struct outbound_call *c,
		    outbound_done_fn done, void *arg) MUSTCHECK;

#endif
