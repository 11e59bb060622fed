/*
 * metrics_api - GET /metrics for Prometheus: what the workers of this node
 * count and what the database knows, for the addresses of metrics_allow.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "clock.h"
#include "platform.h"
#include "routes.h"
#include "version.h"

#define METRICS_MAX	(1024 * 1024)
#define METRICS_DB_MAX	32768		/* the part that the database makes */

struct metrics_input {
	bool	is_allowed;
	char	text[METRICS_DB_MAX];
};

static int	metrics_ask(struct http_request *req);
static int	metrics_got(struct http_request *req);
static enum err	metrics_rows(const struct db_result *res, void *target);

static struct http_state metrics_states[] = {
	KORE_HTTP_STATE(metrics_ask),
	KORE_HTTP_STATE(metrics_got),
};

static const struct api_route metrics_route = {
	.name = "metrics", .methods = API_GET,
	.states = metrics_states, .n_states = COUNT(metrics_states),
	.input_size = sizeof(struct metrics_input),
};

/* GET /metrics.  200 | 403 | 503. */
int
api_metrics(struct http_request *req)
{
	return (api_run(req, &metrics_route));
}

static int
metrics_ask(struct http_request *req)
{
	struct metrics_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 ip[IP_TEXT_LEN + 1];

	ip_format(api_ip(req), ip);
	db_text(&p, ip);
	return (api_ask(req, SQL_METRICS, &p, metrics_rows, in));
}

static int
metrics_got(struct http_request *req)
{
	struct metrics_input	*in = api_input(req);
	struct buf		 body;
	int			 r;

	if (!api_got(req, &r))
		return (r);
	if (!in->is_allowed)
		return (api_fail_with(req, PROBLEM_IP_NOT_ALLOWED,
		    "This address is not in the setting metrics_allow.",
		    NULL));
	buf_init(&body, METRICS_MAX);
	buf_str(&body, in->text);
	buf_printf(&body, "# HELP identityd_build_info Its version.\n"
	    "# TYPE identityd_build_info gauge\n"
	    "identityd_build_info{version=\"%s\"} 1\n", VERSION_TEXT);
	metrics_format(platform_metrics(), clock_us(), &body);
	if (buf_err(&body) != ERR_OK)
		r = api_fail(req, PROBLEM_INTERNAL);
	else
		r = api_reply_bytes(req, 200,
		    "text/plain; version=0.0.4; charset=utf-8", body.data,
		    body.len);
	buf_clear(&body);
	return (r);
}

static enum err
metrics_rows(const struct db_result *res, void *target)
{
	struct metrics_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	in->is_allowed = db_row_bool(&r, "is_allowed");
	db_row_text(&r, "body", in->text, sizeof(in->text));
	return (r.err);
}
