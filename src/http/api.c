/*
 * api - see api.h.  This file: the life of a request and what it waits for.
 * Reading it is in api_request.c, answering it in api_reply.c.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "api_chunk.h"
#include "api_ctx.h"
#include "api_stream.h"
#include "clock.h"
#include "mem.h"
#include "str.h"

static struct api_ctx	*api_ctx_new(struct http_request *req,
			    const struct api_route *route);
static void		 api_free(struct http_request *req);
static int		 api_bad_method(struct api_ctx *c,
			    unsigned int methods);
static void		 api_db_done(void *arg, enum err e,
			    const struct db_result *res,
			    const char *constraint);
static void		 api_hash_done(void *arg,
			    const struct hash_answer *a);
static int		 api_hash_asked(struct http_request *req, enum err e);

/* Requests with a context in this worker. */
static int	api_n;

int
api_run(struct http_request *req, const struct api_route *route)
{
	struct api_ctx	*c;

	if (http_state_exists(req))
		c = api_ctx(req);
	else if ((c = api_ctx_new(req, route)) == NULL)
		return (KORE_RESULT_ERROR);	/* no memory: drop the caller */
	else if ((api_method(req) & route->methods) == 0)
		return (api_bad_method(c, route->methods));
	return (http_state_run(c->route->states, c->route->n_states, req));
}

int
api_run_method(struct http_request *req,
    const struct api_route *const *routes, size_t n)
{
	struct api_ctx	*c;
	unsigned int	 methods = 0;
	size_t		 i;

	if (http_state_exists(req))
		return (api_run(req, routes[0]));	/* the one it began with */
	for (i = 0; i < n; i++) {
		if ((api_method(req) & routes[i]->methods) != 0)
			return (api_run(req, routes[i]));
		methods |= routes[i]->methods;
	}
	if ((c = api_ctx_new(req, routes[0])) == NULL)
		return (KORE_RESULT_ERROR);
	return (api_bad_method(c, methods));
}

int
api_next(struct http_request *req)
{
	return (api_skip(req, 0));
}

int
api_skip(struct http_request *req, int n)
{
	req->fsm_state = (u_int8_t)(req->fsm_state + 1 + n);
	return (HTTP_STATE_CONTINUE);
}

int
api_sleep(struct http_request *req)
{
	http_request_sleep(req);
	return (HTTP_STATE_RETRY);
}

void
api_wake(struct http_request *req)
{
	http_request_wakeup(req);
}

int
api_busy(void)
{
	return (api_n);
}

/* ---- the database ------------------------------------------------------- */

int
api_ask(struct http_request *req, enum sql_id q, struct db_params *p,
    api_rows_fn rows, void *target)
{
	enum err	e;

	if ((e = api_ask_try(req, q, p, rows, target)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	return (api_next(req));
}

enum err
api_ask_try(struct http_request *req, enum sql_id q, struct db_params *p,
    api_rows_fn rows, void *target)
{
	struct api_ctx	*c = api_ctx(req);
	enum err	 e;

	c->rows = rows;
	c->target = target;
	c->constraint[0] = '\0';
	if ((e = db_send(q, p, api_db_done, c, &c->query)) != ERR_OK)
		return (e);
	c->wait = API_WAIT_DB;
	http_request_sleep(req);
	return (ERR_OK);
}

bool
api_got(struct http_request *req, int *ret)
{
	const char	*constraint;
	enum err	 e;

	if (!api_got_err(req, ret, &e, &constraint))
		return (false);
	if (e == ERR_OK)
		return (true);
	*ret = api_fail_retry(req, problem_of_err(e), 1);
	return (false);
}

bool
api_got_err(struct http_request *req, int *ret, enum err *e,
    const char **constraint)
{
	struct api_ctx	*c = api_ctx(req);

	if (c->wait == API_WAIT_DB) {
		*ret = api_sleep(req);
		return (false);
	}
	c->wait = API_IDLE;
	*e = c->err;
	*constraint = c->constraint;
	return (true);
}

static void
api_db_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct api_ctx	*c = arg;

	c->query = NULL;
	if (e == ERR_OK && c->rows != NULL)
		e = c->rows(res, c->target);
	c->err = e;
	if (str_copy(c->constraint, sizeof(c->constraint), constraint,
	    strlen(constraint)) != ERR_OK)
		c->constraint[0] = '\0';
	c->wait = API_DONE;
	http_request_wakeup(c->req);
}

/* ---- passwords ---------------------------------------------------------- */

int
api_hash_verify(struct http_request *req, const char *hash, const char *pw)
{
	struct api_ctx		*c = api_ctx(req);
	const struct hash_ask	 a = {
		.pw = pw, .len = strlen(pw), .hash = hash,
		.done = api_hash_done, .arg = c,
	};

	return (api_hash_asked(req, hash_lane_verify(&a, &c->job)));
}

int
api_hash_make(struct http_request *req, const struct password_rule *rule,
    const char *pw)
{
	struct api_ctx		*c = api_ctx(req);
	const struct hash_ask	 a = {
		.pw = pw, .len = strlen(pw), .rule = rule,
		.done = api_hash_done, .arg = c,
	};

	return (api_hash_asked(req, hash_lane_make(&a, &c->job)));
}

bool
api_hashed(struct http_request *req, int *ret, enum err *e,
    const char **made)
{
	struct api_ctx	*c = api_ctx(req);

	if (c->wait == API_WAIT_HASH) {
		*ret = api_sleep(req);
		return (false);
	}
	c->wait = API_IDLE;
	if (c->err != ERR_OK && c->err != ERR_SIGNATURE) {
		*ret = api_fail_retry(req, problem_of_err(c->err),
		    hash_lane_retry_s());
		return (false);
	}
	*e = c->err;
	*made = c->made[0] != '\0' ? c->made : NULL;
	return (true);
}

enum password_fault
api_hash_fault(struct http_request *req)
{
	return (api_ctx(req)->fault);
}

int
api_work(struct http_request *req, void (*cancel)(void *arg), void *arg)
{
	struct api_ctx	*c = api_ctx(req);

	c->wait = API_WAIT_WORK;
	c->cancel = cancel;
	c->cancel_arg = arg;
	http_request_sleep(req);
	return (api_next(req));
}

void
api_work_done(struct http_request *req)
{
	api_ctx(req)->wait = API_DONE;
	http_request_wakeup(req);
}

bool
api_worked(struct http_request *req, int *ret)
{
	struct api_ctx	*c = api_ctx(req);

	if (c->wait == API_WAIT_WORK) {
		http_request_sleep(req);
		*ret = HTTP_STATE_RETRY;
		return (false);
	}
	c->wait = API_IDLE;
	return (true);
}

int
api_lane(struct http_request *req, hash_work_fn work, const void *p,
    size_t len)
{
	struct api_ctx		*c = api_ctx(req);
	const struct hash_ask	 a = {
		.pw = p, .len = len, .work = work,
		.done = api_hash_done, .arg = c,
	};

	return (api_hash_asked(req, hash_lane_work(&a, &c->job)));
}

bool
api_laned(struct http_request *req, int *ret, enum err *e,
    const struct buf **made)
{
	struct api_ctx	*c = api_ctx(req);

	if (c->wait == API_WAIT_HASH) {
		http_request_sleep(req);
		*ret = HTTP_STATE_RETRY;
		return (false);
	}
	c->wait = API_IDLE;
	if (c->err == ERR_TIMEOUT || c->err == ERR_NOMEM) {
		*ret = api_fail_retry(req, problem_of_err(c->err),
		    hash_lane_retry_s());
		return (false);
	}
	*e = c->err;
	*made = &c->work;
	return (true);
}

static int
api_hash_asked(struct http_request *req, enum err e)
{
	struct api_ctx	*c = api_ctx(req);

	if (e != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e),
		    hash_lane_retry_s()));
	c->wait = API_WAIT_HASH;
	http_request_sleep(req);
	return (api_next(req));
}

static void
api_hash_done(void *arg, const struct hash_answer *a)
{
	struct api_ctx	*c = arg;

	c->job = NULL;
	c->err = a->err;
	c->fault = a->fault;
	buf_clear(&c->work);
	c->work = *a->made;		/* taken over */
	buf_init(a->made, 0);
	/* A verification brings a hash only when the old one has aged. */
	if (a->err != ERR_OK || str_copy(c->made, sizeof(c->made), a->hash,
	    strlen(a->hash)) != ERR_OK)
		c->made[0] = '\0';
	c->wait = API_DONE;
	http_request_wakeup(c->req);
}

/* ---- the context -------------------------------------------------------- */

struct api_ctx *
api_ctx(struct http_request *req)
{
	struct api_ctx	**p = http_state_get(req);

	return (*p);
}

void *
api_input(struct http_request *req)
{
	return (api_ctx(req)->input);
}

const struct api_route *
api_route_of(struct http_request *req)
{
	return (api_ctx(req)->route);
}

void *
api_share(struct http_request *req, size_t size, void (*clear)(void *))
{
	struct api_ctx	*c = api_ctx(req);

	if (c->shared == NULL && (c->shared = mem_new(size)) != NULL) {
		c->shared_size = size;
		c->shared_clear = clear;
	}
	return (c->shared);
}

static struct api_ctx *
api_ctx_new(struct http_request *req, const struct api_route *route)
{
	struct api_ctx	*c, **p;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return (NULL);
	if (route->input_size > 0 &&
	    (c->input = mem_new(route->input_size)) == NULL) {
		mem_free(c);
		return (NULL);
	}
	c->req = req;
	c->route = route;
	c->start_us = clock_mono_us();
	p = http_state_create(req, sizeof(c), api_free);
	*p = c;
	api_n++;
	api_ctx_origin_init(c);
	return (c);
}

/*
 * Kore is done with the request: answered, or its client left.  May be called
 * more than once (http.c:429).  What is under way goes on without us.
 */
static void
api_free(struct http_request *req)
{
	struct api_ctx	**p = http_state_get(req);
	struct api_ctx	*c;

	if (p == NULL || (c = *p) == NULL)
		return;
	*p = NULL;
	api_n--;
	if (c->route->leave != NULL && c->input != NULL)
		c->route->leave(c->input);
	db_cancel(c->query);
	hash_lane_cancel(c->job);
	if (c->wait == API_WAIT_WORK)
		c->cancel(c->cancel_arg);
	api_stream_free(c->stream);
	api_chunk_free(c->chunks);
	if (req->http_body != NULL)
		mem_wipe(req->http_body->data, req->http_body->length);
	mem_free_secret(c->input, c->route->input_size);
	if (c->query_text != NULL)
		mem_free_secret(c->query_text, strlen(c->query_text));
	mem_free(c->query_form);
	json_decref(c->json);
	buf_clear(&c->work);
	if (c->shared != NULL && c->shared_clear != NULL)
		c->shared_clear(c->shared);
	mem_free_secret(c->shared, c->shared_size);
	guard_state_clear(&c->guard);
	mem_free_secret(c, sizeof(*c));
}

static int
api_bad_method(struct api_ctx *c, unsigned int methods)
{
	static const struct {
		unsigned int	 bit;
		const char	*name;
	}		 names[] = {
		{ API_GET, "GET, HEAD" }, { API_POST, "POST" },
		{ API_PUT, "PUT" }, { API_PATCH, "PATCH" },
		{ API_DELETE, "DELETE" }
	};
	struct buf	 allow;
	size_t		 i;

	buf_init(&allow, 64);
	for (i = 0; i < COUNT(names); i++) {
		if ((methods & names[i].bit) == 0)
			continue;
		if (allow.len > 0)
			buf_str(&allow, ", ");
		buf_str(&allow, names[i].name);
	}
	if (buf_err(&allow) == ERR_OK)
		api_set_header(c->req, "allow", allow.data);
	buf_clear(&allow);
	(void)api_fail(c->req, PROBLEM_METHOD_NOT_ALLOWED);
	return (KORE_RESULT_OK);
}
