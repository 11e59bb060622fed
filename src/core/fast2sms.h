/*
 * fast2sms - the Indian provider Fast2SMS, routes otp, dlt, dlt_manual and q.
 * Ref: providers.md 4.1.
 */
#ifndef FAST2SMS_H
#define FAST2SMS_H

#include "provider_send.h"

#define FAST2SMS_BASE_URL	"https://www.fast2sms.com"

struct fast2sms_wallet {
	int64_t	paise;		/* balance in hundredths of a rupee */
	int64_t	n_sms;		/* as they count it; -1: not said */
};

/*
 * POST BASE/dev/bulkV2 with the key in the header authorization, a form body.
 * Refused before it is sent: a number that is not +91 and ten digits from 6..9
 * (VERDICT_USER), values or a text that the template does not take
 * (VERDICT_CONFIG).  Where the document names no variables and its template has
 * several, s->message must be that template filled, and says what they are.
 */
enum err	fast2sms_request(const struct provider *p,
		    const struct sms_send *s, struct http_call *out,
		    struct verdict *why) MUSTCHECK;
/* OK only when "return" is true.  All codes of providers.md 4.1. */
void		fast2sms_judge(const struct provider *p,
		    const struct http_answer *a, struct verdict *out);
/* Is |name| one that "variables" may hold: code, ttl_minutes, app_name, brand,
 * request_id? */
bool		fast2sms_is_variable(const char *name);
/* What |code| means: its class and a sentence; unknown: VERDICT_RETRY. */
enum verdict_kind fast2sms_code(int code, const char **text);
/* POST BASE/dev/wallet. */
enum err	fast2sms_wallet_request(const struct provider *p,
		    struct http_call *out) MUSTCHECK;
/* OK: |w| is set. */
void		fast2sms_wallet_judge(const struct http_answer *a,
		    struct fast2sms_wallet *w, struct verdict *out);

#endif
