/*
 * provider_docs - documents for the tests of providers: valid ones of each
 * type, and how a test makes one of text.
 */
#ifndef PROVIDER_DOCS_H
#define PROVIDER_DOCS_H

#include <string.h>

#include "json_in.h"
#include "provider.h"

#define DOC_GENERIC \
	"{\"name\":\"gw\",\"type\":\"generic\",\"enabled\":true," \
	"\"priority\":10,\"countries\":[\"91\",\"1\"],\"timeout_s\":7," \
	"\"retries\":0,\"backoff_ms\":250," \
	"\"method\":\"POST\",\"url\":\"https://gw.example.com/send\"," \
	"\"headers\":{\"X-Id\":\"{request_id}\"," \
	"\"X-Key\":{\"value\":\"header-secret\",\"secret\":true}}," \
	"\"auth\":{\"kind\":\"basic\",\"username\":\"me\"," \
	"\"password\":\"basic-secret\"}," \
	"\"signature\":{\"secret\":\"sign-secret-1\"," \
	"\"timestamp_header\":\"X-Time\",\"prefix\":\"sha256=\"}," \
	"\"content_type\":\"application/json\"," \
	"\"body\":\"{\\\"to\\\":\\\"{to_e164}\\\",\\\"text\\\":\\\"{message}\\\"," \
	"\\\"k\\\":\\\"{secret.k}\\\",\\\"ttl\\\":{ttl_minutes}}\"," \
	"\"success\":{\"status\":\"200,202\",\"pointer\":\"/ok\"," \
	"\"equals\":true}," \
	"\"errors\":{\"pointer\":\"/code\",\"map\":{\"21\":\"user\"," \
	"\"30\":\"balance\",\"x\":\"throttled\"}}," \
	"\"message_id_pointer\":\"/id\"," \
	"\"secrets\":{\"k\":\"body-secret\"}}"
#define DOC_FAST2SMS \
	"{\"name\":\"f2s\",\"type\":\"fast2sms\",\"api_key\":\"f2s-secret\"," \
	"\"route\":\"dlt_manual\",\"sender_id\":\"ACMEIN\"," \
	"\"template_id\":\"1107160000000000001\"," \
	"\"entity_id\":1101100000000000002," \
	"\"template_text\":\"{#var#} is your OTP for {#var#}. -ACME\"," \
	"\"variables\":[\"code\",\"app_name\"],\"flash\":false}"
#define DOC_CARRIER \
	"{\"name\":\"carriers\",\"type\":\"carrier_email\",\"smtp\":\"mail\"," \
	"\"carriers\":[{\"id\":\"att\",\"status\":\"active\"}," \
	"{\"id\":\"acme\",\"domain\":\"sms.acme.com\",\"status\":\"sunset\"," \
	"\"sunset\":\"2030-01-01\"}]}"
#define DOC_SMTP \
	"{\"name\":\"mail\",\"type\":\"smtp\",\"host\":\"smtp.example.com\"," \
	"\"port\":587,\"security\":\"starttls\",\"username\":\"u\"," \
	"\"password\":\"smtp-secret\"," \
	"\"from\":\"Acme <codes@example.com>\",\"reply_to\":\"help@example.com\"}"

/* |text| over |old|; private addresses 127/8 are allowed. */
static inline enum err
doc_parse(const char *text, const struct provider *old,
    struct provider **out, struct provider_errors *errs)
{
	static struct cidr			 block;
	static const struct cidr_list		 allow = { &block, 1 };
	struct provider_parse_args		 a = { NULL, old, &allow };
	enum err				 r;

	if ((r = cidr_parse("127.0.0.0/8", 11, &block)) != ERR_OK ||
	    (r = json_in_object(text, strlen(text), &a.doc)) != ERR_OK)
		return (r);
	r = provider_parse(&a, out, errs);
	json_decref(a.doc);
	return (r);
}

#endif
