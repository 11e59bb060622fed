/*
 * audit - the vocabulary and the common fields of the audit log.
 * Owns event names; the columns are audit_store's.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "ip.h"
#include "uuid.h"

enum audit_event {
#define AUDIT(sym, name, category)	AUDIT_##sym,
#include "audit_event.def"
#undef AUDIT
	AUDIT_EVENT_MAX
};

/* Name as stored, and its category; static strings. */
const char	*audit_name(enum audit_event e);
const char	*audit_category(enum audit_event e);

#define REQUEST_ID_MAX_LEN	64
#define XFF_KEPT_LEN		255	/* of the header, the right end */

/*
 * What every row says about the request it came from.  Filled by the guard;
 * command line tools use remote "" and request_id "cli".
 */
struct audit_origin {
	char	request_id[REQUEST_ID_MAX_LEN + 1];
	char	ip[IP_TEXT_LEN + 1];		/* effective, "" = none */
	char	remote[IP_TEXT_LEN + 1];	/* TCP peer, "" = none */
	char	forwarded[XFF_KEPT_LEN + 1];	/* "" = none */
	char	client_ip[IP_TEXT_LEN + 1];	/* the person's, as told */
	char	client_user_agent[256];
};

#endif
