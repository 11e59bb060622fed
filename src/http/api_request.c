/*
 * api_request - what a request says: addresses, headers, token, query, body.
 */
#include <sys/param.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "api_ctx.h"
#include "buf.h"
#include "json_in.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

#define API_XFF_MAX	4096	/* of all X-Forwarded-For values together */

static void	api_peer(const struct connection *conn, struct ip *out);
static void	api_forwarded(struct api_ctx *c, struct buf *out);
static bool	api_request_id_ok(const char *s);
static bool	api_body_refused(struct http_request *req);

const struct api_caller *
api_caller(struct http_request *req)
{
	return (&api_ctx(req)->caller);
}

const struct uuid *
api_app(struct http_request *req)
{
	const struct api_caller	*caller = api_caller(req);

	return (caller->key_id[0] != '\0' ? &caller->app : NULL);
}

struct api_caller *
api_caller_set(struct http_request *req)
{
	return (&api_ctx(req)->caller);
}

struct guard_state *
api_guard_state(struct http_request *req)
{
	return (&api_ctx(req)->guard);
}

const struct ip *
api_ip(struct http_request *req)
{
	return (&api_ctx(req)->ip);
}

void
api_ctx_origin_init(struct api_ctx *c)
{
	struct uuid	u;
	struct buf	xff;
	const char	*id;

	c->is_tls = c->req->owner->owner->server->tls != 0;
	id = api_header(c->req, "x-request-id");
	if (id == NULL || !api_request_id_ok(id)) {
		uuid_make(&u);
		uuid_format(&u, c->request_id);
	} else if (str_copy(c->request_id, sizeof(c->request_id), id,
	    strlen(id)) != ERR_OK)
		c->request_id[0] = '\0';	/* not reached: checked */

	api_peer(c->req->owner, &c->peer);
	c->ip = c->peer;
	if (!cidr_list_has(platform_trusted(), &c->peer))
		return;
	buf_init(&xff, API_XFF_MAX);
	api_forwarded(c, &xff);
	if (xff.len > 0)
		ip_effective(&c->peer, xff.data, xff.len, platform_trusted(),
		    &c->ip);
	buf_clear(&xff);
}

bool
api_is_https(struct http_request *req)
{
	struct api_ctx	*c = api_ctx(req);
	const char	*proto;
	size_t		 len;

	if (c->is_tls)
		return (true);
	if (!cidr_list_has(platform_trusted(), &c->peer) ||
	    (proto = api_header(req, "x-forwarded-proto")) == NULL)
		return (false);
	/* The first one is what the person's side spoke. */
	len = strcspn(proto, ", ");
	return (len == 5 && strncasecmp(proto, "https", len) == 0);
}

void
api_look(struct http_request *req, struct api_view *out)
{
	struct api_ctx		*c = api_ctx(req);
	struct http_header	*h;
	struct buf		 xff;

	memset(out, 0, sizeof(*out));
	out->peer = c->peer;
	TAILQ_FOREACH(h, &req->req_headers, list)
		out->n_headers++;
	out->is_http10 = (req->flags & HTTP_VERSION_1_0) != 0;
	memcpy(out->forwarded, api_origin(req)->forwarded,
	    sizeof(out->forwarded));
	buf_init(&xff, API_XFF_MAX);
	api_forwarded(c, &xff);
	out->why = ip_effective_why(&c->peer, xff.data, xff.len,
	    platform_trusted(), &out->walk);
	buf_clear(&xff);
}

const char *
api_host(struct http_request *req)
{
	return (req->host != NULL ? req->host : "");
}

const struct audit_origin *
api_origin(struct http_request *req)
{
	struct api_ctx	*c = api_ctx(req);
	struct buf	 xff;
	size_t		 cut;

	if (c->has_origin)
		return (&c->origin);
	c->has_origin = true;
	memcpy(c->origin.request_id, c->request_id, sizeof(c->request_id));
	ip_format(&c->ip, c->origin.ip);
	ip_format(&c->peer, c->origin.remote);
	buf_init(&xff, API_XFF_MAX);
	api_forwarded(c, &xff);
	if (xff.len > 0) {
		cut = xff.len > XFF_KEPT_LEN ? xff.len - XFF_KEPT_LEN : 0;
		memcpy(c->origin.forwarded, xff.data + cut, xff.len - cut);
	}
	buf_clear(&xff);
	return (&c->origin);
}

void
api_origin_client(struct http_request *req, const char *ip,
    const char *user_agent)
{
	struct api_ctx	*c = api_ctx(req);

	(void)api_origin(req);
	/* Both were validated to fit; what does not is left out. */
	if (str_copy(c->origin.client_ip, sizeof(c->origin.client_ip), ip,
	    strlen(ip)) != ERR_OK)
		c->origin.client_ip[0] = '\0';
	if (str_copy(c->origin.client_user_agent,
	    sizeof(c->origin.client_user_agent), user_agent,
	    strlen(user_agent)) != ERR_OK)
		c->origin.client_user_agent[0] = '\0';
}

const char *
api_path(struct http_request *req)
{
	return (req->path);
}

const char *
api_header(struct http_request *req, const char *name)
{
	const char	*v;

	if (!http_request_header(req, name, &v))
		return (NULL);
	return (v);
}

unsigned int
api_method(struct http_request *req)
{
	switch (req->method) {
	case HTTP_METHOD_GET:
	case HTTP_METHOD_HEAD:
		return (API_GET);
	case HTTP_METHOD_POST:
		return (API_POST);
	case HTTP_METHOD_PUT:
		return (API_PUT);
	case HTTP_METHOD_PATCH:
		return (API_PATCH);
	case HTTP_METHOD_DELETE:
		return (API_DELETE);
	default:
		return (0);
	}
}

/* RFC 6750 s.2.1; the scheme is case-insensitive (RFC 9110 s.11.1). */
const char *
api_bearer(struct http_request *req, size_t *len)
{
	const char	*v = api_header(req, "authorization");

	if (v == NULL || strncasecmp(v, "bearer ", 7) != 0)
		return (NULL);
	v += 7;
	while (*v == ' ')
		v++;
	*len = strlen(v);
	return (*len > 0 ? v : NULL);
}

const char *
api_query(struct http_request *req, const char *name)
{
	const struct form	*f = api_query_form(req);
	const struct form_pair	*p;

	if (f == NULL || (p = form_find(f, name)) == NULL)
		return (NULL);
	return (p->value);
}

const struct form *
api_query_form(struct http_request *req)
{
	struct api_ctx	*c = api_ctx(req);
	size_t		 len;

	if (req->query_string == NULL)
		return (NULL);
	if (c->query_form == NULL) {
		len = strlen(req->query_string);
		if ((c->query_text = mem_dup(req->query_string, len)) == NULL ||
		    (c->query_form = mem_new(sizeof(*c->query_form))) == NULL)
			return (NULL);
		if (form_parse(c->query_text, len, c->query_form) != ERR_OK)
			c->query_form->n = 0;
	}
	return (c->query_form);
}

bool
api_decode(struct http_request *req, int *ret)
{
	struct decode_errors	errors;
	enum problem		p;

	if ((p = api_decode_into(req, &errors)) == PROBLEM_NONE)
		return (true);
	*ret = p == PROBLEM_INVALID_PARAMETER ?
	    api_fail_fields(req, &errors) : api_fail_with(req, p,
	    p == PROBLEM_MALFORMED ? errors.detail : NULL, NULL);
	return (false);
}

const json_t *
api_json(struct http_request *req, int *ret)
{
	struct api_ctx	*c = api_ctx(req);
	const void	*body;
	size_t		 len;

	if (c->json != NULL)
		return (c->json);
	if ((body = api_body(req, &len, ret)) == NULL)
		return (NULL);
	if (decode_media_of(api_header(req, "content-type")) != DECODE_JSON) {
		*ret = api_fail_with(req, PROBLEM_MEDIA_TYPE,
		    "Send application/json.", NULL);
		return (NULL);
	}
	if (json_in_object(body, len, &c->json) != ERR_OK)
		*ret = api_fail_with(req, PROBLEM_MALFORMED,
		    json_in_why(body, len), NULL);
	return (c->json);
}

bool
api_has_body(struct http_request *req)
{
	return (api_body_refused(req) || req->http_body_length > 0);
}

const void *
api_body(struct http_request *req, size_t *len, int *ret)
{
	if (api_body_refused(req)) {
		*ret = api_fail(req, PROBLEM_TOO_LARGE);
		return (NULL);
	}
	if (req->http_body == NULL || req->http_body_length == 0) {
		*ret = api_fail_with(req, PROBLEM_MALFORMED, "Send a body.",
		    NULL);
		return (NULL);
	}
	*len = req->http_body_length;
	return (req->http_body->data);
}

enum problem
api_decode_into(struct http_request *req, struct decode_errors *errors)
{
	struct api_ctx		*c = api_ctx(req);
	struct decode_job	 job = {
		.media = DECODE_NONE,
		.fields = c->route->fields,
		.n_fields = c->route->n_fields,
		.input = c->input,
	};
	enum problem		 p;

	if (api_body_refused(req))
		return (PROBLEM_TOO_LARGE);
	if (req->http_body != NULL && req->http_body_length > 0) {
		job.len = req->http_body_length;
		job.media = decode_media_of(api_header(req, "content-type"));
		if (job.media != DECODE_JSON && job.media != DECODE_FORM)
			return (PROBLEM_MEDIA_TYPE);
		job.body = mem_dup(req->http_body->data, job.len);
		if (job.body == NULL)
			return (PROBLEM_OVERLOADED);
	}
	p = decode_body(req, &job, errors);
	mem_free_secret(job.body, job.len);
	return (p);
}

static void
api_peer(const struct connection *conn, struct ip *out)
{
	memset(out, 0, sizeof(*out));
	switch (conn->family) {
	case AF_INET:
		out->b[10] = out->b[11] = 0xff;
		memcpy(out->b + 12, &conn->addr.ipv4.sin_addr, 4);
		break;
	case AF_INET6:
		memcpy(out->b, &conn->addr.ipv6.sin6_addr, 16);
		break;
	default:
		break;		/* a unix socket has no address: :: */
	}
}

/* All X-Forwarded-For values in order, joined (RFC 9110 s.5.3). */
static void
api_forwarded(struct api_ctx *c, struct buf *out)
{
	struct http_header	*h;

	TAILQ_FOREACH(h, &c->req->req_headers, list) {
		if (strcasecmp(h->header, "x-forwarded-for") != 0)
			continue;
		if (out->len > 0)
			buf_str(out, ", ");
		buf_str(out, h->value);
	}
	if (buf_err(out) != ERR_OK)
		buf_reset(out);
}

/* api.md s.1: 8-64 characters of A-Z a-z 0-9 - _ . */
static bool
api_request_id_ok(const char *s)
{
	size_t	len = strlen(s);

	return (len >= 8 && len <= REQUEST_ID_MAX_LEN &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_.") == len);
}

/* http_head overwrote a length over the limit with zeros of its width. */
static bool
api_body_refused(struct http_request *req)
{
	const char	*v = api_header(req, "content-length");

	return (v != NULL && v[0] == '0' && v[1] == '0');
}
