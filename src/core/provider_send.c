/*
 * provider_send - see provider_send.h: which provider's code is asked.
 */
#include "provider_send.h"

#include "fast2sms.h"
#include "generic_sms.h"

enum err
provider_request(const struct provider *p, const struct sms_send *s,
    struct http_call *out, struct verdict *why)
{
	switch (p->type) {
	case PROVIDER_GENERIC:
		return (generic_request(p, s, out, why));
	case PROVIDER_FAST2SMS:
		return (fast2sms_request(p, s, out, why));
	case PROVIDER_CARRIER_EMAIL:
	case PROVIDER_SMTP:
	case PROVIDER_TYPE_MAX:
		break;
	}
	verdict_set(why, VERDICT_CONFIG, "this provider sends no HTTP");
	return (ERR_FORMAT);
}

void
provider_judge(const struct provider *p, const struct http_answer *a,
    struct verdict *out)
{
	if (a->fault != FAULT_NONE || a->status == 0) {
		verdict_fault(out, a->fault, a->detail);
		return;
	}
	if (p->type == PROVIDER_FAST2SMS)
		fast2sms_judge(p, a, out);
	else if (p->type == PROVIDER_GENERIC)
		generic_judge(p, a, out);
	else
		verdict_set(out, VERDICT_CONFIG,
		    "this provider sends no HTTP");
	if (out->kind != VERDICT_OK)
		out->retry_after_s = a->retry_after_s;
}
