/*
 * generic_sms - the provider that is described by its document: any HTTP
 * interface.  Ref: api.md s.6.
 */
#ifndef GENERIC_SMS_H
#define GENERIC_SMS_H

#include "provider_send.h"

/* As provider_request() and provider_judge(), for PROVIDER_GENERIC. */
enum err	generic_request(const struct provider *p,
		    const struct sms_send *s, struct http_call *out,
		    struct verdict *why) MUSTCHECK;
/*
 * OK: a status of the set and, where the document says so, the value at the
 * pointer equal in type and value, or matching (without a pointer: the first
 * 1024 bytes of the body).  Else the error map; else by status: 401, 403, 404,
 * 405, 407, 410, 415 config, 402 balance, 3xx config, anything else retry.
 */
void		generic_judge(const struct provider *p,
		    const struct http_answer *a, struct verdict *out);
/* Is |set| a status set: "2xx", "200", "200,202", "200-204", mixed?  Holds
 * |status|?  |set| must have passed the check. */
bool		status_set_check(const char *set);
bool		status_set_has(const char *set, int status);

#endif
