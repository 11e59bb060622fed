/*
 * provider_parts - what a generic document has beside plain fields: auth,
 * signature, body, success, errors, template_ids, headers, secrets.
 * Ref: api.md s.6.
 */
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "json_out.h"
#include "provider_priv.h"

#define PF_BODY_MAX	16384
#define PF_HEADER_MAX	2048
#define PF_MAP_MAX	64
#define PF_NAME_MAX	32
#define PF_NAME_CHARS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789_"

static const struct pf_field	pf_auth[] = {
	{ "kind", PF_TEXT, 16 }, { "username", PF_TEXT, 320 },
	{ "name", PF_TEXT, 100 }, { "password", PF_SECRET, PF_SECRET_MAX },
	{ "token", PF_SECRET, PF_SECRET_MAX },
	{ "value", PF_SECRET, PF_SECRET_MAX }, { NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_signature[] = {
	{ "secret", PF_SECRET, PF_SECRET_MAX }, { "header", PF_TEXT, 64 },
	{ "timestamp_header", PF_TEXT, 64 }, { "encoding", PF_TEXT, 16 },
	{ "prefix", PF_TEXT, 64 }, { NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_success_fields[] = {
	{ "status", PF_OTHER, 0 }, { "pointer", PF_TEXT, 256 },
	{ "equals", PF_OTHER, 0 }, { "matches", PF_TEXT, 200 },
	{ NULL, PF_OTHER, 0 }
};

static const struct pf_field	pf_error_fields[] = {
	{ "pointer", PF_TEXT, 256 }, { "map", PF_OTHER, 0 },
	{ NULL, PF_OTHER, 0 }
};

static void	pf_part(struct provider_work *w, const char *name,
		    const struct pf_field *f);
static void	pf_body(struct provider_work *w);
static void	pf_success(struct provider_work *w);
static void	pf_map(struct provider_work *w);
static void	pf_template_ids(struct provider_work *w);
static void	pf_headers(struct provider_work *w);
static void	pf_named_secrets(struct provider_work *w);

void
pf_generic_parts(struct provider_work *w)
{
	pf_part(w, "auth", pf_auth);
	pf_part(w, "signature", pf_signature);
	pf_part(w, "success", pf_success_fields);
	pf_part(w, "errors", pf_error_fields);
	pf_body(w);
	pf_success(w);
	pf_map(w);
	pf_template_ids(w);
	pf_headers(w);
	pf_named_secrets(w);
}

/* An object within the document. */
static void
pf_part(struct provider_work *w, const char *name, const struct pf_field *f)
{
	json_t	*v = json_object_get(w->doc, name);

	if (v == NULL || json_is_null(v))
		return;
	if (json_is_object(v))
		pf_fields(w, f, v, name);
	else
		provider_bad(w, name, "must be an object");
}

/* The body is text; for JSON the object itself will do. */
static void
pf_body(struct provider_work *w)
{
	static const struct pf_field	 text = { "", PF_TEXT, PF_BODY_MAX };
	const json_t			*v = json_object_get(w->doc, "body");
	struct buf			 b;

	if (v == NULL || json_is_null(v))
		return;
	if (!json_is_object(v) && !json_is_array(v)) {
		pf_set(w, w->p->config, "body", pf_text(w, &text, v, "body"));
		return;
	}
	buf_init(&b, PF_BODY_MAX);
	json_out(v, &b);
	if (buf_err(&b) == ERR_OK)
		pf_set(w, w->p->config, "body", json_string(b.data));
	else if (buf_err(&b) == ERR_SPACE)
		provider_bad(w, "body", "must be at most %d bytes",
		    PF_BODY_MAX);
	else
		w->is_nomem = true;
	buf_clear(&b);
}

/* success.status may be a number; success.equals is any scalar. */
static void
pf_success(struct provider_work *w)
{
	json_t		*success = json_object_get(w->doc, "success");
	const json_t	*v;
	json_t		*to;
	char		 status[16];

	if (!json_is_object(success))
		return;
	to = pf_child(w, w->p->config, "success");
	v = json_object_get(success, "status");
	if (json_is_integer(v)) {
		(void)snprintf(status, sizeof(status), "%d",
		    (int)(json_integer_value(v) % 100000));
		pf_set(w, to, "status", json_string(status));
	} else if (json_is_string(v))
		pf_set(w, to, "status", json_deep_copy(v));
	else if (v != NULL && !json_is_null(v))
		provider_bad(w, "success.status",
		    "must be a string like \"2xx\" or \"200,202\"");
	v = json_object_get(success, "equals");
	if (json_is_object(v) || json_is_array(v))
		provider_bad(w, "success.equals",
		    "must be a string, a number, true, false or null");
	else if (v != NULL)
		pf_set(w, to, "equals", json_deep_copy(v));
}

static void
pf_map(struct provider_work *w)
{
	json_t		*map = json_object_get(json_object_get(w->doc,
			    "errors"), "map");

	if (map == NULL || json_is_null(map))
		return;
	if (!json_is_object(map) || json_object_size(map) > PF_MAP_MAX) {
		provider_bad(w, "errors.map",
		    "must be an object of at most %d values", PF_MAP_MAX);
		return;
	}
	pf_set(w, pf_child(w, w->p->config, "errors"), "map",
	    json_deep_copy(map));
}

/* Keys are the rules' business. */
static void
pf_template_ids(struct provider_work *w)
{
	static const struct pf_field	 text = {
		"", PF_TEXT, PF_TEMPLATE_ID_MAX
	};
	json_t				*from, *v, *to;
	const char			*name;
	char				 field[PROVIDER_FIELD_MAX + 1];

	from = json_object_get(w->doc, "template_ids");
	if (from == NULL || json_is_null(from))
		return;
	if (!json_is_object(from) || json_object_size(from) > PF_MAP_MAX) {
		provider_bad(w, "template_ids",
		    "must be an object of at most %d ids", PF_MAP_MAX);
		return;
	}
	to = pf_child(w, w->p->config, "template_ids");
	json_object_foreach(from, name, v) {
		(void)snprintf(field, sizeof(field), "template_ids.%s", name);
		pf_set(w, to, name, pf_text(w, &text, v, field));
	}
}

/* {"Name":"value"} or {"Name":{"value":"..","secret":true}}. */
static void
pf_headers(struct provider_work *w)
{
	static const struct pf_field	 text = { "", PF_TEXT, PF_HEADER_MAX };
	json_t				*from, *v, *to;
	const char			*name, *path[2] = { "headers", NULL };
	char				 field[PROVIDER_FIELD_MAX + 1];

	from = json_object_get(w->doc, "headers");
	if (from == NULL || json_is_null(from))
		return;
	if (!json_is_object(from) ||
	    json_object_size(from) > PROVIDER_HEADERS_MAX) {
		provider_bad(w, "headers", "must be an object of at most %d "
		    "headers", PROVIDER_HEADERS_MAX);
		return;
	}
	to = pf_child(w, w->p->config, "headers");
	json_object_foreach(from, name, v) {
		(void)snprintf(field, sizeof(field), "headers.%s", name);
		if (json_is_object(v) && (json_is_true(json_object_get(v,
		    "secret")) || json_is_true(json_object_get(v, "set")))) {
			path[1] = name;
			pf_set(w, to, name, json_pack("{s:b}", "secret", 1));
			pf_secret(w, v, field, path);
		} else
			pf_set(w, to, name, pf_text(w, &text,
			    json_is_object(v) ? json_object_get(v, "value") :
			    v, field));
	}
}

/* Values for {secret.NAME}. */
static void
pf_named_secrets(struct provider_work *w)
{
	json_t		*from = json_object_get(w->doc, "secrets"), *v;
	const char	*name, *path[2] = { "secrets", NULL };
	char		 field[PROVIDER_FIELD_MAX + 1];

	if (from == NULL || json_is_null(from))
		return;
	if (!json_is_object(from) ||
	    json_object_size(from) > PROVIDER_HEADERS_MAX) {
		provider_bad(w, "secrets", "must be an object of at most %d "
		    "values", PROVIDER_HEADERS_MAX);
		return;
	}
	json_object_foreach(from, name, v) {
		(void)snprintf(field, sizeof(field), "secrets.%s", name);
		if (name[0] == '\0' || strlen(name) > PF_NAME_MAX ||
		    name[strspn(name, PF_NAME_CHARS)] != '\0') {
			provider_bad(w, field, "must have a name of at most "
			    "%d letters, digits and '_'", PF_NAME_MAX);
			continue;
		}
		path[1] = name;
		pf_secret(w, v, field, path);
	}
}
