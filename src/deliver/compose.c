/*
 * compose - see compose.h.
 */
#include "compose.h"

#include <string.h>

#include "carrier.h"
#include "clock.h"
#include "provider_send.h"
#include "str.h"

#define COMPOSE_TTL_MAX		86400
#define COMPOSE_SUBJECT		"Test message"

static enum err	compose_text(const struct compose_ask *a,
		    enum text_channel channel, struct compose *c,
		    struct verdict *why);
static enum err	compose_sms(const struct compose_ask *a, struct compose *c,
		    struct verdict *why);
static enum err	compose_carrier(const struct compose_ask *a,
		    struct compose *c, struct verdict *why);
static enum err	compose_email(const struct compose_ask *a, struct compose *c,
		    struct verdict *why);
static enum err	compose_mail(const struct provider *p,
		    const struct mime_mail *m, struct compose *c,
		    struct verdict *why);
static const char	*compose_var(const struct compose_ask *a,
			    const char *name);

void
compose_init(struct compose *c)
{
	memset(c, 0, sizeof(*c));
	http_call_init(&c->http);
	text_out_init(&c->text);
	buf_init(&c->mime, MIME_MAX);
}

void
compose_clear(struct compose *c)
{
	http_call_clear(&c->http);
	text_out_clear(&c->text);
	buf_clear(&c->mime);
	memset(&c->call, 0, sizeof(c->call));
}

enum err
compose_make(const struct compose_ask *a, struct compose *c,
    struct verdict *why)
{
	const struct provider	*p = a->set->p[a->provider].p;
	enum err		 r;

	memset(why, 0, sizeof(*why));
	c->via = p;
	switch (p->type) {
	case PROVIDER_GENERIC:
	case PROVIDER_FAST2SMS:
		r = compose_sms(a, c, why);
		break;
	case PROVIDER_CARRIER_EMAIL:
		r = compose_carrier(a, c, why);
		break;
	default:
		r = compose_email(a, c, why);
		break;
	}
	if (r != ERR_OK && why->reason[0] == '\0')
		verdict_set(why, VERDICT_CONFIG, "the message cannot be made: "
		    "%s", err_text(r));
	c->call.timeout_ms = p->timeout_s * 1000;
	return (r);
}

static enum err
compose_sms(const struct compose_ask *a, struct compose *c,
    struct verdict *why)
{
	char			id[UUID_TEXT_LEN + 1];
	int64_t			ttl_s;
	const char		*ttl = compose_var(a, "ttl_s");
	struct sms_send		s;
	enum err		r;

	if ((r = compose_text(a, TEXT_SMS, c, why)) != ERR_OK)
		return (r);
	if (str_int(ttl, strlen(ttl), 0, COMPOSE_TTL_MAX, &ttl_s) != ERR_OK)
		ttl_s = 0;
	uuid_format(&a->id, id);
	memset(&s, 0, sizeof(s));
	s.to = a->mobile;
	s.code = compose_var(a, "code");
	s.message = c->text.text.data;
	s.app_name = compose_var(a, "app_name");
	s.brand = a->brand;
	s.request_id = id;
	s.template = a->message->template;
	s.locale = c->locale;
	s.language = a->language;
	s.ttl_s = (int)ttl_s;
	s.now_s = clock_us() / US_PER_S;
	c->call.http = &c->http;
	return (provider_request(c->via, &s, &c->http, why));
}

static enum err
compose_carrier(const struct compose_ask *a, struct compose *c,
    struct verdict *why)
{
	const struct provider_carrier_email	*e = &c->via->u.carrier_email;
	const struct carrier			*k;
	struct carriers				 all;
	struct mime_mail			 m;
	char					 line[CARRIER_TEXT_MAX * 4 + 1];
	int					 i;
	enum err				 r;

	if ((i = deliver_set_find(a->set, e->smtp)) < 0 ||
	    a->set->p[i].p->type != PROVIDER_SMTP) {
		verdict_set(why, VERDICT_CONFIG,
		    "there is no mail server named %s", e->smtp);
		return (ERR_NOT_FOUND);
	}
	if ((r = compose_text(a, TEXT_SMS, c, why)) != ERR_OK ||
	    (r = carriers_make(e->carriers, &all)) != ERR_OK)
		return (r);
	if ((k = carriers_find(&all, a->carrier)) == NULL) {
		verdict_set(why, VERDICT_USER,
		    "the person's carrier has no gateway");
		return (ERR_NOT_FOUND);
	}
	if ((r = carrier_address(k, a->mobile, clock_us(), c->to)) != ERR_OK) {
		verdict_set(why, VERDICT_USER, r == ERR_EXPIRED ?
		    "the gateway of %s is shut down" :
		    "the number is none of %s", k->name);
		return (r);
	}
	if ((r = carrier_text(c->text.text.data, line, sizeof(line))) !=
	    ERR_OK) {
		verdict_set(why, VERDICT_CONFIG, "the text is too long for a "
		    "carrier's gateway or has a link");
		return (r);
	}
	memset(&m, 0, sizeof(m));
	m.to = c->to;
	m.subject = "";
	m.text = line;
	m.id = a->id;
	m.now_us = clock_us();
	return (compose_mail(a->set->p[i].p, &m, c, why));
}

static enum err
compose_email(const struct compose_ask *a, struct compose *c,
    struct verdict *why)
{
	struct mime_mail	m;
	enum err		r;

	if ((r = compose_text(a, TEXT_EMAIL, c, why)) != ERR_OK)
		return (r);
	if ((r = str_copy(c->to, sizeof(c->to), a->email,
	    strlen(a->email))) != ERR_OK)
		return (r);
	memset(&m, 0, sizeof(m));
	m.to = c->to;
	m.reply_to = c->via->u.smtp.reply_to;
	m.subject = c->text.subject.data != NULL ? c->text.subject.data : "";
	m.text = c->text.text.data;
	m.html = c->text.html.data;
	m.id = a->id;
	m.now_us = clock_us();
	return (compose_mail(c->via, &m, c, why));
}

/* |m| but its sender, through the mail server |p|. */
static enum err
compose_mail(const struct provider *p, const struct mime_mail *m,
    struct compose *c, struct verdict *why)
{
	struct mime_mail	mail = *m;
	char			name[MIME_NAME_MAX + 1];
	enum err		r;

	c->via = p;
	mail.from = p->u.smtp.from;
	if ((r = mime_mailbox(mail.from, c->from, name)) != ERR_OK ||
	    (r = mime_build(&mail, &c->mime)) != ERR_OK) {
		verdict_set(why, r == ERR_FORMAT ? VERDICT_USER :
		    VERDICT_CONFIG, "the e-mail cannot be made: %s",
		    err_text(r));
		return (r);
	}
	c->mail.host = p->u.smtp.host;
	c->mail.port = p->u.smtp.port;
	c->mail.security = p->u.smtp.security;
	c->mail.username = p->u.smtp.username;
	c->mail.password = p->u.smtp.password;
	c->mail.from = c->from;
	c->mail.to = c->to;
	c->mail.data = c->mime.data;
	c->mail.len = c->mime.len;
	c->call.mail = &c->mail;
	return (ERR_OK);
}

static enum err
compose_text(const struct compose_ask *a, enum text_channel channel,
    struct compose *c, struct verdict *why)
{
	const struct message_var	more[] = {
		{ "brand", a->brand }, { "host", a->host },
		{ "name", a->person_name },
	};
	const struct text_vars		vars = {
		.message = a->message, .more = more, .n_more = COUNT(more),
	};
	const struct text		*t;
	enum err			 r;

	if (a->text != NULL) {
		buf_str(&c->text.subject, COMPOSE_SUBJECT);
		buf_str(&c->text.text, a->text);
		c->locale = a->language;
		return (buf_err(&c->text.text));
	}
	if ((t = deliver_set_text(a->set, a->message->template, channel,
	    a->language, &c->locale)) == NULL) {
		verdict_set(why, VERDICT_CONFIG, "there is no text named %s",
		    a->message->template);
		return (ERR_NOT_FOUND);
	}
	if ((r = text_render(t, &vars, &c->text)) != ERR_OK)
		verdict_set(why, VERDICT_CONFIG,
		    "the text %s cannot be filled in: %s",
		    a->message->template, err_text(r));
	return (r);
}

static const char *
compose_var(const struct compose_ask *a, const char *name)
{
	const char	*v = message_var(a->message, name);

	return (v != NULL ? v : "");
}

void
compose_judge(const struct compose_ask *a, const struct outbound_result *r,
    struct verdict *out)
{
	const struct provider	*p = a->set->p[a->provider].p;

	if (p->type == PROVIDER_GENERIC || p->type == PROVIDER_FAST2SMS)
		provider_judge(p, &r->answer, out);
	else if (r->answer.fault == FAULT_NONE)
		verdict_set(out, VERDICT_OK, "%s", "");
	else if (r->smtp_code >= 400)
		verdict_smtp(out, r->smtp_code, r->smtp_line, r->is_rcpt);
	else
		verdict_fault(out, r->answer.fault, r->answer.detail);
	if (out->kind == VERDICT_OK && out->ref[0] == '\0' &&
	    r->smtp_code >= 200 && str_copy(out->ref, sizeof(out->ref),
	    r->smtp_line, strnlen(r->smtp_line, VERDICT_REF_MAX)) != ERR_OK)
		out->ref[0] = '\0';
	/* Receipts of a provider that gives no id tell ours. */
	if (out->kind == VERDICT_OK && p->receipt.is_there &&
	    p->type == PROVIDER_GENERIC &&
	    p->u.generic.message_id_pointer[0] == '\0')
		uuid_format(&a->id, out->ref);
}
