/*
 * console_sync - /setup/api/applications/{id}/sync and …/webhook: how far an
 * application's copy is, and where it is told of changes.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "console_call.h"
#include "console_doc.h"
#include "console_guard.h"
#include "egress.h"
#include "platform.h"
#include "routes.h"
#include "str.h"
#include "webhook_call.h"
#include "webhook_secret.h"

struct webhook_input {
	char	secret[WEBHOOK_SECRET_LEN + 1];	/* shown if it is the first */
};

/* A test call. */
struct webhook_test {
	struct uuid		 app;
	char			 url[WEBHOOK_URL_MAX + 1];
	char			 secret[WEBHOOK_SECRET_LEN + 1];
	bool			 is_found, has_call;
	struct webhook_call	 call;
	struct outbound		*out;
	struct verdict		 verdict;
	int			 status, ms;
};

static int	webhook_put(struct http_request *req);
static int	webhook_made(struct http_request *req);
static int	webhook_test_ask(struct http_request *req);
static int	webhook_test_got(struct http_request *req);
static int	webhook_test_answered(struct http_request *req);
static enum err	webhook_test_rows(const struct db_result *res, void *target);
static void	webhook_test_result(void *arg,
		    const struct outbound_result *r);
static void	webhook_test_cancel(void *arg);
static void	webhook_test_leave(void *input);
static const char	*webhook_url(struct http_request *req,
		    const json_t *body, int *ret);

static struct http_state webhook_put_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(webhook_put),
	KORE_HTTP_STATE(webhook_made),
};

static struct http_state webhook_test_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(webhook_test_ask),
	KORE_HTTP_STATE(webhook_test_got),
	KORE_HTTP_STATE(webhook_test_answered),
};

static const struct console_call webhook_test_calls[] = {
	{ .route = { .name = "console_webhook_test", .methods = API_POST,
	    .states = webhook_test_states,
	    .n_states = COUNT(webhook_test_states),
	    .input_size = sizeof(struct webhook_test),
	    .leave = webhook_test_leave } },
};

static const struct console_call sync_calls[] = {
	CONSOLE_CALL("console_app_sync", API_GET, SQL_CONSOLE_SYNC_SHOW,
	    CALL_ID),
};

static const struct console_call webhook_calls[] = {
	CONSOLE_CALL("console_webhook_show", API_GET, SQL_CONSOLE_WEBHOOK_SHOW,
	    CALL_ID),
	{ .route = { .name = "console_webhook_put", .methods = API_PUT,
	    .states = webhook_put_states,
	    .n_states = COUNT(webhook_put_states),
	    .input_size = sizeof(struct webhook_input) } },
	CONSOLE_CALL("console_webhook_delete", API_DELETE,
	    SQL_CONSOLE_WEBHOOK_DELETE, CALL_ID | CALL_ACTOR),
};

int
console_app_sync(struct http_request *req)
{
	return (console_call_run(req, sync_calls, COUNT(sync_calls)));
}

int
console_webhook(struct http_request *req)
{
	return (console_call_run(req, webhook_calls, COUNT(webhook_calls)));
}

int
console_webhook_try(struct http_request *req)
{
	return (console_call_run(req, webhook_test_calls,
	    COUNT(webhook_test_calls)));
}

static int
webhook_put(struct http_request *req)
{
	struct webhook_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	uint8_t			 sealed[WEBHOOK_SEALED_LEN];
	const json_t		*body, *enabled;
	const char		*url;
	struct uuid		 app;
	int			 ret;

	if ((body = api_json(req, &ret)) == NULL ||
	    (url = webhook_url(req, body, &ret)) == NULL ||
	    !console_path_uuid(req, 1, &app, &ret))
		return (ret);
	enabled = json_object_get(body, "is_enabled");
	if (enabled != NULL && !json_is_boolean(enabled))
		return (api_fail_field(req, "is_enabled",
		    "Send true or false."));
	if (webhook_secret_make(platform_sealer(), &app, in->secret,
	    sealed) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	db_uuid(&p, &app);
	db_text(&p, url);
	db_bool(&p, enabled == NULL || json_is_true(enabled));
	db_bytes(&p, sealed, sizeof(sealed));
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_WEBHOOK_PUT, &p));
}

/* The one time that the secret is seen. */
static int
webhook_made(struct http_request *req)
{
	struct webhook_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "created") == 0)
		console_doc_add(req, "secret", in->secret);
	return (console_doc_reply(req));
}

/* NULL: 422 was replied. */
static const char *
webhook_url(struct http_request *req, const json_t *body, int *ret)
{
	const json_t		*j = json_object_get(body, "url");
	const char		*url = json_string_value(j);
	struct egress_target	 t;
	enum egress_why		 why = EGRESS_NOT_URL;
	char			 text[192];

	/* The column's bound is below that of a URL. */
	if (url != NULL && json_string_length(j) <= WEBHOOK_URL_MAX &&
	    (why = egress_url(url, json_string_length(j), &t)) == EGRESS_OK)
		why = egress_check(&t, &platform_settings()->egress_allow);
	if (why == EGRESS_OK)
		return (url);
	*ret = api_fail_field(req, "url", str_printf(text, sizeof(text),
	    "The address %s.", egress_text(why)) == ERR_OK ? text :
	    "Send an https address.");
	return (NULL);
}

/* ---- POST …/webhook/test: {"ok","ms","status","error"} ----------------- */

static int
webhook_test_ask(struct http_request *req)
{
	struct webhook_test	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!console_path_uuid(req, 1, &in->app, &ret) ||
	    !console_call_params(req, CALL_ID | CALL_ACTOR, &p, &ret))
		return (ret);
	return (api_ask(req, SQL_CONSOLE_WEBHOOK_TEST, &p, webhook_test_rows,
	    in));
}

static enum err
webhook_test_rows(const struct db_result *res, void *target)
{
	struct webhook_test	*in = target;
	struct db_row		 r;
	const uint8_t		*sealed;
	size_t			 len = 0;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	in->is_found = true;
	db_row_text(&r, "url", in->url, sizeof(in->url));
	sealed = db_row_blob(&r, "secret", &len);
	if (r.err != ERR_OK)
		return (r.err);
	return (webhook_secret_open(platform_sealer(), &in->app, sealed, len,
	    in->secret));
}

static int
webhook_test_got(struct http_request *req)
{
	struct webhook_test	*in = api_input(req);
	struct webhook_target	 t = {
		.app = &in->app, .url = in->url, .secret = in->secret
	};
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_found)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	webhook_call_init(&in->call);
	in->has_call = true;
	if (webhook_call_make(&in->call, &t, "test") != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	if (outbound_start(&in->call.out, webhook_test_result, req,
	    &in->out) != ERR_OK)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	return (api_work(req, webhook_test_cancel, in));
}

static void
webhook_test_result(void *arg, const struct outbound_result *r)
{
	struct http_request	*req = arg;
	struct webhook_test	*in = api_input(req);

	in->out = NULL;
	(void)webhook_call_judge(r, &in->verdict);
	in->status = r->answer.status;
	in->ms = r->ms;
	api_work_done(req);
}

/* The client left; what came of it is nobody's to read. */
static void
webhook_test_cancel(void *arg)
{
	struct webhook_test	*in = arg;

	outbound_cancel(in->out);
	in->out = NULL;
}

static int
webhook_test_answered(struct http_request *req)
{
	struct webhook_test	*in = api_input(req);
	bool			 is_ok = in->verdict.kind == VERDICT_OK;
	struct buf		 body;
	int			 ret;

	if (!api_worked(req, &ret))
		return (ret);
	buf_init(&body, 4096);
	buf_printf(&body, "{\"ok\":%s,\"ms\":%d,\"status\":",
	    is_ok ? "true" : "false", in->ms);
	if (in->status > 0)
		buf_printf(&body, "%d", in->status);
	else
		buf_str(&body, "null");
	buf_str(&body, ",\"error\":");
	if (is_ok)
		buf_str(&body, "null");
	else
		buf_json(&body, in->verdict.reason,
		    strlen(in->verdict.reason));
	buf_char(&body, '}');
	return (api_reply(req, 200, &body));
}

static void
webhook_test_leave(void *input)
{
	struct webhook_test	*in = input;

	outbound_cancel(in->out);
	if (in->has_call)
		webhook_call_clear(&in->call);
}
