/*
 * console_report - POST /csp-report: what a browser says that a page of ours
 * wanted and was not allowed.  Anybody can send one, so it is counted, with a
 * limit for each address, and nothing of it is kept but a line of the log.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "json_in.h"
#include "log.h"
#include "platform.h"
#include "routes.h"
#include "throttle.h"

#define REPORT_MAX		20	/* of an address in 5 minutes */
#define REPORT_TEXT_LEN		200

static int	report_take(struct http_request *req);
static bool	report_log(const void *body, size_t len);
static const char	*report_text(const json_t *report, const char *name,
		    char out[REPORT_TEXT_LEN + 1]);

static struct http_state report_states[] = {
	KORE_HTTP_STATE(report_take),
};

static const struct api_route report_route = {
	.name = "csp_report", .methods = API_POST,
	.states = report_states, .n_states = COUNT(report_states),
};

/* POST /csp-report.  204 | 400 | 413 | 429. */
int
console_csp_report(struct http_request *req)
{
	return (api_run(req, &report_route));
}

static int
report_take(struct http_request *req)
{
	struct throttle_subject	 s = {
		.kind = THROTTLE_REPORT_ADDRESS, .max = REPORT_MAX,
	};
	uint8_t			 address[16];
	const void		*body;
	size_t			 len;
	int			 ret, wait_s;

	s.id = address;
	s.len = throttle_address(api_ip(req), address);
	wait_s = throttle_take(platform_throttle(), &s, clock_mono_us());
	if (wait_s > 0)
		return (api_fail_retry(req, PROBLEM_RATE_LIMITED, wait_s));
	if ((body = api_body(req, &len, &ret)) == NULL)
		return (ret);
	if (!report_log(body, len))
		return (api_fail(req, PROBLEM_MALFORMED));
	api_refused(req, AUDIT_CSP_REPORTED, "csp_reported", NULL);
	return (api_reply_bytes(req, 204, NULL, NULL, 0));
}

static bool
report_log(const void *body, size_t len)
{
	char		 page[REPORT_TEXT_LEN + 1], what[REPORT_TEXT_LEN + 1];
	char		 rule[REPORT_TEXT_LEN + 1];
	json_t		*root;
	const json_t	*report;
	bool		 is_report;

	if (json_in_object(body, len, &root) != ERR_OK)
		return (false);
	report = json_object_get(root, "csp-report");
	is_report = json_is_object(report);
	if (is_report) {
		struct log_field	f[] = {
			LOG_S("page", report_text(report, "document-uri", page)),
			LOG_S("blocked", report_text(report, "blocked-uri",
			    what)),
			LOG_S("rule", report_text(report,
			    "violated-directive", rule)),
		};

		log_line(LOG_LEVEL_WARN, "csp report", f, COUNT(f));
	}
	json_decref(root);
	return (is_report);
}

/* Printable ASCII of the member, cut; "" when there is none. */
static const char *
report_text(const json_t *report, const char *name,
    char out[REPORT_TEXT_LEN + 1])
{
	const char	*v = json_string_value(json_object_get(report, name));
	size_t		 n = 0;

	for (; v != NULL && *v != '\0' && n < REPORT_TEXT_LEN; v++)
		out[n++] = *v >= 0x20 && *v < 0x7f ? *v : '?';
	out[n] = '\0';
	return (out);
}
