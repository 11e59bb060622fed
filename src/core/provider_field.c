/*
 * provider_field - one field of a document: its type, its place in config or
 * secrets, and what is wrong with it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "provider_priv.h"
#include "str.h"

/* Fields that every document may have, which provider_parse.c reads. */
static const struct pf_field	pf_common[] = {
	{ "name", PF_OTHER, 0 }, { "type", PF_OTHER, 0 },
	{ "enabled", PF_BOOL, 0 }, { "priority", PF_INT, 10000 },
	{ "countries", PF_OTHER, 0 }, { "timeout_s", PF_INT, 60 },
	{ "retries", PF_OTHER, 0 }, { "backoff_ms", PF_OTHER, 0 },
	/* Shown beside a document: put back with it, it says nothing. */
	{ "state", PF_OTHER, 0 }, { "last_ok_at", PF_OTHER, 0 },
	{ "last_error_at", PF_OTHER, 0 }, { "last_error", PF_OTHER, 0 },
	{ "tested_at", PF_OTHER, 0 }, { "paused_until", PF_OTHER, 0 },
	{ "balance", PF_OTHER, 0 }, { "balance_at", PF_OTHER, 0 },
	{ "version", PF_OTHER, 0 }, { "id", PF_OTHER, 0 }, { NULL, PF_OTHER, 0 }
};

static const struct pf_field	*pf_find(const struct pf_field *f,
				    const char *name);
static void	pf_unknown(struct provider_work *w, const struct pf_field *f,
		    json_t *from, const char *part);
static void	pf_path(char field[PROVIDER_FIELD_MAX + 1], const char *part,
		    const char *name);
static bool	pf_is_auth_secret(const json_t *auth, const char *name);
static json_t	*pf_value(struct provider_work *w, const struct pf_field *f,
		    const json_t *v, const char *field);
static void	pf_whole(char *s);

void
provider_bad(struct provider_work *w, const char *field, const char *fmt, ...)
{
	struct provider_errors	*e = w->errs;
	va_list			 ap;
	size_t			 i;

	for (i = 0; i < e->n; i++) {
		if (strncmp(e->v[i].field, field, PROVIDER_FIELD_MAX) == 0)
			return;
	}
	if (e->n == COUNT(e->v))
		return;
	(void)snprintf(e->v[i].field, sizeof(e->v[i].field), "%s", field);
	va_start(ap, fmt);
	(void)vsnprintf(e->v[i].message, sizeof(e->v[i].message), fmt, ap);
	va_end(ap);
	/* Either may have been cut within a character. */
	pf_whole(e->v[i].field);
	pf_whole(e->v[i].message);
	e->n++;
}

static const struct pf_field *
pf_find(const struct pf_field *f, const char *name)
{
	for (; f->name != NULL; f++) {
		if (strcmp(f->name, name) == 0)
			return (f);
	}
	return (NULL);
}

static void
pf_unknown(struct provider_work *w, const struct pf_field *f, json_t *from,
    const char *part)
{
	char		 field[PROVIDER_FIELD_MAX + 1];
	const char	*key;
	json_t		*v;

	json_object_foreach(from, key, v) {
		if (pf_find(f, key) != NULL ||
		    (part == NULL && pf_find(pf_common, key) != NULL))
			continue;
		pf_path(field, part, key);
		provider_bad(w, field, "is no field of type %s",
		    provider_type_name(w->p->type));
	}
}

void
pf_fields(struct provider_work *w, const struct pf_field *f, json_t *from,
    const char *part)
{
	char		 field[PROVIDER_FIELD_MAX + 1];
	json_t		*to = w->p->config;
	const json_t	*v;
	const char	*path[2] = { NULL, NULL };

	pf_unknown(w, f, from, part);
	if (part != NULL)
		to = pf_child(w, to, part);
	for (; f->name != NULL; f++) {
		v = json_object_get(from, f->name);
		pf_path(field, part, f->name);
		if (f->kind == PF_SECRET) {
			/* One of a part, whatever the kind of auth calls it. */
			path[1] = part == NULL ? f->name : part;
			if (part == NULL || strcmp(part, "auth") != 0 ||
			    pf_is_auth_secret(from, f->name))
				pf_secret(w, v, field, path);
			else if (v != NULL && !json_is_null(v))
				provider_bad(w, field,
				    "does not go with this kind");
		} else if (f->kind != PF_OTHER && v != NULL &&
		    !json_is_null(v))
			pf_set(w, to, f->name, pf_value(w, f, v, field));
	}
}

static void
pf_path(char field[PROVIDER_FIELD_MAX + 1], const char *part,
    const char *name)
{
	(void)snprintf(field, PROVIDER_FIELD_MAX + 1, "%s%s%s",
	    part == NULL ? "" : part, part == NULL ? "" : ".", name);
}

/* Is |name| the secret of the kind of auth in |auth|? */
static bool
pf_is_auth_secret(const json_t *auth, const char *name)
{
	const char	*kind = json_string_value(json_object_get(auth,
			    "kind"));

	if (kind == NULL)
		return (false);
	return (strcmp(name, strcmp(kind, "basic") == 0 ? "password" :
	    strcmp(kind, "bearer") == 0 ? "token" :
	    strcmp(kind, "none") == 0 ? "" : "value") == 0);
}

/* The value as it is stored, NULL with an error added. */
static json_t *
pf_value(struct provider_work *w, const struct pf_field *f, const json_t *v,
    const char *field)
{
	char	digits[24];

	switch (f->kind) {
	case PF_BOOL:
		if (json_is_boolean(v))
			return (json_boolean(json_is_true(v)));
		/* Fast2SMS itself writes 0 and 1. */
		if (json_is_integer(v) && (json_integer_value(v) == 0 ||
		    json_integer_value(v) == 1))
			return (json_boolean(json_integer_value(v) == 1));
		provider_bad(w, field, "must be true or false");
		return (NULL);
	case PF_INT:
		if (json_is_integer(v) && json_integer_value(v) >= 1 &&
		    json_integer_value(v) <= (json_int_t)f->max)
			return (json_integer(json_integer_value(v)));
		provider_bad(w, field, "must be a whole number from 1 to %zu",
		    f->max);
		return (NULL);
	case PF_DIGITS:
		if (json_is_integer(v) && json_integer_value(v) >= 0) {
			(void)snprintf(digits, sizeof(digits), "%lld",
			    (long long)json_integer_value(v));
			return (json_string(digits));
		}
		break;
	case PF_TEXT:
	case PF_SECRET:
	case PF_OTHER:
		break;
	}
	return (pf_text(w, f, v, field));
}

json_t *
pf_text(struct provider_work *w, const struct pf_field *f, const json_t *v,
    const char *field)
{
	const char	*s = json_string_value(v);
	size_t		 i;

	if (s == NULL) {
		provider_bad(w, field, "must be a string");
		return (NULL);
	}
	if (json_string_length(v) > f->max) {
		provider_bad(w, field, "must be at most %zu bytes", f->max);
		return (NULL);
	}
	for (i = 0; s[i] != '\0'; i++) {
		if (f->kind == PF_DIGITS && (s[i] < '0' || s[i] > '9')) {
			provider_bad(w, field, "must be digits");
			return (NULL);
		}
		if (((unsigned char)s[i] < 0x20 && (s[i] != '\n' ||
		    f->kind != PF_TEXT)) || s[i] == 0x7f) {
			provider_bad(w, field,
			    "must not hold control characters");
			return (NULL);
		}
	}
	return (json_string(s));
}

void
pf_secret(struct provider_work *w, const json_t *v, const char *field,
    const char *const path[2])
{
	static const struct pf_field	 text = {
		"", PF_SECRET, PF_SECRET_MAX
	};
	json_t				*to = w->p->secrets, *old;
	bool				 is_kept;

	is_kept = v == NULL || json_is_null(v) ||
	    (json_is_object(v) && json_is_true(json_object_get(v, "set")) &&
	    !json_is_string(json_object_get(v, "value")));
	if (!is_kept) {
		if (path[0] != NULL)
			to = pf_child(w, to, path[0]);
		if (json_is_object(v))
			v = json_object_get(v, "value");
		pf_set(w, to, path[1], pf_text(w, &text, v, field));
		return;
	}
	old = w->old == NULL ? NULL : w->old->secrets;
	if (old != NULL && path[0] != NULL)
		old = json_object_get(old, path[0]);
	if (old == NULL || (old = json_object_get(old, path[1])) == NULL)
		return;			/* the rules say whether it is needed */
	if (path[0] != NULL)
		to = pf_child(w, to, path[0]);
	pf_set(w, to, path[1], json_deep_copy(old));
	if (w->n_kept < COUNT(w->kept)) {
		(void)snprintf(w->kept[w->n_kept].field,
		    sizeof(w->kept[0].field), "%s", field);
		w->n_kept++;
	}
}

/* Takes |v|, which may be NULL after an error that is told. */
void
pf_set(struct provider_work *w, json_t *to, const char *name, json_t *v)
{
	if (v == NULL) {
		if (w->errs->n == 0)
			w->is_nomem = true;
	} else if (json_object_set_new(to, name, v) != 0)
		w->is_nomem = true;
}

/* The object |name| of |of|, made when it is not there; borrowed. */
json_t *
pf_child(struct provider_work *w, json_t *of, const char *name)
{
	json_t	*v = json_object_get(of, name);

	if (v == NULL)
		pf_set(w, of, name, json_object());
	return (v != NULL ? v : json_object_get(of, name));
}

/* Cuts |s| where it stops being UTF-8. */
static void
pf_whole(char *s)
{
	size_t	len = strlen(s);

	while (len > 0 && !str_is_utf8(s, len))
		s[--len] = '\0';
}
