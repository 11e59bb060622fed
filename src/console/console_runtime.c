/*
 * console_runtime - GET /setup/api/runtime: what the service runs with, how
 * this very request came in, and why its address is the one that counts; and
 * what a Traefik in front would have to be told.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "console_guard.h"
#include "db.h"
#include "http_head.h"
#include "platform.h"
#include "routes.h"
#include "str.h"
#include "version.h"

struct runtime_input {
	int64_t	schema_version;
};

static int	runtime_ask(struct http_request *req);
static int	runtime_got(struct http_request *req);
static enum err	runtime_rows(const struct db_result *res, void *target);
static void	runtime_settings(struct buf *out);
static void	runtime_request(struct http_request *req, struct buf *out);
static void	runtime_why(const struct api_view *v, struct buf *out);
static void	runtime_traefik(struct buf *out);
static void	runtime_service(int64_t schema_version, struct buf *out);
static void	runtime_text(struct buf *out, const char *name,
		    const char *value);

static struct http_state runtime_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(runtime_ask),
	KORE_HTTP_STATE(runtime_got),
};

static const struct api_route runtime_route = {
	.name = "console_runtime", .methods = API_GET,
	.states = runtime_states, .n_states = COUNT(runtime_states),
	.input_size = sizeof(struct runtime_input),
};

/* GET /setup/api/runtime */
int
console_runtime(struct http_request *req)
{
	return (api_run(req, &runtime_route));
}

static int
runtime_ask(struct http_request *req)
{
	struct runtime_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	return (api_ask(req, SQL_READY, &p, runtime_rows,
	    &in->schema_version));
}

static int
runtime_got(struct http_request *req)
{
	struct runtime_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	buf_init(&body, 524288);
	buf_str(&body, "{\"settings\":");
	runtime_settings(&body);
	buf_str(&body, ",\"request\":");
	runtime_request(req, &body);
	buf_str(&body, ",\"traefik\":");
	runtime_traefik(&body);
	buf_str(&body, ",\"service\":");
	runtime_service(in->schema_version, &body);
	buf_char(&body, '}');
	return (api_reply(req, 200, &body));
}

static enum err
runtime_rows(const struct db_result *res, void *target)
{
	int64_t		*version = target;
	struct db_row	 r = db_row_at(res, 0);

	*version = db_row_i64(&r, "version");
	return (r.err);
}

/* As `identityd config` shows them: no secret. */
static void
runtime_settings(struct buf *out)
{
	settings_format_list(platform_settings(), out);
}

static void
runtime_request(struct http_request *req, struct buf *out)
{
	struct api_view	v;
	char		peer[IP_TEXT_LEN + 1], ip[IP_TEXT_LEN + 1];

	api_look(req, &v);
	ip_format(&v.peer, peer);
	ip_format(&v.walk.ip, ip);
	buf_printf(out, "{\"remote\":\"%s\",\"effective_ip\":\"%s\",\"why\":",
	    peer, ip);
	runtime_why(&v, out);
	runtime_text(out, "forwarded", v.forwarded[0] != '\0' ? v.forwarded :
	    NULL);
	runtime_text(out, "proto", api_is_https(req) ? "https" : "http");
	runtime_text(out, "host", api_host(req));
	runtime_text(out, "x_forwarded_host",
	    api_header(req, "x-forwarded-host"));
	runtime_text(out, "x_forwarded_proto",
	    api_header(req, "x-forwarded-proto"));
	runtime_text(out, "x_real_ip", api_header(req, "x-real-ip"));
	buf_printf(out, ",\"header_count\":%d,\"header_limit\":%d,"
	    "\"http_version\":\"%s\"}", v.n_headers, HTTP_HEAD_LINES_MAX,
	    v.is_http10 ? "1.0" : "1.1");
}

static void
runtime_why(const struct api_view *v, struct buf *out)
{
	char		peer[IP_TEXT_LEN + 1], ip[IP_TEXT_LEN + 1];
	char		via[IP_TEXT_LEN + 1], text[512];
	enum err	e = ERR_OK;

	ip_format(&v->peer, peer);
	ip_format(&v->walk.ip, ip);
	ip_format(&v->walk.via, via);
	switch (v->why) {
	case IP_WHY_PEER:
		e = str_printf(text, sizeof(text), "%s is not in "
		    "IDENTITY_TRUSTED_PROXIES, so its own address counts%s.",
		    peer, v->forwarded[0] != '\0' ?
		    " and its X-Forwarded-For is not believed" : "");
		break;
	case IP_WHY_ALONE:
		e = str_printf(text, sizeof(text), "%s is a trusted proxy, "
		    "but it sent no X-Forwarded-For: its own address counts.",
		    peer);
		break;
	case IP_WHY_UNTRUSTED:
		e = str_printf(text, sizeof(text), "%s is trusted, so the "
		    "right-most address of X-Forwarded-For that is not a "
		    "trusted proxy counts: %s, told by %s.", peer, ip, via);
		break;
	case IP_WHY_FIRST:
		e = str_printf(text, sizeof(text), "%s and every address of "
		    "X-Forwarded-For are trusted proxies, so the left-most "
		    "counts: %s.", peer, ip);
		break;
	case IP_WHY_MALFORMED:
		e = str_printf(text, sizeof(text), "%s is trusted, but what "
		    "%s told is no address: the last good one counts, %s.",
		    peer, ip, ip);
		break;
	case IP_WHY_MANY:
		e = str_printf(text, sizeof(text), "X-Forwarded-For has more "
		    "addresses than are looked at: the last one looked at "
		    "counts, %s.", ip);
		break;
	}
	if (e != ERR_OK)
		text[0] = '\0';
	buf_json(out, text, strlen(text));
}

/* Labels and flags for the address that the installation is known under. */
static void
runtime_traefik(struct buf *out)
{
	const struct settings	*s = platform_settings();
	const char		*host = strstr(s->public_url, "://");
	bool			 is_https;
	struct buf		 text;
	int			 len;

	is_https = strncmp(s->public_url, "https:", 6) == 0;
	host = host != NULL ? host + 3 : s->public_url;
	len = (int)strcspn(host, ":/");
	buf_init(&text, 4096);
	buf_printf(&text, "traefik.enable=true\n"
	    "traefik.http.routers.identity.rule=Host(`%.*s`)\n"
	    "traefik.http.routers.identity.entrypoints=%s\n", len, host,
	    is_https ? "websecure" : "web");
	if (is_https)
		buf_str(&text,
		    "traefik.http.routers.identity.tls.certresolver=le\n");
	buf_printf(&text,
	    "traefik.http.services.identity.loadbalancer.server.port=%u\n"
	    "traefik.http.services.identity.loadbalancer.healthcheck.path="
	    "/readyz\n"
	    "traefik.http.services.identity.loadbalancer.healthcheck.interval="
	    "2s\n", s->http.is_on ? (unsigned int)s->http.port :
	    (unsigned int)s->https.port);
	buf_str(out, "{\"labels\":");
	buf_json(out, buf_err(&text) == ERR_OK ? text.data : "",
	    buf_err(&text) == ERR_OK ? text.len : 0);
	buf_reset(&text);
	buf_printf(&text, "--providers.docker.exposedbydefault=false\n"
	    "--entrypoints.web.address=:80\n%s",
	    is_https ? "--entrypoints.websecure.address=:443\n"
	    "--entrypoints.web.http.redirections.entrypoint.to=websecure\n"
	    "# Only where another proxy stands before Traefik, its addresses:\n"
	    "# --entrypoints.websecure.forwardedheaders.trustedips=…\n" :
	    "# Only where another proxy stands before Traefik, its addresses:\n"
	    "# --entrypoints.web.forwardedheaders.trustedips=…\n");
	buf_str(out, ",\"flags\":");
	buf_json(out, buf_err(&text) == ERR_OK ? text.data : "",
	    buf_err(&text) == ERR_OK ? text.len : 0);
	buf_char(out, '}');
	buf_clear(&text);
}

static void
runtime_service(int64_t schema_version, struct buf *out)
{
	char	at[CLOCK_RFC3339_LEN + 1];
	int	ready, busy, waiting;

	clock_format(platform_started_us(), at);
	db_stats(&ready, &busy, &waiting);
	buf_printf(out, "{\"version\":\"%s\",\"schema_version\":%lld,"
	    "\"workers\":%d,\"started_at\":\"%s\",\"pool\":{\"ready\":%d,"
	    "\"busy\":%d,\"waiting\":%d}}", VERSION_TEXT,
	    (long long)schema_version, platform_settings()->workers, at, ready,
	    busy, waiting);
}

static void
runtime_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	if (value == NULL)
		buf_str(out, "null");
	else
		buf_json(out, value, strlen(value));
}
