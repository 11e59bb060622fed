/*
 * console_provider - what delivers codes: documents of providers, and a test
 * message through one.  Secrets go in and never come out.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "clock.h"
#include "console_doc.h"
#include "console_guard.h"
#include "deliver_set.h"
#include "form.h"
#include "generation.h"
#include "mx.h"
#include "outbound.h"
#include "platform.h"
#include "probe.h"
#include "provider_store.h"
#include "provider_view.h"
#include "routes.h"
#include "str.h"

#define PROVIDER_LIST_MAX	(2 * 1024 * 1024)
#define PROVIDER_NAME_BYTES	(PROVIDER_NAME_MAX * 4)
#define PROVIDER_TEXT_MAX	1000

/* What the stored ones are read into; in the request's own memory. */
struct provider_input {
	char			 name[PROVIDER_NAME_BYTES + 1];
	struct deliver_set	*set;		/* as stored */
	int64_t			 version;	/* of the one by name */
	struct buf		 json;		/* all of them, as shown */
	struct provider		*saved;
	struct provider_save	 save;
	bool			 is_looking;	/* domains are looked up */
	char			 missing[CARRIER_DOMAIN_MAX + 1];

	struct probe_ask	 ask;		/* of a test */
	char			 to[EMAIL_MAX_LEN + 1];
	char			 text[PROVIDER_TEXT_MAX + 1];
	char			 carrier[65];
	char			 reason[64], outcome[32];
	int			 retry_s;
	struct probe		 probe;
	bool			 has_probe;
	struct outbound		*out;
	struct buf		 answer;
};

static int	provider_ask(struct http_request *req);
static int	provider_shown(struct http_request *req);
static int	provider_put_ask(struct http_request *req);
static int	provider_put_got(struct http_request *req);
static int	provider_put_looked(struct http_request *req);
static int	provider_put_saved(struct http_request *req);
static int	provider_look(struct http_request *req);
static void	provider_looked(void *arg, const struct mx_result *r,
		    size_t n);
static void	provider_look_cancel(void *arg);
static int	provider_delete_ask(struct http_request *req);
static int	provider_test_ask(struct http_request *req);
static int	provider_test_got(struct http_request *req);
static int	provider_test_may(struct http_request *req);
static int	provider_test_answered(struct http_request *req);
static int	provider_test_written(struct http_request *req);
static bool	provider_test_to(struct http_request *req, int *ret);
static void	provider_test_result(void *arg,
		    const struct outbound_result *r);
static void	provider_test_cancel(void *arg);
static bool	provider_path(struct http_request *req, int *ret);
static void	provider_input_clear(void *arg);
static enum err	provider_rows(const struct db_result *res, void *target);
static enum err	provider_rows_may(const struct db_result *res, void *target);
static int	provider_send_all(struct http_request *req, const char *name);

#define PROVIDER_ROUTE(id, allowed, ...)				\
	CONSOLE_ROUTE(id, allowed, sizeof(struct provider_input),	\
	    provider_input_clear, __VA_ARGS__)

PROVIDER_ROUTE(provider_get, API_GET, KORE_HTTP_STATE(provider_ask),
    KORE_HTTP_STATE(provider_shown));
PROVIDER_ROUTE(provider_put, API_PUT, KORE_HTTP_STATE(provider_put_ask),
    KORE_HTTP_STATE(provider_put_got), KORE_HTTP_STATE(provider_put_looked),
    KORE_HTTP_STATE(provider_put_saved));
PROVIDER_ROUTE(provider_delete, API_DELETE,
    KORE_HTTP_STATE(provider_delete_ask), KORE_HTTP_STATE(console_doc_got));
PROVIDER_ROUTE(provider_test, API_POST, KORE_HTTP_STATE(provider_test_ask),
    KORE_HTTP_STATE(provider_test_got), KORE_HTTP_STATE(provider_test_may),
    KORE_HTTP_STATE(provider_test_answered),
    KORE_HTTP_STATE(provider_test_written));

static const struct api_route *const	provider_one[] = {
	&provider_get_route, &provider_put_route, &provider_delete_route,
};

/* GET /setup/api/providers */
int
console_providers(struct http_request *req)
{
	return (api_run(req, &provider_get_route));
}

/* GET, PUT, DELETE /setup/api/providers/NAME */
int
console_provider(struct http_request *req)
{
	return (api_run_method(req, provider_one, COUNT(provider_one)));
}

/* POST /setup/api/providers/NAME/test */
int
console_provider_test(struct http_request *req)
{
	return (api_run(req, &provider_test_route));
}

/* ---- showing ------------------------------------------------------------- */

static int
provider_ask(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	int			 ret;

	if (strcmp(api_path(req), "/setup/api/providers") == 0)
		return (provider_send_all(req, NULL));
	if (!provider_path(req, &ret))
		return (ret);
	return (provider_send_all(req, in->name));
}

static int
provider_shown(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	struct buf		 body;
	char			 etag[32];
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (in->name[0] == '\0') {
		buf_init(&body, PROVIDER_LIST_MAX);
		buf_str(&body, "{\"data\":[");
		buf_add(&body, in->json.data != NULL ? in->json.data : "",
		    in->json.len);
		buf_str(&body, "]}");
		return (api_reply(req, 200, &body));
	}
	if (in->json.len == 0)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	if (str_printf(etag, sizeof(etag), "\"%lld\"",
	    (long long)in->version) == ERR_OK)
		api_set_header(req, "etag", etag);
	return (api_reply(req, 200, &in->json));
}

/* The name in the path, decoded; a '+' there is a '+' (RFC 3986). */
static bool
provider_path(struct http_request *req, int *ret)
{
	struct provider_input	*in = api_input(req);
	const struct form_pair	*pair;
	struct form		 form;
	struct buf		 b;
	char			 part[PROVIDER_NAME_BYTES * 3 + 1];
	const char		*p;
	bool			 ok;

	if (!console_path_text(req, 1, part, sizeof(part), ret))
		return (false);
	buf_init(&b, sizeof(part) * 3);
	buf_str(&b, "n=");
	for (p = part; *p != '\0'; p++) {
		if (*p == '+' || *p == '&' || *p == '=')
			buf_printf(&b, "%%%02X", (unsigned int)*p);
		else
			buf_char(&b, *p);
	}
	ok = buf_err(&b) == ERR_OK &&
	    form_parse(b.data, b.len, &form) == ERR_OK &&
	    (pair = form_find(&form, "n")) != NULL &&
	    str_copy(in->name, sizeof(in->name), pair->value,
	    pair->value_len) == ERR_OK;
	buf_clear(&b);
	if (!ok)
		*ret = api_fail(req, PROBLEM_NOT_FOUND);
	return (ok);
}

/* |name| NULL: all of them. */
static int
provider_send_all(struct http_request *req, const char *name)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_text(&p, name);
	return (api_ask(req, SQL_PROVIDER_ALL, &p, provider_rows,
	    api_input(req)));
}

static enum err
provider_rows(const struct db_result *res, void *target)
{
	struct provider_input	*in = target;
	struct db_row		 row;
	enum err		 r;
	int			 i, k;

	if ((r = deliver_set_make(res, platform_sealer(), &in->set)) != ERR_OK)
		return (r);
	buf_init(&in->json, PROVIDER_LIST_MAX);
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		in->version = db_row_i64(&row, "version");
		k = deliver_set_find(in->set, db_row_str(&row, "name", NULL));
		if (k < 0 || row.err != ERR_OK)
			continue;
		if (in->json.len > 0)
			buf_char(&in->json, ',');
		provider_view_json(in->set->p[k].p,
		    db_row_str(&row, "about", NULL), &in->json);
	}
	return (buf_err(&in->json));
}

/* ---- saving -------------------------------------------------------------- */

static int
provider_put_ask(struct http_request *req)
{
	int	ret;

	/* Read now: a body that is none is told before anything else. */
	if (api_json(req, &ret) == NULL)
		return (ret);
	return (provider_ask(req));
}

static int
provider_put_got(struct http_request *req)
{
	struct provider_input		*in = api_input(req);
	struct provider_errors		 errs;
	struct provider_parse_args	 a = { .doc = NULL };
	struct buf			 list;
	json_t				*doc;
	enum err			 e;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	memset(&errs, 0, sizeof(errs));
	if (in->set->n > 0) {
		a.old = in->set->p[0].p;
		in->save.id = in->set->id[0];
		in->save.has_version = true;
		if (!console_if_match(req, &in->save.version, &ret))
			return (ret);
	} else
		uuid_make(&in->save.id);
	/* Owned by the request, and not changed. */
	doc = (json_t *)(uintptr_t)api_json(req, &ret);
	a.doc = doc;
	a.allow = &platform_settings()->egress_allow;
	if (doc != NULL && json_object_get(doc, "name") == NULL)
		(void)json_object_set_new(doc, "name",
		    json_string(in->name));
	e = provider_parse(&a, &in->saved, &errs);
	if (e == ERR_OK && !str_caseeq(in->saved->name, in->name))
		return (api_fail_field(req, "name",
		    "The name is another one than in the path."));
	if (e == ERR_FORMAT) {
		buf_init(&list, PROVIDER_LIST_MAX);
		buf_str(&list, ",\"errors\":");
		provider_errors_json(&errs, &list);
		ret = api_fail_with(req, PROBLEM_INVALID_PARAMETER, NULL,
		    buf_err(&list) == ERR_OK ? list.data : NULL);
		buf_clear(&list);
		return (ret);
	}
	if (e != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	return (provider_look(req));
}

/* A carrier's domain that is none is told now; the rest once a day (mx.h). */
static int
provider_look(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	const char		*domains[CARRIERS_MAX];
	size_t			 n = mx_own_domains(in->saved, domains);

	/* Busy: then it is only told later. */
	if (n == 0 || mx_start(domains, n, provider_looked, req) != ERR_OK)
		return (api_next(req));
	in->is_looking = true;
	return (api_work(req, provider_look_cancel, req));
}

static void
provider_looked(void *arg, const struct mx_result *r, size_t n)
{
	struct http_request	*req = arg;
	struct provider_input	*in = api_input(req);
	size_t			 i;

	for (i = 0; i < n && in->missing[0] == '\0'; i++) {
		if (r[i].is == MAIL_DOMAIN_NONE)
			memcpy(in->missing, r[i].domain,
			    sizeof(in->missing));
	}
	api_work_done(req);
}

static void
provider_look_cancel(void *arg)
{
	mx_forget(arg);
}

static int
provider_put_looked(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 why[CARRIER_DOMAIN_MAX + 64];
	enum err		 e;
	int			 ret;

	if (in->is_looking && !api_worked(req, &ret))
		return (ret);
	if (in->missing[0] != '\0' && str_printf(why, sizeof(why),
	    "There is no domain %s.", in->missing) == ERR_OK)
		return (api_fail_field(req, "carriers", why));
	in->save.p = in->saved;
	in->save.sealer = platform_sealer();
	if ((e = provider_store_save_params(&p, &in->save)) != ERR_OK) {
		db_params_clear(&p);
		return (api_fail_retry(req, problem_of_err(e), 1));
	}
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_PROVIDER_SAVE, &p));
}

static int
provider_put_saved(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	const char		*outcome;
	struct buf		 body;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "ok") != 0 && strcmp(outcome, "created") != 0)
		return (console_doc_reply(req));
	/* Before the answer: the very next message goes by it. */
	generation_bump_all(platform_generations());
	buf_init(&body, PROVIDER_LIST_MAX);
	provider_view_json(in->saved, console_doc_body(req), &body);
	return (api_reply(req, outcome[0] == 'c' ? 201 : 200, &body));
}

static int
provider_delete_ask(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int64_t			 version;
	int			 ret;

	if (!provider_path(req, &ret) ||
	    !console_if_match(req, &version, &ret))
		return (ret);
	db_text(&p, in->name);
	db_i64(&p, version);
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_PROVIDER_DELETE, &p));
}

/* ---- testing ------------------------------------------------------------- */

static int
provider_test_ask(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	const json_t		*doc, *text;
	int			 ret;

	if (!provider_path(req, &ret) ||
	    (doc = api_json(req, &ret)) == NULL)
		return (ret);
	text = json_object_get(doc, "text");
	if (text != NULL && (!json_is_string(text) ||
	    str_copy(in->text, sizeof(in->text), json_string_value(text),
	    json_string_length(text)) != ERR_OK))
		return (api_fail_field(req, "text",
		    "Send at most 1000 bytes of text."));
	/* All of them: a carrier's gateway needs its mail server. */
	return (provider_send_all(req, NULL));
}

static int
provider_test_got(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 masked[CONTACT_MASK_LEN + 1];
	int			 ret, i;

	if (!api_got(req, &ret))
		return (ret);
	if ((i = deliver_set_find(in->set, in->name)) < 0)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	in->ask.set = in->set;
	in->ask.provider = (size_t)i;
	if (!provider_test_to(req, &ret))
		return (ret);
	uuid_make(&in->ask.id);
	contact_mask(in->to, masked);
	db_uuid(&p, &in->set->id[i]);
	db_uuid(&p, &in->ask.id);
	db_text(&p, in->to[0] == '+' ? "sms" : "email");
	db_text(&p, in->to);
	db_text(&p, masked);
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_PROVIDER_TEST_BEGIN, &p, provider_rows_may,
	    in));
}

static bool
provider_test_to(struct http_request *req, int *ret)
{
	struct provider_input	*in = api_input(req);
	const struct provider	*p = in->set->p[in->ask.provider].p;
	const char		*to;
	int			 none;

	to = json_string_value(json_object_get(api_json(req, &none), "to"));
	if (to != NULL && probe_to(p, to,
	    platform_values()->default_country_code, in->to) == ERR_OK)
		return (true);
	*ret = api_fail_field(req, "to", provider_is_sms(p) ?
	    "Send a mobile number." : "Send an e-mail address.");
	return (false);
}

static enum err
provider_rows_may(const struct db_result *res, void *target)
{
	struct provider_input	*in = target;
	struct db_row		 row = db_row_at(res, 0);

	db_row_text(&row, "outcome", in->outcome, sizeof(in->outcome));
	db_row_text(&row, "reason", in->reason, sizeof(in->reason));
	db_row_text(&row, "carrier", in->carrier, sizeof(in->carrier));
	in->retry_s = (int)db_row_i64(&row, "retry_after_s");
	return (row.err);
}

static int
provider_test_may(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	char			 detail[160];
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (strcmp(in->outcome, "rate_limited") == 0)
		return (api_fail_retry(req, PROBLEM_RATE_LIMITED,
		    in->retry_s));
	if (strcmp(in->outcome, "ok") != 0) {
		if (str_printf(detail, sizeof(detail), "The ceiling of text "
		    "messages refuses it: %s.", in->reason) != ERR_OK)
			detail[0] = '\0';
		return (api_fail_field(req, "to", detail));
	}
	in->ask.to = in->to;
	in->ask.carrier = in->carrier;
	in->ask.text = in->text[0] != '\0' ? in->text : NULL;
	in->ask.brand = platform_values()->brand_name;
	in->ask.host = platform_message_host();
	buf_init(&in->answer, PROBE_JSON_MAX);
	in->has_probe = true;
	if (!probe_make(&in->probe, &in->ask)) {
		probe_json(&in->probe, NULL, &in->answer);
		return (api_next(req));
	}
	if (outbound_start(&in->probe.work.call, provider_test_result, req,
	    &in->out) != ERR_OK)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	return (api_work(req, provider_test_cancel, in));
}

static void
provider_test_result(void *arg, const struct outbound_result *r)
{
	struct http_request	*req = arg;
	struct provider_input	*in = api_input(req);

	in->out = NULL;
	probe_judge(&in->probe, r);
	probe_json(&in->probe, r, &in->answer);
	api_work_done(req);
}

/* The client left; what came of it is nobody's to read. */
static void
provider_test_cancel(void *arg)
{
	struct provider_input	*in = arg;

	outbound_cancel(in->out);
	in->out = NULL;
}

/* Also where nothing was sent: then there was nothing to wait for. */
static int
provider_test_answered(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	const struct verdict	*v = &in->probe.verdict;
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!api_worked(req, &ret))
		return (ret);
	db_uuid(&p, &in->ask.id);
	db_uuid(&p, &in->set->id[in->ask.provider]);
	db_bool(&p, v->kind == VERDICT_OK);
	db_text_opt(&p, v->reason);
	db_text_opt(&p, v->ref);
	if (v->has_cost)
		db_i64(&p, v->cost);
	else
		db_null(&p);
	return (api_ask(req, SQL_PROVIDER_TEST_END, &p, NULL, NULL));
}

static int
provider_test_written(struct http_request *req)
{
	struct provider_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	return (api_reply(req, 200, &in->answer));
}

static void
provider_input_clear(void *arg)
{
	struct provider_input	*in = arg;

	outbound_cancel(in->out);
	if (in->has_probe)
		probe_clear(&in->probe);
	provider_free(in->saved);
	deliver_set_put(in->set);
	buf_clear(&in->json);
	buf_clear(&in->answer);
}

/* ---- carriers ------------------------------------------------------------ */
