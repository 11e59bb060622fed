/*
 * probe - see probe.h.
 */
#include "probe.h"

#include <string.h>

#include "mem.h"
#include "str.h"

static enum err		 probe_message(struct probe *p);
static void		 probe_request(const struct probe *p,
			    struct buf *out);
static void		 probe_string(const char *s, struct buf *out);
static void		 probe_body(struct buf *out, const char *s,
			    size_t len);
static void		 probe_text(const struct probe *p, const char *s,
			    size_t len, size_t max, struct buf *out);
static const char	*probe_hint(const struct probe *p,
			    const struct outbound_result *r);

enum err
probe_to(const struct provider *p, const char *to, const char *cc,
    char out[EMAIL_MAX_LEN + 1])
{
	char		phone[PHONE_MAX_LEN + 1];
	enum err	r;

	if (!provider_is_sms(p))
		return (email_normalise(to, strlen(to), out));
	if ((r = phone_normalise(to, strlen(to), cc, phone)) == ERR_OK)
		r = str_copy(out, EMAIL_MAX_LEN + 1, phone, strlen(phone));
	return (r);
}

bool
probe_make(struct probe *p, const struct probe_ask *a)
{
	bool	is_sms = provider_is_sms(a->set->p[a->provider].p);

	memset(p, 0, sizeof(*p));
	compose_init(&p->work);
	p->set = deliver_set_ref(a->set);
	if (str_copy(p->to, sizeof(p->to), a->to, strlen(a->to)) != ERR_OK ||
	    str_copy(p->carrier, sizeof(p->carrier), a->carrier,
	    strlen(a->carrier)) != ERR_OK ||
	    (a->text != NULL && (p->text = mem_dup(a->text,
	    strlen(a->text))) == NULL) || probe_message(p) != ERR_OK) {
		verdict_set(&p->verdict, VERDICT_RETRY, "out of memory");
		return (false);
	}
	p->ask = (struct compose_ask){
		.set = p->set, .provider = a->provider, .is_email = !is_sms,
		.mobile = is_sms ? p->to : "", .email = is_sms ? "" : p->to,
		.carrier = p->carrier, .language = "en", .person_name = "",
		.brand = a->brand, .host = a->host, .text = p->text,
		.id = a->id, .message = &p->message,
	};
	return (compose_make(&p->ask, &p->work, &p->verdict) == ERR_OK);
}

/* As it would wait in the outbox. */
static enum err
probe_message(struct probe *p)
{
	json_t	*vars;

	vars = json_pack("{s:s,s:s,s:s}", "code", PROBE_CODE, "ttl_s", "300",
	    "app_name", "Test");
	p->message.json = json_pack("{s:s,s:o}", "template",
	    MESSAGE_SIGN_IN_CODE, "vars", vars);
	p->message.template = MESSAGE_SIGN_IN_CODE;
	p->message.vars = vars;
	return (p->message.json != NULL ? ERR_OK : ERR_NOMEM);
}

void
probe_clear(struct probe *p)
{
	compose_clear(&p->work);
	message_opened_clear(&p->message);
	mem_free(p->text);
	deliver_set_put(p->set);
	memset(p, 0, sizeof(*p));
}

void
probe_judge(struct probe *p, const struct outbound_result *r)
{
	compose_judge(&p->ask, r, &p->verdict);
}

void
probe_json(const struct probe *p, const struct outbound_result *r,
    struct buf *out)
{
	const struct verdict	*v = &p->verdict;
	const char		*hint = probe_hint(p, r);
	struct buf		 request;
	int			 status = 0;

	buf_init(&request, PROBE_JSON_MAX);
	probe_request(p, &request);
	if (r != NULL)
		status = p->work.call.mail != NULL ? r->smtp_code :
		    r->answer.status;
	buf_printf(out, "{\"ok\":%s,\"ms\":%d,\"transcript\":{\"request\":",
	    v->kind == VERDICT_OK ? "true" : "false", r != NULL ? r->ms : 0);
	probe_text(p, request.data != NULL ? request.data : "", request.len,
	    PROBE_REQUEST_MAX, out);
	if (status > 0)
		buf_printf(out, ",\"status\":%d,\"body\":", status);
	else
		buf_str(out, ",\"status\":null,\"body\":");
	if (r == NULL)
		buf_str(out, "\"\"");
	else if (p->work.call.mail != NULL)
		probe_text(p, r->smtp_line, strlen(r->smtp_line),
		    PROBE_BODY_MAX, out);
	else
		probe_text(p, r->answer.body, r->answer.len, PROBE_BODY_MAX,
		    out);
	buf_str(out, "},\"error\":");
	probe_string(v->kind == VERDICT_OK ? NULL : v->reason, out);
	buf_str(out, ",\"message_id\":");
	probe_string(v->ref[0] == '\0' ? NULL : v->ref, out);
	buf_str(out, ",\"cost\":");
	if (v->has_cost)
		buf_i64(out, v->cost);
	else
		buf_str(out, "null");
	buf_str(out, ",\"note\":");
	probe_string(v->note, out);
	buf_str(out, ",\"hint\":");
	probe_string(hint, out);
	buf_char(out, '}');
	buf_clear(&request);
}

static void
probe_string(const char *s, struct buf *out)
{
	if (s == NULL)
		buf_str(out, "null");
	else
		buf_json(out, s, strlen(s));
}

/* As it goes over the wire, or nearly so. */
static void
probe_request(const struct probe *p, struct buf *out)
{
	const struct http_call		*h = p->work.call.http;
	const struct outbound_mail	*m = p->work.call.mail;
	size_t				 i;

	if (h != NULL && h->url.data != NULL) {
		buf_printf(out, "%s %s\n", h->method != NULL ? h->method : "",
		    h->url.data);
		for (i = 0; i < h->n_headers; i++)
			buf_printf(out, "%s\n", h->headers[i].data);
		buf_char(out, '\n');
		probe_body(out, h->body.data, h->body.len);
	} else if (m != NULL) {
		buf_printf(out, "smtp://%s:%u\nMAIL FROM:<%s>\n"
		    "RCPT TO:<%s>\n\n", m->host, (unsigned int)m->port,
		    m->from, m->to);
		probe_body(out, m->data, m->len);
	}
}

/* More than is shown, so that probe_text() knows that it is not all. */
static void
probe_body(struct buf *out, const char *s, size_t len)
{
	if (len > 0)
		buf_add(out, s, len < PROBE_LOOK_MAX ? len : PROBE_LOOK_MAX);
}

/* Appends at most |max| bytes of |s| as a JSON string, secrets masked; what is
 * no UTF-8 becomes question marks. */
static void
probe_text(const struct probe *p, const char *s, size_t len, size_t max,
    struct buf *out)
{
	bool		is_cut = len > PROBE_LOOK_MAX;
	struct buf	b;
	size_t		i, n;

	buf_init(&b, PROBE_JSON_MAX);
	/* Masked before it is cut, and what was cut anyway as such: no half of
	 * a secret is left at the end. */
	if (p->work.via != NULL)
		provider_mask(p->work.via, s, is_cut ? PROBE_LOOK_MAX : len,
		    is_cut, &b);
	n = buf_err(&b) == ERR_OK ? b.len : 0;
	if (n > max)
		n = max;
	for (i = 0; i < 3 && n > 0 && !str_is_utf8(b.data, n); i++)
		n--;
	if (n > 0 && !str_is_utf8(b.data, n)) {
		n += i;
		for (i = 0; i < n; i++) {
			if ((unsigned char)b.data[i] >= 0x80 ||
			    b.data[i] == '\0')
				b.data[i] = '?';
		}
	}
	buf_json(out, n > 0 ? b.data : "", n);
	buf_clear(&b);
}

static const char *
probe_hint(const struct probe *p, const struct outbound_result *r)
{
	enum verdict_fault	f = r != NULL ? r->answer.fault : FAULT_NONE;

	if (p->verdict.kind == VERDICT_OK)
		return (p->set->p[p->ask.provider].p->type ==
		    PROVIDER_CARRIER_EMAIL ? "Carriers tell nobody whether "
		    "they deliver: look at the phone." : "Accepted by the "
		    "provider. Whether it arrives, the phone or mailbox "
		    "shows.");
	switch (f) {
	case FAULT_BLOCKED:
		return ("A provider in your own network has to be listed in "
		    "IDENTITY_EGRESS_ALLOW.");
	case FAULT_RESOLVE:
		return ("Is the host name right, and can this machine resolve "
		    "it?");
	case FAULT_CONNECT:
	case FAULT_TIMEOUT:
		return ("Is host and port right, and does a firewall let this "
		    "machine out?");
	case FAULT_TLS:
	case FAULT_HANDSHAKE:
		return ("The certificate has to be valid for the host name and "
		    "from an authority of the system or of IDENTITY_CA_FILE. "
		    "Is the port one for TLS?");
	case FAULT_LOGIN:
		return ("User name or password were refused.");
	default:
		break;
	}
	switch (p->verdict.kind) {
	case VERDICT_BALANCE:
		return ("Put money into the account at the provider.");
	case VERDICT_CONFIG:
		return ("The provider, or the document, has to be changed: "
		    "compare them.");
	case VERDICT_USER:
		return ("The provider does not send to this destination.");
	case VERDICT_THROTTLED:
		return ("Wait, or test with another number.");
	default:
		return (NULL);
	}
}
