/*
 * sessions_api - a person's own sessions at the calling application: which
 * there are, and the end of one.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "own_session.h"
#include "platform.h"
#include "routes.h"
#include "session_store.h"

#define SESSION_END_PATH	"/auth/sessions/"

struct sessions_input {
	struct own_session	own;		/* first: API_OWN_SESSION */
	struct session_list	list;
};

struct session_end_input {
	struct own_session	own;		/* first: API_OWN_SESSION */
	struct uuid		target;
	bool			is_ended;
};

static int	sessions_ask(struct http_request *req);
static int	sessions_got(struct http_request *req);
static enum err	sessions_rows(const struct db_result *res, void *target);
static int	session_end_ask(struct http_request *req);
static int	session_end_got(struct http_request *req);
static enum err	session_end_rows(const struct db_result *res, void *target);

static struct http_state sessions_states[] = {
	API_GUARD,
	API_OWN_SESSION,
	KORE_HTTP_STATE(sessions_ask),
	KORE_HTTP_STATE(sessions_got),
};

static const struct api_route sessions_route = {
	.name = "sessions", .methods = API_GET,
	.states = sessions_states, .n_states = COUNT(sessions_states),
	.input_size = sizeof(struct sessions_input),
};

static struct http_state session_end_states[] = {
	API_GUARD,
	API_OWN_SESSION,
	KORE_HTTP_STATE(session_end_ask),
	KORE_HTTP_STATE(session_end_got),
};

static const struct api_route session_end_route = {
	.name = "session_end", .methods = API_DELETE,
	.states = session_end_states, .n_states = COUNT(session_end_states),
	.input_size = sizeof(struct session_end_input),
};

/* ---- GET /auth/sessions.  Guard: key, token.  200 | 401 | 403. ----------- */

int
api_sessions(struct http_request *req)
{
	return (api_run(req, &sessions_route));
}

static int
sessions_ask(struct http_request *req)
{
	struct sessions_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &in->own.claims.sub);
	db_uuid(&p, &in->own.claims.app);
	db_i32(&p, SESSION_LIST_MAX);
	return (api_ask(req, SQL_SESSION_LIST, &p, sessions_rows, &in->list));
}

static int
sessions_got(struct http_request *req)
{
	struct sessions_input		*in = api_input(req);
	const struct session_list	*l = &in->list;
	const struct session		*s;
	struct buf			 b;
	size_t				 i;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	buf_init(&b, SESSION_LIST_MAX * 4096);
	buf_str(&b, "{\"sessions\":[");
	for (i = 0; i < l->n; i++) {
		s = &l->v[i];
		if (i > 0)
			buf_char(&b, ',');
		session_json_current(s, uuid_cmp(&s->id,
		    &in->own.claims.sid) == 0, &b);
	}
	buf_printf(&b, "],\"total\":%lld}", (long long)l->total);
	return (api_reply(req, 200, &b));
}

static enum err
sessions_rows(const struct db_result *res, void *target)
{
	return (session_store_list(res, target));
}

/* ---- DELETE /auth/sessions/{id}.  Guard: key, token.  200, 401, 403, 404. */

int
api_session_end(struct http_request *req)
{
	return (api_run(req, &session_end_route));
}

static int
session_end_ask(struct http_request *req)
{
	struct session_end_input	*in = api_input(req);
	const char			*id = api_path(req) +
	    sizeof(SESSION_END_PATH) - 1;	/* the route's own beginning */
	struct db_params		 p = DB_PARAMS_INIT;

	if (uuid_parse(id, strlen(id), &in->target) != ERR_OK)
		return (api_fail(req, PROBLEM_SESSION_NOT_FOUND));
	db_uuid(&p, &in->target);
	db_uuid(&p, &in->own.claims.sid);
	db_uuid(&p, &in->own.claims.sub);
	db_uuid(&p, &in->own.claims.app);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_SESSION_END, &p, session_end_rows,
	    &in->is_ended));
}

static int
session_end_got(struct http_request *req)
{
	struct session_end_input	*in = api_input(req);
	struct buf			 b;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_ended)
		return (api_fail(req, PROBLEM_SESSION_NOT_FOUND));
	generation_bump(platform_generations(), GENERATION_SESSION,
	    in->target.b, sizeof(in->target.b));
	buf_init(&b, 64);
	buf_str(&b, "{\"revoked\":1}");
	return (api_reply(req, 200, &b));
}

static enum err
session_end_rows(const struct db_result *res, void *target)
{
	bool	*is_ended = target;

	*is_ended = db_result_rows(res) > 0;
	return (ERR_OK);
}
