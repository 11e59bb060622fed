/*
 * console_guard - see console_guard.h.
 */
#include "console_guard.h"

#include <string.h>

#include "api.h"
#include "clock.h"
#include "console_ctx.h"
#include "mem.h"
#include "str.h"

#define GUARD_PREFIX	"/setup/api/"

static void	guard_clear(void *arg);
static enum err	guard_rows_session(const struct db_result *res,
		    void *target);
static const char	*guard_part(struct http_request *req, int n,
			    size_t *len);

int
console_guard_check(struct http_request *req)
{
	struct console_ctx	*c = console_ctx(req);

	if (c == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	if (!console_is_safe(req))
		return (api_fail(req, PROBLEM_HTTPS_REQUIRED));
	if (console_cookie_read(req, &c->admin.token) != ERR_OK)
		return (api_fail(req, PROBLEM_CONSOLE_SESSION));
	return (api_next(req));
}

int
console_guard_ask(struct http_request *req)
{
	struct console_ctx	*c = console_ctx(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_bytes(&p, c->admin.token.hash, sizeof(c->admin.token.hash));
	return (api_ask(req, SQL_CONSOLE_SESSION_CHECK, &p,
	    guard_rows_session, c));
}

int
console_guard_got(struct http_request *req)
{
	struct console_ctx	*c = console_ctx(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!c->is_found) {
		api_refused(req, AUDIT_CONSOLE_REFUSED,
		    problem_code(PROBLEM_CONSOLE_SESSION), NULL);
		console_cookie_set(req, NULL);
		return (api_fail(req, PROBLEM_CONSOLE_SESSION));
	}
	if (api_method(req) != API_GET &&
	    !console_is_same_origin(req, c->admin.token.csrf)) {
		api_refused(req, AUDIT_CONSOLE_REFUSED,
		    problem_code(PROBLEM_CSRF_FAILED), &c->admin.person);
		return (api_fail(req, PROBLEM_CSRF_FAILED));
	}
	return (api_next(req));
}

const struct console_admin *
console_admin(struct http_request *req)
{
	return (&console_ctx(req)->admin);
}

struct console_ctx *
console_ctx(struct http_request *req)
{
	return (api_share(req, sizeof(struct console_ctx), guard_clear));
}

bool
console_is_same_origin(struct http_request *req, const char *csrf)
{
	const char	*site = api_header(req, "sec-fetch-site"), *v;

	if (site != NULL)
		return (strcmp(site, "same-origin") == 0);
	if (csrf == NULL)
		return (true);
	return ((v = api_header(req, "x-csrf-token")) != NULL &&
	    strlen(v) == strlen(csrf) && mem_eq_ct(v, csrf, strlen(csrf)));
}

bool
console_is_stepped_up(struct http_request *req)
{
	return (console_admin(req)->step_up_us +
	    CONSOLE_STEP_UP_S * US_PER_S > clock_us());
}

bool
console_step_up(struct http_request *req, int *ret)
{
	if (console_is_stepped_up(req))
		return (true);
	*ret = api_fail(req, PROBLEM_STEP_UP);
	return (false);
}

/* Strong tags alone are versions (RFC 9110 s.13.1.1). */
bool
console_if_match(struct http_request *req, int64_t *version, int *ret)
{
	const char	*v = api_header(req, "if-match");
	size_t		 len = v != NULL ? strlen(v) : 0;

	if (v == NULL) {
		*ret = api_fail(req, PROBLEM_IF_MATCH);
		return (false);
	}
	if (len > 2 && v[0] == '"' && v[len - 1] == '"' &&
	    str_int(v + 1, len - 2, 0, INT64_MAX, version) == ERR_OK)
		return (true);
	*ret = api_fail_with(req, PROBLEM_MALFORMED,
	    "Send If-Match as the ETag was given out.", NULL);
	return (false);
}

bool
console_path_uuid(struct http_request *req, int n, struct uuid *out, int *ret)
{
	const char	*part;
	size_t		 len;

	if ((part = guard_part(req, n, &len)) != NULL &&
	    uuid_parse(part, len, out) == ERR_OK)
		return (true);
	*ret = api_fail(req, PROBLEM_NOT_FOUND);
	return (false);
}

bool
console_path_text(struct http_request *req, int n, char *dst, size_t cap,
    int *ret)
{
	const char	*part;
	size_t		 len;

	if ((part = guard_part(req, n, &len)) != NULL && len > 0 &&
	    str_copy(dst, cap, part, len) == ERR_OK)
		return (true);
	*ret = api_fail(req, PROBLEM_NOT_FOUND);
	return (false);
}

static const char *
guard_part(struct http_request *req, int n, size_t *len)
{
	const char	*p = api_path(req);

	if (strncmp(p, GUARD_PREFIX, sizeof(GUARD_PREFIX) - 1) != 0)
		return (NULL);
	p += sizeof(GUARD_PREFIX) - 1;
	for (; n > 0; n--) {
		if ((p = strchr(p, '/')) == NULL)
			return (NULL);
		p++;
	}
	*len = strcspn(p, "/");
	return (p);
}

static void
guard_clear(void *arg)
{
	struct console_ctx	*c = arg;

	if (c->answer.body != NULL)
		mem_free_secret(c->answer.body, c->answer.len);
}

static enum err
guard_rows_session(const struct db_result *res, void *target)
{
	struct console_ctx	*c = target;
	struct db_row		 r;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	c->is_found = true;
	db_row_uuid(&r, "session_id", &c->admin.session);
	db_row_uuid(&r, "person_id", &c->admin.person);
	db_row_text(&r, "name", c->admin.name, sizeof(c->admin.name));
	c->admin.step_up_us = db_row_time(&r, "step_up_at");
	return (r.err);
}
