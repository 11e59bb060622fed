/*
 * session_store - see session_store.h.
 */
#include "session_store.h"

#include <string.h>

#include "audit_store.h"
#include "user_store.h"

static void	session_store_row(struct db_row *r, struct session_view *out);
static void	session_store_session(struct db_row *r, struct session *s);

void
session_store_begin_params(struct db_params *p, const struct login_try *t,
    const struct audit_origin *o)
{
	db_text(p, t->who->kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(p, t->who->text);
	db_uuid(p, t->app);
	audit_store_origin(p, o);
	db_text_opt(p, t->device_id);
	db_text(p, t->nobody);
	db_bool(p, t->is_braked);
}

enum err
session_store_candidate(const struct db_result *res,
    struct login_candidate *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_DB);	/* the statement answers with one row */
	out->retry_after_s = db_row_i64(&r, "retry_after_s");
	if (db_row_is_null(&r, "user_id"))
		return (r.err);
	out->is_found = true;
	db_row_uuid(&r, "user_id", &out->user);
	db_row_text(&r, "password_hash", out->hash, sizeof(out->hash));
	out->is_active = db_row_bool(&r, "is_active");
	out->mfa_enabled = db_row_bool(&r, "mfa_enabled");
	out->is_assigned = db_row_bool(&r, "is_assigned");
	return (r.err);
}

void
session_store_open_params(struct db_params *p,
    const struct session_opening *s, const struct audit_origin *o)
{
	db_uuid(p, s->user);
	db_uuid(p, s->app);
	db_text_opt(p, s->device_id);
	db_text_opt(p, s->device_name);
	db_bytes(p, s->refresh->b, sizeof(s->refresh->b));
	db_i32(p, s->session_ttl_s);
	db_i32(p, s->refresh_ttl_s);
	db_i32(p, s->absolute_s);
	db_text(p, s->method);
	db_text(p, s->new_hash);
	audit_store_origin(p, o);
	db_text(p, s->checked_hash);
	session_store_notice_params(p, s->notice);
}

void
session_store_notice_params(struct db_params *p,
    const struct session_notice *n)
{
	db_uuid(p, n != NULL ? &n->id : NULL);
	if (n != NULL)
		db_bytes(p, n->payload, n->len);
	else
		db_null(p);
	db_bool(p, n != NULL && n->is_dev);
}

enum err
session_store_view(const struct db_result *res, struct session_view *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	session_store_row(&r, out);
	out->is_assigned = db_row_bool(&r, "is_assigned");
	out->is_revoked = db_row_bool(&r, "is_revoked");
	return (r.err);
}

enum err
session_store_opened(const struct db_result *res, struct session_view *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	session_store_row(&r, out);
	out->is_assigned = true;
	out->refresh_expires_us = db_row_time(&r, "refresh_expires_at");
	return (r.err);
}

enum err
session_store_list(const struct db_result *res, struct session_list *out)
{
	struct db_row	r;
	int		i;

	memset(out, 0, sizeof(*out));
	if (db_result_rows(res) > SESSION_LIST_MAX)
		return (ERR_DB);	/* the statement was told the bound */
	for (i = 0; i < db_result_rows(res); i++) {
		r = db_row_at(res, i);
		session_store_session(&r, &out->v[i]);
		out->total = db_row_i64(&r, "total");
		if (r.err != ERR_OK)
			return (r.err);
		out->n++;
	}
	return (ERR_OK);
}

enum err
session_store_revoked(const struct db_result *res,
    struct session_revoked *out)
{
	struct db_row	r = db_row_at(res, 0);

	memset(out, 0, sizeof(*out));
	out->n = db_row_i64(&r, "n");
	if (!db_row_is_null(&r, "user_id")) {
		out->has_user = true;
		db_row_uuid(&r, "user_id", &out->user);
	}
	return (r.err);
}

static void
session_store_row(struct db_row *r, struct session_view *out)
{
	out->is_found = true;
	session_store_session(r, &out->session);
	user_store_row(r, &out->user);
	db_row_text(r, "app_name", out->app_name, sizeof(out->app_name));
}

static void
session_store_session(struct db_row *r, struct session *s)
{
	db_row_uuid(r, "session_id", &s->id);
	s->created_us = db_row_time(r, "session_created_at");
	s->expires_us = db_row_time(r, "session_expires_at");
	s->last_seen_us = db_row_time(r, "session_last_seen_at");
	db_row_text(r, "device_id", s->device_id, sizeof(s->device_id));
	db_row_text(r, "device_name", s->device_name, sizeof(s->device_name));
	db_row_text(r, "device_user_agent", s->user_agent,
	    sizeof(s->user_agent));
	db_row_text(r, "device_ip", s->ip, sizeof(s->ip));
}
