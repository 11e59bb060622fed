/*
 * second_factor - see second_factor.h.
 */
#include "second_factor.h"

#include <string.h>

#include "api.h"
#include "clock.h"
#include "limit.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

static enum err	second_factor_aad(const struct uuid *user, char out[64]);

bool
second_factor_read(struct http_request *req, const char *typed,
    struct factor_code *out, int *ret)
{
	if (second_factor_typed(typed, out))
		return (true);
	*ret = api_fail_field(req, "code",
	    "Send the digits of a code, or a recovery code.");
	return (false);
}

bool
second_factor_typed(const char *typed, struct factor_code *out)
{
	size_t	n = 0;

	memset(out, 0, sizeof(*out));
	for (; *typed != '\0' && n < SAVED_CODE_LEN; typed++) {
		if (*typed != ' ' && *typed != '-')
			out->text[n++] = *typed;
	}
	out->len = n;
	if (n <= OTP_DIGITS_MAX && n >= OTP_DIGITS_MIN &&
	    strspn(out->text, "0123456789") == n &&
	    typed[strspn(typed, " -")] == '\0')
		return (true);
	out->is_recovery = true;
	return (n == SAVED_CODE_LEN && typed[strspn(typed, " -")] == '\0' &&
	    saved_code_parse(out->text, n, out->text) == ERR_OK);
}

enum err
second_factor_match(const struct factor_code *c, const struct uuid *user,
    const uint8_t sealed[TOTP_SEALED_LEN], int64_t last_step,
    struct otp_factor *out)
{
	uint8_t		secret[TOTP_SECRET_LEN];
	enum err	r;

	memset(out, 0, sizeof(*out));
	if (c->is_recovery) {
		out->has_recovery = true;
		out->recovery_len = SAVED_CODE_MAC_LEN;
		if ((r = saved_code_mac(platform_otp_key(), user, c->text,
		    out->recovery)) != ERR_OK || platform_otp_old() == NULL)
			return (r);
		out->recovery_len += SAVED_CODE_MAC_LEN;
		return (saved_code_mac(platform_otp_old(), user, c->text,
		    out->recovery + SAVED_CODE_MAC_LEN));
	}
	if (sealed == NULL || c->len != TOTP_DIGITS)
		return (ERR_OK);
	if ((r = second_factor_open(user, sealed, secret)) != ERR_OK)
		return (r);
	out->has_secret = true;
	memcpy(out->secret, sealed, sizeof(out->secret));
	r = totp_check(secret, c->text, clock_us() / US_PER_S, last_step,
	    &out->step);
	mem_wipe(secret, sizeof(secret));
	out->has_step = r == ERR_OK;
	return (r == ERR_SIGNATURE ? ERR_OK : r);
}

enum err
second_factor_seal(const struct uuid *user,
    const uint8_t secret[TOTP_SECRET_LEN], uint8_t sealed[TOTP_SEALED_LEN])
{
	char		aad[64];
	enum err	r;

	if ((r = second_factor_aad(user, aad)) != ERR_OK)
		return (r);
	return (seal(platform_sealer(), aad, secret, TOTP_SECRET_LEN, sealed));
}

enum err
second_factor_open(const struct uuid *user,
    const uint8_t sealed[TOTP_SEALED_LEN], uint8_t secret[TOTP_SECRET_LEN])
{
	char		aad[64];
	enum err	r;

	if ((r = second_factor_aad(user, aad)) != ERR_OK)
		return (r);
	return (seal_open(platform_sealer(), aad, sealed, TOTP_SEALED_LEN,
	    secret));
}

int
second_factor_refuse(struct http_request *req, const struct otp_tried *t,
    enum audit_event event, const struct uuid *user)
{
	static const struct {
		const char	*outcome;
		enum problem	 problem;
	}	table[] = {
		{ "otp_expired", PROBLEM_OTP_EXPIRED },
		{ "otp_locked", PROBLEM_OTP_LOCKED },
		{ "too_many_attempts", PROBLEM_TOO_MANY_ATTEMPTS },
		{ "user_disabled", PROBLEM_USER_DISABLED },
		{ "not_assigned", PROBLEM_NOT_ASSIGNED },
		{ "password_required", PROBLEM_PASSWORD_REQUIRED },
		{ "not_found", PROBLEM_TOTP_NOT_ENROLLED },
	};
	enum problem	 p = PROBLEM_OTP_INVALID;
	char		 extra[48];
	size_t		 i;

	for (i = 0; i < COUNT(table); i++) {
		if (strcmp(t->outcome, table[i].outcome) == 0)
			p = table[i].problem;
	}
	api_refused(req, event, problem_code(p), user);
	if (p != PROBLEM_OTP_INVALID)
		return (api_fail_retry(req, p,
		    t->retry_after_s > 0 ? (int)t->retry_after_s : 1));
	if (str_printf(extra, sizeof(extra), ",\"attempts_left\":%d",
	    (int)t->attempts_left) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	if (api_route_of(req)->limits & LIMIT_CODE)
		limit_left(req, "otp-attempts", (int)t->attempts_left, -1);
	return (api_fail_with(req, p, NULL, extra));
}

/* Where the secret stands: it cannot be moved to another person. */
static enum err
second_factor_aad(const struct uuid *user, char out[64])
{
	char	id[UUID_TEXT_LEN + 1];

	uuid_format(user, id);
	return (str_printf(out, 64, "totp/secret/%s", id));
}
