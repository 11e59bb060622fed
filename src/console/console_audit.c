/*
 * console_audit - the audit log in the console: pages, one row, the
 * vocabulary, the chain, exports and purges.  The database makes the answers.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <jansson.h>
#include <string.h>

#include "api.h"
#include "api_stream.h"
#include "audit_store.h"
#include "console_audit_filter.h"
#include "console_doc.h"
#include "console_guard.h"
#include "routes.h"
#include "str.h"

#define AUDIT_FILTER_MAX	8192
#define AUDIT_LIMIT_MAX		200
#define AUDIT_DAYS_MAX		36500

struct audit_export_input {
	char			form[8];
	char			filter[AUDIT_FILTER_MAX + 1];
	struct api_stream	stream;
};

static int	audit_list_ask(struct http_request *req);
static int	audit_show_ask(struct http_request *req);
static int	audit_chain_ask(struct http_request *req);
static int	audit_events_reply(struct http_request *req);
static int	audit_export_parse(struct http_request *req);
static int	audit_export_begun(struct http_request *req);
static void	audit_export_params(struct http_request *req,
		    struct db_params *p, const char *next);
static int	audit_preview_ask(struct http_request *req);
static int	audit_purge_ask(struct http_request *req);
static bool	audit_purge_days(struct http_request *req, const json_t *body,
		    struct db_params *p, int *ret);
static void	audit_actor(struct http_request *req, struct db_params *p);

static struct http_state audit_list_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_list_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state audit_show_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_show_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state audit_chain_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_chain_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state audit_events_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_events_reply),
};

static struct http_state audit_export_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_export_parse),
	KORE_HTTP_STATE(audit_export_begun),
	API_STREAM,
};

static struct http_state audit_preview_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_preview_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state audit_purge_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(audit_purge_ask),
	KORE_HTTP_STATE(console_doc_got),
};

#define AUDIT_ROUTE(n, m)						\
	{ .name = "console_audit_" #n, .methods = (m),			\
	    .states = audit_##n##_states,				\
	    .n_states = COUNT(audit_##n##_states) }

static const struct api_route audit_list_route =
    AUDIT_ROUTE(list, API_GET);
static const struct api_route audit_show_route =
    AUDIT_ROUTE(show, API_GET);
static const struct api_route audit_chain_route =
    AUDIT_ROUTE(chain, API_GET);
static const struct api_route audit_events_route =
    AUDIT_ROUTE(events, API_GET);
static const struct api_route audit_preview_route =
    AUDIT_ROUTE(preview, API_POST);
static const struct api_route audit_purge_route =
    AUDIT_ROUTE(purge, API_POST);
static const struct api_route audit_export_route = {
	.name = "console_audit_export", .methods = API_GET,
	.states = audit_export_states,
	.n_states = COUNT(audit_export_states),
	.input_size = sizeof(struct audit_export_input),
};

/* GET /setup/api/audit */
int
console_audit(struct http_request *req)
{
	return (api_run(req, &audit_list_route));
}

/* GET /setup/api/audit/{id} */
int
console_audit_show(struct http_request *req)
{
	return (api_run(req, &audit_show_route));
}

/* GET /setup/api/audit/chain */
int
console_audit_chain(struct http_request *req)
{
	return (api_run(req, &audit_chain_route));
}

/* GET /setup/api/audit/events */
int
console_audit_events(struct http_request *req)
{
	return (api_run(req, &audit_events_route));
}

/* GET /setup/api/audit/export */
int
console_audit_export(struct http_request *req)
{
	return (api_run(req, &audit_export_route));
}

/* POST /setup/api/audit/purge/preview */
int
console_audit_preview(struct http_request *req)
{
	return (api_run(req, &audit_preview_route));
}

/* POST /setup/api/audit/purge */
int
console_audit_purge(struct http_request *req)
{
	return (api_run(req, &audit_purge_route));
}

static int
audit_list_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct buf		 filter;
	const char		*cursor = api_query(req, "cursor");
	const char		*limit = api_query(req, "limit");
	const char		*count = api_query(req, "count");
	int64_t			 before = INT64_MAX, n = 50;
	int			 ret;

	if (cursor != NULL && cursor[0] != '\0' && str_int(cursor,
	    strlen(cursor), 1, INT64_MAX, &before) != ERR_OK)
		return (api_fail_field(req, "cursor",
		    "must be a next_cursor of this list."));
	if (limit != NULL && str_int(limit, strlen(limit), 1,
	    AUDIT_LIMIT_MAX, &n) != ERR_OK)
		return (api_fail_field(req, "limit",
		    "must be a number from 1 to 200."));
	buf_init(&filter, AUDIT_FILTER_MAX);
	if (!console_audit_filter(req, &filter, &ret)) {
		buf_clear(&filter);
		return (ret);
	}
	db_text(&p, filter.data);
	buf_clear(&filter);
	db_i64(&p, before);
	db_i32(&p, (int32_t)n);
	db_bool(&p, count != NULL && strcmp(count, "1") == 0);
	return (console_doc_ask(req, SQL_AUDIT_LIST, &p));
}

static int
audit_show_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	char			text[24];
	int64_t			id;
	int			ret;

	if (!console_path_text(req, 1, text, sizeof(text), &ret))
		return (ret);
	if (str_int(text, strlen(text), 1, INT64_MAX, &id) != ERR_OK)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	db_i64(&p, id);
	return (console_doc_ask(req, SQL_AUDIT_SHOW, &p));
}

static int
audit_chain_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;

	return (console_doc_ask(req, SQL_AUDIT_CHAIN, &p));
}

static int
audit_events_reply(struct http_request *req)
{
	struct buf	body;
	int		e;

	buf_init(&body, 65536);
	buf_str(&body, "{\"data\":[");
	for (e = 0; e < AUDIT_EVENT_MAX; e++)
		buf_printf(&body, "%s{\"event\":\"%s\",\"category\":\"%s\"}",
		    e > 0 ? "," : "", audit_name((enum audit_event)e),
		    audit_category((enum audit_event)e));
	buf_str(&body, "]}");
	return (api_reply(req, 200, &body));
}

/* ---- exports ------------------------------------------------------------- */

static int
audit_export_parse(struct http_request *req)
{
	struct audit_export_input	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	struct buf			 filter;
	const char			*form = api_query(req, "format");
	int				 ret;

	if (form == NULL || (strcmp(form, "csv") != 0 &&
	    strcmp(form, "ndjson") != 0))
		return (api_fail_field(req, "format",
		    "must be csv or ndjson."));
	buf_init(&filter, AUDIT_FILTER_MAX);
	if (!console_audit_filter(req, &filter, &ret)) {
		buf_clear(&filter);
		return (ret);
	}
	if (str_copy(in->form, sizeof(in->form), form, strlen(form)) !=
	    ERR_OK || str_copy(in->filter, sizeof(in->filter), filter.data,
	    filter.len) != ERR_OK)
		in->filter[0] = '\0';	/* not reached: both fit */
	buf_clear(&filter);
	db_text(&p, in->form);
	db_text(&p, in->filter);
	audit_actor(req, &p);
	return (console_doc_ask(req, SQL_AUDIT_EXPORT_BEGIN, &p));
}

static int
audit_export_begun(struct http_request *req)
{
	struct audit_export_input	*in = api_input(req);
	const char			*outcome;
	int				 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "ok") != 0)
		return (console_doc_reply(req));
	in->stream.query = SQL_AUDIT_EXPORT;
	in->stream.params = audit_export_params;
	if (strcmp(in->form, "csv") == 0) {
		in->stream.type = "text/csv; charset=utf-8";
		in->stream.file_name = "audit.csv";
	} else {
		in->stream.type = "application/x-ndjson";
		in->stream.file_name = "audit.ndjson";
	}
	api_stream_init(req, &in->stream);
	return (api_next(req));
}

static void
audit_export_params(struct http_request *req, struct db_params *p,
    const char *next)
{
	struct audit_export_input	*in = api_input(req);

	db_text(p, in->form);
	db_text(p, in->filter);
	db_text(p, next);
}

/* ---- purges -------------------------------------------------------------- */

static int
audit_preview_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*body;
	int			 ret;

	if ((body = api_json(req, &ret)) == NULL ||
	    !audit_purge_days(req, body, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_AUDIT_PURGE_PREVIEW, &p));
}

static int
audit_purge_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*body, *rows;
	int			 ret;

	if (!console_step_up(req, &ret) ||
	    (body = api_json(req, &ret)) == NULL)
		return (ret);
	rows = json_object_get(body, "confirm_rows");
	if (!json_is_integer(rows) || json_integer_value(rows) < 0)
		return (api_fail_field(req, "confirm_rows",
		    "must be the number of rows that the preview gave."));
	if (!audit_purge_days(req, body, &p, &ret))
		return (ret);
	db_i64(&p, json_integer_value(rows));
	audit_actor(req, &p);
	return (console_doc_ask(req, SQL_AUDIT_PURGE_BEGIN, &p));
}

/* One of older_than_days and everything; appends the days, or null. */
static bool
audit_purge_days(struct http_request *req, const json_t *body,
    struct db_params *p, int *ret)
{
	const json_t	*days = json_object_get(body, "older_than_days");
	bool		 is_all = json_is_true(json_object_get(body,
			    "everything"));

	if (is_all == (days != NULL) || (days != NULL &&
	    (!json_is_integer(days) || json_integer_value(days) < 1 ||
	    json_integer_value(days) > AUDIT_DAYS_MAX))) {
		*ret = api_fail_field(req, "older_than_days",
		    "must be 1 to 36500; or leave it out and send "
		    "\"everything\": true.");
		return (false);
	}
	if (is_all)
		db_null(p);
	else
		db_i32(p, (int32_t)json_integer_value(days));
	return (true);
}

/* Who does it, and where the request came from. */
static void
audit_actor(struct http_request *req, struct db_params *p)
{
	db_uuid(p, &console_admin(req)->person);
	audit_store_origin(p, api_origin(req));
}
