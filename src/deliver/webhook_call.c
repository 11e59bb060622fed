/*
 * webhook_call - see webhook_call.h.
 */
#include "webhook_call.h"

#include "clock.h"
#include "webhook_secret.h"

#define WEBHOOK_TIMEOUT_MS	10000

void
webhook_call_init(struct webhook_call *c)
{
	http_call_init(&c->http);
	c->out.http = &c->http;
	c->out.mail = NULL;
	c->out.timeout_ms = WEBHOOK_TIMEOUT_MS;
}

void
webhook_call_clear(struct webhook_call *c)
{
	http_call_clear(&c->http);
}

enum err
webhook_call_make(struct webhook_call *c, const struct webhook_target *t,
    const char *event)
{
	char		id[UUID_TEXT_LEN + 1], sig[WEBHOOK_SIGNATURE_LEN + 1];
	enum err	r;

	uuid_format(t->app, id);
	c->http.method = "POST";
	buf_str(&c->http.url, t->url);
	buf_printf(&c->http.body,
	    "{\"event\":\"%s\",\"application_id\":\"%s\"}", event, id);
	if ((r = http_call_err(&c->http)) != ERR_OK ||
	    (r = webhook_sign(t->secret, clock_us() / US_PER_S,
	    c->http.body.data, c->http.body.len, sig)) != ERR_OK ||
	    (r = http_call_header(&c->http, "Content-Type",
	    "application/json")) != ERR_OK ||
	    (r = http_call_header(&c->http, "User-Agent", "identityd")) !=
	    ERR_OK ||
	    (r = http_call_header(&c->http, "X-Identity-Event", event)) !=
	    ERR_OK)
		return (r);
	return (http_call_header(&c->http, "X-Identity-Signature", sig));
}

bool
webhook_call_judge(const struct outbound_result *r, struct verdict *v)
{
	const struct http_answer	*a = &r->answer;

	if (a->fault != FAULT_NONE)
		verdict_fault(v, a->fault, a->detail);
	else if (a->status >= 200 && a->status < 300)
		verdict_set(v, VERDICT_OK, "%s", "");
	else
		verdict_set(v, VERDICT_RETRY, "answered %d", a->status);
	return (v->kind == VERDICT_OK);
}
