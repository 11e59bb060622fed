/*
 * console_step - POST /setup/api/session/step-up: proof that the administrator
 * is still the one who sits there, before what cannot be undone.  Password,
 * code of an authenticator app, recovery code, or a code that
 * POST /setup/api/session/step-up/code has sent.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_guard.h"
#include "console_sign_in.h"
#include "mem.h"
#include "otp_send.h"
#include "platform.h"
#include "routes.h"
#include "second_factor.h"

struct step_input {
	char			password[PASSWORD_MAX_LEN + 1];
	char			code[FACTOR_CODE_LEN + 1];
	char			challenge_id[UUID_TEXT_LEN + 1];

	struct uuid		challenge;
	struct factor_code	typed;
	struct otp_ticket	found;		/* secret, last_step */
	char			hash[PASSWORD_HASH_MAX_LEN + 1];
	struct otp_factor	factor;
	struct console_token	token;
	char			outcome[32];
	int64_t			retry_after_s;
	char			until[32];
};

struct step_code_input {
	struct otp_person	person;
	struct otp_code		code;
	struct otp_sent		sent;
};

static int	step_parse(struct http_request *req);
static int	step_look_ask(struct http_request *req);
static int	step_look_got(struct http_request *req);
static int	step_hash_got(struct http_request *req);
static int	step_try_got(struct http_request *req);
static int	step_try(struct http_request *req, const char *checked_hash);
static int	step_fail(struct http_request *req, enum problem p,
		    int retry_s);
static enum err	step_rows_look(const struct db_result *res, void *target);
static enum err	step_rows_try(const struct db_result *res, void *target);
static int	step_code_ask(struct http_request *req);
static int	step_code_send(struct http_request *req);
static int	step_code_got(struct http_request *req);
static enum err	step_rows_person(const struct db_result *res, void *target);

static const struct decode_field step_fields[] = {
	DECODE_F(step_input, password, "v_password", false,
	    "Send 1 to 1024 bytes of text."),
	FACTOR_CODE_F(step_input, false),
	DECODE_F(step_input, challenge_id, "v_uuid", false,
	    "Send the challenge_id as the request for the code gave it out."),
};

static struct http_state step_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(step_parse),
	KORE_HTTP_STATE(step_look_ask),
	KORE_HTTP_STATE(step_look_got),
	KORE_HTTP_STATE(step_hash_got),
	KORE_HTTP_STATE(step_try_got),
};

static struct http_state step_code_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(step_code_ask),
	KORE_HTTP_STATE(step_code_send),
	KORE_HTTP_STATE(step_code_got),
};

static const struct api_route step_route = {
	.name = "console_step_up", .methods = API_POST,
	.states = step_states, .n_states = COUNT(step_states),
	.fields = step_fields, .n_fields = COUNT(step_fields),
	.input_size = sizeof(struct step_input),
};

static const struct api_route step_code_route = {
	.name = "console_step_code", .methods = API_POST,
	.states = step_code_states, .n_states = COUNT(step_code_states),
	.input_size = sizeof(struct step_code_input),
};

/* POST /setup/api/session/step-up */
int
console_step(struct http_request *req)
{
	return (api_run(req, &step_route));
}

/* POST /setup/api/session/step-up/code */
int
console_step_code(struct http_request *req)
{
	return (api_run(req, &step_code_route));
}

static int
step_parse(struct http_request *req)
{
	struct step_input	*in = api_input(req);
	bool			 has_code;
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	has_code = in->code[0] != '\0';
	if ((in->password[0] != '\0') == has_code)
		return (api_fail_field(req, "password",
		    "Send a password, or a code."));
	if (has_code && !second_factor_read(req, in->code, &in->typed, &ret))
		return (ret);
	/* The validator has accepted it. */
	if (in->challenge_id[0] != '\0' && uuid_parse(in->challenge_id,
	    strlen(in->challenge_id), &in->challenge) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	console_sign_in_origin(req);
	return (api_next(req));
}

static int
step_look_ask(struct http_request *req)
{
	struct step_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, &console_admin(req)->person);
	db_bool(&p, in->password[0] != '\0');
	return (api_ask(req, SQL_CONSOLE_STEP_LOOK, &p, step_rows_look, in));
}

static int
step_look_got(struct http_request *req)
{
	struct step_input	*in = api_input(req);
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->retry_after_s > 0)
		return (step_fail(req, PROBLEM_TOO_MANY_ATTEMPTS,
		    (int)in->retry_after_s));
	if (in->password[0] != '\0')
		return (api_hash_verify(req, in->hash[0] != '\0' ? in->hash :
		    NULL, in->password));
	if (in->challenge_id[0] == '\0' && (e = second_factor_match(&in->typed,
	    &console_admin(req)->person, in->found.has_totp ?
	    in->found.secret : NULL, in->found.last_step, &in->factor)) !=
	    ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	/* Past the state that waits for the hash. */
	ret = step_try(req, NULL);
	return (ret == HTTP_STATE_CONTINUE ? api_next(req) : ret);
}

static int
step_hash_got(struct http_request *req)
{
	struct step_input	*in = api_input(req);
	const char		*new_hash;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &new_hash))
		return (ret);
	mem_wipe(in->password, sizeof(in->password));
	if (e != ERR_OK || in->hash[0] == '\0')
		return (step_fail(req, PROBLEM_INVALID_CREDENTIALS, 0));
	return (step_try(req, in->hash));
}

static int
step_try(struct http_request *req, const char *checked_hash)
{
	struct step_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	uint8_t			 mac[OTP_MAC_LEN];
	bool			 is_sent = in->challenge_id[0] != '\0' &&
				    checked_hash == NULL;
	enum err		 e;

	if (is_sent && (e = otp_mac(platform_otp_key(), &in->challenge,
	    in->typed.text, in->typed.is_recovery ? 0 : in->typed.len, mac)) !=
	    ERR_OK)
		return (e == ERR_FORMAT ? step_fail(req, PROBLEM_OTP_INVALID,
		    0) : api_fail(req, PROBLEM_INTERNAL));
	console_token_make(&in->token);
	db_uuid(&p, &console_admin(req)->session);
	db_bytes(&p, in->token.hash, sizeof(in->token.hash));
	db_text(&p, checked_hash);
	db_uuid(&p, is_sent ? &in->challenge : NULL);
	if (is_sent)
		db_bytes(&p, mac, sizeof(mac));
	else
		db_null(&p);
	otp_store_factor_params(&p, &in->factor);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_CONSOLE_STEP_UP, &p, step_rows_try, in));
}

static int
step_try_got(struct http_request *req)
{
	struct step_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (strcmp(in->outcome, "ok") != 0)
		return (step_fail(req, strcmp(in->outcome,
		    "too_many_attempts") == 0 ? PROBLEM_TOO_MANY_ATTEMPTS :
		    PROBLEM_OTP_INVALID, (int)in->retry_after_s));
	console_cookie_set(req, in->token.text);
	buf_init(&body, 256);
	buf_printf(&body, "{\"step_up_until\":\"%s\",\"csrf_token\":\"%s\"}",
	    in->until, in->token.csrf);
	return (api_reply(req, 200, &body));
}

static int
step_fail(struct http_request *req, enum problem p, int retry_s)
{
	api_refused(req, AUDIT_FACTOR_REFUSED, problem_code(p),
	    &console_admin(req)->person);
	return (api_fail_retry(req, p, retry_s));
}

static enum err
step_rows_look(const struct db_result *res, void *target)
{
	struct step_input	*in = target;
	struct db_row		 r;

	if (!db_row_first(res, &r))
		return (ERR_OK);	/* deleted meanwhile: nothing fits */
	db_row_text(&r, "password_hash", in->hash, sizeof(in->hash));
	in->retry_after_s = db_row_i64(&r, "retry_after_s");
	in->found.has_totp = !db_row_is_null(&r, "totp_secret");
	if (in->found.has_totp) {
		db_row_bytes(&r, "totp_secret", in->found.secret,
		    sizeof(in->found.secret));
		in->found.last_step = db_row_i64(&r, "totp_step");
	}
	return (r.err);
}

static enum err
step_rows_try(const struct db_result *res, void *target)
{
	struct step_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	db_row_text(&r, "outcome", in->outcome, sizeof(in->outcome));
	in->retry_after_s = db_row_i64(&r, "retry_after_s");
	db_row_text(&r, "step_up_until", in->until, sizeof(in->until));
	return (r.err);
}

/* ---- a code that is sent ---- */

static int
step_code_ask(struct http_request *req)
{
	struct step_code_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const struct otp_who	 who = { .user = &console_admin(req)->person };

	console_sign_in_origin(req);
	otp_store_person_params(&p, &who, NULL);
	return (api_ask(req, SQL_OTP_OPTIONS, &p, step_rows_person,
	    &in->person));
}

static int
step_code_send(struct http_request *req)
{
	struct step_code_input	*in = api_input(req);
	struct otp_limits	 limits = otp_send_limits();
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if ((e = otp_send_make(req, &in->person, OTP_NONE, &in->code)) !=
	    ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	if (in->code.channel == OTP_NONE)
		return (api_fail_retry(req, PROBLEM_NO_DELIVERY, 60));
	otp_store_send_params(&p, &in->person.user, NULL, &in->code, &limits);
	audit_store_origin(&p, api_origin(req));
	db_text(&p, "step_up");
	return (api_ask(req, SQL_CONSOLE_CODE, &p, otp_send_rows, &in->sent));
}

static int
step_code_got(struct http_request *req)
{
	struct step_code_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (strcmp(in->sent.outcome, "sent") != 0)
		return (api_fail_retry(req,
		    strcmp(in->sent.outcome, "otp_cooldown") == 0 ?
		    PROBLEM_OTP_COOLDOWN : PROBLEM_OTP_LIMIT,
		    (int)in->sent.retry_after_s));
	buf_init(&body, 1024);
	buf_char(&body, '{');
	otp_send_json(&in->code.id, otp_channel_name(in->code.channel),
	    in->code.destination, platform_values()->otp_ttl_s, &body);
	otp_send_dev_json(&in->code, &body);
	buf_char(&body, '}');
	return (api_reply(req, 200, &body));
}

static enum err
step_rows_person(const struct db_result *res, void *target)
{
	return (otp_store_person(res, target));
}
