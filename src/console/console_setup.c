/*
 * console_setup - the first administrator, through the one-time link that
 * `identityd setup-link` prints.  Works without JavaScript.  Once there is an
 * administrator it makes nothing.  Ref: security.md 3.8 (no default admin).
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "assets.h"
#include "audit_store.h"
#include "console_home.h"
#include "console_sign_in.h"
#include "contact.h"
#include "digest.h"
#include "mem.h"
#include "page.h"
#include "platform.h"
#include "routes.h"
#include "str.h"
#include "user.h"
#include "user_store.h"

#define SETUP_TOKEN_MAX_LEN	128
#define SETUP_FIELD_LEN		254

struct setup_input {
	char		token[SETUP_TOKEN_MAX_LEN + 1];
	char		name[SETUP_FIELD_LEN + 1];
	char		email[SETUP_FIELD_LEN + 1];
	char		mobile_number[SETUP_FIELD_LEN + 1];
	char		password[PASSWORD_MAX_LEN + 1];
	char		email_normal[EMAIL_MAX_LEN + 1];
	char		mobile_normal[PHONE_MAX_LEN + 1];
	struct password_rule	rule;
	bool		is_token_good;
	struct user_found	made;
	struct console_sign_in	sign_in;
};

static int	setup_parse(struct http_request *req);
static int	setup_peek_ask(struct http_request *req);
static int	setup_peek_got(struct http_request *req);
static int	setup_hash_got(struct http_request *req);
static int	setup_use_got(struct http_request *req);
static int	setup_open_got(struct http_request *req);
static enum err	setup_rows_peek(const struct db_result *res, void *target);
static enum err	setup_rows_use(const struct db_result *res, void *target);
static const char	*setup_wrong(struct setup_input *in);
static void	setup_rule(struct setup_input *in);
static void	setup_token_hash(const struct setup_input *in,
		    uint8_t out[SHA256_LEN]);
static int	setup_form(struct http_request *req, int status,
		    const char *error);

static const struct decode_field setup_fields[] = {
	DECODE_F(setup_input, token, "v_token", true,
	    "The link is not complete."),
	DECODE_F(setup_input, name, "v_text", true,
	    "Enter your name."),
	DECODE_F(setup_input, email, "v_email", false,
	    "Enter an e-mail address in the correct format."),
	DECODE_F(setup_input, mobile_number, "v_phone", false,
	    "Enter a mobile number in the correct format."),
	DECODE_F(setup_input, password, "v_password", true,
	    "Enter a password."),
};

static struct http_state setup_states[] = {
	KORE_HTTP_STATE(setup_parse),
	KORE_HTTP_STATE(setup_peek_ask),
	KORE_HTTP_STATE(setup_peek_got),
	KORE_HTTP_STATE(setup_hash_got),
	KORE_HTTP_STATE(setup_use_got),
	KORE_HTTP_STATE(setup_open_got),
};

static const struct api_route setup_route = {
	.name = "setup", .methods = API_GET | API_POST,
	.states = setup_states, .n_states = COUNT(setup_states),
	.fields = setup_fields, .n_fields = COUNT(setup_fields),
	.input_size = sizeof(struct setup_input),
};

/* GET /setup?token=..  POST /setup.  No key; the token is the proof. */
int
console_setup(struct http_request *req)
{
	/* Without the link it is the console's own address. */
	if ((req->method == HTTP_METHOD_GET ||
	    req->method == HTTP_METHOD_HEAD) && (req->query_string == NULL ||
	    strstr(req->query_string, "token=") == NULL))
		return (console_home(req));
	return (api_run(req, &setup_route));
}

static int
setup_parse(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	struct decode_errors	 errors;
	const char		*token;
	enum problem		 p;

	if (!console_is_safe(req))
		return (console_page_unsafe(req));
	console_sign_in_origin(req);
	if (api_method(req) == API_GET) {
		token = api_query(req, "token");
		if (token != NULL && str_copy(in->token, sizeof(in->token),
		    token, strlen(token)) == ERR_OK && token[0] != '\0')
			return (api_next(req));
		return (console_page_message(req, 200, "Set up",
		    "Open the one-time link that the service printed when it "
		    "started. For a new one, run: identityd setup-link"));
	}
	p = api_decode_into(req, &errors);
	if (p == PROBLEM_INVALID_PARAMETER && in->token[0] != '\0')
		return (setup_form(req, 422, errors.v[0].message));
	if (p != PROBLEM_NONE)
		return (api_fail(req, p));
	return (api_next(req));
}

static int
setup_peek_ask(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	uint8_t			 h[SHA256_LEN];

	setup_token_hash(in, h);
	db_bytes(&p, h, sizeof(h));
	return (api_ask(req, SQL_SETUP_TOKEN_PEEK, &p, setup_rows_peek, in));
}

/* No stranger reaches the hashing lanes without a good link. */
static int
setup_peek_got(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	const char		*wrong;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_token_good)
		return (console_page_message(req, 403,
		    "This link cannot be used",
		    "It has been used, has expired, or there is an "
		    "administrator already. For a new link, run: identityd "
		    "setup-link"));
	if (api_method(req) == API_GET)
		return (setup_form(req, 200, ""));
	if ((wrong = setup_wrong(in)) != NULL)
		return (setup_form(req, 422, wrong));
	setup_rule(in);
	return (api_hash_make(req, &in->rule, in->password));
}

static int
setup_hash_got(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*hash;
	char			 wrong[PASSWORD_RULE_TEXT_LEN + 1];
	uint8_t			 h[SHA256_LEN];
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &hash))
		return (ret);
	mem_wipe(in->password, sizeof(in->password));
	if (api_hash_fault(req) != PASSWORD_GOOD) {
		password_rule_text(&in->rule, api_hash_fault(req), wrong);
		return (setup_form(req, 422, wrong));
	}
	setup_token_hash(in, h);
	db_bytes(&p, h, sizeof(h));
	db_text(&p, in->name);
	db_text_opt(&p, in->email_normal);
	db_text_opt(&p, in->mobile_normal);
	db_text(&p, hash);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_SETUP_TOKEN_USE, &p, setup_rows_use,
	    &in->made));
}

static int
setup_use_got(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*constraint;
	enum err		 e;
	int			 ret;

	if (!api_got_err(req, &ret, &e, &constraint))
		return (ret);
	if (e == ERR_EXISTS)
		return (setup_form(req, 409,
		    "Somebody with this e-mail address or mobile number is in "
		    "the directory already."));
	if (e != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	if (!in->made.is_found)
		return (console_page_message(req, 403,
		    "This link cannot be used",
		    "It was used or expired a moment ago."));
	console_token_make(&in->sign_in.token);
	db_uuid(&p, &in->made.user.id);
	db_bytes(&p, in->sign_in.token.hash, sizeof(in->sign_in.token.hash));
	db_text(&p, "link");
	db_null(&p);
	db_null(&p);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_CONSOLE_OPEN, &p, console_sign_in_rows,
	    &in->sign_in));
}

/* Who has just chosen the password need not type it again. */
static int
setup_open_got(struct http_request *req)
{
	struct setup_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->sign_in.is_opened)	/* demoted within the second */
		return (console_page_see(req, "/setup/signin"));
	console_cookie_set(req, in->sign_in.token.text);
	return (console_page_see(req, "/setup/start"));
}

static enum err
setup_rows_peek(const struct db_result *res, void *target)
{
	struct setup_input	*in = target;

	in->is_token_good = db_result_rows(res) > 0;
	return (ERR_OK);
}

static enum err
setup_rows_use(const struct db_result *res, void *target)
{
	struct user_found	*made = target;
	struct db_row		 r;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	made->is_found = true;
	user_store_row(&r, &made->user);
	return (r.err);
}

/* What a person has to change, or NULL; normalises the contacts. */
static const char *
setup_wrong(struct setup_input *in)
{
	const char	*cc = platform_values()->default_country_code;

	if (in->email[0] == '\0' && in->mobile_number[0] == '\0')
		return ("Enter an e-mail address or a mobile number.");
	if (in->email[0] != '\0' && email_normalise(in->email,
	    strlen(in->email), in->email_normal) != ERR_OK)
		return ("Enter an e-mail address in the correct format.");
	if (in->mobile_number[0] != '\0' && phone_normalise(
	    in->mobile_number, strlen(in->mobile_number), cc,
	    in->mobile_normal) != ERR_OK)
		return ("Enter a mobile number in the correct format.");
	return (NULL);
}

/* What the new administrator's password is held against. */
static void
setup_rule(struct setup_input *in)
{
	struct user	*u = &in->rule.user;

	in->rule.min_len = platform_values()->password_min_len;
	/* Fields are no longer than a person's. */
	memcpy(u->name, in->name, sizeof(in->name));
	memcpy(u->email, in->email_normal, sizeof(in->email_normal));
	memcpy(u->mobile_number, in->mobile_normal,
	    sizeof(in->mobile_normal));
}

/* The token is stored hashed: 256 random bits need no more (ASVS 6.5.2). */
static void
setup_token_hash(const struct setup_input *in, uint8_t out[SHA256_LEN])
{
	sha256_of(in->token, strlen(in->token), out);
}

static int
setup_form(struct http_request *req, int status, const char *error)
{
	struct setup_input	*in = api_input(req);
	char			 min[16] = "";
	const struct page_var	 vars[] = {
		{ "token", in->token },
		{ "name", in->name },
		{ "email", in->email },
		{ "mobile_number", in->mobile_number },
		{ "min", min },
		{ "error", error },
	};
	const struct page	 page = {
		asset_console_setup_html, asset_len_console_setup_html,
		vars, COUNT(vars)
	};

	if (str_printf(min, sizeof(min), "%d",
	    (int)platform_values()->password_min_len) != ERR_OK)
		min[0] = '\0';
	return (page_reply(req, status, &page));
}
