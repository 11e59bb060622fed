/*
 * console_sign_in - see console_sign_in.h.
 */
#include "console_sign_in.h"

#include <string.h>

#include "api.h"
#include "assets.h"
#include "console_doc.h"
#include "console_guard.h"
#include "console_home.h"
#include "console_session.h"
#include "otp_send.h"
#include "page.h"
#include "platform.h"
#include "str.h"

#define SIGN_IN_HOME	"/setup"

static int	sign_in_redirect(struct http_request *req);
static bool	sign_in_next_ok(const char *next);
static const char	*sign_in_sentence(enum problem p, int retry_s,
		    char out[160]);

bool
console_sign_in_read(struct http_request *req,
    const struct console_step *step, int *ret)
{
	struct decode_errors	errors;
	enum problem		p;

	if (!console_is_safe(req)) {
		*ret = console_sign_in_is_json(req) ?
		    api_fail(req, PROBLEM_HTTPS_REQUIRED) :
		    console_page_unsafe(req);
		return (false);
	}
	if (console_sign_in_is_json(req)) {
		/* What a form of another site could not send. */
		if (api_json(req, ret) == NULL)
			return (false);
		return (api_decode(req, ret));
	}
	if ((p = api_decode_into(req, &errors)) == PROBLEM_NONE)
		return (true);
	*ret = p == PROBLEM_INVALID_PARAMETER ?
	    console_sign_in_fail(req, p, 0, step) : api_fail(req, p);
	return (false);
}

bool
console_sign_in_begin(struct http_request *req, int *ret)
{
	struct console_sign_in	*in = api_input(req);
	char			 ip[IP_TEXT_LEN + 1];

	if (!console_is_same_origin(req, NULL)) {
		api_refused(req, AUDIT_CONSOLE_REFUSED,
		    problem_code(PROBLEM_CSRF_FAILED), NULL);
		*ret = api_fail(req, PROBLEM_CSRF_FAILED);
		return (false);
	}
	console_sign_in_origin(req);
	ip_format(api_ip(req), ip);
	attempt_begin(req, ATTEMPT_SIGN_IN, ip, &in->attempt);
	if (in->attempt.wait_s == 0)
		return (true);
	api_refused(req, AUDIT_TOO_MANY_ATTEMPTS,
	    problem_code(PROBLEM_TOO_MANY_ATTEMPTS), NULL);
	*ret = console_sign_in_fail(req, PROBLEM_TOO_MANY_ATTEMPTS,
	    in->attempt.wait_s, NULL);
	return (false);
}

void
console_sign_in_origin(struct http_request *req)
{
	const char	*agent = api_header(req, "user-agent");
	char		 ip[IP_TEXT_LEN + 1], text[USER_AGENT_MAX_LEN + 1] = "";
	size_t		 len;

	if (agent != NULL) {
		/* A head is ASCII by now (core/http_head.h). */
		len = strlen(agent);
		len = len > USER_AGENT_MAX_LEN ? USER_AGENT_MAX_LEN : len;
		memcpy(text, agent, len);
		text[len] = '\0';
	}
	ip_format(api_ip(req), ip);
	api_origin_client(req, ip, text);
}

bool
console_sign_in_is_json(struct http_request *req)
{
	return (strncmp(api_path(req), "/setup/api/", 11) == 0);
}

enum err
console_sign_in_rows(const struct db_result *res, void *target)
{
	struct console_sign_in	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	in->is_opened = !db_row_is_null(&r, "session_id");
	if (in->is_opened)
		db_row_uuid(&r, "session_id", &in->session);
	return (r.err);
}

int
console_sign_in_done(struct http_request *req)
{
	struct console_sign_in	*in = api_input(req);

	attempt_undo(&in->attempt);
	console_cookie_set(req, in->token.text);
	if (!console_sign_in_is_json(req))
		return (sign_in_redirect(req));
	return (console_session_ask(req, &in->session, in->token.csrf));
}

int
console_sign_in_factor(struct http_request *req, const struct mfa_login *m)
{
	struct console_sign_in		*in = api_input(req);
	char				 masked[CONTACT_MASK_LEN + 1];
	char				 hint[CONTACT_MASK_LEN + 128];
	bool				 is_sent;
	const struct console_step	 step = {
		.name = "factor", .mfa_token = m->token,
		.dev_code = strcmp(m->sent.outcome, "sent") == 0 &&
		    platform_settings()->dev_otp ? m->code.code : "",
		.hint = hint,
	};

	attempt_undo(&in->attempt);
	if (console_sign_in_is_json(req))
		return (mfa_login_reply(req, m));
	is_sent = m->sent.has_challenge;
	contact_mask(m->sent.destination, masked);
	if (str_printf(hint, sizeof(hint), "%s%s%s%s", is_sent ?
	    "We sent a code to " : "Enter a code", is_sent ? masked : "",
	    is_sent ? ". Or use a code" : "", m->person.has_totp ?
	    " of your authenticator app, or a recovery code." :
	    is_sent ? " from your recovery codes." :
	    ": one of your recovery codes.") != ERR_OK)
		hint[0] = '\0';
	return (console_sign_in_page(req, 200, &step, ""));
}

int
console_sign_in_fail(struct http_request *req, enum problem p, int retry_s,
    const struct console_step *step)
{
	static const struct console_step	who = { .name = "who" };
	char					text[160], retry[16];
	int					status = problem_status(p);

	if (console_sign_in_is_json(req))
		return (api_fail_retry(req, p, retry_s));
	if ((status == 429 || status == 503) && str_printf(retry,
	    sizeof(retry), "%d", retry_s) == ERR_OK)
		api_set_header(req, "retry-after", retry);
	return (console_sign_in_page(req, status, step != NULL ? step : &who,
	    sign_in_sentence(p, retry_s, text)));
}

int
console_sign_in_page(struct http_request *req, int status,
    const struct console_step *step, const char *error)
{
	struct console_sign_in	*in = api_input(req);
#define IS(what)	(strcmp(step->name, what) == 0 ? "1" : "")
#define OR_NONE(s)	((s) != NULL ? (s) : "")
	const struct page_var	 vars[] = {
		{ "next", sign_in_next_ok(in->next) ? in->next : "" },
		{ "error", error },
		{ "who", IS("who") },
		{ "how", IS("password") },
		{ "code", IS("code") },
		{ "factor", IS("factor") },
		{ "identifier", OR_NONE(step->identifier) },
		{ "challenge_id", OR_NONE(step->challenge_id) },
		{ "mfa_token", OR_NONE(step->mfa_token) },
		{ "dev_code", OR_NONE(step->dev_code) },
		{ "hint", OR_NONE(step->hint) },
	};
#undef IS
#undef OR_NONE
	const struct page	 page = {
		asset_console_signin_html, asset_len_console_signin_html,
		vars, COUNT(vars)
	};

	return (page_reply(req, status, &page));
}

static int
sign_in_redirect(struct http_request *req)
{
	struct console_sign_in	*in = api_input(req);

	return (console_page_see(req, sign_in_next_ok(in->next) ?
	    in->next : SIGN_IN_HOME));
}

/* A path of the console: no other host, and nothing that a browser reads as
 * one. */
static bool
sign_in_next_ok(const char *next)
{
	return (strncmp(next, SIGN_IN_HOME, 6) == 0 &&
	    (next[6] == '\0' || next[6] == '/' || next[6] == '?') &&
	    strchr(next, '\\') == NULL && strstr(next, "//") == NULL);
}

/* What a person reads; the same whether there is such a person or not. */
static const char *
sign_in_sentence(enum problem p, int retry_s, char out[160])
{
	int	minutes = (retry_s + 59) / 60;

	switch (p) {
	case PROBLEM_INVALID_CREDENTIALS:
		return ("That did not work. Check what you typed; only "
		    "administrators can sign in here.");
	case PROBLEM_OTP_INVALID:
		return ("This code is wrong, was used, or has expired. Check "
		    "it, or begin again for another one.");
	case PROBLEM_PASSWORD_REQUIRED:
		return ("A code alone is not enough for you. Sign in with "
		    "your password.");
	case PROBLEM_NO_DELIVERY:
		return ("A code has to be sent, but no provider is configured "
		    "yet. Ask another administrator, or use the command line.");
	default:
		break;
	}
	if (problem_status(p) != 429 && problem_status(p) != 503)
		return ("Something is missing, or not as it should be.");
	if (str_printf(out, 160, "%s Try again in %d %s.",
	    problem_status(p) == 429 ? "Too many attempts." :
	    "The service is busy.", minutes > 1 ? minutes : 1,
	    minutes > 1 ? "minutes" : "minute") != ERR_OK)
		out[0] = '\0';
	return (out);
}
