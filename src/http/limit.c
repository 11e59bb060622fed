/*
 * limit - see limit.h.
 */
#include "api.h"
#include "buf.h"
#include "limit.h"
#include "platform.h"
#include "str.h"
#include "throttle.h"

#define LIMIT_WINDOW_S	900	/* challenge_open(), reset_request: 15 minutes */
#define LIMIT_DAY_S	86400
#define LIMIT_QUICK_S	((int)(THROTTLE_WINDOW_US / 1000000))
#define LIMIT_FREE	5	/* login_wait_until(): tries without a wait */

static void	limit_policy(struct buf *out, const char *name, int quota,
		    int window_s);

void
limit_policies(struct http_request *req, unsigned int limits)
{
	const struct platform_values	*v = platform_values();
	struct buf			 b;

	if (limits == LIMIT_NONE)
		return;
	buf_init(&b, 512);
	if (limits & LIMIT_SIGN_IN)
		limit_policy(&b, "sign-in", LIMIT_FREE, 0);
	if (limits & LIMIT_RECOVERY)
		limit_policy(&b, "recovery", LIMIT_FREE, 0);
	if (limits & (LIMIT_SIGN_IN | LIMIT_RECOVERY)) {
		limit_policy(&b, "address", v->login_address_max,
		    LIMIT_QUICK_S);
		limit_policy(&b, "application-failures", v->login_app_max,
		    LIMIT_QUICK_S);
	}
	if (limits & LIMIT_CODE)
		limit_policy(&b, "otp-attempts", v->otp_attempts,
		    v->otp_ttl_s);
	if (limits & LIMIT_SEND) {
		limit_policy(&b, "otp-resend", 1, v->otp_resend_s);
		limit_policy(&b, "otp-address", v->otp_address_max,
		    LIMIT_WINDOW_S);
	}
	if (limits & (LIMIT_SEND | LIMIT_RESET)) {
		limit_policy(&b, limits & LIMIT_SEND ? "otp-window" :
		    "reset-window", v->otp_window_max, LIMIT_WINDOW_S);
		limit_policy(&b, limits & LIMIT_SEND ? "otp-day" :
		    "reset-day", v->otp_day_max, LIMIT_DAY_S);
	}
	if (buf_err(&b) == ERR_OK && b.len > 0)
		api_set_header(req, "ratelimit-policy", b.data);
	buf_clear(&b);
}

void
limit_left(struct http_request *req, const char *name, int left, int wait_s)
{
	char	text[64];

	if ((wait_s < 0 ? str_printf(text, sizeof(text), "\"%s\";r=%d", name,
	    left) : str_printf(text, sizeof(text), "\"%s\";r=%d;t=%d", name,
	    left, wait_s)) == ERR_OK)
		api_set_header(req, "ratelimit", text);
}

void
limit_reached(struct http_request *req, enum problem p, int wait_s)
{
	unsigned int	 limits = api_route_of(req)->limits;
	const char	*name;

	if (limits == LIMIT_NONE)
		return;
	if (p == PROBLEM_OTP_COOLDOWN)
		name = "otp-resend";
	else if (p == PROBLEM_OTP_LIMIT)
		name = wait_s > LIMIT_WINDOW_S ? "otp-day" : "otp-window";
	else if (p == PROBLEM_OTP_LOCKED)
		name = "otp-attempts";
	else if (p == PROBLEM_TOO_MANY_ATTEMPTS)
		name = limits & LIMIT_RECOVERY ? "recovery" : "sign-in";
	else
		return;
	limit_left(req, name, 0, wait_s);
}

/* |quota| 0: no such limit.  |window_s| 0: no window, but waits that grow. */
static void
limit_policy(struct buf *out, const char *name, int quota, int window_s)
{
	if (quota <= 0)
		return;
	buf_printf(out, "%s\"%s\";q=%d", out->len > 0 ? ", " : "", name, quota);
	if (window_s > 0)
		buf_printf(out, ";w=%d", window_s);
}
