/*
 * logout_api - the end of sessions that a token names: /auth/logout, and
 * /auth/revoke for clients that speak RFC 7009.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "clock.h"
#include "platform.h"
#include "routes.h"
#include "session_store.h"
#include "token.h"
#include "token_api.h"

struct logout_input {
	struct session_revoked	revoked;
	bool			has_sid;
	struct uuid		sid;
	struct token_hash	refresh;	/* unless has_sid */
	char			token[TOKEN_ANY_MAX_LEN + 1];
	char			refresh_token[TOKEN_REFRESH_LEN + 1];
	bool			all_devices;
	char			token_type_hint[TOKEN_HINT_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
};

static int	logout_parse(struct http_request *req);
static int	revoke_parse(struct http_request *req);
static int	logout_ask(struct http_request *req);
static int	logout_got(struct http_request *req);
static int	logout_by_access(struct http_request *req, const char *token,
		    size_t len);
static int	logout_by_refresh(struct http_request *req,
		    const char *token);
static enum err	logout_rows(const struct db_result *res, void *target);
static int	logout_reply(struct http_request *req, int64_t n);

static const struct decode_field logout_fields[] = {
	DECODE_F(logout_input, refresh_token, "v_token", false,
	    "Send the refresh token as it was given out."),
	DECODE_B(logout_input, all_devices, "Send true or false."),
	DECODE_F(logout_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(logout_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state logout_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(logout_parse),
	KORE_HTTP_STATE(logout_ask),
	KORE_HTTP_STATE(logout_got),
};

static const struct api_route logout_route = {
	.name = "logout", .methods = API_POST,
	.states = logout_states, .n_states = COUNT(logout_states),
	.fields = logout_fields, .n_fields = COUNT(logout_fields),
	.input_size = sizeof(struct logout_input),
};

static const struct decode_field revoke_fields[] = {
	TOKEN_API_FIELDS(logout_input),
	DECODE_F(logout_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(logout_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state revoke_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(revoke_parse),
	KORE_HTTP_STATE(logout_ask),
	KORE_HTTP_STATE(logout_got),
};

static const struct api_route revoke_route = {
	.name = "revoke", .methods = API_POST,
	.states = revoke_states, .n_states = COUNT(revoke_states),
	.fields = revoke_fields, .n_fields = COUNT(revoke_fields),
	.input_size = sizeof(struct logout_input),
};

/* POST /auth/logout.  Guard: key.  200 | 401 | 422. */
int
api_logout(struct http_request *req)
{
	return (api_run(req, &logout_route));
}

/* POST /auth/revoke.  Guard: key.  200 | 422.  Ref: RFC 7009. */
int
api_revoke(struct http_request *req)
{
	return (api_run(req, &revoke_route));
}

static int
logout_parse(struct http_request *req)
{
	struct logout_input	*in = api_input(req);
	const char		*token;
	size_t			 len;
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if ((token = api_bearer(req, &len)) != NULL)
		return (logout_by_access(req, token, len));
	if (in->refresh_token[0] == '\0')
		return (api_fail(req, PROBLEM_TOKEN_MISSING));
	return (logout_by_refresh(req, in->refresh_token));
}

/* The two kinds cannot be mistaken for one another, so no hint is needed. */
static int
revoke_parse(struct http_request *req)
{
	struct logout_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (token_refresh_parse(in->token, strlen(in->token),
	    &in->refresh) == ERR_OK)
		return (api_next(req));
	return (logout_by_access(req, in->token, strlen(in->token)));
}

/*
 * A token that is not good any more has nothing left to end: 200 with 0, as
 * RFC 7009 s.2.2.  One that has merely expired still names its session.
 */
static int
logout_by_access(struct http_request *req, const char *token, size_t len)
{
	struct logout_input	*in = api_input(req);
	struct token_claims	 claims;
	enum err		 e;

	e = token_access_verify(platform_token_keys(), token, len,
	    clock_us() / US_PER_S, &claims);
	if (e == ERR_CRYPTO)
		return (api_fail(req, PROBLEM_INTERNAL));
	if ((e != ERR_OK && e != ERR_EXPIRED) ||
	    uuid_cmp(&claims.app, &api_caller(req)->app) != 0)
		return (logout_reply(req, 0));
	in->has_sid = true;
	in->sid = claims.sid;
	return (api_next(req));
}

static int
logout_by_refresh(struct http_request *req, const char *token)
{
	struct logout_input	*in = api_input(req);

	if (token_refresh_parse(token, strlen(token), &in->refresh) != ERR_OK)
		return (logout_reply(req, 0));
	return (api_next(req));
}

static int
logout_ask(struct http_request *req)
{
	struct logout_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, in->has_sid ? &in->sid : NULL);
	if (in->has_sid)
		db_null(&p);
	else
		db_bytes(&p, in->refresh.b, sizeof(in->refresh.b));
	db_uuid(&p, &api_caller(req)->app);
	db_bool(&p, in->all_devices);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_SESSION_REVOKE, &p, logout_rows,
	    &in->revoked));
}

/*
 * The sessions' own notifications reach the listener a moment later; this
 * node's workers must know before the answer is out.
 */
static int
logout_got(struct http_request *req)
{
	struct logout_input	*in = api_input(req);
	struct generations	*g = platform_generations();
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->revoked.has_user)
		generation_bump(g, GENERATION_USER, in->revoked.user.b,
		    sizeof(in->revoked.user.b));
	return (logout_reply(req, in->revoked.n));
}

static enum err
logout_rows(const struct db_result *res, void *target)
{
	return (session_store_revoked(res, target));
}

static int
logout_reply(struct http_request *req, int64_t n)
{
	struct buf	body;

	buf_init(&body, 64);
	buf_printf(&body, "{\"revoked\":%lld}", (long long)n);
	return (api_reply(req, 200, &body));
}
