/*
 * otp - see otp.h.
 */
#include "otp.h"

#include <string.h>

#include "mem.h"
#include "rnd.h"

void
otp_make(int digits, char out[OTP_DIGITS_MAX + 1])
{
	int	i;

	if (digits < OTP_DIGITS_MIN)
		digits = OTP_DIGITS_MIN;
	if (digits > OTP_DIGITS_MAX)
		digits = OTP_DIGITS_MAX;
	for (i = 0; i < digits; i++)
		out[i] = (char)('0' + rnd_below(10));
	out[digits] = '\0';
}

const char *
otp_channel_name(enum otp_channel c)
{
	switch (c) {
	case OTP_SMS:
		return ("sms");
	case OTP_EMAIL:
		return ("email");
	default:
		return (NULL);
	}
}

enum otp_channel
otp_channel_choose(const struct otp_reach *r, enum otp_channel asked)
{
	bool	sms = r->has_mobile && r->can_sms;
	bool	email = r->has_email && r->can_email;

	if (asked == OTP_SMS)
		return (sms ? OTP_SMS : OTP_NONE);
	if (asked == OTP_EMAIL)
		return (email ? OTP_EMAIL : OTP_NONE);
	if (sms)
		return (OTP_SMS);
	if (email && (!r->has_mobile || r->email_fallback))
		return (OTP_EMAIL);
	return (OTP_NONE);
}

enum err
otp_mac(struct hmac_key *k, const struct uuid *id, const char *code,
    size_t len, uint8_t out[OTP_MAC_LEN])
{
	uint8_t		text[sizeof(id->b) + OTP_DIGITS_MAX];
	enum err	r;

	if (len == 0 || len > OTP_DIGITS_MAX)
		return (ERR_FORMAT);
	memcpy(text, id->b, sizeof(id->b));
	memcpy(text + sizeof(id->b), code, len);
	r = hmac_sha256(k, text, sizeof(id->b) + len, out);
	mem_wipe(text, sizeof(text));
	return (r);
}
