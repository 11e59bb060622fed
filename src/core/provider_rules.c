/*
 * provider_rules - what the values of a document must be like, beside their
 * types.  Everything that would fail when the first code is sent, and can be
 * known before, is refused here.  Ref: api.md s.6, providers.md.
 */
#include <string.h>

#include "carrier.h"
#include "contact.h"
#include "dlt.h"
#include "egress.h"
#include "fast2sms.h"
#include "mime.h"
#include "placeholder.h"
#include "provider_priv.h"

static void	rules_fast2sms(struct provider_work *w);
static void	rules_fast2sms_dlt(struct provider_work *w);
static void	rules_template(struct provider_work *w);
static void	rules_variables(struct provider_work *w);
static void	rules_base_url(struct provider_work *w);
static bool	rules_is_sender(const char *s);
static void	rules_carrier(struct provider_work *w);
static void	rules_override(struct provider_work *w, const json_t *v);
static void	rules_smtp(struct provider_work *w);
static void	rules_mailbox(struct provider_work *w, const char *field,
		    const char *value);

void
provider_rules(struct provider_work *w)
{
	switch (w->p->type) {
	case PROVIDER_GENERIC:
		provider_rules_generic(w);
		break;
	case PROVIDER_FAST2SMS:
		rules_fast2sms(w);
		break;
	case PROVIDER_CARRIER_EMAIL:
		rules_carrier(w);
		break;
	case PROVIDER_SMTP:
		rules_smtp(w);
		break;
	case PROVIDER_TYPE_MAX:
		break;
	}
}

static void
rules_fast2sms(struct provider_work *w)
{
	const struct provider_fast2sms	*f = &w->p->u.fast2sms;
	static const char *const	 routes[] = {
		[F2S_OTP] = "otp", [F2S_DLT] = "dlt",
		[F2S_DLT_MANUAL] = "dlt_manual", [F2S_QUICK] = "q",
	};
	const char			*route;

	route = json_string_value(json_object_get(w->p->config, "route"));
	if (route == NULL || strcmp(route, routes[f->route]) != 0)
		provider_bad(w, "route", "must be otp, dlt, dlt_manual or q");
	if (f->api_key[0] == '\0')
		provider_bad(w, "api_key", "is needed");
	if (f->sender_id[0] != '\0' && !rules_is_sender(f->sender_id))
		provider_bad(w, "sender_id", "must be 3 to 6 letters");
	if (f->route == F2S_DLT || f->route == F2S_DLT_MANUAL)
		rules_fast2sms_dlt(w);
	rules_variables(w);
	if (f->template_text[0] != '\0')
		rules_template(w);
	rules_base_url(w);
}

static void
rules_fast2sms_dlt(struct provider_work *w)
{
	const struct provider_fast2sms	*f = &w->p->u.fast2sms;

	if (f->sender_id[0] == '\0')
		provider_bad(w, "sender_id", "is needed on this route");
	if (f->route == F2S_DLT) {
		if (f->message_id[0] == '\0')
			provider_bad(w, "message_id",
			    "is needed on route dlt");
		return;
	}
	if (f->template_id[0] == '\0')
		provider_bad(w, "template_id",
		    "is needed on route dlt_manual");
	if (f->entity_id[0] == '\0')
		provider_bad(w, "entity_id", "is needed on route dlt_manual");
	if (f->template_text[0] == '\0')
		provider_bad(w, "template_text",
		    "is needed on route dlt_manual");
}

/* Each tag of the approved text has a variable that can fill it. */
static void
rules_template(struct provider_work *w)
{
	const struct provider_fast2sms	*f = &w->p->u.fast2sms;
	struct dlt_template		 t;
	char				 why[DLT_WHY_MAX];
	size_t				 i;

	if (dlt_parse(f->template_text, &t, why) != ERR_OK) {
		provider_bad(w, "template_text", "%s", why);
		return;
	}
	for (i = 0; i < t.n; i++) {
		if ((t.name[i] == NULL) != (t.name[0] == NULL)) {
			provider_bad(w, "template_text",
			    "must have tags of one kind: {#var#} or {code}");
			return;
		}
	}
	for (i = 0; i < t.n; i++) {
		if (t.name[i] != NULL && (i >= f->n_variables ||
		    strcmp(t.name[i], f->variables[i]) != 0))
			provider_bad(w, "variables", "must be left out: "
			    "template_text says what they are");
	}
	if (t.n == 0)
		provider_bad(w, "template_text", "has no variable: write "
		    "{code} or {#var#} where the code goes");
	else if (f->n_variables > 0 && t.n != f->n_variables)
		provider_bad(w, "variables", "must name the %zu variables of "
		    "template_text in order (it names %zu)", t.n,
		    f->n_variables);
}

static void
rules_variables(struct provider_work *w)
{
	const struct provider_fast2sms	*f = &w->p->u.fast2sms;
	const json_t			*list;
	bool				 has_code = false;
	size_t				 i;

	list = json_object_get(w->p->config, "variables");
	if (list != NULL && (f->n_variables == 0 ||
	    json_array_size(list) != f->n_variables))
		provider_bad(w, "variables", "must be 1 to %d names",
		    PROVIDER_VARIABLES_MAX);
	for (i = 0; i < f->n_variables; i++) {
		if (!fast2sms_is_variable(f->variables[i]))
			provider_bad(w, "variables", "must be code, "
			    "ttl_minutes, app_name, brand or request_id");
		has_code = has_code || strcmp(f->variables[i], "code") == 0;
	}
	if (f->n_variables > 0 && !has_code)
		provider_bad(w, "variables", "must hold code");
}

static void
rules_base_url(struct provider_work *w)
{
	const char		*url = w->p->u.fast2sms.base_url;
	struct egress_target	 t;
	enum egress_why		 why;
	size_t			 len = strlen(url);

	if ((why = egress_url(url, len, &t)) != EGRESS_OK ||
	    (why = egress_check(&t, w->allow)) != EGRESS_OK)
		provider_bad(w, "base_url", "%s", egress_text(why));
	else if (strchr(url, '?') != NULL)
		provider_bad(w, "base_url", "must not have a query");
}

static bool
rules_is_sender(const char *s)
{
	size_t	i;

	for (i = 0; s[i] != '\0'; i++) {
		if (!((s[i] >= 'A' && s[i] <= 'Z') ||
		    (s[i] >= 'a' && s[i] <= 'z')))
			return (false);
	}
	return (i >= 3 && i <= 6);
}

static void
rules_carrier(struct provider_work *w)
{
	const struct provider_carrier_email	*c = &w->p->u.carrier_email;
	struct carriers				 all;
	size_t					 i;

	if (c->smtp[0] == '\0')
		provider_bad(w, "smtp",
		    "must be the name of the smtp provider that sends");
	for (i = 0; i < json_array_size(c->carriers); i++)
		rules_override(w, json_array_get(c->carriers, i));
	if (w->errs->n == 0 && carriers_make(c->carriers, &all) != ERR_OK)
		provider_bad(w, "carriers", "are more than %d with those that "
		    "are shipped", CARRIERS_MAX);
}

static void
rules_override(struct provider_work *w, const json_t *v)
{
	static const char	*fields[] = {
		"id", "domain", "status", "sunset", "name", "country_code"
	};
	const char		*s[COUNT(fields)];
	struct egress_target	 t;
	enum carrier_status	 status = CARRIER_ACTIVE;
	json_t			*one;
	int64_t			 us;
	size_t			 i;

	for (i = 0; i < COUNT(fields); i++) {
		one = json_object_get(v, fields[i]);
		s[i] = json_string_value(one);
		if (!json_is_object(v) || (s[i] == NULL && one != NULL &&
		    !json_is_null(one)))
			provider_bad(w, "carriers", "must hold objects of "
			    "strings: id, domain, status, sunset");
	}
	if (s[0] == NULL || s[0][0] == '\0' || strlen(s[0]) > CARRIER_ID_MAX ||
	    s[0][strspn(s[0], "abcdefghijklmnopqrstuvwxyz0123456789_-")] !=
	    '\0')
		provider_bad(w, "carriers", "must have an id of at most %d "
		    "lower-case letters, digits, '-' and '_'", CARRIER_ID_MAX);
	else if (s[1] == NULL && !carrier_is_shipped(s[0]))
		provider_bad(w, "carriers",
		    "must have a domain: %s is not shipped", s[0]);
	if (s[1] != NULL && (strchr(s[1], '.') == NULL || egress_mail_host(
	    s[1], 25, true, &t) != EGRESS_OK || t.is_literal))
		provider_bad(w, "carriers", "must have a domain's name");
	if (s[2] != NULL && carrier_status_parse(s[2], &status) != ERR_OK)
		provider_bad(w, "carriers", "must have the status active, "
		    "unverified, sunset or dead");
	if (s[3] != NULL && !carrier_date_us(s[3], &us))
		provider_bad(w, "carriers",
		    "must have a sunset like 2027-03-31");
	if (status == CARRIER_SUNSET && s[3] == NULL)
		provider_bad(w, "carriers",
		    "must have a sunset with that status");
}

static void
rules_smtp(struct provider_work *w)
{
	const struct provider_smtp	*m = &w->p->u.smtp;
	static const char *const	 names[] = {
		[SMTP_TLS] = "tls", [SMTP_STARTTLS] = "starttls",
		[SMTP_NONE] = "none",
	};
	const char			*s;
	struct egress_target		 t;
	enum egress_why			 why;

	s = json_string_value(json_object_get(w->p->config, "security"));
	if (s != NULL && strcmp(s, names[m->security]) != 0)
		provider_bad(w, "security", "must be tls, starttls or none");
	if (m->host[0] == '\0')
		provider_bad(w, "host", "is needed");
	else if ((why = egress_mail_host(m->host, m->port, m->security !=
	    SMTP_NONE, &t)) != EGRESS_OK ||
	    (why = egress_check(&t, w->allow)) != EGRESS_OK)
		provider_bad(w, why == EGRESS_PORT ? "port" :
		    why == EGRESS_PLAIN ? "security" : "host", "%s",
		    egress_text(why));
	if (m->username[0] != '\0' && m->password[0] == '\0')
		provider_bad(w, "password", "is needed with a username");
	if (m->username[0] == '\0' && m->password[0] != '\0')
		provider_bad(w, "username", "is needed with a password");
	if (m->from[0] == '\0')
		provider_bad(w, "from", "is needed");
	else
		rules_mailbox(w, "from", m->from);
	if (m->reply_to[0] != '\0')
		rules_mailbox(w, "reply_to", m->reply_to);
}

static void
rules_mailbox(struct provider_work *w, const char *field, const char *value)
{
	char	addr[EMAIL_MAX_LEN + 1], name[MIME_NAME_MAX + 1];

	if (mime_mailbox(value, addr, name) != ERR_OK)
		provider_bad(w, field,
		    "must be an address like \"Name <codes@example.org>\"");
}
