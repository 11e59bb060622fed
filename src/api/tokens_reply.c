/*
 * tokens_reply - see tokens_reply.h.
 */
#include "tokens_reply.h"

#include <string.h>

#include "api.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "platform.h"

static enum err	tokens_sign(const struct session_view *v,
		    const struct uuid *app, int64_t ttl_s,
		    char out[TOKEN_ACCESS_MAX_LEN + 1]);

int
tokens_reply(struct http_request *req, const struct session_view *v,
    const char *refresh_token)
{
	const struct uuid	*app = &api_caller(req)->app;
	char			 access[TOKEN_ACCESS_MAX_LEN + 1];
	char			 id[UUID_TEXT_LEN + 1];
	struct buf		 b;
	int64_t			 now = clock_us(), ttl_s, left_s;
	enum err		 e;

	/* No access token outlives its session. */
	ttl_s = platform_values()->access_ttl_s;
	left_s = (v->session.expires_us - now) / US_PER_S;
	if (ttl_s > left_s)
		ttl_s = left_s > 0 ? left_s : 0;
	if ((e = tokens_sign(v, app, ttl_s, access)) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "access token not signed: %s",
		    err_text(e));
		return (api_fail(req, PROBLEM_INTERNAL));
	}

	uuid_format(app, id);
	buf_init(&b, 16384);
	buf_str(&b, "{\"token_type\":\"Bearer\",\"access_token\":\"");
	buf_str(&b, access);
	buf_printf(&b, "\",\"expires_in\":%lld,\"refresh_token\":\"",
	    (long long)ttl_s);
	buf_str(&b, refresh_token);
	buf_printf(&b, "\",\"refresh_expires_in\":%lld,\"session\":",
	    (long long)((v->refresh_expires_us - now) / US_PER_S));
	session_json(&v->session, &b);
	buf_str(&b, ",\"user\":");
	user_json(&v->user, &b);
	buf_printf(&b, ",\"application\":{\"id\":\"%s\",\"name\":", id);
	buf_json(&b, v->app_name, strlen(v->app_name));
	buf_str(&b, "}}");
	mem_wipe(access, sizeof(access));
	return (api_reply(req, 200, &b));
}

static enum err
tokens_sign(const struct session_view *v, const struct uuid *app,
    int64_t ttl_s, char out[TOKEN_ACCESS_MAX_LEN + 1])
{
	struct token_claims	c;
	size_t			len;

	memset(&c, 0, sizeof(c));
	c.app = *app;
	c.sub = v->user.id;
	c.sid = v->session.id;
	uuid_make(&c.jti);
	c.iat_s = clock_us() / US_PER_S;
	c.exp_s = c.iat_s + ttl_s;
	return (token_access_sign(platform_token_keys(), &c, out, &len));
}
