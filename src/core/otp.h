/*
 * otp - one-time codes of a few digits, and what is stored of them.
 * Ref: security.md 3.3.
 */
#ifndef OTP_H
#define OTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"
#include "uuid.h"

#define OTP_DIGITS_MIN	6
#define OTP_DIGITS_MAX	8
#define OTP_MAC_LEN	SHA256_LEN

enum otp_channel { OTP_NONE, OTP_SMS, OTP_EMAIL };

/* Over what a person can be told a code. */
struct otp_reach {
	bool	has_mobile, has_email;	/* the person */
	bool	can_sms, can_email;	/* the installation, to this person */
	bool	email_fallback;		/* e-mail where no text message can */
};

/* The database's name of a channel; NULL for OTP_NONE. */
const char	*otp_channel_name(enum otp_channel c);
/*
 * The channel to use: |asked|, or with OTP_NONE a text message if the person
 * has a mobile number, else e-mail.  OTP_NONE: there is no way.
 */
enum otp_channel otp_channel_choose(const struct otp_reach *r,
		    enum otp_channel asked);

/* |digits| (6..8) uniformly random digits and a NUL; the caller wipes. */
void		otp_make(int digits, char out[OTP_DIGITS_MAX + 1]);
/*
 * HMAC-SHA-256 of id and code: a code is good for the thing it was made for
 * alone.  |id| is the challenge's or the reset's.  ERR_FORMAT (not 1..8
 * characters), ERR_CRYPTO.
 */
enum err	otp_mac(struct hmac_key *k, const struct uuid *id,
		    const char *code, size_t len, uint8_t out[OTP_MAC_LEN])
		    MUSTCHECK;

#endif
