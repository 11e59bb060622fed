/*
 * verify_api - POST /auth/otp/verify: a code opens a session, as the only
 * factor (challenge_id, identifier) or as the second one (mfa_token).
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "attempt.h"
#include "audit_store.h"
#include "device_notice.h"
#include "identify.h"
#include "limit.h"
#include "platform.h"
#include "routes.h"
#include "second_factor.h"
#include "tokens_reply.h"

struct verify_input {
	struct identify_input	who;
	char			challenge_id[UUID_TEXT_LEN + 1];
	char			mfa_token[TICKET_LEN + 1];
	char			code[FACTOR_CODE_LEN + 1];
	char			device_id[DEVICE_ID_MAX_LEN + 1];
	char			device_name[DEVICE_NAME_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	bool			is_mfa;
	struct ticket_hash	hash;
	struct contact		contact;
	struct factor_code	typed;
	struct otp_ticket	found;
	struct otp_factor	factor;
	uint8_t			mac[OTP_MAC_LEN];
	bool			has_mac;
	struct otp_tried	tried;
	struct attempt		attempt;
	struct session_notice	notice;
	char			refresh_token[TOKEN_REFRESH_LEN + 1];
};

static int	verify_parse(struct http_request *req);
static int	verify_find_ask(struct http_request *req);
static int	verify_find_got(struct http_request *req);
static int	verify_try_ask(struct http_request *req);
static int	verify_try_got(struct http_request *req);
static bool	verify_one_of(struct http_request *req, int *ret);
static int	verify_unknown(struct http_request *req);
static enum err	verify_match(struct http_request *req);
static enum err	verify_rows_ticket(const struct db_result *res, void *target);
static enum err	verify_rows_find(const struct db_result *res, void *target);
static enum err	verify_rows_tried(const struct db_result *res, void *target);

static const struct decode_field verify_fields[] = {
	IDENTIFY_FIELDS(verify_input, who),
	DECODE_F(verify_input, challenge_id, "v_uuid", false,
	    "Send the challenge_id as the request for the code gave it out."),
	DECODE_F(verify_input, mfa_token, "v_token", false,
	    "Send the mfa_token as the sign-in gave it out."),
	FACTOR_CODE_F(verify_input, true),
	DECODE_F(verify_input, device_id, "v_device_id", false,
	    "Send 1 to 128 characters of A-Z a-z 0-9 . _ : -"),
	DECODE_F(verify_input, device_name, "v_device_name", false,
	    "Send 1 to 200 bytes of text without control characters."),
	DECODE_F(verify_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(verify_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state verify_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(verify_parse),
	KORE_HTTP_STATE(verify_find_ask),
	KORE_HTTP_STATE(verify_find_got),
	KORE_HTTP_STATE(verify_try_ask),
	KORE_HTTP_STATE(verify_try_got),
};

static const struct api_route verify_route = {
	.name = "otp_verify", .methods = API_POST,
	.states = verify_states, .n_states = COUNT(verify_states),
	.fields = verify_fields, .n_fields = COUNT(verify_fields),
	.input_size = sizeof(struct verify_input),
	.limits = LIMIT_CODE | LIMIT_SIGN_IN,
};

/* POST /auth/otp/verify.  Guard: key.  200 | 401 | 403 | 422 | 429. */
int
api_otp_verify(struct http_request *req)
{
	return (api_run(req, &verify_route));
}

static int
verify_parse(struct http_request *req)
{
	struct verify_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!verify_one_of(req, &ret) ||
	    !second_factor_read(req, in->code, &in->typed, &ret))
		return (ret);
	if (in->typed.is_recovery && !in->is_mfa)
		return (api_fail_field(req, "code",
		    "Send the digits of the code."));
	/* Guesses spread over many people are seen by where they come from.
	 * Behind a right password they are not many. */
	if (!in->is_mfa)
		attempt_begin(req, ATTEMPT_SIGN_IN, in->client_ip,
		    &in->attempt);
	if (in->attempt.wait_s > 0)
		return (attempt_refuse(req, in->attempt.wait_s, NULL));
	return (api_next(req));
}

/* Exactly one of challenge_id, mfa_token and the identifier. */
static bool
verify_one_of(struct http_request *req, int *ret)
{
	struct verify_input	*in = api_input(req);
	int			 n;

	in->is_mfa = in->mfa_token[0] != '\0';
	n = (in->challenge_id[0] != '\0') + in->is_mfa +
	    (in->who.identifier[0] != '\0') + (in->who.email[0] != '\0') +
	    (in->who.mobile_number[0] != '\0');
	if (n != 1) {
		*ret = api_fail_field(req, "challenge_id", "Send one of "
		    "challenge_id, identifier and mfa_token.");
		return (false);
	}
	if (in->is_mfa) {
		if (ticket_parse(in->mfa_token, strlen(in->mfa_token),
		    &in->hash) == ERR_OK)
			return (true);
		*ret = verify_unknown(req);
		return (false);
	}
	if (in->challenge_id[0] == '\0')
		return (identify(req, &in->who, &in->contact, ret));
	/* The validator has accepted it. */
	in->found.is_found = in->found.has_challenge =
	    uuid_parse(in->challenge_id, strlen(in->challenge_id),
	    &in->found.challenge) == ERR_OK;
	return (true);
}

/* The MAC needs the challenge's id, and the app's code its secret. */
static int
verify_find_ask(struct http_request *req)
{
	struct verify_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	if (in->found.is_found)
		return (api_skip(req, 1));
	if (in->is_mfa) {
		db_bytes(&p, in->hash.b, sizeof(in->hash.b));
		db_uuid(&p, &api_caller(req)->app);
		return (api_ask(req, SQL_MFA_LOOK, &p, verify_rows_ticket,
		    &in->found));
	}
	db_text(&p, in->contact.kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(&p, in->contact.text);
	db_uuid(&p, &api_caller(req)->app);
	return (api_ask(req, SQL_OTP_FIND, &p, verify_rows_find, &in->found));
}

static int
verify_find_got(struct http_request *req)
{
	struct verify_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	return (in->found.is_found ? api_next(req) : verify_unknown(req));
}

/* One statement counts the try, compares, uses the code up and opens the
 * session: nothing can come between. */
static int
verify_try_ask(struct http_request *req)
{
	struct verify_input		*in = api_input(req);
	const struct platform_values	*v = platform_values();
	struct db_params		 p = DB_PARAMS_INIT;
	struct token_hash		 refresh;
	enum err			 e;
	const struct session_opening	 s = {
		.device_id = in->device_id[0] != '\0' ? in->device_id :
		    in->found.device_id,
		.device_name = in->device_name[0] != '\0' ? in->device_name :
		    in->found.device_name,
		.refresh = &refresh,
		.session_ttl_s = v->session_ttl_s,
		.refresh_ttl_s = v->refresh_ttl_s,
		.absolute_s = v->refresh_absolute_s,
	};

	if ((e = verify_match(req)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	token_refresh_make(in->refresh_token, &refresh);
	if (in->is_mfa)
		db_bytes(&p, in->hash.b, sizeof(in->hash.b));
	else
		db_uuid(&p, &in->found.challenge);
	db_uuid(&p, &api_caller(req)->app);
	if (in->has_mac)
		db_bytes(&p, in->mac, sizeof(in->mac));
	else
		db_null(&p);
	if (in->is_mfa)
		otp_store_factor_params(&p, &in->factor);
	db_i32(&p, v->otp_resend_s);
	otp_store_session_params(&p, &s);
	audit_store_origin(&p, api_origin(req));
	session_store_notice_params(&p, device_notice(req, s.device_id,
	    s.device_name, &in->notice));
	return (api_ask(req, in->is_mfa ? SQL_MFA_VERIFY : SQL_OTP_VERIFY, &p,
	    verify_rows_tried, &in->tried));
}

static enum err
verify_match(struct http_request *req)
{
	struct verify_input	*in = api_input(req);
	enum err		 r;

	if (in->found.has_challenge && !in->typed.is_recovery) {
		if ((r = otp_mac(platform_otp_key(), &in->found.challenge,
		    in->typed.text, in->typed.len, in->mac)) != ERR_OK)
			return (r);
		in->has_mac = true;
	}
	if (!in->is_mfa)
		return (ERR_OK);
	return (second_factor_match(&in->typed, &in->found.user,
	    in->found.has_totp ? in->found.secret : NULL,
	    in->found.last_step, &in->factor));
}

static int
verify_try_got(struct http_request *req)
{
	struct verify_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->tried.view.is_found) {
		attempt_undo(&in->attempt);
		return (tokens_reply(req, &in->tried.view,
		    in->refresh_token));
	}
	return (second_factor_refuse(req, &in->tried, AUDIT_OTP_FAILED,
	    in->is_mfa ? &in->found.user : NULL));
}

/* Nothing that could be tried: as a wrong code with no tries left. */
static int
verify_unknown(struct http_request *req)
{
	static const struct otp_tried	none = { .outcome = "otp_invalid" };

	return (second_factor_refuse(req, &none, AUDIT_OTP_FAILED, NULL));
}

static enum err
verify_rows_ticket(const struct db_result *res, void *target)
{
	return (otp_store_ticket(res, target));
}

static enum err
verify_rows_find(const struct db_result *res, void *target)
{
	return (otp_store_found(res, target));
}

static enum err
verify_rows_tried(const struct db_result *res, void *target)
{
	return (otp_store_tried(res, target));
}
