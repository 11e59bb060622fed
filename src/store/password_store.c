/*
 * password_store - see password_store.h.
 */
#include "password_store.h"

#include <string.h>

#include "audit_store.h"
#include "user_store.h"

void
password_store_request(struct db_params *p, const struct reset_wish *w,
    const struct audit_origin *o)
{
	db_text(p, w->who->kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(p, w->who->text);
	db_uuid(p, w->app);
	db_uuid(p, &w->id);
	db_bytes(p, w->token_hash, sizeof(w->token_hash));
	db_bytes(p, w->code_mac, sizeof(w->code_mac));
	db_i32(p, w->ttl_s);
	db_uuid(p, &w->by_email.id);
	db_bytes(p, w->by_email.payload, w->by_email.len);
	db_bytes(p, w->by_sms.payload, w->by_sms.len);
	db_text(p, w->nobody);
	db_i32(p, w->window_max);
	db_i32(p, w->day_max);
	db_bool(p, w->is_dev);
	audit_store_origin(p, o);
}

enum err
password_store_requested(const struct db_result *res,
    enum reset_channel *out)
{
	struct db_row	r = db_row_at(res, 0);
	const char	*channel;
	size_t		 len = 0;

	channel = db_row_str(&r, "channel", &len);
	if (r.err != ERR_OK)
		return (r.err);
	if (channel == NULL)
		*out = RESET_NONE;
	else
		*out = len == 3 && memcmp(channel, "sms", 3) == 0 ?
		    RESET_SMS : RESET_EMAIL;
	return (ERR_OK);
}

void
password_store_check(struct db_params *p, const struct reset_proof *proof,
    const struct uuid *app, const struct audit_origin *o)
{
	if (proof->has_token)
		db_bytes(p, proof->token_hash, sizeof(proof->token_hash));
	else
		db_null(p);
	db_uuid(p, proof->has_code ? &proof->id : NULL);
	if (proof->has_code)
		db_bytes(p, proof->code_mac, sizeof(proof->code_mac));
	else
		db_null(p);
	db_uuid(p, app);
	audit_store_origin(p, o);
}

enum err
password_store_checked(const struct db_result *res, struct reset_found *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_uuid(&r, "reset_id", &out->id);
	user_store_row(&r, &out->user);
	return (r.err);
}

enum err
password_store_tried(const struct db_result *res, struct password_try *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_text(&r, "password_hash", out->hash, sizeof(out->hash));
	out->retry_after_s = db_row_i64(&r, "retry_after_s");
	return (r.err);
}

enum err
password_store_set(const struct db_result *res, struct password_set *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_set = true;
	db_row_uuid(&r, "user_id", &out->user);
	out->n = db_row_i64(&r, "n");
	return (r.err);
}
