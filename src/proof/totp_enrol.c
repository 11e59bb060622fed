/*
 * totp_enrol - see totp_enrol.h.
 */
#include "totp_enrol.h"

#include "api.h"
#include "audit_store.h"
#include "mem.h"
#include "otp_send.h"
#include "platform.h"
#include "qr.h"
#include "rnd.h"

static enum err	enrol_body(const struct totp_enrol *t, const char *account,
		    struct buf *body);
static bool	enrol_is_right(struct http_request *req,
		    const struct totp_enrol *t, const struct uuid *user,
		    struct otp_factor *factor, int *ret);
static enum err	enrol_rows_done(const struct db_result *res, void *target);
static enum err	enrol_rows_proof(const struct db_result *res, void *target);

int
totp_enrol_begin(struct http_request *req, struct totp_enrol *t,
    const struct uuid *session, const struct uuid *user)
{
	struct db_params	p = DB_PARAMS_INIT;
	uint8_t			sealed[TOTP_SEALED_LEN];
	enum err		e;

	rnd_bytes(t->secret, sizeof(t->secret));
	if ((e = second_factor_seal(user, t->secret, sealed)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, session);
	db_uuid(&p, api_app(req));
	db_bytes(&p, sealed, sizeof(sealed));
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_TOTP_BEGIN, &p, enrol_rows_done,
	    &t->is_done));
}

int
totp_enrol_begun(struct http_request *req, struct totp_enrol *t,
    const char *account)
{
	struct buf	body;
	enum err	e;
	int		ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!t->is_done)
		return (api_fail(req, PROBLEM_TOTP_ENROLLED));
	buf_init(&body, 131072);
	if ((e = enrol_body(t, account, &body)) == ERR_OK)
		return (api_reply(req, 200, &body));
	buf_clear(&body);
	return (api_fail_retry(req, problem_of_err(e), 1));
}

static enum err
enrol_body(const struct totp_enrol *t, const char *account, struct buf *body)
{
	char		text[TOTP_BASE32_LEN + 1];
	struct buf	uri, svg;
	enum err	r;

	/* 80 characters of brand, twice, and a name: all of them escaped. */
	buf_init(&uri, 4096);
	buf_init(&svg, 65536);
	totp_base32(t->secret, text);
	totp_uri(t->secret, platform_values()->brand_name, account, &uri);
	if ((r = buf_err(&uri)) != ERR_OK)
		goto done;
	buf_printf(body, "{\"secret\":\"%s\",\"otpauth_uri\":", text);
	buf_json(body, uri.data, uri.len);
	buf_printf(body, ",\"algorithm\":\"SHA1\",\"digits\":%d,"
	    "\"period\":%d,\"qr_svg\":", TOTP_DIGITS, TOTP_PERIOD_S);
	/* Too long a name for a picture: the URI and the secret will do. */
	if (uri.len <= QR_TEXT_MAX) {
		if ((r = qr_svg(uri.data, &svg)) != ERR_OK)
			goto done;
		buf_json(body, svg.data, svg.len);
	} else
		buf_str(body, "null");
	buf_char(body, '}');
	r = buf_err(body);
done:
	mem_wipe(text, sizeof(text));
	buf_clear(&uri);
	buf_clear(&svg);
	return (r);
}

int
totp_enrol_look(struct http_request *req, struct totp_enrol *t,
    const struct uuid *user)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_uuid(&p, user);
	return (api_ask(req, SQL_FACTOR_LOOK, &p, enrol_rows_proof,
	    &t->proof));
}

int
totp_enrol_confirm(struct http_request *req, struct totp_enrol *t,
    const struct uuid *session, const struct uuid *user)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct otp_factor	factor;
	struct otp_notice	notice;
	enum err		e;
	int			ret;

	if (!api_got(req, &ret) ||
	    !enrol_is_right(req, t, user, &factor, &ret))
		return (ret);
	if ((e = otp_send_notice(req, MESSAGE_MFA_ADDED, t->proof.email,
	    t->proof.mobile_number, &notice)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, session);
	db_uuid(&p, api_app(req));
	db_bytes(&p, factor.secret, sizeof(factor.secret));
	db_i64(&p, factor.step);
	otp_store_notice_params(&p, &notice);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_TOTP_CONFIRM, &p, enrol_rows_done,
	    &t->is_done));
}

static bool
enrol_is_right(struct http_request *req, const struct totp_enrol *t,
    const struct uuid *user, struct otp_factor *factor, int *ret)
{
	const struct otp_proof	*proof = &t->proof;
	enum err		 e;

	if (proof->has_totp && proof->is_confirmed) {
		*ret = api_fail(req, PROBLEM_TOTP_ENROLLED);
		return (false);
	}
	if (!proof->has_totp || proof->is_stale) {
		*ret = api_fail(req, PROBLEM_TOTP_NOT_ENROLLED);
		return (false);
	}
	e = second_factor_match(&t->typed, user, proof->secret,
	    proof->last_step, factor);
	if (e != ERR_OK) {
		*ret = api_fail_retry(req, problem_of_err(e), 1);
		return (false);
	}
	if (!factor->has_step) {
		/* Not a refusal: the secret was shown to this very session. */
		*ret = api_fail_field(req, "code", "The code is not right. "
		    "Check that the clock of the device is.");
		return (false);
	}
	return (true);
}

/* The person has changed, and this node's workers must know it before the
 * answer is out. */
bool
totp_enrol_confirmed(struct http_request *req, struct totp_enrol *t,
    const struct uuid *user, int *ret)
{
	if (!api_got(req, ret))
		return (false);
	if (!t->is_done) {
		*ret = api_fail(req, PROBLEM_TOTP_NOT_ENROLLED);
		return (false);
	}
	generation_bump(platform_generations(), GENERATION_USER, user->b,
	    sizeof(user->b));
	return (true);
}

static enum err
enrol_rows_done(const struct db_result *res, void *target)
{
	bool	*is_done = target;

	*is_done = db_result_rows(res) == 1;
	return (ERR_OK);
}

static enum err
enrol_rows_proof(const struct db_result *res, void *target)
{
	return (otp_store_proof(res, target));
}
