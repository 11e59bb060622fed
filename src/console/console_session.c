/*
 * console_session - see console_session.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_ctx.h"
#include "console_doc.h"
#include "console_guard.h"
#include "console_home.h"
#include "console_password.h"
#include "console_session.h"
#include "console_sign_in.h"
#include "mem.h"
#include "platform.h"
#include "routes.h"
#include "version.h"

struct session_end_input {
	struct uuid	session;
};

/* The form of a page without JavaScript; the cookie of who sends it. */
struct signout_input {
	struct session_end_input	end;
	char				csrf_token[CONSOLE_TOKEN_LEN + 1];
};

static int	session_show(struct http_request *req);
static int	session_end_own(struct http_request *req);
static int	session_end_one(struct http_request *req);
static int	session_end_got(struct http_request *req);
static int	signout_check(struct http_request *req);
static int	signout_ask(struct http_request *req);
static int	signout_got(struct http_request *req);
static int	session_list(struct http_request *req);
static int	session_end_ask(struct http_request *req,
		    const struct uuid *session);

static struct http_state session_show_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(session_show),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state session_out_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(session_end_own),
	KORE_HTTP_STATE(session_end_got),
};

static struct http_state signout_states[] = {
	KORE_HTTP_STATE(signout_check),
	KORE_HTTP_STATE(console_guard_ask),
	KORE_HTTP_STATE(signout_ask),
	KORE_HTTP_STATE(signout_got),
};

static struct http_state session_list_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(session_list),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state session_one_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(session_end_one),
	KORE_HTTP_STATE(session_end_got),
};

static const struct api_route session_show_route = {
	.name = "console_session_show", .methods = API_GET,
	.states = session_show_states, .n_states = COUNT(session_show_states),
};

static const struct api_route session_out_route = {
	.name = "console_sign_out", .methods = API_DELETE,
	.states = session_out_states, .n_states = COUNT(session_out_states),
	.input_size = sizeof(struct session_end_input),
};

static const struct decode_field signout_fields[] = {
	DECODE_F(signout_input, csrf_token, "v_token", false,
	    "Send the token of the session."),
};

static const struct api_route signout_route = {
	.name = "console_signout", .methods = API_POST,
	.states = signout_states, .n_states = COUNT(signout_states),
	.fields = signout_fields, .n_fields = COUNT(signout_fields),
	.input_size = sizeof(struct signout_input),
};

static const struct api_route session_list_route = {
	.name = "console_sessions", .methods = API_GET,
	.states = session_list_states, .n_states = COUNT(session_list_states),
};

static const struct api_route session_one_route = {
	.name = "console_session_end", .methods = API_DELETE,
	.states = session_one_states, .n_states = COUNT(session_one_states),
	.input_size = sizeof(struct session_end_input),
};

/* GET, POST, DELETE /setup/api/session. */
int
console_session(struct http_request *req)
{
	static const struct api_route	*const routes[] = {
		&session_show_route, &console_password_json, &session_out_route,
	};

	return (api_run_method(req, routes, COUNT(routes)));
}

/* POST /setup/signout */
int
console_signout(struct http_request *req)
{
	return (api_run(req, &signout_route));
}

/* GET /setup/api/sessions */
int
console_sessions(struct http_request *req)
{
	return (api_run(req, &session_list_route));
}

/* DELETE /setup/api/sessions/{id} */
int
console_session_one(struct http_request *req)
{
	return (api_run(req, &session_one_route));
}

int
console_session_ask(struct http_request *req, const struct uuid *session,
    const char *csrf)
{
	const struct settings	*s = platform_settings();
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, session);
	db_text(&p, csrf);
	db_text(&p, VERSION_TEXT);
	db_text(&p, s->public_url);
	db_bool(&p, s->dev_otp);
	return (console_doc_ask(req, SQL_CONSOLE_SESSION_SHOW, &p));
}

static int
session_show(struct http_request *req)
{
	const struct console_admin	*a = console_admin(req);

	return (console_session_ask(req, &a->session, a->token.csrf));
}

static int
session_list(struct http_request *req)
{
	const struct console_admin	*a = console_admin(req);
	struct db_params		 p = DB_PARAMS_INIT;

	db_uuid(&p, &a->person);
	db_uuid(&p, &a->session);
	return (console_doc_ask(req, SQL_CONSOLE_SESSION_LIST, &p));
}

static int
session_end_own(struct http_request *req)
{
	return (session_end_ask(req, &console_admin(req)->session));
}

static int
session_end_one(struct http_request *req)
{
	struct session_end_input	*in = api_input(req);
	int				 ret;

	if (!console_path_uuid(req, 1, &in->session, &ret))
		return (ret);
	return (session_end_ask(req, &in->session));
}

static int
session_end_ask(struct http_request *req, const struct uuid *session)
{
	const struct console_admin	*a = console_admin(req);
	struct session_end_input	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;

	in->session = *session;
	console_sign_in_origin(req);
	db_uuid(&p, &a->person);
	db_uuid(&p, session);
	db_uuid(&p, &a->session);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_CONSOLE_SESSION_END, &p));
}

/* The cookie goes with the session that it named. */
static int
session_end_got(struct http_request *req)
{
	struct session_end_input	*in = api_input(req);
	int				 ret;

	if (console_doc_wait(req, &ret) == NULL)
		return (ret);
	if (uuid_cmp(&in->session, &console_admin(req)->session) == 0)
		console_cookie_set(req, NULL);
	return (console_doc_reply(req));
}

/* ---- the page ---- */

static int
signout_check(struct http_request *req)
{
	struct console_ctx	*c = console_ctx(req);
	struct signout_input	*in = api_input(req);
	const char		*csrf;
	int			 ret;

	if (c == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	csrf = c->admin.token.csrf;
	if (console_cookie_read(req, &c->admin.token) != ERR_OK)
		return (console_page_see(req, "/setup/signin"));
	if (!api_decode(req, &ret))
		return (ret);
	/* A nuisance at most, yet not another site's to make. */
	if (api_header(req, "sec-fetch-site") != NULL ?
	    !console_is_same_origin(req, NULL) :
	    strlen(in->csrf_token) != strlen(csrf) ||
	    !mem_eq_ct(in->csrf_token, csrf, strlen(csrf)))
		return (api_fail(req, PROBLEM_CSRF_FAILED));
	return (api_next(req));
}

static int
signout_ask(struct http_request *req)
{
	int	ret;

	if (!api_got(req, &ret))
		return (ret);
	console_cookie_set(req, NULL);
	if (!console_ctx(req)->is_found)
		return (console_page_see(req, "/setup/signin"));
	return (session_end_own(req));
}

static int
signout_got(struct http_request *req)
{
	int	ret;

	if (console_doc_wait(req, &ret) == NULL)
		return (ret);
	return (console_page_see(req, "/setup/signin"));
}
