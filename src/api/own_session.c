/*
 * own_session - see own_session.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "clock.h"
#include "own_session.h"
#include "platform.h"

static int	own_session_token_failed(struct http_request *req,
		    const struct own_session *s, enum err e);
static int	own_session_refuse(struct http_request *req,
		    const struct own_session *s, enum problem p);
static enum err	own_session_rows(const struct db_result *res, void *target);

bool
own_session_parse(struct http_request *req, struct own_session *s, int *ret)
{
	const char	*token;
	size_t		 len;
	enum err	 e;

	if ((token = api_bearer(req, &len)) == NULL) {
		*ret = api_fail(req, PROBLEM_TOKEN_MISSING);
		return (false);
	}
	e = token_access_verify(platform_token_keys(), token, len,
	    clock_us() / US_PER_S, &s->claims);
	if (e != ERR_OK)
		*ret = own_session_token_failed(req, s, e);
	else if (uuid_cmp(&s->claims.app, &api_caller(req)->app) != 0)
		*ret = own_session_refuse(req, s, PROBLEM_TOKEN_INVALID);
	else
		return (true);
	return (false);
}

int
own_session_ask(struct http_request *req, struct own_session *s)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_uuid(&p, &s->claims.sid);
	db_uuid(&p, &s->claims.app);
	return (api_ask(req, SQL_SESSION_CHECK, &p, own_session_rows,
	    &s->view));
}

bool
own_session_got(struct http_request *req, struct own_session *s, int *ret)
{
	const struct session_view	*v = &s->view;

	if (!api_got(req, ret))
		return (false);
	if (!v->is_found || v->is_revoked || !v->user.is_active ||
	    uuid_cmp(&v->user.id, &s->claims.sub) != 0 ||
	    v->session.expires_us <= clock_us())
		*ret = own_session_refuse(req, s, v->is_found &&
		    !v->is_assigned && v->user.is_active ?
		    PROBLEM_NOT_ASSIGNED : PROBLEM_SESSION_REVOKED);
	else if (!v->is_assigned)
		*ret = own_session_refuse(req, s, PROBLEM_NOT_ASSIGNED);
	else
		return (true);
	return (false);
}

int
own_session_check(struct http_request *req)
{
	int	ret;

	if (!own_session_parse(req, api_input(req), &ret))
		return (ret);
	return (api_next(req));
}

int
own_session_look(struct http_request *req)
{
	return (own_session_ask(req, api_input(req)));
}

int
own_session_judge(struct http_request *req)
{
	int	ret;

	if (!own_session_got(req, api_input(req), &ret))
		return (ret);
	return (api_next(req));
}

static int
own_session_token_failed(struct http_request *req,
    const struct own_session *s, enum err e)
{
	if (e == ERR_EXPIRED &&
	    uuid_cmp(&s->claims.app, &api_caller(req)->app) == 0)
		return (api_fail(req, PROBLEM_TOKEN_EXPIRED));
	if (e == ERR_CRYPTO)
		return (api_fail(req, PROBLEM_INTERNAL));
	return (own_session_refuse(req, s, PROBLEM_TOKEN_INVALID));
}

static int
own_session_refuse(struct http_request *req, const struct own_session *s,
    enum problem p)
{
	api_refused(req, AUDIT_SESSION_REFUSED, problem_code(p),
	    s->view.is_found ? &s->view.user.id : NULL);
	return (api_fail(req, p));
}

static enum err
own_session_rows(const struct db_result *res, void *target)
{
	return (session_store_view(res, target));
}
