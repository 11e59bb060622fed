/*
 * console_code - POST /setup/signin/code and /setup/signin/verify: a code as
 * the first factor.  The answer is the same for everybody, and comes before the
 * code is made sure of: neither text nor time tells who is an administrator.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_doc.h"
#include "console_sign_in.h"
#include "contact.h"
#include "log.h"
#include "otp_send.h"
#include "platform.h"
#include "routes.h"
#include "second_factor.h"
#include "str.h"

struct code_input {
	struct console_sign_in	sign_in;
	char			identifier[IDENTIFIER_MAX_LEN + 1];

	struct contact		contact;
	struct uuid		challenge;	/* of nobody, at first */
	struct otp_person	person;
	struct otp_code		code;
	struct otp_sent		sent;
};

struct code_verify_input {
	struct console_sign_in	sign_in;
	char			identifier[IDENTIFIER_MAX_LEN + 1];
	char			challenge_id[UUID_TEXT_LEN + 1];
	char			code[FACTOR_CODE_LEN + 1];

	struct mfa_login	mfa;		/* token and methods */
	char			outcome[32];
};

static int	code_parse(struct http_request *req);
static int	code_find_ask(struct http_request *req);
static int	code_find_got(struct http_request *req);
static int	code_options_got(struct http_request *req);
static int	code_sent_got(struct http_request *req);
static int	code_page(struct http_request *req);
static void	code_sent(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static enum err	code_rows_find(const struct db_result *res, void *target);
static enum err	code_rows_person(const struct db_result *res, void *target);
static int	code_verify_parse(struct http_request *req);
static int	code_verify_got(struct http_request *req);
static int	code_verify_fail(struct http_request *req, enum problem p);
static enum err	code_rows_verify(const struct db_result *res, void *target);

static const struct decode_field code_fields[] = {
	CONSOLE_NEXT_F(code_input),
	DECODE_F(code_input, identifier, "v_identifier", true,
	    "Send an e-mail address or a mobile number."),
};

static const struct decode_field code_verify_fields[] = {
	CONSOLE_NEXT_F(code_verify_input),
	DECODE_F(code_verify_input, identifier, "v_identifier", true,
	    "Send an e-mail address or a mobile number."),
	DECODE_F(code_verify_input, challenge_id, "v_uuid", true,
	    "Send the challenge_id of the code."),
	FACTOR_CODE_F(code_verify_input, true),
};

static struct http_state code_states[] = {
	KORE_HTTP_STATE(code_parse),
	KORE_HTTP_STATE(code_find_ask),
	KORE_HTTP_STATE(code_find_got),
	KORE_HTTP_STATE(code_options_got),
	KORE_HTTP_STATE(code_sent_got),
};

static struct http_state code_verify_states[] = {
	KORE_HTTP_STATE(code_verify_parse),
	KORE_HTTP_STATE(code_verify_got),
	KORE_HTTP_STATE(console_doc_got),
};

static const struct api_route code_route = {
	.name = "console_code", .methods = API_POST,
	.states = code_states, .n_states = COUNT(code_states),
	.fields = code_fields, .n_fields = COUNT(code_fields),
	.input_size = sizeof(struct code_input),
};

static const struct api_route code_verify_route = {
	.name = "console_code_verify", .methods = API_POST,
	.states = code_verify_states, .n_states = COUNT(code_verify_states),
	.fields = code_verify_fields, .n_fields = COUNT(code_verify_fields),
	.input_size = sizeof(struct code_verify_input),
};

/* POST /setup/signin/code */
int
console_code(struct http_request *req)
{
	return (api_run(req, &code_route));
}

/* POST /setup/signin/verify */
int
console_code_verify(struct http_request *req)
{
	return (api_run(req, &code_verify_route));
}

static int
code_parse(struct http_request *req)
{
	struct code_input		*in = api_input(req);
	const struct console_step	 step = {
		.name = "who", .identifier = in->identifier,
	};
	int				 ret;

	if (!console_sign_in_read(req, &step, &ret))
		return (ret);
	/* The validator has accepted it. */
	if (contact_parse(in->identifier, strlen(in->identifier),
	    platform_values()->default_country_code, &in->contact) != ERR_OK)
		return (console_sign_in_fail(req, PROBLEM_INVALID_PARAMETER,
		    0, &step));
	if (!console_sign_in_begin(req, &ret))
		return (ret);
	uuid_make(&in->challenge);
	return (api_next(req));
}

static int
code_find_ask(struct http_request *req)
{
	struct code_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_text(&p, in->contact.kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(&p, in->contact.text);
	/* Whoever is not found is asked about as well: as nobody. */
	uuid_make(&in->person.user);
	return (api_ask(req, SQL_CONSOLE_FIND, &p, code_rows_find,
	    &in->person.user));
}

static int
code_find_got(struct http_request *req)
{
	struct code_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct uuid		 user = in->person.user;
	const struct otp_who	 who = { .user = &user };
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	otp_store_person_params(&p, &who, NULL);
	return (api_ask(req, SQL_OTP_OPTIONS, &p, code_rows_person,
	    &in->person));
}

/* The code goes its way while the page is answered already.  In development it
 * is on the page, and has to be there before it is typed. */
static int
code_options_got(struct http_request *req)
{
	struct code_input	*in = api_input(req);
	struct otp_limits	 limits = otp_send_limits();
	struct db_params	 p = DB_PARAMS_INIT;
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->person.is_found)
		return (code_page(req));
	if ((e = otp_send_make(req, &in->person, OTP_NONE, &in->code)) !=
	    ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	if (in->code.channel == OTP_NONE)
		return (code_page(req));
	in->challenge = in->code.id;
	otp_store_send_params(&p, &in->person.user, NULL, &in->code, &limits);
	audit_store_origin(&p, api_origin(req));
	db_text(&p, "console");
	if (platform_settings()->dev_otp)
		return (api_ask(req, SQL_CONSOLE_CODE, &p, otp_send_rows,
		    &in->sent));
	if ((e = db_send(SQL_CONSOLE_CODE, &p, code_sent, NULL, NULL)) !=
	    ERR_OK)
		log_msg(LOG_LEVEL_WARN, "code not sent: %s", err_text(e));
	return (code_page(req));
}

static int
code_sent_got(struct http_request *req)
{
	int	ret;

	return (api_got(req, &ret) ? code_page(req) : ret);
}

static void
code_sent(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct otp_sent	sent;

	(void)arg;
	(void)constraint;
	if (e == ERR_OK)
		e = otp_send_rows(res, &sent);
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "code not sent: %s", err_text(e));
}

static int
code_page(struct http_request *req)
{
	struct code_input	*in = api_input(req);
	char			 id[UUID_TEXT_LEN + 1], hint[384];
	struct console_step	 step = {
		.name = "code", .identifier = in->identifier,
		.challenge_id = id, .hint = hint,
		.dev_code = platform_settings()->dev_otp ? in->code.code : "",
	};

	uuid_format(&in->challenge, id);
	if (str_printf(hint, sizeof(hint), "If %s is an administrator's, we "
	    "sent a code. It is good for %d minutes.", in->identifier,
	    (int)platform_values()->otp_ttl_s / 60) != ERR_OK)
		hint[0] = '\0';
	return (console_sign_in_page(req, 200, &step, ""));
}

static enum err
code_rows_find(const struct db_result *res, void *target)
{
	struct db_row	r;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	db_row_uuid(&r, "user_id", target);
	return (r.err);
}

static enum err
code_rows_person(const struct db_result *res, void *target)
{
	return (otp_store_person(res, target));
}

/* ---- the code comes back ---- */

static int
code_verify_parse(struct http_request *req)
{
	struct code_verify_input	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	struct factor_code		 typed;
	struct ticket_hash		 ticket;
	struct uuid			 challenge;
	uint8_t				 mac[OTP_MAC_LEN];
	const struct console_step	 step = {
		.name = "code", .identifier = in->identifier,
		.challenge_id = in->challenge_id,
	};
	int				 ret;

	if (!console_sign_in_read(req, &step, &ret) ||
	    !console_sign_in_begin(req, &ret))
		return (ret);
	if (!second_factor_typed(in->code, &typed) || typed.is_recovery ||
	    uuid_parse(in->challenge_id, strlen(in->challenge_id),
	    &challenge) != ERR_OK)
		return (code_verify_fail(req, PROBLEM_OTP_INVALID));
	if (otp_mac(platform_otp_key(), &challenge, typed.text, typed.len,
	    mac) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	console_token_make(&in->sign_in.token);
	ticket_make(in->mfa.token, &ticket);
	db_uuid(&p, &challenge);
	db_bytes(&p, mac, sizeof(mac));
	db_bytes(&p, in->sign_in.token.hash, sizeof(in->sign_in.token.hash));
	db_bytes(&p, ticket.b, sizeof(ticket.b));
	db_i32(&p, platform_values()->mfa_ttl_s);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_CONSOLE_CODE_VERIFY, &p, code_rows_verify,
	    in));
}

static int
code_verify_got(struct http_request *req)
{
	struct code_verify_input	*in = api_input(req);
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->sign_in.is_opened)
		return (console_sign_in_done(req));
	if (strcmp(in->outcome, "second_factor") == 0)
		return (console_sign_in_factor(req, &in->mfa));
	return (code_verify_fail(req,
	    strcmp(in->outcome, "password_required") == 0 ?
	    PROBLEM_PASSWORD_REQUIRED : PROBLEM_OTP_INVALID));
}

static int
code_verify_fail(struct http_request *req, enum problem p)
{
	struct code_verify_input	*in = api_input(req);
	const struct console_step	 step = {
		.name = p == PROBLEM_PASSWORD_REQUIRED ? "password" : "code",
		.identifier = in->identifier,
		.challenge_id = in->challenge_id,
	};

	return (console_sign_in_fail(req, p, 0, &step));
}

static enum err
code_rows_verify(const struct db_result *res, void *target)
{
	struct code_verify_input	*in = target;
	struct db_row			 r = db_row_at(res, 0);

	db_row_text(&r, "outcome", in->outcome, sizeof(in->outcome));
	in->mfa.person.has_totp = db_row_bool(&r, "has_totp");
	return (r.err != ERR_OK ? r.err :
	    console_sign_in_rows(res, &in->sign_in));
}
