/*
 * refresh_store - see refresh_store.h.
 */
#include "refresh_store.h"

#include <string.h>

#include "audit_store.h"

void
refresh_store_rotate_params(struct db_params *p,
    const struct refresh_spending *s, const struct audit_origin *o)
{
	db_bytes(p, s->token->b, sizeof(s->token->b));
	db_bytes(p, s->successor->b, sizeof(s->successor->b));
	db_uuid(p, s->app);
	db_i32(p, s->session_ttl_s);
	db_i32(p, s->refresh_ttl_s);
	db_i32(p, s->grace_s);
	audit_store_origin(p, o);
}

enum err
refresh_store_rotated(const struct db_result *res,
    struct refresh_rotated *out)
{
	struct db_row	r = db_row_at(res, 0);

	memset(out, 0, sizeof(*out));
	db_row_text(&r, "verdict", out->verdict, sizeof(out->verdict));
	out->is_ended = db_row_bool(&r, "is_ended");
	if (!db_row_is_null(&r, "user_id")) {
		out->has_user = true;
		db_row_uuid(&r, "user_id", &out->user);
		db_row_uuid(&r, "session_id", &out->sid);
	}
	if (r.err != ERR_OK || strcmp(out->verdict, "ok") != 0)
		return (r.err);
	return (session_store_opened(res, &out->view));
}

enum err
refresh_store_found(const struct db_result *res, struct refresh_found *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_uuid(&r, "user_id", &out->user);
	db_row_uuid(&r, "session_id", &out->sid);
	db_row_text(&r, "username", out->username, sizeof(out->username));
	out->created_us = db_row_time(&r, "created_at");
	out->expires_us = db_row_time(&r, "expires_at");
	return (r.err);
}
