/*
 * provider_parse - a document from an administrator: which fields there are,
 * what type each has, and which of them are sealed.  What the values mean is
 * checked by provider_rules.c.  Ref: api.md s.6.
 */
#include <stdio.h>
#include <string.h>

#include "dialling.h"
#include "mem.h"
#include "provider_priv.h"
#include "str.h"

static const struct pf_field	pf_generic[] = {
	{ "method", PF_TEXT, 8 }, { "url", PF_TEXT, 2048 },
	{ "headers", PF_OTHER, 0 }, { "auth", PF_OTHER, 0 },
	{ "signature", PF_OTHER, 0 },
	{ "content_type", PF_TEXT, 100 }, { "body", PF_OTHER, 0 },
	{ "success", PF_OTHER, 0 }, { "errors", PF_OTHER, 0 },
	{ "message_id_pointer", PF_TEXT, 256 }, { "sender", PF_TEXT, 40 },
	{ "secrets", PF_OTHER, 0 }, { "number_format", PF_TEXT, 16 },
	{ "template_id", PF_TEXT, PF_TEMPLATE_ID_MAX },
	{ "template_ids", PF_OTHER, 0 }, { "receipt", PF_OTHER, 0 },
	{ "cost_pointer", PF_TEXT, 256 }, { "cost_unit", PF_TEXT, 16 },
	{ NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_fast2sms[] = {
	{ "api_key", PF_SECRET, 512 }, { "route", PF_TEXT, 16 },
	{ "sender_id", PF_TEXT, 16 }, { "message_id", PF_DIGITS, 24 },
	{ "template_id", PF_DIGITS, 24 }, { "entity_id", PF_DIGITS, 24 },
	{ "template_text", PF_TEXT, 2000 }, { "variables", PF_OTHER, 0 },
	{ "flash", PF_BOOL, 0 }, { "base_url", PF_TEXT, 512 },
	{ "receipt", PF_OTHER, 0 },
	{ NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_carrier[] = {
	{ "smtp", PF_TEXT, 400 }, { "carriers", PF_OTHER, 0 },
	{ NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_smtp[] = {
	{ "host", PF_TEXT, 253 }, { "port", PF_INT, 65535 },
	{ "security", PF_TEXT, 16 }, { "username", PF_TEXT, 320 },
	{ "password", PF_SECRET, 1024 }, { "from", PF_TEXT, 400 },
	{ "reply_to", PF_TEXT, 400 }, { NULL, PF_OTHER, 0 }
};

static const struct pf_field *const	pf_types[PROVIDER_TYPE_MAX] = {
	[PROVIDER_GENERIC] = pf_generic, [PROVIDER_FAST2SMS] = pf_fast2sms,
	[PROVIDER_CARRIER_EMAIL] = pf_carrier, [PROVIDER_SMTP] = pf_smtp,
};

static void	pf_name(struct provider_work *w);
static void	pf_numbers(struct provider_work *w);
static bool	pf_number(struct provider_work *w, const char *name, int min,
		    int max, int *out);
static void	pf_countries(struct provider_work *w);
static void	pf_array(struct provider_work *w, const char *name);
static void	pf_kept(struct provider_work *w);

enum err
provider_parse(const struct provider_parse_args *a, struct provider **out,
    struct provider_errors *errs)
{
	struct provider_work	 w = { .doc = a->doc, .old = a->old,
		.allow = a->allow, .errs = errs };
	const char		*type;

	errs->n = 0;
	*out = NULL;
	if ((w.p = mem_new(sizeof(*w.p))) == NULL)
		return (ERR_NOMEM);
	w.p->config = json_object();
	w.p->secrets = json_object();
	type = json_string_value(json_object_get(a->doc, "type"));
	pf_name(&w);
	pf_numbers(&w);
	pf_countries(&w);
	if (type == NULL || provider_type_parse(type, &w.p->type) != ERR_OK)
		provider_bad(&w, "type", "must be generic, fast2sms, "
		    "carrier_email or smtp");
	else {
		if (w.old != NULL && w.old->type != w.p->type)
			w.old = NULL;
		pf_fields(&w, pf_types[w.p->type], a->doc, NULL);
		if (w.p->type == PROVIDER_GENERIC)
			pf_generic_parts(&w);
		if (w.p->type == PROVIDER_FAST2SMS)
			pf_array(&w, "variables");
		if (w.p->type == PROVIDER_CARRIER_EMAIL)
			pf_array(&w, "carriers");
		if (w.p->type == PROVIDER_GENERIC ||
		    w.p->type == PROVIDER_FAST2SMS)
			pf_receipt(&w);
		provider_bind(w.p);
		provider_rules(&w);
		provider_rules_receipt(&w);
		pf_kept(&w);
	}
	if (!w.is_nomem && errs->n == 0) {
		*out = w.p;
		return (ERR_OK);
	}
	provider_free(w.p);
	return (w.is_nomem ? ERR_NOMEM : ERR_FORMAT);
}

static void
pf_name(struct provider_work *w)
{
	const json_t	*v = json_object_get(w->doc, "name");
	const char	*s = json_string_value(v);
	size_t		 len = json_string_length(v), i;

	if (s == NULL || len == 0 ||
	    str_utf8_count(s, len) > PROVIDER_NAME_MAX) {
		provider_bad(w, "name", "must be 1 to 100 characters");
		return;
	}
	for (i = 0; i < len; i++) {
		/* It is a segment of a path in the console's interface. */
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f ||
		    s[i] == '/') {
			provider_bad(w, "name",
			    "must not hold '/' or control characters");
			return;
		}
	}
	memcpy(w->p->name, s, len + 1);
}

static void
pf_numbers(struct provider_work *w)
{
	const json_t	*enabled = json_object_get(w->doc, "enabled");
	int		 n;

	w->p->is_enabled = true;
	w->p->priority = 100;
	w->p->timeout_s = 10;
	if (json_is_boolean(enabled))
		w->p->is_enabled = json_is_true(enabled);
	else if (enabled != NULL && !json_is_null(enabled))
		provider_bad(w, "enabled", "must be true or false");
	(void)pf_number(w, "priority", 0, 10000, &w->p->priority);
	(void)pf_number(w, "timeout_s", 1, 60, &w->p->timeout_s);
	if (pf_number(w, "retries", 0, PROVIDER_RETRIES_MAX, &n))
		pf_set(w, w->p->config, "retries", json_integer(n));
	if (pf_number(w, "backoff_ms", PROVIDER_BACKOFF_MIN_MS,
	    PROVIDER_BACKOFF_MAX_MS, &n))
		pf_set(w, w->p->config, "backoff_ms", json_integer(n));
}

/* False: it is not given, or wrong and told so. */
static bool
pf_number(struct provider_work *w, const char *name, int min, int max,
    int *out)
{
	const json_t	*v = json_object_get(w->doc, name);

	if (v == NULL || json_is_null(v))
		return (false);
	if (!json_is_integer(v) || json_integer_value(v) < min ||
	    json_integer_value(v) > max) {
		provider_bad(w, name, "must be a whole number from %d to %d",
		    min, max);
		return (false);
	}
	*out = (int)json_integer_value(v);
	return (true);
}

static void
pf_countries(struct provider_work *w)
{
	json_t		*list = json_object_get(w->doc, "countries"), *v;
	char		 code[8];
	const char	*s;
	size_t		 i;

	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list) ||
	    json_array_size(list) > PROVIDER_COUNTRIES_MAX) {
		provider_bad(w, "countries",
		    "must be an array of at most 64 dialling codes");
		return;
	}
	json_array_foreach(list, i, v) {
		code[0] = '\0';
		if (json_is_integer(v) && json_integer_value(v) > 0 &&
		    json_integer_value(v) < 1000)
			(void)snprintf(code, sizeof(code), "%d",
			    (int)json_integer_value(v));
		else if ((s = json_string_value(v)) != NULL &&
		    strlen(s) < sizeof(code))
			(void)snprintf(code, sizeof(code), "%s",
			    s[0] == '+' ? s + 1 : s);
		if (!dialling_is_code(code)) {
			provider_bad(w, "countries",
			    "must hold dialling codes, like \"91\"");
			return;
		}
		memcpy(w->p->countries[w->p->n_countries++], code,
		    strlen(code) + 1);
	}
}

/* Its elements are the rules' business. */
static void
pf_array(struct provider_work *w, const char *name)
{
	const json_t	*v = json_object_get(w->doc, name);

	if (v == NULL || json_is_null(v))
		return;
	if (!json_is_array(v))
		provider_bad(w, name, "must be an array");
	else
		pf_set(w, w->p->config, name, json_deep_copy(v));
}

/* A stored secret stays with the host that it was given for. */
static void
pf_kept(struct provider_work *w)
{
	char	was[PROVIDER_HOST_CAP], is[PROVIDER_HOST_CAP];
	size_t	i;

	if (w->n_kept == 0)
		return;
	provider_host(w->old, was);
	provider_host(w->p, is);
	for (i = 0; i < w->n_kept && strcmp(was, is) != 0; i++)
		provider_bad(w, w->kept[i].field,
		    "must be given again, since the host is another");
}

