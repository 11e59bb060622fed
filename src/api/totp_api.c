/*
 * totp_api - POST /auth/mfa/totp and /auth/mfa/totp/confirm: a person enrols an
 * authenticator app, from the person's own session.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "mem.h"
#include "otp_send.h"
#include "own_session.h"
#include "platform.h"
#include "qr.h"
#include "rnd.h"
#include "routes.h"
#include "second_factor.h"

struct totp_input {
	char			code[FACTOR_CODE_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	struct own_session	own;
	uint8_t			secret[TOTP_SECRET_LEN];
	struct factor_code	typed;
	struct otp_proof	proof;
	bool			is_done;
};

static int	totp_begin_parse(struct http_request *req);
static int	totp_session_ask(struct http_request *req);
static int	totp_begin_ask(struct http_request *req);
static int	totp_begin_got(struct http_request *req);
static enum err	totp_begin_body(struct http_request *req, struct buf *body);
static int	totp_confirm_parse(struct http_request *req);
static int	totp_look_ask(struct http_request *req);
static int	totp_confirm_ask(struct http_request *req);
static int	totp_confirm_got(struct http_request *req);
static bool	totp_is_right(struct http_request *req,
		    struct otp_factor *factor, int *ret);
static enum err	totp_rows_done(const struct db_result *res, void *target);
static enum err	totp_rows_proof(const struct db_result *res, void *target);

#define TOTP_CLIENT_FIELDS						\
	DECODE_F(totp_input, client_ip, "v_client_ip", false,		\
	    "Send an IPv4 or IPv6 address."),				\
	DECODE_F(totp_input, client_user_agent, "v_client_user_agent",	\
	    false, "Send at most 255 characters of text.")

static const struct decode_field totp_begin_fields[] = {
	TOTP_CLIENT_FIELDS,
};

static const struct decode_field totp_confirm_fields[] = {
	FACTOR_CODE_F(totp_input, true),
	TOTP_CLIENT_FIELDS,
};

static struct http_state totp_begin_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(totp_begin_parse),
	KORE_HTTP_STATE(totp_session_ask),
	KORE_HTTP_STATE(totp_begin_ask),
	KORE_HTTP_STATE(totp_begin_got),
};

static struct http_state totp_confirm_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(totp_confirm_parse),
	KORE_HTTP_STATE(totp_session_ask),
	KORE_HTTP_STATE(totp_look_ask),
	KORE_HTTP_STATE(totp_confirm_ask),
	KORE_HTTP_STATE(totp_confirm_got),
};

static const struct api_route totp_begin_route = {
	.name = "totp_begin", .methods = API_POST,
	.states = totp_begin_states, .n_states = COUNT(totp_begin_states),
	.fields = totp_begin_fields, .n_fields = COUNT(totp_begin_fields),
	.input_size = sizeof(struct totp_input),
};

static const struct api_route totp_confirm_route = {
	.name = "totp_confirm", .methods = API_POST,
	.states = totp_confirm_states, .n_states = COUNT(totp_confirm_states),
	.fields = totp_confirm_fields,
	.n_fields = COUNT(totp_confirm_fields),
	.input_size = sizeof(struct totp_input),
};

/* ---- POST /auth/mfa/totp.  Guard: key, session.  200 | 401 | 403 | 409. -- */

int
api_totp_begin(struct http_request *req)
{
	return (api_run(req, &totp_begin_route));
}

static int
totp_begin_parse(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	return (own_session_parse(req, &in->own, &ret) ? api_next(req) : ret);
}

static int
totp_session_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);

	return (own_session_ask(req, &in->own));
}

static int
totp_begin_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	uint8_t			 sealed[TOTP_SEALED_LEN];
	enum err		 e;
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	rnd_bytes(in->secret, sizeof(in->secret));
	if ((e = second_factor_seal(&in->own.claims.sub, in->secret,
	    sealed)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &in->own.claims.app);
	db_bytes(&p, sealed, sizeof(sealed));
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_TOTP_BEGIN, &p, totp_rows_done,
	    &in->is_done));
}

static int
totp_begin_got(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct buf		 body;
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_done)
		return (api_fail(req, PROBLEM_TOTP_ENROLLED));
	buf_init(&body, 131072);
	if ((e = totp_begin_body(req, &body)) == ERR_OK)
		return (api_reply(req, 200, &body));
	buf_clear(&body);
	return (api_fail_retry(req, problem_of_err(e), 1));
}

/* What an app scans, and the same to be typed. */
static enum err
totp_begin_body(struct http_request *req, struct buf *body)
{
	struct totp_input	*in = api_input(req);
	const struct user	*u = &in->own.view.user;
	const char		*account = u->name;
	char			 text[TOTP_BASE32_LEN + 1];
	struct buf		 uri, svg;
	enum err		 r;

	if (u->email[0] != '\0')
		account = u->email;
	else if (u->mobile_number[0] != '\0')
		account = u->mobile_number;
	/* 80 characters of brand, twice, and a name: all of them escaped. */
	buf_init(&uri, 4096);
	buf_init(&svg, 65536);
	totp_base32(in->secret, text);
	totp_uri(in->secret, platform_values()->brand_name, account, &uri);
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

/* ---- POST /auth/mfa/totp/confirm.  Guard: key, session.
 * 200 | 401 | 403 | 409 | 422. --------------------------------------------- */

int
api_totp_confirm(struct http_request *req)
{
	return (api_run(req, &totp_confirm_route));
}

static int
totp_confirm_parse(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!own_session_parse(req, &in->own, &ret) ||
	    !second_factor_read(req, in->code, &in->typed, &ret))
		return (ret);
	return (api_next(req));
}

static int
totp_look_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	db_uuid(&p, &in->own.claims.sub);
	return (api_ask(req, SQL_FACTOR_LOOK, &p, totp_rows_proof,
	    &in->proof));
}

static int
totp_confirm_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct otp_factor	 factor;
	struct otp_notice	 notice;
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret) || !totp_is_right(req, &factor, &ret))
		return (ret);
	if ((e = otp_send_notice(req, MESSAGE_MFA_ADDED, in->proof.email,
	    in->proof.mobile_number, &notice)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &in->own.claims.app);
	db_bytes(&p, factor.secret, sizeof(factor.secret));
	db_i64(&p, factor.step);
	otp_store_notice_params(&p, &notice);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_TOTP_CONFIRM, &p, totp_rows_done,
	    &in->is_done));
}

static bool
totp_is_right(struct http_request *req, struct otp_factor *factor, int *ret)
{
	struct totp_input	*in = api_input(req);
	const struct otp_proof	*t = &in->proof;
	enum err		 e;

	if (t->has_totp && t->is_confirmed) {
		*ret = api_fail(req, PROBLEM_TOTP_ENROLLED);
		return (false);
	}
	if (!t->has_totp || t->is_stale) {
		*ret = api_fail(req, PROBLEM_TOTP_NOT_ENROLLED);
		return (false);
	}
	e = second_factor_match(&in->typed, &in->own.claims.sub, t->secret,
	    t->last_step, factor);
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
static int
totp_confirm_got(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_done)
		return (api_fail(req, PROBLEM_TOTP_NOT_ENROLLED));
	generation_bump(platform_generations(), GENERATION_USER,
	    in->own.claims.sub.b, sizeof(in->own.claims.sub.b));
	buf_init(&body, 128);
	buf_printf(&body, "{\"enabled\":true,\"recovery_codes_left\":%d}",
	    (int)in->proof.recovery_left);
	return (api_reply(req, 200, &body));
}

static enum err
totp_rows_done(const struct db_result *res, void *target)
{
	bool	*is_done = target;

	*is_done = db_result_rows(res) == 1;
	return (ERR_OK);
}

static enum err
totp_rows_proof(const struct db_result *res, void *target)
{
	return (otp_store_proof(res, target));
}
