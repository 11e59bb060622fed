/*
 * provider - see provider.h.  Owns what there is of a provider between the
 * database and the dispatcher; documents are read by provider_parse.c.
 */
#include "provider.h"

#include <string.h>

#include "codec.h"
#include "dialling.h"
#include "json_in.h"
#include "json_out.h"
#include "mem.h"
#include "placeholder.h"
#include "provider_priv.h"
#include "str.h"

#define PROVIDER_MASK_MIN	4	/* shorter ones would mask every text */
#define PROVIDER_CRED_MAX	8192

static const char *const	provider_types[PROVIDER_TYPE_MAX] = {
	[PROVIDER_GENERIC] = "generic", [PROVIDER_FAST2SMS] = "fast2sms",
	[PROVIDER_CARRIER_EMAIL] = "carrier_email", [PROVIDER_SMTP] = "smtp",
};

/* Spellings of secrets, longest first when masked. */
#define PROVIDER_SPELLINGS_MAX	((2 * PROVIDER_HEADERS_MAX + 3) * 4 + 1)
struct provider_spellings {
	struct buf	v[PROVIDER_SPELLINGS_MAX];
	size_t		n;
};

static enum err	provider_load_json(const char *text, json_t **out);
static enum err	provider_load_countries(struct provider *p, const char *s);
static void	provider_export_common(const struct provider *p, json_t *doc);
static void	provider_export_secrets(const struct provider *p,
		    json_t *doc);
static void	provider_spell(struct provider_spellings *all, json_t *secrets);
static void	provider_spell_one(struct provider_spellings *all,
		    const char *secret);
static void	provider_spell_basic(struct provider_spellings *all,
		    const struct provider_generic *g);
static size_t	provider_mask_at(const struct provider_spellings *all,
		    const char *s, size_t len, bool is_cut);

enum err
provider_load(const struct provider_row *row, struct provider **out)
{
	struct provider	*p;
	size_t		 len = strlen(row->name);
	enum err	 r = ERR_FORMAT;

	*out = NULL;
	if ((p = mem_new(sizeof(*p))) == NULL)
		return (ERR_NOMEM);
	if (len >= sizeof(p->name) ||
	    provider_type_parse(row->type, &p->type) != ERR_OK)
		goto done;
	memcpy(p->name, row->name, len + 1);
	p->is_enabled = row->is_enabled;
	p->priority = row->priority;
	p->timeout_s = row->timeout_s;
	if ((r = provider_load_countries(p, row->countries)) != ERR_OK ||
	    (r = provider_load_json(row->config, &p->config)) != ERR_OK ||
	    (r = provider_load_json(row->secrets == NULL ? "{}" : row->secrets,
	    &p->secrets)) != ERR_OK)
		goto done;
	provider_bind(p);
	*out = p;
	return (ERR_OK);
done:
	provider_free(p);
	return (r);
}

void
provider_free(struct provider *p)
{
	if (p == NULL)
		return;
	json_decref(p->config);
	json_wipe(p->secrets);
	mem_free(p);
}

void
provider_config_json(const struct provider *p, struct buf *out)
{
	json_out(p->config, out);
}

void
provider_secrets_json(const struct provider *p, struct buf *out)
{
	json_out(p->secrets, out);
}

bool
provider_has_secrets(const struct provider *p)
{
	return (json_object_size(p->secrets) > 0);
}

void
provider_export_json(const struct provider *p, struct buf *out)
{
	json_t	*doc = json_object(), *config = json_deep_copy(p->config);

	provider_export_common(p, doc);
	if (json_object_update(doc, config) != 0)
		out->err = ERR_NOMEM;
	provider_export_secrets(p, doc);
	json_out(doc, out);
	json_decref(config);
	json_decref(doc);
}

void
provider_countries_text(const struct provider *p, struct buf *out)
{
	size_t	i;

	for (i = 0; i < p->n_countries; i++) {
		if (i > 0)
			buf_char(out, ',');
		buf_str(out, p->countries[i]);
	}
}

void
provider_errors_json(const struct provider_errors *e, struct buf *out)
{
	size_t	i;

	buf_char(out, '[');
	for (i = 0; i < e->n; i++) {
		buf_str(out, i > 0 ? ",{\"field\":" : "{\"field\":");
		buf_json(out, e->v[i].field, strlen(e->v[i].field));
		buf_str(out, ",\"message\":");
		buf_json(out, e->v[i].message, strlen(e->v[i].message));
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

const char *
provider_type_name(enum provider_type t)
{
	return (provider_types[t]);
}

enum err
provider_type_parse(const char *s, enum provider_type *out)
{
	int	i;

	for (i = 0; i < PROVIDER_TYPE_MAX; i++) {
		if (strcmp(s, provider_types[i]) == 0) {
			*out = (enum provider_type)i;
			return (ERR_OK);
		}
	}
	return (ERR_NOT_FOUND);
}

bool
provider_is_sms(const struct provider *p)
{
	return (p->type != PROVIDER_SMTP);
}

bool
provider_serves(const struct provider *p, const char *e164)
{
	char	code[4];
	size_t	i;

	dialling_code(e164, code);
	for (i = 0; i < p->n_countries; i++) {
		if (strcmp(p->countries[i], code) == 0)
			return (true);
	}
	return (p->n_countries == 0);
}

bool
provider_has_free_text(const struct provider *p)
{
	if (p->type == PROVIDER_FAST2SMS)
		return (p->u.fast2sms.route == F2S_QUICK);
	return (p->type != PROVIDER_GENERIC ||
	    (p->u.generic.used & PH_BIT(PH_MESSAGE)) != 0);
}

void
provider_mask(const struct provider *p, const char *s, size_t len,
    bool is_cut, struct buf *out)
{
	struct provider_spellings	*all;
	size_t				 i, n;

	if ((all = mem_new(sizeof(*all))) == NULL) {
		out->err = ERR_NOMEM;
		return;
	}
	provider_spell(all, p->secrets);
	if (p->type == PROVIDER_GENERIC && p->u.generic.auth == AUTH_BASIC)
		provider_spell_basic(all, &p->u.generic);
	for (i = 0; i < all->n; i++) {
		if (buf_err(&all->v[i]) != ERR_OK)
			out->err = buf_err(&all->v[i]);
	}
	for (i = 0; i < len; i += n) {
		if ((n = provider_mask_at(all, s + i, len - i,
		    is_cut)) > 0)
			buf_str(out, "***");
		else
			buf_add(out, s + i, n = 1);
	}
	for (i = 0; i < all->n; i++)
		buf_clear(&all->v[i]);
	mem_free(all);
}

static enum err
provider_load_json(const char *text, json_t **out)
{
	return (json_in_object(text, strlen(text), out));
}

static enum err
provider_load_countries(struct provider *p, const char *s)
{
	size_t	n;

	while (*s != '\0') {
		n = strcspn(s, ",");
		if (p->n_countries == PROVIDER_COUNTRIES_MAX ||
		    str_copy(p->countries[p->n_countries],
		    sizeof(p->countries[0]), s, n) != ERR_OK)
			return (ERR_FORMAT);
		p->n_countries++;
		s += s[n] == ',' ? n + 1 : n;
	}
	return (ERR_OK);
}

static void
provider_export_common(const struct provider *p, json_t *doc)
{
	json_t	*countries = json_array();
	size_t	 i;

	for (i = 0; i < p->n_countries; i++)
		(void)json_array_append_new(countries,
		    json_string(p->countries[i]));
	(void)json_object_set_new(doc, "name", json_string(p->name));
	(void)json_object_set_new(doc, "type",
	    json_string(provider_types[p->type]));
	(void)json_object_set_new(doc, "enabled", json_boolean(p->is_enabled));
	(void)json_object_set_new(doc, "priority", json_integer(p->priority));
	(void)json_object_set_new(doc, "countries", countries);
	(void)json_object_set_new(doc, "timeout_s",
	    json_integer(p->timeout_s));
}

/* Every secret there is becomes {"set":true} in its place. */
static void
provider_export_secrets(const struct provider *p, json_t *doc)
{
	static const char *const	 in_auth[] = {
		[AUTH_NONE] = NULL, [AUTH_BASIC] = "password",
		[AUTH_BEARER] = "token", [AUTH_HEADER] = "value",
		[AUTH_QUERY] = "value",
	};
	json_t				*v, *named, *to;
	const char			*key, *name, *field;

	json_object_foreach(p->secrets, key, v) {
		if (strcmp(key, "receipt") == 0) {
			(void)json_object_set_new(json_object_get(doc, key),
			    "secret", json_pack("{s:b}", "set", 1));
			continue;
		}
		if (json_is_string(v) && strcmp(key, "auth") != 0 &&
		    strcmp(key, "signature") != 0) {
			(void)json_object_set_new(doc, key,
			    json_pack("{s:b}", "set", 1));
			continue;
		}
		if (json_is_string(v)) {
			field = strcmp(key, "auth") != 0 ? "secret" :
			    in_auth[p->u.generic.auth];
			to = json_object_get(doc, key);
			if (field != NULL)
				(void)json_object_set_new(to, field,
				    json_pack("{s:b}", "set", 1));
			continue;
		}
		/* headers are there already, secrets is not */
		if ((to = json_object_get(doc, key)) == NULL) {
			to = json_object();
			(void)json_object_set_new(doc, key, to);
		}
		json_object_foreach(v, name, named)
			(void)json_object_set_new(to, name, strcmp(key,
			    "headers") == 0 ? json_pack("{s:b,s:b}", "secret",
			    1, "set", 1) : json_pack("{s:b}", "set", 1));
	}
}

static void
provider_spell(struct provider_spellings *all, json_t *secrets)
{
	const char	*key;
	json_t		*v;

	json_object_foreach(secrets, key, v) {
		if (json_is_object(v))
			provider_spell(all, v);
		else if (json_is_string(v))
			provider_spell_one(all, json_string_value(v));
	}
}

static void
provider_spell_one(struct provider_spellings *all, const char *secret)
{
	static const enum placeholder_context	 as[] = {
		PH_IN_TEXT, PH_IN_URL, PH_IN_JSON, PH_IN_XML
	};
	size_t					 i;

	if (strlen(secret) < PROVIDER_MASK_MIN)
		return;
	for (i = 0; i < COUNT(as) && all->n < COUNT(all->v); i++) {
		buf_init(&all->v[all->n], PROVIDER_DOC_MAX);
		placeholder_escape(secret, as[i], &all->v[all->n++]);
	}
}

/* What stands behind "Basic " (RFC 7617 s.2). */
static void
provider_spell_basic(struct provider_spellings *all,
    const struct provider_generic *g)
{
	char		 text[CODEC_B64_LEN(PROVIDER_CRED_MAX) + 1];
	struct buf	 cred;

	if (all->n == COUNT(all->v))
		return;
	buf_init(&cred, PROVIDER_CRED_MAX);
	buf_printf(&cred, "%s:%s", g->auth_name, g->auth_secret);
	buf_init(&all->v[all->n], sizeof(text));
	if (buf_err(&cred) == ERR_OK) {
		b64_encode(cred.data, cred.len, text);
		buf_str(&all->v[all->n], text);
	}
	all->n++;
	buf_clear(&cred);
	mem_wipe(text, sizeof(text));
}

/* Bytes of the longest spelling that stands at |s|, or of what a cut left of
 * one. */
static size_t
provider_mask_at(const struct provider_spellings *all, const char *s,
    size_t len, bool is_cut)
{
	size_t	best = 0, i, n;

	for (i = 0; i < all->n; i++) {
		n = all->v[i].len;
		if (is_cut && n > len)
			n = len;
		if (n > best && n <= len &&
		    memcmp(all->v[i].data, s, n) == 0)
			best = n;
	}
	return (best);
}
