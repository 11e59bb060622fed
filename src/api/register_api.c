/*
 * register_api - POST /auth/register: is this person in the directory and
 * assigned to the calling application?
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "audit_store.h"
#include "identify.h"
#include "routes.h"
#include "user_store.h"

struct register_input {
	struct identify_input	who;
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[256];
	struct contact		contact;
	struct user_found	found;
};

static int	register_parse(struct http_request *req);
static int	register_ask(struct http_request *req);
static int	register_got(struct http_request *req);
static enum err	register_rows(const struct db_result *res, void *target);

static const struct decode_field register_fields[] = {
	IDENTIFY_FIELDS(register_input, who),
	DECODE_F(register_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(register_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state register_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(register_parse),
	KORE_HTTP_STATE(register_ask),
	KORE_HTTP_STATE(register_got),
};

static const struct api_route register_route = {
	.name = "register", .methods = API_POST,
	.states = register_states, .n_states = COUNT(register_states),
	.fields = register_fields, .n_fields = COUNT(register_fields),
	.input_size = sizeof(struct register_input),
};

/* POST /auth/register.  Guard: key.  200 | 403 | 404 | 422. */
int
api_register(struct http_request *req)
{
	return (api_run(req, &register_route));
}

static int
register_parse(struct http_request *req)
{
	struct register_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret) ||
	    !identify(req, &in->who, &in->contact, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	return (api_next(req));
}

static int
register_ask(struct http_request *req)
{
	struct register_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_text(&p, in->contact.kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(&p, in->contact.text);
	db_uuid(&p, &api_caller(req)->app);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_REGISTER_CHECK, &p, register_rows,
	    &in->found));
}

static int
register_got(struct http_request *req)
{
	struct register_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->found.is_found)
		return (api_fail(req, PROBLEM_USER_NOT_FOUND));
	if (!in->found.is_assigned)
		return (api_fail(req, PROBLEM_NOT_ASSIGNED));
	if (!in->found.user.is_active)
		return (api_fail(req, PROBLEM_USER_DISABLED));
	buf_init(&body, 8192);
	buf_str(&body, "{\"registered\":true,\"user\":");
	user_json(&in->found.user, &body);
	buf_char(&body, '}');
	return (api_reply(req, 200, &body));
}

static enum err
register_rows(const struct db_result *res, void *target)
{
	return (user_store_found(res, target));
}
