/*
 * exchange - what libcurl is told for one outbound call, and what its end
 * means.  For src/deliver alone; knows nothing of Kore or of waiting.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <curl/curl.h>

#include "buf.h"
#include "egress.h"
#include "outbound.h"
#include "resolve.h"

#define EXCHANGE_HEADERS_MAX	65536	/* bytes of an answer's headers */

struct exchange {
	struct outbound_call	 call;
	const struct settings	*settings;
	struct egress_target	 target;
	struct curl_slist	*headers, *resolve, *rcpt;
	struct buf		 body;
	size_t			 n_sent;	/* bytes of the mail */
	size_t			 n_headers;	/* bytes of the answer's */
	enum egress_why		 why;		/* EGRESS_OK unless refused */
	bool			 is_incomplete;	/* an option could not be set */
	bool			 is_too_large;
	bool			 is_rcpt, is_quit;	/* commands sent */
	int			 retry_after_s;
	int			 smtp_code;
	char			 smtp_line[OUTBOUND_LINE_MAX + 1];
	char			 detail[OUTBOUND_DETAIL_MAX + 1];
};

/* Takes |c| apart; x->why tells whether it may go on. */
void		exchange_init(struct exchange *x,
		    const struct outbound_call *c, const struct settings *s);
void		exchange_clear(struct exchange *x);
/*
 * Chooses among |a| what may be connected to (NULL: the host is an address).
 * False: none; x->why says why.
 */
bool		exchange_address(struct exchange *x,
		    const struct resolve_addrs *a);
/* Sets all options of |h|.  |timeout_ms|: what is left.  ERR_NOMEM. */
enum err	exchange_setup(struct exchange *x, CURL *h, long timeout_ms)
		    MUSTCHECK;
/* The URL for curl into |out|.  ERR_SPACE. */
enum err	exchange_url(const struct exchange *x, char *out, size_t cap)
		    MUSTCHECK;
/* What |code| (of |h|'s end) means; |text|: libcurl's sentence. */
void		exchange_end(struct exchange *x, CURLcode code, long status,
		    const char *text, struct outbound_result *out);
/* It came to no exchange: blocked, not resolved, too late. */
void		exchange_fault(struct exchange *x, enum verdict_fault f,
		    const char *detail, struct outbound_result *out);

#endif
