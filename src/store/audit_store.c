/*
 * audit_store - see audit_store.h.
 */
#include "audit_store.h"

void
audit_store_origin(struct db_params *p, const struct audit_origin *o)
{
	db_text_opt(p, o->request_id);
	db_text_opt(p, o->ip);
	db_text_opt(p, o->remote);
	db_text_opt(p, o->forwarded);
	db_text_opt(p, o->client_ip);
	db_text_opt(p, o->client_user_agent);
}
