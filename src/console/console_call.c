/*
 * console_call - see console_call.h.
 */
#include "console_call.h"

#include <string.h>

#include "audit_store.h"
#include "console_doc.h"
#include "console_guard.h"
#include "console_sign_in.h"
#include "str.h"

#define CALL_METHODS_MAX	5
#define CALL_LIMIT		50
#define CALL_LIMIT_MAX		200
#define CALL_QUERY_LEN		254
#define CALL_PART_LEN		128

static int	call_ask(struct http_request *req);
static bool	call_path(struct http_request *req, unsigned int takes,
		    struct db_params *p, int *ret);
static bool	call_list(struct http_request *req, struct db_params *p,
		    int *ret);

struct http_state console_call_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(call_ask),
	KORE_HTTP_STATE(console_doc_got),
};

_Static_assert(sizeof(console_call_states) ==
    CONSOLE_CALL_STATES * sizeof(console_call_states[0]),
    "console_call.h says how many states there are");

int
console_call_run(struct http_request *req, const struct console_call *calls,
    size_t n)
{
	const struct api_route	*routes[CALL_METHODS_MAX];
	size_t			 i;

	for (i = 0; i < n && i < COUNT(routes); i++)
		routes[i] = &calls[i].route;
	return (api_run_method(req, routes, i));
}

bool
console_call_params(struct http_request *req, unsigned int takes,
    struct db_params *p, int *ret)
{
	const struct console_admin	*a = console_admin(req);
	const void			*body;
	size_t				 len;

	if (((takes & CALL_STEP_UP) != 0 && !console_step_up(req, ret)) ||
	    !call_path(req, takes, p, ret))
		goto refused;
	if ((takes & CALL_BODY) != 0) {
		/* Looked at here, read there. */
		if (api_json(req, ret) == NULL ||
		    (body = api_body(req, &len, ret)) == NULL)
			goto refused;
		db_text_len(p, body, len);
	}
	if ((takes & CALL_LIST) != 0 && !call_list(req, p, ret))
		goto refused;
	if ((takes & CALL_PERSON) != 0)
		db_uuid(p, &a->person);
	if ((takes & CALL_ACTOR) != 0) {
		console_sign_in_origin(req);
		db_uuid(p, &a->person);
		audit_store_origin(p, api_origin(req));
	}
	return (true);
refused:
	db_params_clear(p);
	return (false);
}

bool
console_call_limit(struct http_request *req, int32_t *limit, int *ret)
{
	const char	*text = api_query(req, "limit");
	int64_t		 v = CALL_LIMIT;

	if (text != NULL && str_int(text, strlen(text), 1, CALL_LIMIT_MAX,
	    &v) != ERR_OK) {
		*ret = api_fail_field(req, "limit",
		    "Send a whole number from 1 to 200.");
		return (false);
	}
	*limit = (int32_t)v;
	return (true);
}

static int
call_ask(struct http_request *req)
{
	/* The route is the first member of its call. */
	const struct console_call	*call = (const void *)api_route_of(req);
	struct db_params		 p = DB_PARAMS_INIT;
	int				 ret;

	if (!console_call_params(req, call->takes, &p, &ret))
		return (ret);
	return (console_doc_ask(req, call->sql, &p));
}

static bool
call_path(struct http_request *req, unsigned int takes, struct db_params *p,
    int *ret)
{
	struct uuid	id;
	char		part[CALL_PART_LEN + 1];
	int64_t		version;

	if ((takes & CALL_ID) != 0) {
		if (!console_path_uuid(req, 1, &id, ret))
			return (false);
		db_uuid(p, &id);
	}
	if ((takes & CALL_PART) != 0) {
		if (!console_path_text(req, 3, part, sizeof(part), ret))
			return (false);
		db_text(p, part);
	}
	if ((takes & CALL_VERSION) != 0) {
		if (!console_if_match(req, &version, ret))
			return (false);
		db_i64(p, version);
	}
	return (true);
}

static bool
call_list(struct http_request *req, struct db_params *p, int *ret)
{
	const char	*q = api_query(req, "q"), *count;
	int32_t		 limit;

	if (!console_call_limit(req, &limit, ret))
		return (false);
	if (q != NULL && strlen(q) > CALL_QUERY_LEN) {
		*ret = api_fail_field(req, "q", "Send at most 254 bytes.");
		return (false);
	}
	count = api_query(req, "count");
	db_text_opt(p, q != NULL ? q : "");
	db_i32(p, limit);
	db_text(p, api_query(req, "cursor"));
	db_bool(p, count != NULL && (strcmp(count, "1") == 0 ||
	    strcmp(count, "true") == 0));
	return (true);
}
