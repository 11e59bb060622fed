/*
 * console_password - POST /setup/api/session and /setup/signin/password: the
 * password of an administrator, then a session or the way to the second
 * factor.  Whoever is no administrator is nobody here: no table tells one from
 * the other, nor does time.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_doc.h"
#include "console_password.h"
#include "console_sign_in.h"
#include "contact.h"
#include "mem.h"
#include "mfa_login.h"
#include "platform.h"
#include "routes.h"
#include "session_store.h"

struct password_input {
	struct console_sign_in	sign_in;
	char			identifier[IDENTIFIER_MAX_LEN + 1];
	char			password[PASSWORD_MAX_LEN + 1];

	struct contact		contact;
	struct login_candidate	found;
	struct mfa_login	mfa;
};

static int	password_parse(struct http_request *req);
static int	password_begin_ask(struct http_request *req);
static int	password_begin_got(struct http_request *req);
static int	password_hash_got(struct http_request *req);
static int	password_options_got(struct http_request *req);
static int	password_ticket_got(struct http_request *req);
static int	password_open_got(struct http_request *req);
static int	password_open(struct http_request *req, const char *new_hash);
static int	password_fail(struct http_request *req, enum problem p,
		    int retry_s);
static enum err	password_rows_begin(const struct db_result *res,
		    void *target);

static const struct decode_field password_fields[] = {
	CONSOLE_NEXT_F(password_input),
	DECODE_F(password_input, identifier, "v_identifier", true,
	    "Send an e-mail address or a mobile number."),
	DECODE_F(password_input, password, "v_password", true,
	    "Send 1 to 1024 bytes of text."),
};

static struct http_state password_states[] = {
	KORE_HTTP_STATE(password_parse),
	KORE_HTTP_STATE(password_begin_ask),
	KORE_HTTP_STATE(password_begin_got),
	KORE_HTTP_STATE(password_hash_got),
	KORE_HTTP_STATE(password_options_got),
	KORE_HTTP_STATE(password_ticket_got),
	KORE_HTTP_STATE(password_open_got),
	KORE_HTTP_STATE(console_doc_got),
};

const struct api_route console_password_json = {
	.name = "console_sign_in", .methods = API_POST,
	.states = password_states, .n_states = COUNT(password_states),
	.fields = password_fields, .n_fields = COUNT(password_fields),
	.input_size = sizeof(struct password_input),
};

/* POST /setup/signin/password */
int
console_password(struct http_request *req)
{
	return (api_run(req, &console_password_json));
}

static int
password_parse(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	const struct console_step	step = {
		.name = "password", .identifier = in->identifier,
	};
	int			 ret;

	if (!console_sign_in_read(req, &step, &ret))
		return (ret);
	/* The validator has accepted it. */
	if (contact_parse(in->identifier, strlen(in->identifier),
	    platform_values()->default_country_code, &in->contact) != ERR_OK)
		return (password_fail(req, PROBLEM_INVALID_PARAMETER, 0));
	if (!console_sign_in_begin(req, &ret))
		return (ret);
	return (api_next(req));
}

/* Counts the try before it is made. */
static int
password_begin_ask(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 nobody[ATTEMPT_NOBODY_LEN + 1];

	if (attempt_nobody(&in->contact, nobody) != ERR_OK)
		return (attempt_left(&in->sign_in.attempt, api_fail(req,
		    PROBLEM_INTERNAL)));
	db_text(&p, in->contact.kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(&p, in->contact.text);
	db_text(&p, nobody);
	return (attempt_left(&in->sign_in.attempt, api_ask(req,
	    SQL_CONSOLE_BEGIN, &p, password_rows_begin, &in->found)));
}

static int
password_begin_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (attempt_left(&in->sign_in.attempt, ret));
	if (in->found.retry_after_s > 0) {
		api_refused(req, AUDIT_TOO_MANY_ATTEMPTS,
		    problem_code(PROBLEM_TOO_MANY_ATTEMPTS),
		    in->found.is_found ? &in->found.user : NULL);
		return (attempt_left(&in->sign_in.attempt, password_fail(req,
		    PROBLEM_TOO_MANY_ATTEMPTS,
		    (int)in->found.retry_after_s)));
	}
	/* Nobody, or no password: the same work against nothing. */
	return (attempt_left(&in->sign_in.attempt, api_hash_verify(req,
	    in->found.hash[0] != '\0' ? in->found.hash : NULL,
	    in->password)));
}

static int
password_hash_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	const char		*new_hash;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &new_hash))
		return (attempt_left(&in->sign_in.attempt, ret));
	mem_wipe(in->password, sizeof(in->password));
	if (e != ERR_OK || in->found.hash[0] == '\0') {
		api_refused(req, AUDIT_LOGIN_FAILED, "wrong_password",
		    in->found.is_found ? &in->found.user : NULL);
		return (password_fail(req, PROBLEM_INVALID_CREDENTIALS, 0));
	}
	if (in->found.mfa_enabled)
		return (mfa_login_ask(req, &in->mfa, &in->found.user));
	return (password_open(req, new_hash));
}

static int
password_options_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	return (mfa_login_send(req, &in->mfa, "", ""));
}

static int
password_ticket_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	enum problem		 p;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (mfa_login_is_open(&in->mfa))
		return (console_sign_in_factor(req, &in->mfa));
	p = in->mfa.code.channel != OTP_NONE ? PROBLEM_OTP_LIMIT :
	    PROBLEM_NO_DELIVERY;
	api_refused(req, AUDIT_LOGIN_REFUSED, problem_code(p),
	    &in->found.user);
	return (password_fail(req, p, in->mfa.code.channel != OTP_NONE ?
	    (int)in->mfa.sent.retry_after_s : 60));
}

static int
password_open(struct http_request *req, const char *new_hash)
{
	struct password_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	console_token_make(&in->sign_in.token);
	db_uuid(&p, &in->found.user);
	db_bytes(&p, in->sign_in.token.hash, sizeof(in->sign_in.token.hash));
	db_text(&p, "password");
	db_text(&p, in->found.hash);
	db_text(&p, new_hash);
	audit_store_origin(&p, api_origin(req));
	ret = api_ask(req, SQL_CONSOLE_OPEN, &p, console_sign_in_rows,
	    &in->sign_in);
	return (ret == HTTP_STATE_CONTINUE ? api_skip(req, 1) : ret);
}

static int
password_open_got(struct http_request *req)
{
	struct password_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	/* Disabled, demoted or changed while the password was compared. */
	if (!in->sign_in.is_opened)
		return (password_fail(req, PROBLEM_INVALID_CREDENTIALS, 0));
	return (console_sign_in_done(req));
}

static int
password_fail(struct http_request *req, enum problem p, int retry_s)
{
	struct password_input		*in = api_input(req);
	const struct console_step	 step = {
		.name = "password", .identifier = in->identifier,
	};

	return (console_sign_in_fail(req, p, retry_s, &step));
}

static enum err
password_rows_begin(const struct db_result *res, void *target)
{
	struct login_candidate	*out = target;
	struct db_row		 r = db_row_at(res, 0);

	out->retry_after_s = db_row_i64(&r, "retry_after_s");
	out->is_found = !db_row_is_null(&r, "user_id");
	if (!out->is_found)
		return (r.err);
	db_row_uuid(&r, "user_id", &out->user);
	db_row_text(&r, "password_hash", out->hash, sizeof(out->hash));
	out->mfa_enabled = db_row_bool(&r, "needs_factor");
	return (r.err);
}
