/*
 * probe - a test message through one provider, and what was said on both
 * sides, with every secret masked.  For the console and the command line.
 */
#ifndef PROBE_H
#define PROBE_H

#include "compose.h"

#define PROBE_CODE	"123456"
#define PROBE_BODY_MAX	2048	/* bytes of an answer that are shown */
#define PROBE_REQUEST_MAX	8192
/* What is looked through for secrets, of either. */
#define PROBE_LOOK_MAX	16384
#define PROBE_JSON_MAX	65536

struct probe {
	struct deliver_set	*set;		/* kept while it lasts */
	struct compose_ask	 ask;
	struct compose		 work;
	struct message_opened	 message;
	struct verdict		 verdict;
	char			 to[EMAIL_MAX_LEN + 1];
	char			 carrier[65];
	char			*text;
};

/* What is to be tested; everything is copied. */
struct probe_ask {
	struct deliver_set	*set;
	size_t			 provider;
	const char		*to;		/* as probe_to() gave it */
	const char		*carrier;	/* "" : none */
	const char		*text;		/* NULL: the sign-in code's */
	const char		*brand, *host;
	struct uuid		 id;
};

/*
 * |to| for a provider of this kind: a mobile number (|cc|: default country
 * code) or an e-mail address, normalised.  ERR_FORMAT, ERR_RANGE, ERR_TOO_LONG.
 */
enum err	probe_to(const struct provider *p, const char *to,
		    const char *cc, char out[EMAIL_MAX_LEN + 1]) MUSTCHECK;
/*
 * Makes the call, p->work.call.  False: it must not be sent, p->verdict says
 * why.  probe_clear() afterwards in any case.
 */
bool		probe_make(struct probe *p, const struct probe_ask *a);
void		probe_clear(struct probe *p);
/* After the answer. */
void		probe_judge(struct probe *p, const struct outbound_result *r);
/*
 * Appends {"ok","ms","transcript":{"request","status","body"},"error",
 * "message_id","cost","note","hint"}; |r| NULL: nothing was sent.
 */
void		probe_json(const struct probe *p,
		    const struct outbound_result *r, struct buf *out);

#endif
