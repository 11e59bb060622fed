/*
 * console_recover - /setup/recover: the way back in for an administrator who
 * is locked out, through the one-time link of `identityd admin recovery-link`.
 * Works without JavaScript.
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
#include "generation.h"
#include "mem.h"
#include "page.h"
#include "platform.h"
#include "reset_token.h"
#include "routes.h"
#include "str.h"

#define RECOVER_TOKEN_LEN	128

struct recover_input {
	struct console_sign_in	sign_in;
	char			token[RECOVER_TOKEN_LEN + 1];
	char			password[PASSWORD_MAX_LEN + 1];

	uint8_t			hash[SHA256_LEN];
	bool			is_good;
	struct password_rule	rule;
};

static int	recover_parse(struct http_request *req);
static int	recover_peek_got(struct http_request *req);
static int	recover_hash_got(struct http_request *req);
static int	recover_use_got(struct http_request *req);
static int	recover_void(struct http_request *req);
static int	recover_form(struct http_request *req, int status,
		    const char *error);
static enum err	recover_rows(const struct db_result *res, void *target);

static const struct decode_field recover_fields[] = {
	DECODE_F(recover_input, token, "v_token", true,
	    "The link is not complete."),
	DECODE_F(recover_input, password, "v_password", true,
	    "Enter a password."),
};

static struct http_state recover_states[] = {
	KORE_HTTP_STATE(recover_parse),
	KORE_HTTP_STATE(recover_peek_got),
	KORE_HTTP_STATE(recover_hash_got),
	KORE_HTTP_STATE(recover_use_got),
};

static const struct api_route recover_route = {
	.name = "console_recover", .methods = API_GET | API_POST,
	.states = recover_states, .n_states = COUNT(recover_states),
	.fields = recover_fields, .n_fields = COUNT(recover_fields),
	.input_size = sizeof(struct recover_input),
};

/* GET /setup/recover?token=..  POST /setup/recover.  The token is the proof. */
int
console_recover(struct http_request *req)
{
	return (api_run(req, &recover_route));
}

static int
recover_parse(struct http_request *req)
{
	struct recover_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct decode_errors	 errors;
	const char		*token;
	enum problem		 e;

	if (!console_is_safe(req))
		return (console_page_unsafe(req));
	if (api_method(req) == API_GET) {
		token = api_query(req, "token");
		if (token != NULL && str_copy(in->token, sizeof(in->token),
		    token, strlen(token)) != ERR_OK)
			in->token[0] = '\0';
	} else {
		e = api_decode_into(req, &errors);
		if (e != PROBLEM_NONE && e != PROBLEM_INVALID_PARAMETER)
			return (api_fail(req, e));
	}
	if (reset_token_parse(in->token, strlen(in->token), in->hash) !=
	    ERR_OK)
		return (recover_void(req));
	console_sign_in_origin(req);
	db_bytes(&p, in->hash, sizeof(in->hash));
	return (api_ask(req, SQL_RECOVERY_LINK_PEEK, &p, recover_rows, in));
}

/* No stranger reaches the hashing lanes without a good link. */
static int
recover_peek_got(struct http_request *req)
{
	struct recover_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_good)
		return (recover_void(req));
	if (api_method(req) == API_GET)
		return (recover_form(req, 200, ""));
	if (in->password[0] == '\0')
		return (recover_form(req, 422, "Enter a password."));
	in->rule.min_len = platform_values()->password_min_len;
	return (api_hash_make(req, &in->rule, in->password));
}

static int
recover_hash_got(struct http_request *req)
{
	struct recover_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*hash;
	char			 wrong[PASSWORD_RULE_TEXT_LEN + 1];
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &hash))
		return (ret);
	mem_wipe(in->password, sizeof(in->password));
	if (api_hash_fault(req) != PASSWORD_GOOD) {
		password_rule_text(&in->rule, api_hash_fault(req), wrong);
		return (recover_form(req, 422, wrong));
	}
	console_token_make(&in->sign_in.token);
	db_bytes(&p, in->hash, sizeof(in->hash));
	db_text(&p, hash);
	db_bytes(&p, in->sign_in.token.hash, sizeof(in->sign_in.token.hash));
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_RECOVERY_LINK_USE, &p, console_sign_in_rows,
	    &in->sign_in));
}

static int
recover_use_got(struct http_request *req)
{
	struct recover_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->sign_in.is_opened)
		return (recover_void(req));
	/* The person's sessions have ended. */
	generation_bump_all(platform_generations());
	return (console_sign_in_done(req));
}

static int
recover_void(struct http_request *req)
{
	return (console_page_message(req, 403, "This link cannot be used",
	    "It has been used, has expired, or was replaced. For a new one, "
	    "run: identityd admin recovery-link"));
}

static int
recover_form(struct http_request *req, int status, const char *error)
{
	struct recover_input	*in = api_input(req);
	char			 min[16] = "";
	const struct page_var	 vars[] = {
		{ "token", in->token },
		{ "name", in->rule.user.name },
		{ "min", min },
		{ "error", error },
	};
	const struct page	 page = {
		asset_console_recover_html, asset_len_console_recover_html,
		vars, COUNT(vars)
	};

	if (str_printf(min, sizeof(min), "%d",
	    (int)platform_values()->password_min_len) != ERR_OK)
		min[0] = '\0';
	return (page_reply(req, status, &page));
}

static enum err
recover_rows(const struct db_result *res, void *target)
{
	struct recover_input	*in = target;
	struct user		*u = &in->rule.user;
	struct db_row		 r;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	in->is_good = true;
	db_row_text(&r, "name", u->name, sizeof(u->name));
	db_row_text(&r, "email", u->email, sizeof(u->email));
	db_row_text(&r, "mobile_number", u->mobile_number,
	    sizeof(u->mobile_number));
	return (r.err);
}
