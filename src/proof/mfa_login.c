/*
 * mfa_login - see mfa_login.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "mfa_login.h"
#include "otp_send.h"
#include "platform.h"

static void	mfa_login_methods(const struct mfa_login *m, struct buf *out);
static enum err	mfa_login_rows_person(const struct db_result *res,
		    void *target);
static enum err	mfa_login_rows_sent(const struct db_result *res,
		    void *target);

int
mfa_login_ask(struct http_request *req, struct mfa_login *m,
    const struct uuid *user)
{
	struct db_params	p = DB_PARAMS_INIT;
	const struct otp_who	who = { .user = user };

	otp_store_person_params(&p, &who, api_app(req));
	return (api_ask(req, SQL_OTP_OPTIONS, &p, mfa_login_rows_person,
	    &m->person));
}

int
mfa_login_send(struct http_request *req, struct mfa_login *m,
    const char *device_id, const char *device_name)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct otp_limits	 limits = otp_send_limits();
	struct ticket_hash	 hash;
	enum err		 e;

	if (!m->person.is_found)	/* deleted meanwhile */
		return (api_fail(req, PROBLEM_INVALID_CREDENTIALS));
	if ((e = otp_send_make(req, &m->person, OTP_NONE, &m->code)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	ticket_make(m->token, &hash);
	db_bytes(&p, hash.b, sizeof(hash.b));
	db_uuid(&p, &m->person.user);
	db_uuid(&p, api_app(req));
	db_text_opt(&p, device_id);
	db_text_opt(&p, device_name);
	db_i32(&p, platform_values()->mfa_ttl_s);
	db_bool(&p, m->person.has_totp || m->person.has_recovery);
	otp_store_code_params(&p, &m->code, &limits);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_MFA_OPEN, &p, mfa_login_rows_sent,
	    &m->sent));
}

bool
mfa_login_is_open(const struct mfa_login *m)
{
	return (m->sent.is_open);
}

int
mfa_login_reply(struct http_request *req, const struct mfa_login *m)
{
	struct buf	body;

	buf_init(&body, 4096);
	buf_printf(&body, "{\"mfa_required\":true,\"mfa_token\":\"%s\","
	    "\"methods\":", m->token);
	mfa_login_methods(m, &body);
	buf_char(&body, ',');
	if (m->sent.has_challenge)
		otp_send_json(&m->sent.challenge, m->sent.channel,
		    m->sent.destination, m->sent.expires_in_s, &body);
	else
		buf_printf(&body, "\"expires_in\":%d",
		    platform_values()->mfa_ttl_s);
	/* An earlier code that goes on was shown when it was made. */
	if (strcmp(m->sent.outcome, "sent") == 0)
		otp_send_dev_json(&m->code, &body);
	buf_char(&body, '}');
	return (api_reply(req, 200, &body));
}

int
mfa_login_fail(struct http_request *req, const struct mfa_login *m)
{
	enum problem	p = PROBLEM_NO_DELIVERY;
	int		retry_s = 60;

	if (m->code.channel != OTP_NONE) {
		p = otp_send_problem(m->sent.outcome);
		retry_s = (int)m->sent.retry_after_s;
	}
	api_refused(req, AUDIT_OTP_REFUSED, problem_code(p),
	    &m->person.user);
	return (api_fail_retry(req, p, retry_s));
}

/* A recovery code always helps who has one; it is named when nothing else
 * does, so that nobody offers it first. */
static void
mfa_login_methods(const struct mfa_login *m, struct buf *out)
{
	buf_char(out, '[');
	if (m->person.has_totp)
		buf_str(out, "\"totp\"");
	if (m->sent.has_challenge)
		buf_str(out, m->person.has_totp ? ",\"otp\"" : "\"otp\"");
	if (!m->person.has_totp && !m->sent.has_challenge)
		buf_str(out, "\"recovery_code\"");
	buf_char(out, ']');
}

static enum err
mfa_login_rows_person(const struct db_result *res, void *target)
{
	return (otp_store_person(res, target));
}

static enum err
mfa_login_rows_sent(const struct db_result *res, void *target)
{
	struct otp_sent	*sent = target;
	enum err	 e;

	e = otp_store_opened(res, sent);
	otp_send_ring(sent);
	return (e);
}
