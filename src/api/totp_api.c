/*
 * totp_api - POST /auth/mfa/totp and /auth/mfa/totp/confirm: a person enrols an
 * authenticator app, from the person's own session.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "own_session.h"
#include "routes.h"
#include "totp_enrol.h"

struct totp_input {
	char			code[FACTOR_CODE_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	struct own_session	own;
	struct totp_enrol	enrol;
};

static int	totp_begin_parse(struct http_request *req);
static int	totp_session_ask(struct http_request *req);
static int	totp_begin_ask(struct http_request *req);
static int	totp_begin_got(struct http_request *req);
static int	totp_confirm_parse(struct http_request *req);
static int	totp_look_ask(struct http_request *req);
static int	totp_confirm_ask(struct http_request *req);
static int	totp_confirm_got(struct http_request *req);

#define TOTP_CLIENT_FIELDS						\
	DECODE_F(totp_input, client_ip, "v_client_ip", false,		\
	    "Send an IPv4 or IPv6 address."),				\
	DECODE_F(totp_input, client_user_agent, "v_client_user_agent",	\
	    false, "Send at most 255 characters of text.")

static const struct decode_field totp_begin_fields[] = {
	TOTP_CLIENT_FIELDS,
};

static const struct decode_field totp_confirm_fields[] = {
	FACTOR_CODE_F(totp_input, true),
	TOTP_CLIENT_FIELDS,
};

static struct http_state totp_begin_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(totp_begin_parse),
	KORE_HTTP_STATE(totp_session_ask),
	KORE_HTTP_STATE(totp_begin_ask),
	KORE_HTTP_STATE(totp_begin_got),
};

static struct http_state totp_confirm_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(totp_confirm_parse),
	KORE_HTTP_STATE(totp_session_ask),
	KORE_HTTP_STATE(totp_look_ask),
	KORE_HTTP_STATE(totp_confirm_ask),
	KORE_HTTP_STATE(totp_confirm_got),
};

static const struct api_route totp_begin_route = {
	.name = "totp_begin", .methods = API_POST,
	.states = totp_begin_states, .n_states = COUNT(totp_begin_states),
	.fields = totp_begin_fields, .n_fields = COUNT(totp_begin_fields),
	.input_size = sizeof(struct totp_input),
};

static const struct api_route totp_confirm_route = {
	.name = "totp_confirm", .methods = API_POST,
	.states = totp_confirm_states, .n_states = COUNT(totp_confirm_states),
	.fields = totp_confirm_fields,
	.n_fields = COUNT(totp_confirm_fields),
	.input_size = sizeof(struct totp_input),
};

/* ---- POST /auth/mfa/totp.  Guard: key, session.  200 | 401 | 403 | 409. -- */

int
api_totp_begin(struct http_request *req)
{
	return (api_run(req, &totp_begin_route));
}

static int
totp_begin_parse(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	return (own_session_parse(req, &in->own, &ret) ? api_next(req) : ret);
}

static int
totp_session_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);

	return (own_session_ask(req, &in->own));
}

static int
totp_begin_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	return (totp_enrol_begin(req, &in->enrol, &in->own.claims.sid,
	    &in->own.claims.sub));
}

static int
totp_begin_got(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	const struct user	*u = &in->own.view.user;

	return (totp_enrol_begun(req, &in->enrol, u->email[0] != '\0' ?
	    u->email : u->mobile_number[0] != '\0' ? u->mobile_number :
	    u->name));
}

/* ---- POST /auth/mfa/totp/confirm.  Guard: key, session.
 * 200 | 401 | 403 | 409 | 422. --------------------------------------------- */

int
api_totp_confirm(struct http_request *req)
{
	return (api_run(req, &totp_confirm_route));
}

static int
totp_confirm_parse(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!own_session_parse(req, &in->own, &ret) ||
	    !second_factor_read(req, in->code, &in->enrol.typed, &ret))
		return (ret);
	return (api_next(req));
}

static int
totp_look_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	int			 ret;

	if (!own_session_got(req, &in->own, &ret))
		return (ret);
	return (totp_enrol_look(req, &in->enrol, &in->own.claims.sub));
}

static int
totp_confirm_ask(struct http_request *req)
{
	struct totp_input	*in = api_input(req);

	return (totp_enrol_confirm(req, &in->enrol, &in->own.claims.sid,
	    &in->own.claims.sub));
}

static int
totp_confirm_got(struct http_request *req)
{
	struct totp_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!totp_enrol_confirmed(req, &in->enrol, &in->own.claims.sub, &ret))
		return (ret);
	buf_init(&body, 128);
	buf_printf(&body, "{\"enabled\":true,\"recovery_codes_left\":%d}",
	    (int)in->enrol.proof.recovery_left);
	return (api_reply(req, 200, &body));
}
