/*
 * refresh_api - POST /auth/token/refresh.  One statement decides and does all
 * of it; here is only what it is given and how its verdict is told.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "platform.h"
#include "refresh_store.h"
#include "routes.h"
#include "token.h"
#include "tokens_reply.h"

struct refresh_input {
	char			refresh_token[TOKEN_REFRESH_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	char			successor[TOKEN_REFRESH_LEN + 1];
	struct refresh_rotated	rotated;
};

static int	refresh_parse(struct http_request *req);
static int	refresh_ask(struct http_request *req);
static int	refresh_got(struct http_request *req);
static enum problem	refresh_problem(const char *verdict);
static enum err	refresh_rows(const struct db_result *res, void *target);

static const struct decode_field refresh_fields[] = {
	DECODE_F(refresh_input, refresh_token, "v_token", true,
	    "Send the refresh token as it was given out."),
	DECODE_F(refresh_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(refresh_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state refresh_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(refresh_parse),
	KORE_HTTP_STATE(refresh_ask),
	KORE_HTTP_STATE(refresh_got),
};

static const struct api_route refresh_route = {
	.name = "refresh", .methods = API_POST,
	.states = refresh_states, .n_states = COUNT(refresh_states),
	.fields = refresh_fields, .n_fields = COUNT(refresh_fields),
	.input_size = sizeof(struct refresh_input),
};

/* POST /auth/token/refresh.  Guard: key.  200 | 401 | 403 | 422. */
int
api_refresh(struct http_request *req)
{
	return (api_run(req, &refresh_route));
}

static int
refresh_parse(struct http_request *req)
{
	struct refresh_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	return (api_next(req));
}

static int
refresh_ask(struct http_request *req)
{
	struct refresh_input		*in = api_input(req);
	const struct platform_values	*v = platform_values();
	struct db_params		 p = DB_PARAMS_INIT;
	struct token_hash		 old, next;
	const struct refresh_spending	 s = {
		.token = &old,
		.successor = &next,
		.app = &api_caller(req)->app,
		.session_ttl_s = v->session_ttl_s,
		.refresh_ttl_s = v->refresh_ttl_s,
		.grace_s = v->refresh_grace_s,
	};

	if (token_refresh_parse(in->refresh_token, strlen(in->refresh_token),
	    &old) != ERR_OK) {
		api_refused(req, AUDIT_REFRESH_REFUSED,
		    problem_code(PROBLEM_REFRESH_INVALID), NULL);
		return (api_fail(req, PROBLEM_REFRESH_INVALID));
	}
	if (token_refresh_next(platform_refresh_key(), in->refresh_token,
	    in->successor, &next) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	refresh_store_rotate_params(&p, &s, api_origin(req));
	return (api_ask(req, SQL_REFRESH_ROTATE, &p, refresh_rows,
	    &in->rotated));
}

static int
refresh_got(struct http_request *req)
{
	struct refresh_input		*in = api_input(req);
	const struct refresh_rotated	*r = &in->rotated;
	enum problem			 p;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	p = refresh_problem(r->verdict);
	/* Ended, or its end was moved: what is remembered of it is old. */
	if (p == PROBLEM_NONE || r->is_ended)
		generation_bump(platform_generations(), GENERATION_SESSION,
		    r->sid.b, sizeof(r->sid.b));
	if (p == PROBLEM_NONE)
		return (tokens_reply(req, &r->view, in->successor));
	/* The end of a family has its row already, from the statement. */
	if (!r->is_ended)
		api_refused(req, AUDIT_REFRESH_REFUSED, problem_code(p),
		    r->has_user ? &r->user : NULL);
	return (api_fail(req, p));
}

/* The statement speaks in the codes of problem.def. */
static enum problem
refresh_problem(const char *verdict)
{
	static const enum problem	all[] = {
		PROBLEM_REFRESH_INVALID, PROBLEM_REFRESH_EXPIRED,
		PROBLEM_REFRESH_REUSED, PROBLEM_USER_DISABLED,
		PROBLEM_NOT_ASSIGNED
	};
	size_t				i;

	if (strcmp(verdict, "ok") == 0)
		return (PROBLEM_NONE);
	for (i = 0; i < COUNT(all); i++) {
		if (strcmp(verdict, problem_code(all[i])) == 0)
			return (all[i]);
	}
	return (PROBLEM_INTERNAL);
}

static enum err
refresh_rows(const struct db_result *res, void *target)
{
	return (refresh_store_rotated(res, target));
}
