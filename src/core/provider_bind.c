/*
 * provider_bind - from a document's JSON to the structures that requests are
 * made of.  Everything is borrowed from p->config and p->secrets.
 */
#include <string.h>
#include <strings.h>

#include "dlt.h"
#include "egress.h"
#include "fast2sms.h"
#include "generic_sign.h"
#include "placeholder.h"
#include "provider_priv.h"

/* Names in documents, in the order of the enum they stand for. */
static const char *const	bind_auths[] = {
	"none", "basic", "bearer", "header", "query", NULL
};
static const char *const	bind_routes[] = {
	"otp", "dlt", "dlt_manual", "q", NULL
};
static const char *const	bind_securities[] = {
	"tls", "starttls", "none", NULL
};
static const char *const	bind_formats[] = {
	"e164", "digits", "00", "national", NULL
};
static const char *const	bind_units[] = {
	"unit", "hundredth", "thousandth", "millionth", NULL
};
static const enum money_unit	bind_unit[] = {
	MONEY_UNIT, MONEY_HUNDREDTH, MONEY_THOUSANDTH, MONEY_MILLIONTH
};
static const char *const	bind_methods[] = { "GET", "POST", "PUT", NULL };

/* A document's word for a type of content, and what is sent. */
static const struct {
	const char		*word, *sent;
	enum provider_content	 content;
} bind_contents[] = {
	{ "json", "application/json", CONTENT_JSON },
	{ "form", "application/x-www-form-urlencoded", CONTENT_FORM },
	{ "xml", "application/xml", CONTENT_XML },
	{ "text", "text/plain; charset=utf-8", CONTENT_TEXT },
	{ "application/json", NULL, CONTENT_JSON },
	{ "application/x-www-form-urlencoded", NULL, CONTENT_FORM },
	{ "application/xml", NULL, CONTENT_XML },
	{ "text/xml", NULL, CONTENT_XML },
	{ "application/soap+xml", NULL, CONTENT_XML },
	{ "text/plain", NULL, CONTENT_TEXT },
};

static const char	*bind_text(const json_t *j, const char *name);
static int		 bind_int(const json_t *j, const char *name,
			    int missing);
static int		 bind_word(const char *const *words, const char *s,
			    int missing);
static void		 bind_generic(struct provider *p);
static void		 bind_signature(struct provider *p);
static void		 bind_content(struct provider_generic *g);
static void		 bind_headers(struct provider *p);
static void		 bind_used(struct provider_generic *g);
static void		 bind_fast2sms(struct provider *p);
static void		 bind_variables(struct provider_fast2sms *f);
static void		 bind_smtp(struct provider *p);

void
provider_bind(struct provider *p)
{
	memset(&p->u, 0, sizeof(p->u));
	p->retries = bind_int(p->config, "retries", PROVIDER_RETRIES);
	p->backoff_ms = bind_int(p->config, "backoff_ms", PROVIDER_BACKOFF_MS);
	provider_bind_receipt(p);
	switch (p->type) {
	case PROVIDER_GENERIC:
		bind_generic(p);
		break;
	case PROVIDER_FAST2SMS:
		bind_fast2sms(p);
		break;
	case PROVIDER_CARRIER_EMAIL:
		p->u.carrier_email.smtp = bind_text(p->config, "smtp");
		p->u.carrier_email.carriers = json_object_get(p->config,
		    "carriers");
		break;
	case PROVIDER_SMTP:
		bind_smtp(p);
		break;
	case PROVIDER_TYPE_MAX:
		break;
	}
}

void
provider_host(const struct provider *p, char out[PROVIDER_HOST_CAP])
{
	struct egress_target	t;
	const char		*url = p->type == PROVIDER_GENERIC ?
				    p->u.generic.url : p->u.fast2sms.base_url;

	out[0] = '\0';
	if (p->type == PROVIDER_SMTP) {
		if (egress_mail_host(p->u.smtp.host, p->u.smtp.port, true,
		    &t) == EGRESS_OK)
			memcpy(out, t.host, sizeof(t.host));
		return;
	}
	if (p->type == PROVIDER_CARRIER_EMAIL)
		return;
	/* Braces are no part of a URL; none may stand in its host. */
	if (egress_url(url, strcspn(url, "{"), &t) == EGRESS_OK)
		memcpy(out, t.host, sizeof(t.host));
}

static const char *
bind_text(const json_t *j, const char *name)
{
	const char	*s = json_string_value(json_object_get(j, name));

	return (s == NULL ? "" : s);
}

static int
bind_int(const json_t *j, const char *name, int missing)
{
	const json_t	*v = json_object_get(j, name);

	return (json_is_integer(v) ? (int)json_integer_value(v) : missing);
}

/* Which of |words|; |missing| for "", -1 for another. */
static int
bind_word(const char *const *words, const char *s, int missing)
{
	int	i;

	if (s[0] == '\0')
		return (missing);
	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], s) == 0)
			return (i);
	}
	return (-1);
}

static void
bind_generic(struct provider *p)
{
	struct provider_generic	*g = &p->u.generic;
	const json_t		*auth = json_object_get(p->config, "auth");
	const json_t		*success = json_object_get(p->config,
				    "success");
	const json_t		*errors = json_object_get(p->config, "errors");
	int			 i;

	i = bind_word(bind_methods, bind_text(p->config, "method"), 1);
	g->method = i < 0 ? "" : bind_methods[i];
	g->url = bind_text(p->config, "url");
	g->body = bind_text(p->config, "body");
	g->sender = bind_text(p->config, "sender");
	i = bind_word(bind_formats, bind_text(p->config, "number_format"),
	    NUMBER_E164);
	g->number_format = i < 0 ? NUMBER_E164 : (enum number_format)i;
	g->template_id = bind_text(p->config, "template_id");
	g->template_ids = json_object_get(p->config, "template_ids");
	g->content_type = bind_text(p->config, "content_type");
	bind_content(g);
	i = bind_word(bind_auths, bind_text(auth, "kind"), AUTH_NONE);
	g->auth = i < 0 ? AUTH_NONE : (enum provider_auth)i;
	g->auth_name = bind_text(auth, g->auth == AUTH_BASIC ? "username" :
	    "name");
	g->auth_secret = bind_text(p->secrets, "auth");
	bind_signature(p);
	g->success_status = bind_text(success, "status");
	if (g->success_status[0] == '\0')
		g->success_status = "2xx";
	g->success_pointer = bind_text(success, "pointer");
	g->success_equals = json_object_get(success, "equals");
	g->success_matches = bind_text(success, "matches");
	g->error_pointer = bind_text(errors, "pointer");
	g->error_map = json_object_get(errors, "map");
	g->message_id_pointer = bind_text(p->config, "message_id_pointer");
	g->cost_pointer = bind_text(p->config, "cost_pointer");
	i = bind_word(bind_units, bind_text(p->config, "cost_unit"), 0);
	g->cost_unit = bind_unit[i < 0 ? 0 : i];
	g->secrets = json_object_get(p->secrets, "secrets");
	bind_headers(p);
	bind_used(g);
}

static void
bind_signature(struct provider *p)
{
	struct provider_signature	*s = &p->u.generic.signature;
	const json_t			*j = json_object_get(p->config,
					    "signature");

	s->is_on = j != NULL;
	s->secret = bind_text(p->secrets, "signature");
	s->header = bind_text(j, "header");
	if (s->header[0] == '\0')
		s->header = SIGNATURE_HEADER;
	s->timestamp_header = bind_text(j, "timestamp_header");
	s->prefix = bind_text(j, "prefix");
	s->is_base64 = strcmp(bind_text(j, "encoding"), "base64") == 0;
}

static void
bind_content(struct provider_generic *g)
{
	size_t	i, n = strcspn(g->content_type, "; ");

	g->content = CONTENT_JSON;
	if (g->content_type[0] == '\0') {
		g->content_type = "application/json";
		return;
	}
	for (i = 0; i < COUNT(bind_contents); i++) {
		if (strlen(bind_contents[i].word) != n ||
		    strncasecmp(bind_contents[i].word, g->content_type, n) !=
		    0)
			continue;
		g->content = bind_contents[i].content;
		if (bind_contents[i].sent != NULL)
			g->content_type = bind_contents[i].sent;
		return;
	}
	g->content_type = "";		/* the rules refuse it */
}

static void
bind_headers(struct provider *p)
{
	struct provider_generic	*g = &p->u.generic;
	json_t			*headers = json_object_get(p->config,
				    "headers"), *v;
	const json_t		*secrets = json_object_get(p->secrets,
				    "headers");
	struct provider_header	*h;
	const char		*name;

	json_object_foreach(headers, name, v) {
		if (g->n_headers == PROVIDER_HEADERS_MAX)
			return;
		h = &g->headers[g->n_headers++];
		h->name = name;
		h->is_secret = json_is_object(v);
		h->value = h->is_secret ? bind_text(secrets, name) :
		    bind_text(headers, name);
	}
}

/* Which placeholders stand in it; a wrong template is the rules' business. */
static void
bind_used(struct provider_generic *g)
{
	static const enum placeholder_context	 in_body[] = {
		[CONTENT_JSON] = PH_IN_JSON, [CONTENT_FORM] = PH_IN_FORM,
		[CONTENT_XML] = PH_IN_XML, [CONTENT_TEXT] = PH_IN_TEXT,
	};
	char					 why[PH_WHY_MAX];
	unsigned int				 used;
	size_t					 i;

	if (placeholder_check(g->url, PH_IN_URL, g->secrets, &used, why) ==
	    ERR_OK)
		g->used |= used;
	if (placeholder_check(g->body, in_body[g->content], g->secrets, &used,
	    why) == ERR_OK)
		g->used |= used;
	for (i = 0; i < g->n_headers; i++) {
		if (placeholder_check(g->headers[i].value, PH_IN_HEADER,
		    g->secrets, &used, why) == ERR_OK)
			g->used |= used;
	}
}

static void
bind_fast2sms(struct provider *p)
{
	struct provider_fast2sms	*f = &p->u.fast2sms;
	json_t				*names = json_object_get(p->config,
					    "variables"), *v;
	size_t				 i;
	int				 route;

	f->api_key = bind_text(p->secrets, "api_key");
	f->sender_id = bind_text(p->config, "sender_id");
	f->message_id = bind_text(p->config, "message_id");
	f->template_id = bind_text(p->config, "template_id");
	f->entity_id = bind_text(p->config, "entity_id");
	f->template_text = bind_text(p->config, "template_text");
	f->base_url = bind_text(p->config, "base_url");
	if (f->base_url[0] == '\0')
		f->base_url = FAST2SMS_BASE_URL;
	route = bind_word(bind_routes, bind_text(p->config, "route"), F2S_OTP);
	f->route = route < 0 ? F2S_OTP : (enum fast2sms_route)route;
	f->is_flash = json_is_true(json_object_get(p->config, "flash"));
	json_array_foreach(names, i, v) {
		if (f->n_variables < PROVIDER_VARIABLES_MAX &&
		    json_is_string(v))
			f->variables[f->n_variables++] = json_string_value(v);
	}
	if (names == NULL)
		bind_variables(f);
}

/*
 * Variables that the document does not list: those that the template names.
 * One without a name cannot be but the code; several are in the message.
 */
static void
bind_variables(struct provider_fast2sms *f)
{
	struct dlt_template	t;
	char			why[DLT_WHY_MAX];
	size_t			i;

	memset(&t, 0, sizeof(t));
	if (f->template_text[0] == '\0' ||
	    dlt_parse(f->template_text, &t, why) != ERR_OK || t.n <= 1) {
		f->variables[0] = t.n == 1 && t.name[0] != NULL ? t.name[0] :
		    "code";
		f->n_variables = 1;
		return;
	}
	for (i = 0; i < t.n && t.name[i] != NULL; i++)
		f->variables[i] = t.name[i];
	f->n_variables = i == t.n ? t.n : 0;
}

static void
bind_smtp(struct provider *p)
{
	static const uint16_t	 usual[] = {
		[SMTP_TLS] = 465, [SMTP_STARTTLS] = 587, [SMTP_NONE] = 25,
	};
	struct provider_smtp	*m = &p->u.smtp;
	json_int_t		 port;
	int			 i;

	m->host = bind_text(p->config, "host");
	m->username = bind_text(p->config, "username");
	m->password = bind_text(p->secrets, "password");
	m->from = bind_text(p->config, "from");
	m->reply_to = bind_text(p->config, "reply_to");
	i = bind_word(bind_securities, bind_text(p->config, "security"),
	    SMTP_STARTTLS);
	m->security = i < 0 ? SMTP_STARTTLS : (enum smtp_security)i;
	port = json_integer_value(json_object_get(p->config, "port"));
	m->port = port > 0 && port <= UINT16_MAX ? (uint16_t)port :
	    usual[m->security];
}
