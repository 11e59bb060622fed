/*
 * console_doc - see console_doc.h.
 */
#include "console_doc.h"

#include <string.h>

#include "api.h"
#include "console_ctx.h"
#include "generation.h"
#include "headers.h"
#include "log.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

/* A list of 200 long rows is a tenth of this. */
#define DOC_BODY_MAX	(8 * 1024 * 1024)

static enum err	doc_rows(const struct db_result *res, void *target);
static int	doc_fail(struct http_request *req,
		    const struct console_answer *a);
static int	doc_body(struct http_request *req,
		    const struct console_answer *a, int status);

int
console_doc_ask(struct http_request *req, enum sql_id q, struct db_params *p)
{
	struct console_ctx	*c = console_ctx(req);

	if (c == NULL) {
		db_params_clear(p);
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	}
	if (c->answer.body != NULL)
		mem_free_secret(c->answer.body, c->answer.len);
	memset(&c->answer, 0, sizeof(c->answer));
	return (api_ask(req, q, p, doc_rows, &c->answer));
}

int
console_doc_got(struct http_request *req)
{
	int	ret;

	if (console_doc_wait(req, &ret) == NULL)
		return (ret);
	return (console_doc_reply(req));
}

const char *
console_doc_wait(struct http_request *req, int *ret)
{
	struct console_answer	*a = &console_ctx(req)->answer;

	return (api_got(req, ret) ? a->outcome : NULL);
}

int
console_doc_reply(struct http_request *req)
{
	const struct console_answer	*a = &console_ctx(req)->answer;
	bool				 is_ok, is_made, is_done;

	is_ok = strcmp(a->outcome, "ok") == 0;
	is_made = strcmp(a->outcome, "created") == 0;
	is_done = strcmp(a->outcome, "done") == 0;
	if (!is_ok && !is_made && !is_done)
		return (doc_fail(req, a));
	/* Before the answer: the very next call sees the change. */
	if (api_method(req) != API_GET)
		generation_bump_all(platform_generations());
	if (is_done)
		return (api_reply_bytes(req, 204, NULL, NULL, 0));
	return (doc_body(req, a, is_made ? 201 : 200));
}

void
console_doc_add(struct http_request *req, const char *name,
    const char *value)
{
	struct console_answer	*a = &console_ctx(req)->answer;
	struct buf		 out;
	char			*body;

	if (a->len < 3 || a->body[a->len - 1] != '}')
		return;			/* a refusal: nothing to add to */
	buf_init(&out, DOC_BODY_MAX);
	buf_add(&out, a->body, a->len - 1);
	buf_printf(&out, ", \"%s\": ", name);
	buf_json(&out, value, strlen(value));
	buf_char(&out, '}');
	body = buf_err(&out) == ERR_OK ? mem_dup(out.data, out.len) : NULL;
	mem_free_secret(a->body, a->len);
	a->body = body;			/* NULL: an internal error */
	a->len = body != NULL ? out.len : 0;
	buf_clear(&out);
}

const char *
console_doc_body(struct http_request *req)
{
	const struct console_answer	*a = &console_ctx(req)->answer;

	return (a->body != NULL ? a->body : "");
}

static int
doc_body(struct http_request *req, const struct console_answer *a, int status)
{
	char	tag[32];

	if (a->body == NULL)
		return (api_fail(req, PROBLEM_INTERNAL));
	if (!a->has_version || str_printf(tag, sizeof(tag), "\"%lld\"",
	    (long long)a->version) != ERR_OK)
		return (api_reply_bytes(req, status, HEADERS_JSON, a->body,
		    a->len));
	if (api_method(req) == API_GET)
		return (api_reply_tagged(req, tag, HEADERS_JSON, a->body,
		    a->len));
	api_set_header(req, "etag", tag);
	return (api_reply_bytes(req, status, HEADERS_JSON, a->body, a->len));
}

/* The database knows codes of problem.def, and nothing of statuses. */
static int
doc_fail(struct http_request *req, const struct console_answer *a)
{
	enum problem	p = problem_of_code(a->outcome);
	struct buf	extra;
	int		r;

	if (strcmp(a->outcome, "invalid") == 0)
		p = PROBLEM_INVALID_PARAMETER;
	if (p == PROBLEM_NONE) {
		log_msg(LOG_LEVEL_ERROR, "statement answered with \"%s\"",
		    a->outcome);
		return (api_fail(req, PROBLEM_INTERNAL));
	}
	buf_init(&extra, 24576);
	if (a->len > 1 && a->body[0] == '[') {
		buf_str(&extra, ",\"errors\":");
		buf_add(&extra, a->body, a->len);
	} else if (a->len > 2 && a->body[0] == '{') {
		buf_char(&extra, ',');
		buf_add(&extra, a->body + 1, a->len - 2);
	}
	r = api_fail_with(req, p, NULL,
	    buf_err(&extra) == ERR_OK ? extra.data : NULL);
	buf_clear(&extra);
	return (r);
}

static enum err
doc_rows(const struct db_result *res, void *target)
{
	static const char	 none[] = "not_found";
	struct console_answer	*a = target;
	struct db_row		 r;
	const char		*body;
	size_t			 len;

	if (db_result_rows(res) == 0) {
		memcpy(a->outcome, none, sizeof(none));
		return (ERR_OK);
	}
	r = db_row_at(res, 0);
	/* A function of one row that found none. */
	if (db_row_is_null(&r, "outcome")) {
		memcpy(a->outcome, none, sizeof(none));
		return (r.err);
	}
	db_row_text(&r, "outcome", a->outcome, sizeof(a->outcome));
	a->has_version = !db_row_is_null(&r, "version");
	if (a->has_version)
		a->version = db_row_i64(&r, "version");
	body = db_row_str(&r, "body", &len);
	if (r.err != ERR_OK || body == NULL)
		return (r.err);
	if (len > DOC_BODY_MAX)
		return (ERR_SPACE);
	if ((a->body = mem_dup(body, len)) == NULL)
		return (ERR_NOMEM);
	a->len = len;
	return (ERR_OK);
}
