/*
 * api_reply - answers: headers, problem documents, the access log line.
 * The only caller of http_response().
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "api_ctx.h"
#include "clock.h"
#include "etag.h"
#include "headers.h"
#include "limit.h"
#include "log.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

static void	 api_log(struct api_ctx *c, int status);
static bool	 api_header_ok(const char *s);
static const char	*api_method_name(const struct http_request *req);

/* Set when this worker is about to stop. */
static bool	api_is_draining;

void
api_drain(void)
{
	api_is_draining = true;
}

bool
api_is_stopping(void)
{
	return (api_is_draining);
}

int
api_reply(struct http_request *req, int status, struct buf *body)
{
	int	r;

	if (buf_err(body) != ERR_OK) {
		buf_clear(body);
		return (api_fail(req, PROBLEM_INTERNAL));
	}
	r = api_reply_bytes(req, status, HEADERS_JSON, body->data, body->len);
	buf_clear(body);
	return (r);
}

int
api_reply_bytes(struct http_request *req, int status, const char *type,
    const void *p, size_t len)
{
	struct api_ctx	*c = api_ctx(req);
	char		 cache[48] = "no-store";

	if (c->is_replied)
		fatalx("%s replied twice", c->route->name);
	c->is_replied = true;
	if (type != NULL)
		http_response_header(req, "content-type", type);
	if (c->max_age_s > 0 && status < 400 && str_printf(cache,
	    sizeof(cache), "public, max-age=%d%s", c->max_age_s,
	    c->max_age_s == API_IMMUTABLE_S ? ", immutable" : "") != ERR_OK)
		cache[0] = '\0';	/* not reached: it fits */
	http_response_header(req, "cache-control", cache);
	http_response_header(req, "x-content-type-options", "nosniff");
	http_response_header(req, "x-request-id", c->request_id);
	if (c->is_tls)
		http_response_header(req, "strict-transport-security",
		    HEADERS_HSTS);
	if (api_is_draining && req->owner != NULL)
		req->owner->flags |= CONN_CLOSE_EMPTY;
	http_response(req, status, p, len);
	api_log(c, status);
	return (HTTP_STATE_COMPLETE);
}

int
api_reply_tagged(struct http_request *req, const char *etag,
    const char *type, const void *p, size_t len)
{
	api_set_header(req, "etag", etag);
	if (!etag_matches(api_header(req, "if-none-match"), etag))
		return (api_reply_bytes(req, HTTP_STATUS_OK, type, p, len));
	return (api_reply_unchanged(req));
}

int
api_reply_unchanged(struct http_request *req)
{
	/* A length would have to be that of the whole (RFC 9110 s.8.6). */
	req->flags |= HTTP_REQUEST_NO_CONTENT_LENGTH;
	return (api_reply_bytes(req, HTTP_STATUS_NOT_MODIFIED, NULL, NULL, 0));
}

void
api_cacheable(struct http_request *req, int max_age_s)
{
	api_ctx(req)->max_age_s = max_age_s;
}

int
api_fail(struct http_request *req, enum problem p)
{
	return (api_fail_with(req, p, NULL, NULL));
}

int
api_fail_retry(struct http_request *req, enum problem p, int retry_s)
{
	char	text[16];

	/* Only these two say when to come back (RFC 9110 s.10.2.3). */
	if ((problem_status(p) == 429 || problem_status(p) == 503) &&
	    str_printf(text, sizeof(text), "%d", retry_s) == ERR_OK)
		api_set_header(req, "retry-after", text);
	limit_reached(req, p, retry_s);
	return (api_fail_with(req, p, NULL, NULL));
}

int
api_fail_field(struct http_request *req, const char *field,
    const char *message)
{
	struct decode_errors	e;

	e.n = 1;
	e.v[0].field = field;
	e.v[0].message = message;
	return (api_fail_fields(req, &e));
}

int
api_fail_fields(struct http_request *req, const struct decode_errors *e)
{
	struct buf	extra;
	size_t		i;
	int		r;

	buf_init(&extra, 16384);
	for (i = 0; i < e->n; i++) {
		buf_str(&extra, i == 0 ? ",\"errors\":[" : ",");
		buf_str(&extra, "{\"field\":");
		buf_json(&extra, e->v[i].field, strlen(e->v[i].field));
		buf_str(&extra, ",\"message\":");
		buf_json(&extra, e->v[i].message, strlen(e->v[i].message));
		buf_char(&extra, '}');
	}
	if (e->n > 0)
		buf_char(&extra, ']');
	r = api_fail_with(req, PROBLEM_INVALID_PARAMETER, NULL,
	    buf_err(&extra) == ERR_OK ? extra.data : NULL);
	buf_clear(&extra);
	return (r);
}

int
api_fail_with(struct http_request *req, enum problem p, const char *detail,
    const char *extra)
{
	struct api_ctx	*c = api_ctx(req);
	struct buf	 body;
	int		 r;

	if (p == PROBLEM_TOKEN_INVALID || p == PROBLEM_TOKEN_EXPIRED ||
	    p == PROBLEM_SESSION_REVOKED || p == PROBLEM_REFRESH_INVALID ||
	    p == PROBLEM_REFRESH_EXPIRED || p == PROBLEM_REFRESH_REUSED)
		api_set_header(req, "www-authenticate",
		    "Bearer error=\"invalid_token\"");
	else if (p == PROBLEM_TOKEN_MISSING)	/* RFC 6750 s.3: no error code */
		api_set_header(req, "www-authenticate", "Bearer");
	buf_init(&body, 32768);
	problem_json(&body, p, detail, c->request_id, extra);
	r = api_reply_bytes(req, problem_status(p), HEADERS_PROBLEM,
	    body.data, body.len);
	buf_clear(&body);
	return (r);
}

void
api_set_header(struct http_request *req, const char *name, const char *value)
{
	if (api_header_ok(name) && api_header_ok(value))
		http_response_header(req, name, value);
}

void
api_refused(struct http_request *req, enum audit_event e, const char *reason,
    const struct uuid *user)
{
	struct api_ctx		*c = api_ctx(req);
	struct uuid		 none = { { 0 } };
	struct refusal		 r;

	memset(&r, 0, sizeof(r));
	r.event = e;
	r.reason = reason;
	r.app = uuid_cmp(&c->caller.app, &none) == 0 ? NULL : &c->caller.app;
	r.key_id = c->caller.key_id;
	r.user = user;
	r.origin = api_origin(req);
	refusal_add(&r);
}

static void
api_log(struct api_ctx *c, int status)
{
	char	ip[IP_TEXT_LEN + 1];
	int64_t	us = clock_mono_us() - c->start_us;

	metrics_request(platform_metrics(), c->route->name,
	    api_method_name(c->req), status, us);
	ip_format(&c->ip, ip);
	struct log_field	f[] = {
		LOG_S("request_id", c->request_id),
		LOG_S("method", api_method_name(c->req)),
		LOG_S("path", c->req->path),
		LOG_I("status", status),
		LOG_I("us", us),
		LOG_S("ip", ip),
		LOG_S("app", c->caller.app_name[0] != '\0' ?
		    c->caller.app_name : NULL),
	};

	log_line(status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "request",
	    f, COUNT(f));
}

/* No CR, LF or other control character can split a response. */
static bool
api_header_ok(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return (false);
	}
	return (true);
}

static const char *
api_method_name(const struct http_request *req)
{
	switch (req->method) {
	case HTTP_METHOD_GET:
		return ("GET");
	case HTTP_METHOD_HEAD:
		return ("HEAD");
	case HTTP_METHOD_POST:
		return ("POST");
	case HTTP_METHOD_PUT:
		return ("PUT");
	case HTTP_METHOD_PATCH:
		return ("PATCH");
	case HTTP_METHOD_DELETE:
		return ("DELETE");
	default:
		return ("OPTIONS");
	}
}
