/*
 * token_api - what others may learn of tokens: introspection (RFC 7662) and
 * the public keys that verify them (RFC 7517).
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "platform.h"
#include "refresh_store.h"
#include "routes.h"
#include "session_store.h"
#include "token.h"
#include "token_api.h"

/* A client asks again after this long, and when it meets an unknown kid. */
#define JWKS_MAX_AGE_S	300

struct introspect_input {
	struct token_claims	claims;
	struct session_view	view;		/* of an access token */
	struct refresh_found	refresh;
	bool			is_refresh;
	char			token[TOKEN_ANY_MAX_LEN + 1];
	char			token_type_hint[TOKEN_HINT_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
};

/* What an active token is told of. */
struct introspect_answer {
	const char		*type;
	const char		*username;	/* "" = none */
	const struct uuid	*sub, *sid;
	const struct uuid	*jti;		/* NULL = none */
	int64_t			 iat_s, exp_s;
};

static int	introspect_parse(struct http_request *req);
static int	introspect_got(struct http_request *req);
static int	introspect_reply(struct http_request *req,
		    const struct introspect_answer *a);
static void	introspect_uuid(struct buf *out, const char *name,
		    const struct uuid *u);
static enum err	introspect_rows(const struct db_result *res, void *target);
static enum err	introspect_rows_refresh(const struct db_result *res,
		    void *target);
static int	jwks_reply(struct http_request *req);

static const struct decode_field introspect_fields[] = {
	TOKEN_API_FIELDS(introspect_input),
	DECODE_F(introspect_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(introspect_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state introspect_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(introspect_parse),
	KORE_HTTP_STATE(introspect_got),
};

static const struct api_route introspect_route = {
	.name = "introspect", .methods = API_POST,
	.states = introspect_states, .n_states = COUNT(introspect_states),
	.fields = introspect_fields, .n_fields = COUNT(introspect_fields),
	.input_size = sizeof(struct introspect_input),
};

static struct http_state jwks_states[] = {
	KORE_HTTP_STATE(jwks_reply),
};

static const struct api_route jwks_route = {
	.name = "jwks", .methods = API_GET,
	.states = jwks_states, .n_states = COUNT(jwks_states),
};

/* POST /auth/introspect.  Guard: key.  200 | 422.  Ref: RFC 7662. */
int
api_introspect(struct http_request *req)
{
	return (api_run(req, &introspect_route));
}

/* GET /.well-known/jwks.json.  No key.  200. */
int
api_jwks(struct http_request *req)
{
	return (api_run(req, &jwks_route));
}

/* Anything that is not for this application is "not active", and no more. */
static int
introspect_parse(struct http_request *req)
{
	struct introspect_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct token_hash	 h;
	size_t			 len;
	enum err		 e;
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	len = strlen(in->token);
	if (token_refresh_parse(in->token, len, &h) == ERR_OK) {
		in->is_refresh = true;
		db_bytes(&p, h.b, sizeof(h.b));
		db_uuid(&p, &api_caller(req)->app);
		return (api_ask(req, SQL_REFRESH_PEEK, &p,
		    introspect_rows_refresh, &in->refresh));
	}
	e = token_access_verify(platform_token_keys(), in->token, len,
	    clock_us() / US_PER_S, &in->claims);
	if (e == ERR_CRYPTO)
		return (api_fail(req, PROBLEM_INTERNAL));
	if (e != ERR_OK ||
	    uuid_cmp(&in->claims.app, &api_caller(req)->app) != 0)
		return (introspect_reply(req, NULL));
	db_uuid(&p, &in->claims.sid);
	db_uuid(&p, &in->claims.app);
	return (api_ask(req, SQL_SESSION_CHECK, &p, introspect_rows,
	    &in->view));
}

static int
introspect_got(struct http_request *req)
{
	struct introspect_input		*in = api_input(req);
	const struct session_view	*v = &in->view;
	struct introspect_answer	 a;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	memset(&a, 0, sizeof(a));
	if (in->is_refresh) {
		if (!in->refresh.is_found)
			return (introspect_reply(req, NULL));
		/* Not "Bearer": it must not pass for an access token. */
		a.type = "refresh_token";
		a.username = in->refresh.username;
		a.sub = &in->refresh.user;
		a.sid = &in->refresh.sid;
		a.iat_s = in->refresh.created_us / US_PER_S;
		a.exp_s = in->refresh.expires_us / US_PER_S;
		return (introspect_reply(req, &a));
	}
	if (!v->is_found || v->is_revoked || !v->is_assigned ||
	    !v->user.is_active || v->session.expires_us <= clock_us() ||
	    uuid_cmp(&v->user.id, &in->claims.sub) != 0)
		return (introspect_reply(req, NULL));
	a.type = "Bearer";
	a.username = v->user.email[0] != '\0' ? v->user.email :
	    v->user.mobile_number;
	a.sub = &in->claims.sub;
	a.sid = &in->claims.sid;
	a.jti = &in->claims.jti;
	a.iat_s = in->claims.iat_s;
	a.exp_s = in->claims.exp_s;
	return (introspect_reply(req, &a));
}

/* |a| NULL: not active. */
static int
introspect_reply(struct http_request *req, const struct introspect_answer *a)
{
	const char	*iss = platform_settings()->public_url;
	struct buf	 b;

	buf_init(&b, 4096);
	if (a == NULL) {
		buf_str(&b, "{\"active\":false}");
		return (api_reply(req, 200, &b));
	}
	buf_str(&b, "{\"active\":true");
	introspect_uuid(&b, "client_id", &api_caller(req)->app);
	if (a->username[0] != '\0') {
		buf_str(&b, ",\"username\":");
		buf_json(&b, a->username, strlen(a->username));
	}
	buf_printf(&b, ",\"token_type\":\"%s\",\"exp\":%lld,\"iat\":%lld",
	    a->type, (long long)a->exp_s, (long long)a->iat_s);
	introspect_uuid(&b, "sub", a->sub);
	introspect_uuid(&b, "aud", &api_caller(req)->app);
	buf_str(&b, ",\"iss\":");
	buf_json(&b, iss, strlen(iss));
	if (a->jti != NULL)
		introspect_uuid(&b, "jti", a->jti);
	introspect_uuid(&b, "sid", a->sid);
	buf_char(&b, '}');
	return (api_reply(req, 200, &b));
}

static void
introspect_uuid(struct buf *out, const char *name, const struct uuid *u)
{
	char	text[UUID_TEXT_LEN + 1];

	uuid_format(u, text);
	buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

static enum err
introspect_rows(const struct db_result *res, void *target)
{
	return (session_store_view(res, target));
}

static enum err
introspect_rows_refresh(const struct db_result *res, void *target)
{
	return (refresh_store_found(res, target));
}

static int
jwks_reply(struct http_request *req)
{
	struct buf	b;

	buf_init(&b, 4096);
	token_keys_jwks(platform_token_keys(), &b);
	api_cacheable(req, JWKS_MAX_AGE_S);
	return (api_reply(req, 200, &b));
}
