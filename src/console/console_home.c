/*
 * console_home - see console_home.h.
 */
#include "console_home.h"

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "assets.h"
#include "buf.h"
#include "console_ctx.h"
#include "console_guard.h"
#include "console_shell.h"
#include "console_sign_in.h"
#include "contact.h"
#include "page.h"
#include "platform.h"
#include "routes.h"
#include "str.h"

struct signin_input {
	struct console_sign_in	sign_in;
	char			identifier[IDENTIFIER_MAX_LEN + 1];
};

static int	home_check(struct http_request *req);
static int	home_got(struct http_request *req);
static int	home_sign_in(struct http_request *req);
static int	signin_reply(struct http_request *req);

static const struct decode_field signin_fields[] = {
	CONSOLE_NEXT_F(signin_input),
	DECODE_F(signin_input, identifier, "v_identifier", true,
	    "Send an e-mail address or a mobile number."),
};

static struct http_state home_states[] = {
	KORE_HTTP_STATE(home_check),
	KORE_HTTP_STATE(console_guard_ask),
	KORE_HTTP_STATE(home_got),
};

static struct http_state signin_states[] = {
	KORE_HTTP_STATE(signin_reply),
};

static const struct api_route home_route = {
	.name = "console_home", .methods = API_GET,
	.states = home_states, .n_states = COUNT(home_states),
};

static const struct api_route signin_route = {
	.name = "console_signin", .methods = API_GET | API_POST,
	.states = signin_states, .n_states = COUNT(signin_states),
	.fields = signin_fields, .n_fields = COUNT(signin_fields),
	.input_size = sizeof(struct signin_input),
};

/* GET /setup, /setup/PAGE */
int
console_home(struct http_request *req)
{
	return (api_run(req, &home_route));
}

/* GET /setup/signin, and POST with the identifier. */
int
console_signin(struct http_request *req)
{
	return (api_run(req, &signin_route));
}

int
console_page_unsafe(struct http_request *req)
{
	return (console_page_message(req, 403, "The console needs HTTPS",
	    "Over plain HTTP it is served to localhost alone, since everybody "
	    "on the way could read passwords and sessions. Open it with "
	    "https://. If a proxy in front of this service speaks HTTPS "
	    "already, its address has to be in IDENTITY_TRUSTED_PROXIES and it "
	    "has to send X-Forwarded-Proto."));
}

int
console_page_message(struct http_request *req, int status, const char *title,
    const char *text)
{
	const struct page_var	vars[] = {
		{ "title", title },
		{ "text", text },
	};
	const struct page	page = {
		asset_console_message_html, asset_len_console_message_html,
		vars, COUNT(vars)
	};

	return (page_reply(req, status, &page));
}

int
console_page_see(struct http_request *req, const char *path)
{
	api_set_header(req, "location", path);
	return (api_reply_bytes(req, 303, NULL, NULL, 0));
}

static int
home_check(struct http_request *req)
{
	struct console_ctx	*c = console_ctx(req);

	if (c == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	if (!console_is_safe(req))
		return (console_page_unsafe(req));
	if (console_cookie_read(req, &c->admin.token) != ERR_OK)
		return (home_sign_in(req));
	return (api_next(req));
}

static int
home_got(struct http_request *req)
{
	int	ret;

	if (!api_got(req, &ret))
		return (ret);
	if (console_ctx(req)->is_found)
		return (console_shell(req));
	console_cookie_set(req, NULL);
	return (home_sign_in(req));
}

/* The query does not come along: it may hold what is nobody's business. */
static int
home_sign_in(struct http_request *req)
{
	char	to[CONSOLE_NEXT_LEN + 32];

	if (strcmp(api_path(req), "/setup") == 0 || str_printf(to, sizeof(to),
	    "/setup/signin?next=%s", api_path(req)) != ERR_OK)
		return (console_page_see(req, "/setup/signin"));
	return (console_page_see(req, to));
}

static int
signin_reply(struct http_request *req)
{
	struct signin_input	*in = api_input(req);
	struct console_step	 step = { .name = "who" };
	const char		*next;
	int			 ret;

	if (api_method(req) == API_GET) {
		if (!console_is_safe(req))
			return (console_page_unsafe(req));
		next = api_query(req, "next");
		if (next != NULL && str_copy(in->sign_in.next,
		    sizeof(in->sign_in.next), next, strlen(next)) != ERR_OK)
			in->sign_in.next[0] = '\0';
		return (console_sign_in_page(req, 200, &step, ""));
	}
	if (!console_sign_in_read(req, &step, &ret))
		return (ret);
	/* The same page for everybody: nothing is looked up yet. */
	step.name = "password";
	step.identifier = in->identifier;
	return (console_sign_in_page(req, 200, &step, ""));
}
