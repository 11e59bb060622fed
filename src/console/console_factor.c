/*
 * console_factor - POST /setup/api/session/verify and /setup/signin/factor:
 * the second factor of a sign-in that has a ticket.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_doc.h"
#include "console_sign_in.h"
#include "otp_store.h"
#include "platform.h"
#include "routes.h"
#include "second_factor.h"

struct factor_input {
	struct console_sign_in	sign_in;
	char			mfa_token[TICKET_LEN + 1];
	char			code[FACTOR_CODE_LEN + 1];

	struct ticket_hash	hash;
	struct factor_code	typed;
	struct otp_ticket	found;
	struct otp_factor	factor;
	uint8_t			mac[OTP_MAC_LEN];
	bool			has_mac;
	char			outcome[32];
	int64_t			retry_after_s;
};

static int	factor_parse(struct http_request *req);
static int	factor_look_ask(struct http_request *req);
static int	factor_look_got(struct http_request *req);
static int	factor_try_got(struct http_request *req);
static int	factor_fail(struct http_request *req, enum problem p,
		    int retry_s);
static enum err	factor_match(struct factor_input *in);
static enum err	factor_rows_look(const struct db_result *res, void *target);
static enum err	factor_rows_try(const struct db_result *res, void *target);

static const struct decode_field factor_fields[] = {
	CONSOLE_NEXT_F(factor_input),
	DECODE_F(factor_input, mfa_token, "v_token", true,
	    "Send the mfa_token as the sign-in gave it out."),
	FACTOR_CODE_F(factor_input, true),
};

static struct http_state factor_states[] = {
	KORE_HTTP_STATE(factor_parse),
	KORE_HTTP_STATE(factor_look_ask),
	KORE_HTTP_STATE(factor_look_got),
	KORE_HTTP_STATE(factor_try_got),
	KORE_HTTP_STATE(console_doc_got),
};

static const struct api_route factor_route = {
	.name = "console_factor", .methods = API_POST,
	.states = factor_states, .n_states = COUNT(factor_states),
	.fields = factor_fields, .n_fields = COUNT(factor_fields),
	.input_size = sizeof(struct factor_input),
};

/* POST /setup/api/session/verify, POST /setup/signin/factor */
int
console_factor(struct http_request *req)
{
	return (api_run(req, &factor_route));
}

static int
factor_parse(struct http_request *req)
{
	struct factor_input		*in = api_input(req);
	const struct console_step	 step = {
		.name = "factor", .mfa_token = in->mfa_token,
	};
	int				 ret;

	if (!console_sign_in_read(req, &step, &ret) ||
	    !console_sign_in_begin(req, &ret))
		return (ret);
	if (!second_factor_typed(in->code, &in->typed) || ticket_parse(
	    in->mfa_token, strlen(in->mfa_token), &in->hash) != ERR_OK)
		return (factor_fail(req, PROBLEM_OTP_INVALID, 0));
	return (api_next(req));
}

static int
factor_look_ask(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_bytes(&p, in->hash.b, sizeof(in->hash.b));
	return (api_ask(req, SQL_CONSOLE_FACTOR_LOOK, &p, factor_rows_look,
	    &in->found));
}

static int
factor_look_got(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->found.is_found)
		return (factor_fail(req, PROBLEM_OTP_INVALID, 0));
	if ((e = factor_match(in)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	console_token_make(&in->sign_in.token);
	db_bytes(&p, in->hash.b, sizeof(in->hash.b));
	if (in->has_mac)
		db_bytes(&p, in->mac, sizeof(in->mac));
	else
		db_null(&p);
	otp_store_factor_params(&p, &in->factor);
	db_bytes(&p, in->sign_in.token.hash, sizeof(in->sign_in.token.hash));
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_CONSOLE_FACTOR_VERIFY, &p, factor_rows_try,
	    in));
}

static int
factor_try_got(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->sign_in.is_opened)
		return (console_sign_in_done(req));
	return (factor_fail(req,
	    strcmp(in->outcome, "too_many_attempts") == 0 ?
	    PROBLEM_TOO_MANY_ATTEMPTS : PROBLEM_OTP_INVALID,
	    (int)in->retry_after_s));
}

static int
factor_fail(struct http_request *req, enum problem p, int retry_s)
{
	struct factor_input		*in = api_input(req);
	const struct console_step	 step = {
		.name = "factor", .mfa_token = in->mfa_token,
	};

	api_refused(req, AUDIT_OTP_FAILED, problem_code(p),
	    in->found.is_found ? &in->found.user : NULL);
	return (console_sign_in_fail(req, p, retry_s, &step));
}

static enum err
factor_match(struct factor_input *in)
{
	enum err	r;

	if (in->found.has_challenge && !in->typed.is_recovery) {
		if ((r = otp_mac(platform_otp_key(), &in->found.challenge,
		    in->typed.text, in->typed.len, in->mac)) != ERR_OK)
			return (r);
		in->has_mac = true;
	}
	return (second_factor_match(&in->typed, &in->found.user,
	    in->found.has_totp ? in->found.secret : NULL,
	    in->found.last_step, &in->factor));
}

static enum err
factor_rows_look(const struct db_result *res, void *target)
{
	return (otp_store_ticket(res, target));
}

static enum err
factor_rows_try(const struct db_result *res, void *target)
{
	struct factor_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	db_row_text(&r, "outcome", in->outcome, sizeof(in->outcome));
	in->retry_after_s = db_row_i64(&r, "retry_after_s");
	return (r.err != ERR_OK ? r.err :
	    console_sign_in_rows(res, &in->sign_in));
}
