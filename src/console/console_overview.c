/*
 * console_overview - GET /setup/api/overview: the state of the installation on
 * one page.  The database makes it; what only the service knows goes along.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "console_doc.h"
#include "console_guard.h"
#include "db_migrate.h"
#include "platform.h"
#include "routes.h"
#include "version.h"

static int	overview_ask(struct http_request *req);
static void	overview_env(struct buf *out);

static struct http_state overview_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(overview_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static const struct api_route overview_route = {
	.name = "console_overview", .methods = API_GET,
	.states = overview_states, .n_states = COUNT(overview_states),
};

/* GET /setup/api/overview */
int
console_overview(struct http_request *req)
{
	return (api_run(req, &overview_route));
}

static int
overview_ask(struct http_request *req)
{
	static const char *const	 spans[] = {
		"24h", "7d", "30d", "90d"
	};
	struct db_params		 p = DB_PARAMS_INIT;
	struct buf			 env;
	const char			*span = api_query(req, "range");
	size_t				 i;

	if (span == NULL)
		span = spans[0];
	for (i = 0; i < COUNT(spans) && strcmp(span, spans[i]) != 0; i++)
		;
	if (i == COUNT(spans))
		return (api_fail_field(req, "range",
		    "must be 24h, 7d, 30d or 90d."));
	buf_init(&env, 1024);
	overview_env(&env);
	db_text(&p, spans[i]);
	db_text(&p, env.data);
	if (buf_err(&env) != ERR_OK)
		p.err = buf_err(&env);
	buf_clear(&env);
	return (console_doc_ask(req, SQL_OVERVIEW, &p));
}

static void
overview_env(struct buf *out)
{
	const struct settings	*s = platform_settings();
	int			 ready, busy, waiting;

	db_stats(&ready, &busy, &waiting);
	buf_printf(out, "{\"version\":\"%s\",\"schema_version\":%d,"
	    "\"has_public_url\":%s,\"has_proxies\":%s,\"dev_otp\":%s,"
	    "\"db_ready\":%d,\"db_busy\":%d,\"db_waiting\":%d}", VERSION_TEXT,
	    db_migrate_version(),
	    s->source[SETTINGS_PUBLIC_URL] != SETTINGS_FROM_DEFAULT ?
	    "true" : "false", s->trusted_proxies.n > 0 ? "true" : "false",
	    s->dev_otp ? "true" : "false", ready, busy, waiting);
}
