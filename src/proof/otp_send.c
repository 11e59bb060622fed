/*
 * otp_send - see otp_send.h.
 */
#include "otp_send.h"

#include <string.h>

#include "api.h"
#include "deliver.h"
#include "platform.h"
#include "str.h"

static const char	*otp_send_for(struct http_request *req);

enum err
otp_send_make(struct http_request *req, const struct otp_person *who,
    enum otp_channel asked, struct otp_code *out)
{
	const struct platform_values	*v = platform_values();
	struct otp_reach		 reach = who->reach;
	const char			*to;
	char				 ttl[16];
	enum err			 r;
	const struct message_var	 vars[] = {
		{ "code", out->code }, { "ttl_s", ttl },
		{ "app_name", otp_send_for(req) },
	};
	const struct message		 m = {
		.template = MESSAGE_SIGN_IN_CODE,
		.vars = vars, .n_vars = COUNT(vars),
	};

	memset(out, 0, sizeof(*out));
	if (platform_settings()->dev_otp)
		reach.can_sms = reach.can_email = true;
	out->channel = otp_channel_choose(&reach, asked);
	if (out->channel == OTP_NONE)
		return (ERR_OK);
	to = out->channel == OTP_SMS ? who->mobile_number : who->email;
	uuid_make(&out->id);
	uuid_make(&out->outbox);
	otp_make(v->otp_length, out->code);
	if ((r = str_copy(out->destination, sizeof(out->destination), to,
	    strlen(to))) != ERR_OK ||
	    (r = str_printf(ttl, sizeof(ttl), "%d", v->otp_ttl_s)) != ERR_OK ||
	    (r = otp_mac(platform_otp_key(), &out->id, out->code,
	    strlen(out->code), out->mac)) != ERR_OK)
		return (r);
	return (message_seal(platform_sealer(), &out->outbox, &m, out->payload,
	    &out->payload_len));
}

struct otp_limits
otp_send_limits(void)
{
	const struct platform_values	*v = platform_values();
	const struct otp_limits		 l = {
		.ttl_s = v->otp_ttl_s,
		.attempts = v->otp_attempts,
		.resend_s = v->otp_resend_s,
		.window_max = v->otp_window_max,
		.day_max = v->otp_day_max,
		.address_max = v->otp_address_max,
	};

	return (l);
}

enum err
otp_send_rows(const struct db_result *res, void *target)
{
	struct otp_sent	*sent = target;
	enum err	 e;

	e = otp_store_sent(res, sent);
	otp_send_ring(sent);
	return (e);
}

void
otp_send_ring(const struct otp_sent *sent)
{
	if (strcmp(sent->outcome, "sent") == 0)
		deliver_ring();
}

void
otp_send_json(const struct uuid *challenge, const char *channel,
    const char *destination, int64_t expires_in_s, struct buf *out)
{
	char	id[UUID_TEXT_LEN + 1], masked[CONTACT_MASK_LEN + 1];

	uuid_format(challenge, id);
	contact_mask(destination, masked);
	buf_printf(out, "\"challenge_id\":\"%s\",\"channel\":\"%s\","
	    "\"destination\":", id, channel);
	buf_json(out, masked, strlen(masked));
	buf_printf(out, ",\"expires_in\":%lld", (long long)expires_in_s);
}

void
otp_send_dev_json(const struct otp_code *c, struct buf *out)
{
	if (platform_settings()->dev_otp && c->channel != OTP_NONE)
		buf_printf(out, ",\"dev_code\":\"%s\"", c->code);
}

enum problem
otp_send_problem(const char *outcome)
{
	if (strcmp(outcome, "otp_cooldown") == 0)
		return (PROBLEM_OTP_COOLDOWN);
	if (strcmp(outcome, "delivery_unavailable") == 0)
		return (PROBLEM_NO_DELIVERY);
	return (PROBLEM_OTP_LIMIT);
}

enum err
otp_send_notice(struct http_request *req, const char *template,
    const char *email, const char *mobile, struct otp_notice *out)
{
	const struct message_var	vars[] = {
		{ "app_name", otp_send_for(req) },
	};
	const struct message		m = {
		.template = template, .vars = vars, .n_vars = COUNT(vars),
	};

	memset(out, 0, sizeof(*out));
	if (email[0] != '\0') {
		out->channel = OTP_EMAIL;
		out->destination = email;
	} else if (mobile[0] != '\0') {
		out->channel = OTP_SMS;
		out->destination = mobile;
	} else
		return (ERR_OK);
	uuid_make(&out->id);
	return (message_seal(platform_sealer(), &out->id, &m, out->payload,
	    &out->payload_len));
}

/* What the person signs in to. */
static const char *
otp_send_for(struct http_request *req)
{
	return (api_app(req) != NULL ? api_caller(req)->app_name :
	    platform_values()->brand_name);
}
