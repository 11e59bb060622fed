/*
 * health_api - what needs no key: /healthz, /readyz, and the answer for
 * addresses that do not exist.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "db_migrate.h"
#include "routes.h"

/* Migrating takes seconds, and not for long. */
#define READY_RETRY_S	"5"

struct ready_input {
	int64_t	version;	/* of the database's schema */
};

static int	health_reply(struct http_request *req);
static int	ready_ask(struct http_request *req);
static int	ready_got(struct http_request *req);
static enum err	ready_rows(const struct db_result *res, void *target);
static int	not_found_reply(struct http_request *req);

static struct http_state health_states[] = {
	KORE_HTTP_STATE(health_reply),
};

static const struct api_route health_route = {
	.name = "health", .methods = API_GET,
	.states = health_states, .n_states = COUNT(health_states),
};

static struct http_state ready_states[] = {
	KORE_HTTP_STATE(ready_ask),
	KORE_HTTP_STATE(ready_got),
};

static const struct api_route ready_route = {
	.name = "ready", .methods = API_GET,
	.states = ready_states, .n_states = COUNT(ready_states),
	.input_size = sizeof(struct ready_input),
};

static struct http_state not_found_states[] = {
	KORE_HTTP_STATE(not_found_reply),
};

static const struct api_route not_found_route = {
	.name = "not_found",
	.methods = API_GET | API_POST | API_PUT | API_PATCH | API_DELETE,
	.states = not_found_states, .n_states = COUNT(not_found_states),
};

/* GET /healthz.  The process answers.  200. */
int
api_healthz(struct http_request *req)
{
	return (api_run(req, &health_route));
}

/* GET /readyz.  Database, schema, queue, not stopping.  200 | 503. */
int
api_readyz(struct http_request *req)
{
	return (api_run(req, &ready_route));
}

/* Anything else.  404. */
int
api_not_found(struct http_request *req)
{
	return (api_run(req, &not_found_route));
}

static int
health_reply(struct http_request *req)
{
	struct buf	body;

	buf_init(&body, 64);
	buf_str(&body, "{\"status\":\"ok\"}");
	return (api_reply(req, 200, &body));
}

static int
ready_ask(struct http_request *req)
{
	struct ready_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	if (api_is_stopping())
		return (api_fail_retry(req, PROBLEM_DRAINING, 1));
	return (api_ask(req, SQL_READY, &p, ready_rows, in));
}

static int
ready_got(struct http_request *req)
{
	struct ready_input	*in = api_input(req);
	struct buf		 body;
	int			 ret, ready, busy, waiting;

	if (!api_got(req, &ret))
		return (ret);
	if (in->version != db_migrate_version()) {
		api_set_header(req, "retry-after", READY_RETRY_S);
		return (api_fail_with(req, PROBLEM_UNAVAILABLE,
		    "The database's schema is of another version.", NULL));
	}
	db_stats(&ready, &busy, &waiting);
	buf_init(&body, 256);
	buf_printf(&body, "{\"status\":\"ready\",\"schema_version\":%d,"
	    "\"database\":{\"connections\":%d,\"busy\":%d,\"waiting\":%d}}",
	    db_migrate_version(), ready, busy, waiting);
	return (api_reply(req, 200, &body));
}

static enum err
ready_rows(const struct db_result *res, void *target)
{
	struct ready_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	in->version = db_row_i64(&r, "version");
	return (r.err);
}

static int
not_found_reply(struct http_request *req)
{
	return (api_fail(req, PROBLEM_NOT_FOUND));
}
