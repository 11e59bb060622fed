/*
 * otp_api - POST /auth/otp/request: a code for a person who signs in by it, or
 * another one for a sign-in that waits for its second factor.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "identify.h"
#include "limit.h"
#include "otp_send.h"
#include "platform.h"
#include "routes.h"

struct otp_input {
	struct identify_input	who;
	char			mfa_token[TICKET_LEN + 1];
	char			channel[8];
	char			client_ip[IP_TEXT_LEN + 1];
	char			client_user_agent[USER_AGENT_MAX_LEN + 1];

	bool			is_mfa;
	struct ticket_hash	ticket;
	struct contact		contact;
	enum otp_channel	asked;
	struct otp_person	person;
	struct otp_code		code;
	struct otp_sent		sent;
};

static int	otp_parse(struct http_request *req);
static int	otp_person_ask(struct http_request *req);
static int	otp_person_got(struct http_request *req);
static int	otp_sent_got(struct http_request *req);
static int	otp_refuse(struct http_request *req, enum problem p,
		    int retry_s);
static bool	otp_may(struct http_request *req, int *ret);
static bool	otp_can(struct http_request *req, int *ret);
static int	otp_send(struct http_request *req);
static enum err	otp_rows_person(const struct db_result *res, void *target);

static const struct decode_field otp_fields[] = {
	IDENTIFY_FIELDS(otp_input, who),
	DECODE_F(otp_input, mfa_token, "v_token", false,
	    "Send the mfa_token as the sign-in gave it out."),
	DECODE_F(otp_input, channel, "v_channel", false,
	    "Send sms or email."),
	DECODE_F(otp_input, client_ip, "v_client_ip", false,
	    "Send an IPv4 or IPv6 address."),
	DECODE_F(otp_input, client_user_agent, "v_client_user_agent",
	    false, "Send at most 255 characters of text."),
};

static struct http_state otp_states[] = {
	API_GUARD,
	KORE_HTTP_STATE(otp_parse),
	KORE_HTTP_STATE(otp_person_ask),
	KORE_HTTP_STATE(otp_person_got),
	KORE_HTTP_STATE(otp_sent_got),
};

static const struct api_route otp_route = {
	.name = "otp_request", .methods = API_POST,
	.states = otp_states, .n_states = COUNT(otp_states),
	.fields = otp_fields, .n_fields = COUNT(otp_fields),
	.input_size = sizeof(struct otp_input),
	.limits = LIMIT_SEND,
};

/* POST /auth/otp/request.  Guard: key.
 * 200 | 401 | 403 | 404 | 422 | 429 | 503. */
int
api_otp_request(struct http_request *req)
{
	return (api_run(req, &otp_route));
}

static int
otp_parse(struct http_request *req)
{
	struct otp_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret))
		return (ret);
	api_origin_client(req, in->client_ip, in->client_user_agent);
	if (strcmp(in->channel, "sms") == 0)
		in->asked = OTP_SMS;
	else if (strcmp(in->channel, "email") == 0)
		in->asked = OTP_EMAIL;
	in->is_mfa = in->mfa_token[0] != '\0';
	if (!in->is_mfa)
		return (identify(req, &in->who, &in->contact, &ret) ?
		    api_next(req) : ret);
	if (in->who.identifier[0] != '\0' || in->who.email[0] != '\0' ||
	    in->who.mobile_number[0] != '\0')
		return (api_fail_field(req, "mfa_token",
		    "Send either an identifier or the mfa_token."));
	if (ticket_parse(in->mfa_token, strlen(in->mfa_token), &in->ticket) !=
	    ERR_OK)
		return (api_fail(req, PROBLEM_OTP_EXPIRED));
	return (api_next(req));
}

static int
otp_person_ask(struct http_request *req)
{
	struct otp_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const struct otp_who	 who = {
		.contact = in->is_mfa ? NULL : &in->contact,
		.ticket = in->is_mfa ? &in->ticket : NULL,
	};

	otp_store_person_params(&p, &who, &api_caller(req)->app);
	return (api_ask(req, SQL_OTP_OPTIONS, &p, otp_rows_person,
	    &in->person));
}

static int
otp_person_got(struct http_request *req)
{
	struct otp_input	*in = api_input(req);
	enum err		 e;
	int			 ret;

	if (!api_got(req, &ret) || !otp_may(req, &ret))
		return (ret);
	if ((e = otp_send_make(req, &in->person, in->asked, &in->code)) !=
	    ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	return (otp_can(req, &ret) ? otp_send(req) : ret);
}

/* Is this person to sign in here, and by a code? */
static bool
otp_may(struct http_request *req, int *ret)
{
	struct otp_input		*in = api_input(req);
	const struct otp_person		*who = &in->person;
	enum problem			 p = PROBLEM_NONE;

	if (!who->is_found)
		p = in->is_mfa ? PROBLEM_OTP_EXPIRED : PROBLEM_USER_NOT_FOUND;
	else if (!who->is_assigned)
		p = PROBLEM_NOT_ASSIGNED;
	else if (!who->is_active)
		p = PROBLEM_USER_DISABLED;
	else if (who->mfa_enabled && !in->is_mfa)
		/* A code proves one thing that the person has.  Two factors
		 * begin with the password (NIST SP 800-63B-4 s.2.2.1). */
		p = PROBLEM_PASSWORD_REQUIRED;
	if (p == PROBLEM_NONE)
		return (true);
	*ret = otp_refuse(req, p, 0);
	return (false);
}

/* Is there a way to send it? */
static bool
otp_can(struct http_request *req, int *ret)
{
	struct otp_input		*in = api_input(req);
	const struct otp_reach		*r = &in->person.reach;

	if (in->code.channel != OTP_NONE)
		return (true);
	if (in->asked == OTP_SMS && !r->has_mobile && r->has_email)
		*ret = api_fail_field(req, "channel",
		    "This person has no mobile number.");
	else if (in->asked == OTP_EMAIL && !r->has_email && r->has_mobile)
		*ret = api_fail_field(req, "channel",
		    "This person has no e-mail address.");
	else
		*ret = otp_refuse(req, PROBLEM_NO_DELIVERY, 60);
	return (false);
}

static int
otp_send(struct http_request *req)
{
	struct otp_input	*in = api_input(req);
	struct otp_limits	 limits = otp_send_limits();
	struct db_params	 p = DB_PARAMS_INIT;

	otp_store_send_params(&p, &in->person.user, &api_caller(req)->app,
	    &in->code, &limits);
	audit_store_origin(&p, api_origin(req));
	if (in->is_mfa)
		db_bytes(&p, in->ticket.b, sizeof(in->ticket.b));
	return (api_ask(req, in->is_mfa ? SQL_MFA_RESEND : SQL_OTP_REQUEST,
	    &p, otp_send_rows, &in->sent));
}

static int
otp_sent_got(struct http_request *req)
{
	struct otp_input		*in = api_input(req);
	const struct platform_values	*v = platform_values();
	struct buf			 body;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->sent.is_found)		/* used up meanwhile */
		return (otp_refuse(req, PROBLEM_OTP_EXPIRED, 0));
	if (strcmp(in->sent.outcome, "sent") != 0)
		return (otp_refuse(req, otp_send_problem(in->sent.outcome),
		    (int)in->sent.retry_after_s));
	buf_init(&body, 4096);
	buf_char(&body, '{');
	otp_send_json(&in->code.id, otp_channel_name(in->code.channel),
	    in->code.destination, v->otp_ttl_s, &body);
	buf_printf(&body, ",\"retry_after\":%d", v->otp_resend_s);
	otp_send_dev_json(&in->code, &body);
	buf_char(&body, '}');
	limit_left(req, "otp-resend", 0, v->otp_resend_s);
	return (api_reply(req, 200, &body));
}

static int
otp_refuse(struct http_request *req, enum problem p, int retry_s)
{
	struct otp_input	*in = api_input(req);

	api_refused(req, AUDIT_OTP_REFUSED, problem_code(p),
	    in->person.is_found ? &in->person.user : NULL);
	return (api_fail_retry(req, p, retry_s));
}

static enum err
otp_rows_person(const struct db_result *res, void *target)
{
	return (otp_store_person(res, target));
}
