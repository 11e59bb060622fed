/*
 * bearer - see bearer.h.
 */
#include "bearer.h"

#include "api.h"
#include "clock.h"
#include "platform.h"

static int	bearer_refuse(struct http_request *req, enum problem p,
		    const struct session_view *view);
static enum err	bearer_rows(const struct db_result *res, void *target);

int
bearer_check(struct http_request *req)
{
	struct bearer	*b = api_input(req);
	int		 ret;

	if (!bearer_token(req, &b->claims, &ret))
		return (ret);
	return (api_next(req));
}

int
bearer_ask(struct http_request *req)
{
	struct bearer		*b = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, &b->claims.sid);
	db_uuid(&p, &b->claims.app);
	return (api_ask(req, SQL_SESSION_CHECK, &p, bearer_rows, &b->view));
}

int
bearer_got(struct http_request *req)
{
	struct bearer	*b = api_input(req);
	int		 ret;

	if (!api_got(req, &ret) ||
	    !bearer_judge(req, &b->claims, &b->view, &ret))
		return (ret);
	return (api_next(req));
}

bool
bearer_token(struct http_request *req, struct token_claims *claims, int *ret)
{
	const char	*token;
	size_t		 len;
	bool		 is_ours;
	enum err	 e;

	if ((token = api_bearer(req, &len)) == NULL) {
		*ret = api_fail(req, PROBLEM_TOKEN_MISSING);
		return (false);
	}
	e = token_access_verify(platform_token_keys(), token, len,
	    clock_us() / US_PER_S, claims);
	is_ours = uuid_cmp(&claims->app, &api_caller(req)->app) == 0;
	if (e == ERR_OK && is_ours)
		return (true);
	if (e == ERR_CRYPTO)
		*ret = api_fail(req, PROBLEM_INTERNAL);
	else if (e == ERR_EXPIRED && is_ours)
		*ret = api_fail(req, PROBLEM_TOKEN_EXPIRED);
	else
		*ret = bearer_refuse(req, PROBLEM_TOKEN_INVALID, NULL);
	return (false);
}

bool
bearer_judge(struct http_request *req, const struct token_claims *claims,
    const struct session_view *view, int *ret)
{
	bool	may_be = view->is_found && view->user.is_active;

	if (may_be && !view->is_revoked &&
	    uuid_cmp(&view->user.id, &claims->sub) == 0 &&
	    view->session.expires_us > clock_us() && view->is_assigned)
		return (true);
	*ret = bearer_refuse(req, may_be && !view->is_assigned ?
	    PROBLEM_NOT_ASSIGNED : PROBLEM_SESSION_REVOKED, view);
	return (false);
}

static int
bearer_refuse(struct http_request *req, enum problem p,
    const struct session_view *view)
{
	api_refused(req, AUDIT_SESSION_REFUSED, problem_code(p),
	    view != NULL && view->is_found ? &view->user.id : NULL);
	return (api_fail(req, p));
}

static enum err
bearer_rows(const struct db_result *res, void *target)
{
	return (session_store_view(res, target));
}
