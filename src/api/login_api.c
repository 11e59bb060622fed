/*
 * login_api - POST /auth/login.  The password is compared in a hashing lane;
 * what follows is decided by core/auth_flow.  The way to the second factor is
 * api/mfa_login.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "attempt.h"
#include "audit_store.h"
#include "auth_flow.h"
#include "clock.h"
#include "device_notice.h"
#include "identify.h"
#include "limit.h"
#include "mem.h"
#include "mfa_login.h"
#include "platform.h"
#include "routes.h"
#include "session_store.h"
#include "token.h"
#include "tokens_reply.h"

struct login_input {
	struct identify_input	who;
	char			password[PASSWORD_MAX_LEN + 1];
	char			device_id[DEVICE_ID_MAX_LEN + 1];
	char			device_name[DEVICE_NAME_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	struct contact		contact;
	struct attempt		attempt;
	struct login_candidate	found;
	enum auth_step		step;
	struct session_notice	notice;
	struct session_view	view;
	char			refresh_token[TOKEN_REFRESH_LEN + 1];
	struct mfa_login	mfa;
};

static int	login_parse(struct http_request *req);
static int	login_begin_ask(struct http_request *req);
static int	login_begin_got(struct http_request *req);
static int	login_hash_got(struct http_request *req);
static int	login_end_got(struct http_request *req);
static int	login_mfa_got(struct http_request *req);
static int	login_mfa_end_got(struct http_request *req);
static int	login_decide(struct http_request *req, bool is_match,
		    const char *new_hash);
static int	login_open(struct http_request *req, const char *new_hash);
static int	login_refuse(struct http_request *req, const char *reason);
static enum err	login_rows_begin(const struct db_result *res, void *target);
static enum err	login_rows_open(const struct db_result *res, void *target);

static const struct decode_field login_fields[] = {
	IDENTIFY_FIELDS(login_input, who),
	DECODE_F(login_input, password, "v_password", true,
	    "Send 1 to 1024 bytes of text."),
	DECODE_F(login_input, device_id, "v_device_id", false,
	    "Send 1 to 128 characters of A-Z a-z 0-9 . _ : -"),
	DECODE_F(login_input, device_name, "v_device_name", false,
	    "Send 1 to 200 bytes of text without control characters."),
	DECODE_F(login_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(login_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state login_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(login_parse),
	KORE_HTTP_STATE(login_begin_ask),
	KORE_HTTP_STATE(login_begin_got),
	KORE_HTTP_STATE(login_hash_got),
	KORE_HTTP_STATE(login_end_got),
	KORE_HTTP_STATE(login_mfa_got),
	KORE_HTTP_STATE(login_mfa_end_got),
};

static const struct api_route login_route = {
	.name = "login", .methods = API_POST,
	.states = login_states, .n_states = COUNT(login_states),
	.fields = login_fields, .n_fields = COUNT(login_fields),
	.input_size = sizeof(struct login_input),
	.limits = LIMIT_SIGN_IN | LIMIT_SEND,
};

/* POST /auth/login.  Guard: key.  200 | 401 | 403 | 422 | 429 | 503. */
int
api_login(struct http_request *req)
{
	return (api_run(req, &login_route));
}

static int
login_parse(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret) ||
	    !identify(req, &in->who, &in->contact, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	attempt_begin(req, ATTEMPT_SIGN_IN, in->client_ip, &in->attempt);
	/* Past the limits the person's own device may still try. */
	if (in->attempt.wait_s > 0 && in->device_id[0] == '\0')
		return (attempt_refuse(req, in->attempt.wait_s, NULL));
	return (api_next(req));
}

/* Counts the try before it is made: no race lets a sixth one through. */
static int
login_begin_ask(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 nobody[ATTEMPT_NOBODY_LEN + 1];
	const struct login_try	 t = {
		.who = &in->contact,
		.app = &api_caller(req)->app,
		.device_id = in->device_id,
		.nobody = nobody,
		.is_braked = in->attempt.wait_s > 0,
	};

	if (attempt_nobody(&in->contact, nobody) != ERR_OK)
		return (attempt_left(&in->attempt, api_fail(req,
		    PROBLEM_INTERNAL)));
	session_store_begin_params(&p, &t, api_origin(req));
	return (attempt_left(&in->attempt, api_ask(req, SQL_LOGIN_BEGIN, &p,
	    login_rows_begin, &in->found)));
}

static int
login_begin_got(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	int			 ret, wait_s;

	if (!api_got(req, &ret))
		return (attempt_left(&in->attempt, ret));
	wait_s = (int)in->found.retry_after_s;
	if (wait_s > 0)
		return (attempt_left(&in->attempt, attempt_refuse(req,
		    MAX(wait_s, in->attempt.wait_s),
		    in->found.is_found ? &in->found.user : NULL)));
	/* Unknown person, no password: the same work against nothing. */
	return (attempt_left(&in->attempt, api_hash_verify(req,
	    in->found.hash[0] != '\0' ? in->found.hash : NULL,
	    in->password)));
}

static int
login_hash_got(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	const char		*new_hash;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &new_hash))
		return (attempt_left(&in->attempt, ret));
	mem_wipe(in->password, sizeof(in->password));
	if (e == ERR_OK)
		attempt_undo(&in->attempt);
	return (login_decide(req, e == ERR_OK, new_hash));
}

static int
login_decide(struct http_request *req, bool is_match, const char *new_hash)
{
	struct login_input		*in = api_input(req);
	const struct auth_attempt	 a = {
		.is_known = in->found.is_found,
		.has_password = in->found.hash[0] != '\0',
		.is_match = is_match,
		.is_active = in->found.is_active,
		.is_assigned = in->found.is_assigned,
		.needs_mfa = in->found.mfa_enabled,
	};

	in->step = auth_flow_next(&a);
	if (in->step == AUTH_GRANT)
		return (login_open(req, new_hash));
	if (in->step == AUTH_SECOND_FACTOR)
		return (mfa_login_ask(req, &in->mfa, &in->found.user));
	if (in->step != AUTH_REFUSE_CREDENTIALS)
		return (login_refuse(req, auth_flow_reason(&a)));
	/* Equal ones are counted in memory: an attack writes no row each. */
	api_refused(req, AUDIT_LOGIN_FAILED, auth_flow_reason(&a),
	    a.is_known ? &in->found.user : NULL);
	return (api_fail(req, PROBLEM_INVALID_CREDENTIALS));
}

static int
login_open(struct http_request *req, const char *new_hash)
{
	struct login_input		*in = api_input(req);
	const struct platform_values	*v = platform_values();
	struct db_params		 p = DB_PARAMS_INIT;
	struct token_hash		 refresh;
	const struct session_opening	 s = {
		.user = &in->found.user,
		.app = &api_caller(req)->app,
		.device_id = in->device_id,
		.device_name = in->device_name,
		.refresh = &refresh,
		.session_ttl_s = v->session_ttl_s,
		.refresh_ttl_s = v->refresh_ttl_s,
		.absolute_s = v->refresh_absolute_s,
		.method = "password",
		.new_hash = new_hash,
		.checked_hash = in->found.hash,
		.notice = device_notice(req, in->device_id, in->device_name,
		    &in->notice),
	};

	token_refresh_make(in->refresh_token, &refresh);
	session_store_open_params(&p, &s, api_origin(req));
	return (api_ask(req, SQL_LOGIN_SUCCEED, &p, login_rows_open,
	    &in->view));
}

/* The password was right: its failures are forgotten, and why it did not
 * help is written, in one statement. */
static int
login_refuse(struct http_request *req, const char *reason)
{
	struct login_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, &in->found.user);
	db_uuid(&p, &api_caller(req)->app);
	db_text(&p, reason);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_LOGIN_FAILED, &p, NULL, NULL));
}

static int
login_end_got(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	switch (in->step) {
	case AUTH_GRANT:
		break;
	case AUTH_REFUSE_UNASSIGNED:
		return (api_fail(req, PROBLEM_NOT_ASSIGNED));
	case AUTH_SECOND_FACTOR:
		return (mfa_login_send(req, &in->mfa, in->device_id,
		    in->device_name));
	default:
		return (api_fail(req, PROBLEM_USER_DISABLED));
	}
	/* Disabled or unassigned while the password was compared. */
	if (!in->view.is_found)
		return (api_fail(req, PROBLEM_INVALID_CREDENTIALS));
	return (tokens_reply(req, &in->view, in->refresh_token));
}

/* The ticket is there, or there is no second factor to be had. */
static int
login_mfa_got(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (mfa_login_is_open(&in->mfa))
		return (mfa_login_reply(req, &in->mfa));
	return (login_refuse(req, "mfa_required"));
}

static int
login_mfa_end_got(struct http_request *req)
{
	struct login_input	*in = api_input(req);
	int			 ret;

	return (api_got(req, &ret) ? mfa_login_fail(req, &in->mfa) : ret);
}

static enum err
login_rows_begin(const struct db_result *res, void *target)
{
	return (session_store_candidate(res, target));
}

static enum err
login_rows_open(const struct db_result *res, void *target)
{
	return (session_store_opened(res, target));
}
