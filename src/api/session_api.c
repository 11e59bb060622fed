/*
 * session_api - /auth/session.  Owns the filling of the session cache; what
 * may be cached is told by core/generation.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "headers.h"
#include "own_session.h"
#include "platform.h"
#include "routes.h"
#include "seen.h"
#include "session_cache.h"
#include "session_store.h"
#include "token.h"

/* last_seen_at is exact to this. */
#define SESSION_SEEN_US		(60 * US_PER_S)

struct session_input {
	struct own_session	own;
	struct session_stamp	stamp;
	/* Body of a POST; both may be told with any call (api.md s.2). */
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
};

static int	session_parse(struct http_request *req);
static int	session_ask(struct http_request *req);
static int	session_got(struct http_request *req);
static bool	session_cached(struct http_request *req,
		    const struct session_input *in, int *ret);
static void	session_body(const struct session_view *v,
		    const struct uuid *app, struct buf *out);
static void	session_keep(const struct session_input *in,
		    const struct uuid *app, const struct buf *body);

static const struct decode_field session_fields[] = {
	DECODE_F(session_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(session_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state session_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(session_parse),
	KORE_HTTP_STATE(session_ask),
	KORE_HTTP_STATE(session_got),
};

static const struct api_route session_route = {
	.name = "session", .methods = API_GET | API_POST,
	.states = session_states, .n_states = COUNT(session_states),
	.fields = session_fields, .n_fields = COUNT(session_fields),
	.input_size = sizeof(struct session_input),
};

/* ---- GET, POST /auth/session.  Guard: key.  200 | 401 | 403. ------------- */

int
api_session(struct http_request *req)
{
	return (api_run(req, &session_route));
}

static int
session_parse(struct http_request *req)
{
	struct session_input	*in = api_input(req);
	int			 ret;

	if (api_method(req) == API_POST) {
		if (!api_decode(req, &ret))
			return (ret);
		api_origin_client(req, in->client_ip, in->client_user_agent);
	}
	if (!own_session_parse(req, &in->own, &ret) ||
	    session_cached(req, in, &ret))
		return (ret);
	return (api_next(req));
}

static int
session_ask(struct http_request *req)
{
	struct session_input		*in = api_input(req);
	const struct token_claims	*c = &in->own.claims;

	session_stamp_take(platform_generations(), &c->sid, &c->sub, &c->app,
	    &in->stamp);
	return (own_session_ask(req, &in->own));
}

static int
session_got(struct http_request *req)
{
	struct session_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	buf_init(&body, 8192);
	session_body(&in->own.view, &in->own.claims.app, &body);
	session_keep(in, &in->own.claims.app, &body);
	if (session_cache_due(platform_sessions(), &in->own.claims.sid,
	    clock_us(), SESSION_SEEN_US))
		seen_add(&in->own.claims.sid);
	return (api_reply(req, 200, &body));
}

/* Answered from memory, if what is remembered still stands. */
static bool
session_cached(struct http_request *req, const struct session_input *in,
    int *ret)
{
	const struct generations	*g = platform_generations();
	const struct token_claims	*c = &in->own.claims;
	struct session_entry		 e;
	struct session_stamp		 now;

	if (!generation_is_fresh(g, clock_mono_us()) ||
	    !session_cache_get(platform_sessions(), &c->sid, &e) ||
	    uuid_cmp(&e.app, &c->app) != 0 ||
	    uuid_cmp(&e.user, &c->sub) != 0 ||
	    e.expires_us <= clock_us())
		return (false);
	session_stamp_take(g, &e.sid, &e.user, &e.app, &now);
	if (!session_stamp_eq(&now, &e.stamp))
		return (false);
	if (session_cache_due(platform_sessions(), &e.sid, clock_us(),
	    SESSION_SEEN_US))
		seen_add(&e.sid);
	*ret = api_reply_bytes(req, 200, HEADERS_JSON, e.body, e.body_len);
	return (true);
}

static void
session_body(const struct session_view *v, const struct uuid *app,
    struct buf *out)
{
	char	id[UUID_TEXT_LEN + 1];

	uuid_format(app, id);
	buf_str(out, "{\"active\":true,\"user\":");
	user_json(&v->user, out);
	buf_str(out, ",\"session\":");
	session_json(&v->session, out);
	buf_printf(out, ",\"application\":{\"id\":\"%s\",\"name\":", id);
	buf_json(out, v->app_name, strlen(v->app_name));
	buf_str(out, "}}");
}

static void
session_keep(const struct session_input *in, const struct uuid *app,
    const struct buf *body)
{
	struct session_entry	e;

	if (body->err != ERR_OK || body->len > SESSION_CACHE_BODY_MAX)
		return;
	memset(&e, 0, sizeof(e));
	e.sid = in->own.claims.sid;
	e.app = *app;
	e.user = in->own.view.user.id;
	e.stamp = in->stamp;
	e.expires_us = in->own.view.session.expires_us;
	e.body_len = body->len;
	memcpy(e.body, body->data, body->len);
	session_cache_put(platform_sessions(), &e);
}
