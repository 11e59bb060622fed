/*
 * password_api - POST /auth/password/change: a person who is signed in sets
 * another password.  The rule comes first, so that a try at the current
 * password is counted only when it could succeed.
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
#include "new_password.h"
#include "own_session.h"
#include "password_store.h"
#include "platform.h"
#include "routes.h"

struct password_input {
	char			current_password[PASSWORD_MAX_LEN + 1];
	char			new_password[PASSWORD_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
	struct own_session	own;
	struct password_rule	rule;
	char			new_hash[PASSWORD_HASH_MAX_LEN + 1];
	struct attempt		attempt;
	struct password_try	current;
	struct password_set	done;
};

static int	password_parse(struct http_request *req);
static int	password_session_ask(struct http_request *req);
static int	password_session_got(struct http_request *req);
static int	password_new_got(struct http_request *req);
static int	password_try_got(struct http_request *req);
static int	password_verify_got(struct http_request *req);
static int	password_change_got(struct http_request *req);
static int	password_write(struct http_request *req);
static enum err	password_rows_try(const struct db_result *res, void *target);
static enum err	password_rows_set(const struct db_result *res, void *target);

static const struct decode_field password_fields[] = {
	DECODE_F(password_input, current_password, "v_password", true,
	    "Send 1 to 1024 bytes of text."),
	DECODE_F(password_input, new_password, "v_password", true,
	    "Send 1 to 1024 bytes of text."),
	DECODE_F(password_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(password_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state password_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(password_parse),
	KORE_HTTP_STATE(password_session_ask),
	KORE_HTTP_STATE(password_session_got),
	KORE_HTTP_STATE(password_new_got),
	KORE_HTTP_STATE(password_try_got),
	KORE_HTTP_STATE(password_verify_got),
	KORE_HTTP_STATE(password_change_got),
};

static const struct api_route password_route = {
	.name = "password", .methods = API_POST,
	.states = password_states, .n_states = COUNT(password_states),
	.fields = password_fields, .n_fields = COUNT(password_fields),
	.input_size = sizeof(struct password_input),
	.limits = LIMIT_SIGN_IN,
};

/* POST /auth/password/change.  Guard: key.  Token of the person.
 * 200 | 401 | 403 | 422 | 429 | 503. */
int
api_password(struct http_request *req)
{
	return (api_run(req, &password_route));
}

static int
password_parse(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!own_session_parse(req, &in->own, &ret))
		return (ret);
	return (api_next(req));
}

static int
password_session_ask(struct http_request *req)
{
	struct password_input	*in = api_input(req);

	return (own_session_ask(req, &in->own));
}

static int
password_session_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	new_password_rule(req, &in->own.view.user, &in->rule);
	return (api_hash_make(req, &in->rule, in->new_password));
}

/* Counts the try at the current password before it is made. */
static int
password_new_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	const char		*device = in->own.view.session.device_id;
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*hash;
	int			 ret;

	if (!new_password_got(req, &in->rule, &hash, &ret))
		return (ret);
	memcpy(in->new_hash, hash, strlen(hash) + 1);
	mem_wipe(in->new_password, sizeof(in->new_password));
	attempt_begin(req, ATTEMPT_SIGN_IN, in->client_ip, &in->attempt);
	if (in->attempt.wait_s > 0 && device[0] == '\0')
		return (attempt_refuse(req, in->attempt.wait_s,
		    &in->own.view.user.id));
	db_uuid(&p, &in->own.view.user.id);
	db_uuid(&p, &api_caller(req)->app);
	db_text_opt(&p, device);
	db_bool(&p, in->attempt.wait_s > 0);
	return (attempt_left(&in->attempt, api_ask(req, SQL_PASSWORD_TRY, &p,
	    password_rows_try, &in->current)));
}

static int
password_try_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret, wait_s;

	if (!api_got(req, &ret))
		return (attempt_left(&in->attempt, ret));
	if (!in->current.is_found)	/* disabled meanwhile */
		return (attempt_left(&in->attempt, api_fail(req,
		    PROBLEM_SESSION_REVOKED)));
	wait_s = (int)in->current.retry_after_s;
	if (wait_s > 0)
		return (attempt_left(&in->attempt, attempt_refuse(req,
		    MAX(wait_s, in->attempt.wait_s), &in->own.view.user.id)));
	return (attempt_left(&in->attempt, api_hash_verify(req,
	    in->current.hash[0] != '\0' ? in->current.hash : NULL,
	    in->current_password)));
}

static int
password_verify_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	const char		*rehash;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &rehash))
		return (attempt_left(&in->attempt, ret));
	mem_wipe(in->current_password, sizeof(in->current_password));
	if (e != ERR_OK) {
		api_refused(req, AUDIT_PASSWORD_CHANGE_REFUSED,
		    "wrong_password", &in->own.view.user.id);
		return (api_fail(req, PROBLEM_INVALID_CREDENTIALS));
	}
	attempt_undo(&in->attempt);
	return (password_write(req));
}

static int
password_write(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct outbox_message	 notice;

	if (new_password_notice(req, &notice) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	db_uuid(&p, &in->own.view.user.id);
	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &api_caller(req)->app);
	db_text(&p, in->new_hash);
	db_text(&p, in->current.hash);
	db_uuid(&p, &notice.id);
	db_bytes(&p, notice.payload, notice.len);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_PASSWORD_CHANGE, &p, password_rows_set,
	    &in->done));
}

static int
password_change_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	/* Changed or signed out while the passwords were hashed. */
	if (!in->done.is_set)
		return (api_fail(req, PROBLEM_INVALID_CREDENTIALS));
	generation_bump(platform_generations(), GENERATION_USER,
	    in->done.user.b, sizeof(in->done.user.b));
	buf_init(&body, 64);
	buf_str(&body, "{\"changed\":true}");
	return (api_reply(req, 200, &body));
}

static enum err
password_rows_try(const struct db_result *res, void *target)
{
	return (password_store_tried(res, target));
}

static enum err
password_rows_set(const struct db_result *res, void *target)
{
	return (password_store_set(res, target));
}
