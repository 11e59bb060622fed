/*
 * reset_api - HTTP face of forgotten passwords: /auth/password/request-reset
 * and /auth/password/reset.  Nobody is signed in here, so a second factor is
 * still asked for at the next sign-in.  Ref: security.md 3.4.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "attempt.h"
#include "audit_store.h"
#include "identify.h"
#include "later.h"
#include "limit.h"
#include "mem.h"
#include "new_password.h"
#include "password_store.h"
#include "platform.h"
#include "reset_token.h"
#include "routes.h"
#include "str.h"

/* A code in a text message lives for ten minutes at most (NIST SP 800-63B-4
 * s.4.2.1.2); which identifier was given decides, so the answer tells
 * nothing. */
#define RESET_CODE_TTL_S	600

struct reset_request_input {
	struct identify_input	who;
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
	struct contact		contact;
	struct reset_wish	wish;
	char			nobody[ATTEMPT_NOBODY_LEN + 1];
	char			token[RESET_TOKEN_LEN + 1];
	char			code[OTP_DIGITS_MAX + 1];
	enum reset_channel	channel;	/* dev codes only */
};

struct reset_input {
	char			recovery_token[256];	/* longer: wrong, not bad */
	char			reset_id[UUID_TEXT_LEN + 1];
	char			code[OTP_DIGITS_MAX + 1];
	char			new_password[PASSWORD_MAX_LEN + 1];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];
	struct attempt		attempt;
	struct reset_proof	proof;
	struct reset_found	found;
	struct password_rule	rule;
	struct password_set	done;
};

static int	reset_request_parse(struct http_request *req);
static int	reset_request_ask(struct http_request *req);
static int	reset_request_got(struct http_request *req);
static enum err	reset_request_make(struct http_request *req,
		    struct reset_request_input *in);
static enum err	reset_request_seal(struct http_request *req,
		    struct reset_request_input *in);
static int	reset_request_reply(struct http_request *req,
		    const char *dev_code);
static enum err	reset_request_rows(const struct db_result *res,
		    void *target);

static int	reset_parse(struct http_request *req);
static int	reset_check_ask(struct http_request *req);
static int	reset_check_got(struct http_request *req);
static int	reset_hash_got(struct http_request *req);
static int	reset_use_got(struct http_request *req);
static bool	reset_read_proof(struct http_request *req,
		    struct reset_input *in, int *ret);
static enum err	reset_rows_check(const struct db_result *res, void *target);
static enum err	reset_rows_use(const struct db_result *res, void *target);

static const struct decode_field reset_request_fields[] = {
	IDENTIFY_FIELDS(reset_request_input, who),
	DECODE_F(reset_request_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(reset_request_input, client_user_agent,
	    "v_client_user_agent", false,
	    "Send at most 255 characters of text."),
};

static struct http_state reset_request_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(reset_request_parse),
	KORE_HTTP_STATE(reset_request_ask),
	KORE_HTTP_STATE(reset_request_got),
};

static const struct api_route reset_request_route = {
	.name = "reset_request", .methods = API_POST,
	.states = reset_request_states,
	.n_states = COUNT(reset_request_states),
	.fields = reset_request_fields,
	.n_fields = COUNT(reset_request_fields),
	.input_size = sizeof(struct reset_request_input),
	.limits = LIMIT_RESET,
};

static const struct decode_field reset_fields[] = {
	DECODE_F(reset_input, recovery_token, "v_token", false,
	    "Send the recovery token as it came by e-mail."),
	DECODE_F(reset_input, reset_id, "v_uuid", false,
	    "Send the reset_id of the request."),
	DECODE_F(reset_input, code, "v_code", false,
	    "Send the digits of the code."),
	DECODE_F(reset_input, new_password, "v_password", true,
	    "Send 1 to 1024 bytes of text."),
	DECODE_F(reset_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(reset_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state reset_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(reset_parse),
	KORE_HTTP_STATE(reset_check_ask),
	KORE_HTTP_STATE(reset_check_got),
	KORE_HTTP_STATE(reset_hash_got),
	KORE_HTTP_STATE(reset_use_got),
};

static const struct api_route reset_route = {
	.name = "reset", .methods = API_POST,
	.states = reset_states, .n_states = COUNT(reset_states),
	.fields = reset_fields, .n_fields = COUNT(reset_fields),
	.input_size = sizeof(struct reset_input),
	.limits = LIMIT_RECOVERY,
};

/* ---- POST /auth/password/request-reset.  Guard: key.  202 | 422. --------- */

int
api_reset_request(struct http_request *req)
{
	return (api_run(req, &reset_request_route));
}

static int
reset_request_parse(struct http_request *req)
{
	struct reset_request_input	*in = api_input(req);
	int				 ret;

	if (!api_decode(req, &ret) ||
	    !identify(req, &in->who, &in->contact, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (reset_request_make(req, in) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	return (api_next(req));
}

/*
 * The statement costs more for somebody than for nobody, so it starts a random
 * moment after the answer: neither this answer's time nor that of the next
 * request says who it was.  With development codes there is no such secret.
 */
static int
reset_request_ask(struct http_request *req)
{
	struct reset_request_input	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	enum err			 e;

	password_store_request(&p, &in->wish, api_origin(req));
	if (in->wish.is_dev)
		return (api_ask(req, SQL_RESET_REQUEST, &p,
		    reset_request_rows, &in->channel));
	if ((e = later_send(SQL_RESET_REQUEST, &p)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	return (reset_request_reply(req, NULL));
}

static int
reset_request_got(struct http_request *req)
{
	struct reset_request_input	*in = api_input(req);
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	switch (in->channel) {
	case RESET_EMAIL:
		return (reset_request_reply(req, in->token));
	case RESET_SMS:
		return (reset_request_reply(req, in->code));
	default:
		return (reset_request_reply(req, NULL));
	}
}

/* Everything that may be needed is made, whoever it is. */
static enum err
reset_request_make(struct http_request *req, struct reset_request_input *in)
{
	const struct platform_values	*v = platform_values();
	struct reset_wish		*w = &in->wish;
	enum err			 r;

	w->who = &in->contact;
	w->app = &api_caller(req)->app;
	w->nobody = in->nobody;
	w->window_max = v->otp_window_max;
	w->day_max = v->otp_day_max;
	w->is_dev = platform_settings()->dev_otp;
	w->ttl_s = v->reset_ttl_s;
	if (in->contact.kind == CONTACT_PHONE && w->ttl_s > RESET_CODE_TTL_S)
		w->ttl_s = RESET_CODE_TTL_S;
	uuid_make(&w->id);
	reset_token_make(in->token, w->token_hash);
	otp_make(v->otp_length, in->code);
	if ((r = attempt_nobody(&in->contact, in->nobody)) != ERR_OK ||
	    (r = otp_mac(platform_otp_key(), &w->id, in->code,
	    strlen(in->code), w->code_mac)) != ERR_OK)
		return (r);
	return (reset_request_seal(req, in));
}

static enum err
reset_request_seal(struct http_request *req, struct reset_request_input *in)
{
	struct reset_wish		*w = &in->wish;
	char				 ttl[16], code_ttl[16];
	const struct message_var	 email[] = {
		{ "token", in->token }, { "ttl_s", ttl },
		{ "app_name", api_caller(req)->app_name },
	};
	const struct message_var	 sms[] = {
		{ "code", in->code }, { "ttl_s", code_ttl },
		{ "app_name", api_caller(req)->app_name },
	};
	const struct message		 by_email = { MESSAGE_RESET_TOKEN,
	    email, COUNT(email) };
	const struct message		 by_sms = { MESSAGE_RESET_CODE, sms,
	    COUNT(sms) };
	enum err			 r;

	uuid_make(&w->by_email.id);
	w->by_sms.id = w->by_email.id;
	/* Whoever asked by an address may get a code all the same. */
	if ((r = str_printf(ttl, sizeof(ttl), "%d", (int)w->ttl_s)) !=
	    ERR_OK || (r = str_printf(code_ttl, sizeof(code_ttl), "%d",
	    (int)MIN(w->ttl_s, RESET_CODE_TTL_S))) != ERR_OK ||
	    (r = message_seal(platform_sealer(), &w->by_email.id, &by_email,
	    w->by_email.payload, &w->by_email.len)) != ERR_OK)
		return (r);
	return (message_seal(platform_sealer(), &w->by_sms.id, &by_sms,
	    w->by_sms.payload, &w->by_sms.len));
}

static int
reset_request_reply(struct http_request *req, const char *dev_code)
{
	struct reset_request_input	*in = api_input(req);
	struct buf			 body;
	char				 id[UUID_TEXT_LEN + 1];

	uuid_format(&in->wish.id, id);
	buf_init(&body, 256);
	buf_printf(&body, "{\"reset_id\":\"%s\",\"expires_in\":%d", id,
	    (int)in->wish.ttl_s);
	if (dev_code != NULL)
		buf_printf(&body, ",\"dev_code\":\"%s\"", dev_code);
	buf_char(&body, '}');
	return (api_reply(req, 202, &body));
}

static enum err
reset_request_rows(const struct db_result *res, void *target)
{
	return (password_store_requested(res, target));
}

/* ---- POST /auth/password/reset.  Guard: key.  200 | 401 | 422 | 429. ----- */

int
api_reset(struct http_request *req)
{
	return (api_run(req, &reset_route));
}

static int
reset_parse(struct http_request *req)
{
	struct reset_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (!reset_read_proof(req, in, &ret))
		return (ret);
	attempt_begin(req, ATTEMPT_RECOVERY, in->client_ip, &in->attempt);
	if (in->attempt.wait_s > 0)
		return (attempt_refuse(req, in->attempt.wait_s, NULL));
	return (api_next(req));
}

static int
reset_check_ask(struct http_request *req)
{
	struct reset_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	password_store_check(&p, &in->proof, &api_caller(req)->app,
	    api_origin(req));
	return (api_ask(req, SQL_RESET_CHECK, &p, reset_rows_check,
	    &in->found));
}

/* No stranger reaches the hashing lanes without a proof. */
static int
reset_check_got(struct http_request *req)
{
	struct reset_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (attempt_left(&in->attempt, ret));
	if (!in->found.is_found)
		return (api_fail(req, PROBLEM_RECOVERY_INVALID));
	attempt_undo(&in->attempt);
	new_password_rule(req, &in->found.user, &in->rule);
	return (api_hash_make(req, &in->rule, in->new_password));
}

static int
reset_hash_got(struct http_request *req)
{
	struct reset_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct outbox_message	 notice;
	const char		*hash;
	int			 ret;

	if (!new_password_got(req, &in->rule, &hash, &ret))
		return (ret);
	mem_wipe(in->new_password, sizeof(in->new_password));
	if (new_password_notice(req, &notice) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	db_uuid(&p, &in->found.id);
	db_text(&p, hash);
	db_uuid(&p, &api_caller(req)->app);
	db_uuid(&p, &notice.id);
	db_bytes(&p, notice.payload, notice.len);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_RESET_USE, &p, reset_rows_use, &in->done));
}

static int
reset_use_got(struct http_request *req)
{
	struct reset_input	*in = api_input(req);
	struct buf		 body;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	/* Used or replaced while the new password was hashed. */
	if (!in->done.is_set)
		return (api_fail(req, PROBLEM_RECOVERY_INVALID));
	generation_bump(platform_generations(), GENERATION_USER,
	    in->done.user.b, sizeof(in->done.user.b));
	buf_init(&body, 64);
	buf_str(&body, "{\"reset\":true}");
	return (api_reply(req, 200, &body));
}

/* A token, or an id with a code; anything that has not even the shape of one
 * is tried all the same: the answer is the same then. */
static bool
reset_read_proof(struct http_request *req, struct reset_input *in, int *ret)
{
	struct reset_proof	*p = &in->proof;
	bool			 is_token = in->recovery_token[0] != '\0';

	if (is_token && (in->reset_id[0] != '\0' || in->code[0] != '\0'))
		*ret = api_fail_field(req, "recovery_token", "Send either "
		    "recovery_token, or reset_id and code.");
	else if (!is_token && in->reset_id[0] == '\0')
		*ret = api_fail_field(req, "recovery_token", "Send "
		    "recovery_token, or reset_id and code.");
	else if (!is_token && in->code[0] == '\0')
		*ret = api_fail_field(req, "code", "This field is required.");
	else if (is_token) {
		p->has_token = reset_token_parse(in->recovery_token,
		    strlen(in->recovery_token), p->token_hash) == ERR_OK;
		return (true);
	} else if (uuid_parse(in->reset_id, UUID_TEXT_LEN, &p->id) != ERR_OK ||
	    otp_mac(platform_otp_key(), &p->id, in->code, strlen(in->code),
	    p->code_mac) != ERR_OK)
		*ret = api_fail(req, PROBLEM_INTERNAL);
	else
		p->has_code = true;
	return (p->has_code);
}

static enum err
reset_rows_check(const struct db_result *res, void *target)
{
	return (password_store_checked(res, target));
}

static enum err
reset_rows_use(const struct db_result *res, void *target)
{
	return (password_store_set(res, target));
}
