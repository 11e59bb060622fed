/*
 * factor_api - POST /auth/mfa/totp/remove and /auth/mfa/recovery-codes: what a
 * person may do to the own factors only with proof besides the session: the
 * current password, or a code.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "attempt.h"
#include "audit_store.h"
#include "limit.h"
#include "mem.h"
#include "otp_send.h"
#include "own_session.h"
#include "password_store.h"
#include "platform.h"
#include "recovery_set.h"
#include "routes.h"
#include "second_factor.h"

struct factor_input {
	char			code[FACTOR_CODE_LEN + 1];
	char			current_password[PASSWORD_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	bool			is_recovery;	/* which of the two it is */
	bool			is_password;
	struct own_session	own;
	struct factor_code	typed;
	struct otp_proof	proof;
	struct attempt		attempt;
	struct password_try	current;
	struct otp_factor	factor;
	struct recovery_set	codes;
	struct otp_tried	tried;
};

static int	factor_parse_remove(struct http_request *req);
static int	factor_parse_recovery(struct http_request *req);
static int	factor_parse(struct http_request *req);
static int	factor_session_ask(struct http_request *req);
static int	factor_look_ask(struct http_request *req);
static int	factor_check(struct http_request *req);
static int	factor_check_code(struct http_request *req);
static int	factor_try_got(struct http_request *req);
static int	factor_hash_got(struct http_request *req);
static int	factor_write_got(struct http_request *req);
static int	factor_write(struct http_request *req);
static int	factor_refuse(struct http_request *req, enum problem p,
		    int retry_s);
static int	factor_removed(struct http_request *req);
static enum err	factor_rows_proof(const struct db_result *res, void *target);
static enum err	factor_rows_try(const struct db_result *res, void *target);
static enum err	factor_rows_tried(const struct db_result *res, void *target);

static const struct decode_field factor_fields[] = {
	FACTOR_CODE_F(factor_input, false),
	DECODE_F(factor_input, current_password, "v_password", false,
	    "Send 1 to 1024 bytes of text."),
	DECODE_F(factor_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(factor_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

/* All but the first state are the same. */
#define FACTOR_STATES							\
	KORE_HTTP_STATE(factor_session_ask),				\
	KORE_HTTP_STATE(factor_look_ask),				\
	KORE_HTTP_STATE(factor_check),					\
	KORE_HTTP_STATE(factor_try_got),				\
	KORE_HTTP_STATE(factor_hash_got),				\
	KORE_HTTP_STATE(factor_write_got)

static struct http_state factor_remove_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(factor_parse_remove),
	FACTOR_STATES,
};

static struct http_state factor_recovery_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(factor_parse_recovery),
	FACTOR_STATES,
};

static const struct api_route factor_remove_route = {
	.name = "totp_remove", .methods = API_POST,
	.states = factor_remove_states,
	.n_states = COUNT(factor_remove_states),
	.fields = factor_fields, .n_fields = COUNT(factor_fields),
	.input_size = sizeof(struct factor_input),
	.limits = LIMIT_SIGN_IN,
};

static const struct api_route factor_recovery_route = {
	.name = "recovery_codes", .methods = API_POST,
	.states = factor_recovery_states,
	.n_states = COUNT(factor_recovery_states),
	.fields = factor_fields, .n_fields = COUNT(factor_fields),
	.input_size = sizeof(struct factor_input),
	.limits = LIMIT_SIGN_IN,
};

/* POST /auth/mfa/totp/remove.  Guard: key, session.
 * 200 | 401 | 403 | 409 | 422 | 429 | 503. */
int
api_totp_remove(struct http_request *req)
{
	return (api_run(req, &factor_remove_route));
}

/* POST /auth/mfa/recovery-codes.  Guard: key, session.
 * 200 | 401 | 403 | 422 | 429 | 503. */
int
api_recovery_codes(struct http_request *req)
{
	return (api_run(req, &factor_recovery_route));
}

static int
factor_parse_remove(struct http_request *req)
{
	return (factor_parse(req));
}

static int
factor_parse_recovery(struct http_request *req)
{
	struct factor_input	*in = api_input(req);

	in->is_recovery = true;
	return (factor_parse(req));
}

static int
factor_parse(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!own_session_parse(req, &in->own, &ret))
		return (ret);
	in->is_password = in->current_password[0] != '\0';
	if (in->is_password == (in->code[0] != '\0'))
		return (api_fail_field(req, "current_password",
		    "Send either current_password or code."));
	if (!in->is_password &&
	    !second_factor_read(req, in->code, &in->typed, &ret))
		return (ret);
	return (api_next(req));
}

static int
factor_session_ask(struct http_request *req)
{
	struct factor_input	*in = api_input(req);

	return (own_session_ask(req, &in->own));
}

static int
factor_look_ask(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	db_uuid(&p, &in->own.claims.sub);
	return (api_ask(req, SQL_FACTOR_LOOK, &p, factor_rows_proof,
	    &in->proof));
}

/* A password is counted as wrong before it is checked, as everywhere. */
static int
factor_check(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	const char		*device = in->own.view.session.device_id;
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_password)
		return (factor_check_code(req));
	attempt_begin(req, ATTEMPT_SIGN_IN, in->client_ip, &in->attempt);
	if (in->attempt.wait_s > 0 && device[0] == '\0')
		return (attempt_refuse(req, in->attempt.wait_s,
		    &in->own.claims.sub));
	db_uuid(&p, &in->own.claims.sub);
	db_uuid(&p, &in->own.claims.app);
	db_text_opt(&p, device);
	db_bool(&p, in->attempt.wait_s > 0);
	return (attempt_left(&in->attempt, api_ask(req, SQL_PASSWORD_TRY, &p,
	    factor_rows_try, &in->current)));
}

static int
factor_check_code(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	const struct otp_proof	*t = &in->proof;
	enum err		 e;

	e = second_factor_match(&in->typed, &in->own.claims.sub,
	    t->has_totp && t->is_confirmed ? t->secret : NULL, t->last_step,
	    &in->factor);
	if (e != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	/* Over the states of the password, by way of the statement. */
	(void)api_skip(req, 1);
	return (factor_write(req));
}

static int
factor_try_got(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	int			 ret, wait_s;

	if (!api_got(req, &ret))
		return (attempt_left(&in->attempt, ret));
	if (!in->current.is_found)	/* disabled meanwhile */
		return (attempt_left(&in->attempt, api_fail(req,
		    PROBLEM_SESSION_REVOKED)));
	wait_s = (int)in->current.retry_after_s;
	if (wait_s > 0)
		return (attempt_left(&in->attempt, attempt_refuse(req,
		    MAX(wait_s, in->attempt.wait_s), &in->own.claims.sub)));
	return (attempt_left(&in->attempt, api_hash_verify(req,
	    in->current.hash[0] != '\0' ? in->current.hash : NULL,
	    in->current_password)));
}

static int
factor_hash_got(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	const char		*new_hash;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &new_hash))
		return (attempt_left(&in->attempt, ret));
	mem_wipe(in->current_password, sizeof(in->current_password));
	if (e != ERR_OK || in->current.hash[0] == '\0')
		return (factor_refuse(req, PROBLEM_INVALID_CREDENTIALS, 0));
	attempt_undo(&in->attempt);
	return (factor_write(req));
}

static int
factor_write(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct otp_notice	 notice;
	enum err		 e;

	if ((in->is_recovery && (e = recovery_set_make(
	    &in->own.claims.sub, &in->codes)) != ERR_OK) ||
	    (e = otp_send_notice(req, in->is_recovery ?
	    MESSAGE_RECOVERY_CODES : MESSAGE_MFA_REMOVED, in->proof.email,
	    in->proof.mobile_number, &notice)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &in->own.claims.app);
	db_text(&p, in->is_password ? in->current.hash : NULL);
	otp_store_factor_params(&p, &in->factor);
	otp_store_notice_params(&p, &notice);
	audit_store_origin(&p, api_origin(req));
	if (in->is_recovery)
		recovery_set_params(&p, &in->codes);
	return (api_ask(req, in->is_recovery ? SQL_RECOVERY_REPLACE :
	    SQL_TOTP_REMOVE, &p, factor_rows_tried, &in->tried));
}

static int
factor_write_got(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (strcmp(in->tried.outcome, "ok") == 0)
		return (in->is_recovery ? recovery_set_reply(req,
		    &in->codes) : factor_removed(req));
	/* The password was changed while it was compared. */
	if (in->is_password && strcmp(in->tried.outcome, "otp_invalid") == 0)
		return (factor_refuse(req, PROBLEM_INVALID_CREDENTIALS, 0));
	/* Recovery codes need nothing but the session, which has ended. */
	if (in->is_recovery && strcmp(in->tried.outcome, "not_found") == 0)
		return (api_fail(req, PROBLEM_SESSION_REVOKED));
	return (second_factor_refuse(req, &in->tried, AUDIT_FACTOR_REFUSED,
	    &in->own.claims.sub));
}

/* Sessions ended: this node's workers must know it before the answer is out. */
static int
factor_removed(struct http_request *req)
{
	struct factor_input	*in = api_input(req);
	struct buf		 body;

	generation_bump(platform_generations(), GENERATION_USER,
	    in->own.claims.sub.b, sizeof(in->own.claims.sub.b));
	buf_init(&body, 64);
	buf_printf(&body, "{\"enabled\":false,\"revoked\":%d}",
	    (int)in->tried.sessions);
	return (api_reply(req, 200, &body));
}

static int
factor_refuse(struct http_request *req, enum problem p, int retry_s)
{
	struct factor_input	*in = api_input(req);

	api_refused(req, AUDIT_FACTOR_REFUSED, problem_code(p),
	    &in->own.claims.sub);
	return (api_fail_retry(req, p, retry_s));
}

static enum err
factor_rows_proof(const struct db_result *res, void *target)
{
	return (otp_store_proof(res, target));
}

static enum err
factor_rows_try(const struct db_result *res, void *target)
{
	return (password_store_tried(res, target));
}

static enum err
factor_rows_tried(const struct db_result *res, void *target)
{
	return (otp_store_proved(res, target));
}
