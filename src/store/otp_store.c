/*
 * otp_store - see otp_store.h.
 */
#include "otp_store.h"

#include <string.h>

static void	otp_store_outcome(struct db_row *r, struct otp_tried *out);

void
otp_store_person_params(struct db_params *p, const struct otp_who *who,
    const struct uuid *app)
{
	if (who->contact != NULL) {
		db_text(p, who->contact->kind == CONTACT_EMAIL ? "email" :
		    "phone");
		db_text(p, who->contact->text);
	} else {
		db_null(p);
		db_null(p);
	}
	db_uuid(p, who->user);
	if (who->ticket != NULL)
		db_bytes(p, who->ticket->b, sizeof(who->ticket->b));
	else
		db_null(p);
	db_uuid(p, app);
}

enum err
otp_store_person(const struct db_result *res, struct otp_person *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_uuid(&r, "user_id", &out->user);
	db_row_text(&r, "email", out->email, sizeof(out->email));
	db_row_text(&r, "mobile_number", out->mobile_number,
	    sizeof(out->mobile_number));
	out->is_active = db_row_bool(&r, "is_active");
	out->is_assigned = db_row_bool(&r, "is_assigned");
	out->mfa_enabled = db_row_bool(&r, "mfa_enabled");
	out->has_totp = db_row_bool(&r, "has_totp");
	out->has_recovery = db_row_bool(&r, "has_recovery");
	out->reach.has_mobile = out->mobile_number[0] != '\0';
	out->reach.has_email = out->email[0] != '\0';
	/* Null without a mobile number. */
	out->reach.can_sms = !db_row_is_null(&r, "can_sms") &&
	    db_row_bool(&r, "can_sms");
	out->reach.can_email = db_row_bool(&r, "can_email");
	out->reach.email_fallback = db_row_bool(&r, "email_fallback");
	return (r.err);
}

void
otp_store_send_params(struct db_params *p, const struct uuid *user,
    const struct uuid *app, const struct otp_code *c,
    const struct otp_limits *l)
{
	db_uuid(p, &c->id);
	db_uuid(p, user);
	db_uuid(p, app);
	db_text(p, otp_channel_name(c->channel));
	db_text(p, c->destination);
	db_bytes(p, c->mac, sizeof(c->mac));
	db_i32(p, l->ttl_s);
	db_i32(p, l->attempts);
	db_i32(p, l->resend_s);
	db_i32(p, l->window_max);
	db_i32(p, l->day_max);
	db_i32(p, l->address_max);
	db_uuid(p, &c->outbox);
	db_bytes(p, c->payload, c->payload_len);
}

void
otp_store_code_params(struct db_params *p, const struct otp_code *c,
    const struct otp_limits *l)
{
	bool	has = c->channel != OTP_NONE;

	db_uuid(p, has ? &c->id : NULL);
	db_text(p, otp_channel_name(c->channel));
	db_text(p, has ? c->destination : NULL);
	if (has)
		db_bytes(p, c->mac, sizeof(c->mac));
	else
		db_null(p);
	db_i32(p, l->ttl_s);
	db_i32(p, l->attempts);
	db_i32(p, l->window_max);
	db_i32(p, l->day_max);
	db_i32(p, l->address_max);
	db_uuid(p, has ? &c->outbox : NULL);
	if (has)
		db_bytes(p, c->payload, c->payload_len);
	else
		db_null(p);
}

enum err
otp_store_sent(const struct db_result *res, struct otp_sent *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_text(&r, "outcome", out->outcome, sizeof(out->outcome));
	out->retry_after_s = db_row_i64(&r, "retry_after_s");
	return (r.err);
}

enum err
otp_store_opened(const struct db_result *res, struct otp_sent *out)
{
	struct db_row	r;
	enum err	e;

	if ((e = otp_store_sent(res, out)) != ERR_OK)
		return (e);
	r = db_row_at(res, 0);
	out->is_open = db_row_bool(&r, "is_open");
	if (db_row_is_null(&r, "challenge_id"))
		return (r.err);
	out->has_challenge = true;
	db_row_uuid(&r, "challenge_id", &out->challenge);
	db_row_text(&r, "channel", out->channel, sizeof(out->channel));
	db_row_text(&r, "destination", out->destination,
	    sizeof(out->destination));
	out->expires_in_s = db_row_i64(&r, "expires_in_s");
	return (r.err);
}

enum err
otp_store_ticket(const struct db_result *res, struct otp_ticket *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_uuid(&r, "user_id", &out->user);
	if (!db_row_is_null(&r, "challenge_id")) {
		out->has_challenge = true;
		db_row_uuid(&r, "challenge_id", &out->challenge);
	}
	if (!db_row_is_null(&r, "totp_secret")) {
		out->has_totp = true;
		db_row_bytes(&r, "totp_secret", out->secret,
		    sizeof(out->secret));
		out->last_step = db_row_i64(&r, "totp_step");
	}
	db_row_text(&r, "device_id", out->device_id, sizeof(out->device_id));
	db_row_text(&r, "device_name", out->device_name,
	    sizeof(out->device_name));
	return (r.err);
}

enum err
otp_store_found(const struct db_result *res, struct otp_ticket *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = out->has_challenge = true;
	db_row_uuid(&r, "challenge_id", &out->challenge);
	return (r.err);
}

void
otp_store_factor_params(struct db_params *p, const struct otp_factor *f)
{
	if (f->has_secret)
		db_bytes(p, f->secret, sizeof(f->secret));
	else
		db_null(p);
	if (f->has_step)
		db_i64(p, f->step);
	else
		db_null(p);
	if (f->has_recovery)
		db_bytes(p, f->recovery, f->recovery_len);
	else
		db_null(p);
}

void
otp_store_session_params(struct db_params *p, const struct session_opening *s)
{
	db_text_opt(p, s->device_id);
	db_text_opt(p, s->device_name);
	db_bytes(p, s->refresh->b, sizeof(s->refresh->b));
	db_i32(p, s->session_ttl_s);
	db_i32(p, s->refresh_ttl_s);
	db_i32(p, s->absolute_s);
}

enum err
otp_store_tried(const struct db_result *res, struct otp_tried *out)
{
	struct db_row	r = db_row_at(res, 0);

	otp_store_outcome(&r, out);
	if (r.err != ERR_OK || db_row_is_null(&r, "session_id"))
		return (r.err);
	return (session_store_opened(res, &out->view));
}

enum err
otp_store_proved(const struct db_result *res, struct otp_tried *out)
{
	struct db_row	r = db_row_at(res, 0);

	otp_store_outcome(&r, out);
	out->sessions = db_row_i64(&r, "sessions");
	return (r.err);
}

static void
otp_store_outcome(struct db_row *r, struct otp_tried *out)
{
	memset(out, 0, sizeof(*out));
	db_row_text(r, "outcome", out->outcome, sizeof(out->outcome));
	out->attempts_left = db_row_i64(r, "attempts_left");
	out->retry_after_s = db_row_i64(r, "retry_after_s");
}

enum err
otp_store_proof(const struct db_result *res, struct otp_proof *out)
{
	struct db_row	r;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	if (!db_row_is_null(&r, "totp_secret")) {
		out->has_totp = true;
		db_row_bytes(&r, "totp_secret", out->secret,
		    sizeof(out->secret));
		out->last_step = db_row_i64(&r, "totp_step");
		out->is_confirmed = db_row_bool(&r, "is_confirmed");
		out->is_stale = db_row_bool(&r, "is_stale");
	}
	db_row_text(&r, "email", out->email, sizeof(out->email));
	db_row_text(&r, "mobile_number", out->mobile_number,
	    sizeof(out->mobile_number));
	out->recovery_left = db_row_i64(&r, "recovery_left");
	return (r.err);
}

void
otp_store_notice_params(struct db_params *p, const struct otp_notice *n)
{
	if (n->channel == OTP_NONE) {
		db_null(p);
		db_null(p);
		db_null(p);
		db_null(p);
		return;
	}
	db_uuid(p, &n->id);
	db_text(p, otp_channel_name(n->channel));
	db_text(p, n->destination);
	db_bytes(p, n->payload, n->payload_len);
}
