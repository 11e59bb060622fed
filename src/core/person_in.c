/*
 * person_in - see person_in.h.
 */
#include "person_in.h"

#include <string.h>

#include "person_field.h"
#include "str.h"
#include "uuid.h"

static enum err	person_in_text(struct person_in *p, const json_t *body,
		    enum person_field f, const char *cc, bool is_new);
static enum err	person_in_bool(struct person_in *p, const json_t *body,
		    const char *name);
static enum err	person_in_apps(struct person_in *p, const json_t *v);
static void	person_in_password(struct person_in *p, const json_t *v,
		    bool is_new);
static enum err	person_filter_one(size_t i, const char *v, json_t *filters,
		    json_t **errors);
static bool	person_filter_ok(size_t i, const char *v);
static const char	*person_filter_of_json(void *arg, const char *name);

enum filter_kind {
	FILTER_WORD,		/* one of .words */
	FILTER_UUID,
	FILTER_DAYS,
	FILTER_SEARCH
};

static const struct {
	const char		*name;
	enum filter_kind	 kind;
	const char		*words[5];
	const char		*message;
} person_filters[] = {
	{ "status", FILTER_WORD, { "active", "disabled" },
	    "Send active or disabled." },
	{ "admin", FILTER_WORD, { "1" }, "Send 1." },
	{ "app", FILTER_UUID, { NULL }, "Send the id of an application." },
	{ "mfa", FILTER_WORD, { "none", "on", "totp" },
	    "Send none, on or totp." },
	{ "never", FILTER_WORD, { "1" }, "Send 1." },
	{ "inactive_days", FILTER_DAYS, { NULL }, "Send 1 to 36500 days." },
	{ "import", FILTER_UUID, { NULL }, "Send the id of an import." },
	{ "source", FILTER_WORD, { "console", "cli", "import", "setup" },
	    "Send console, cli, import or setup." },
	{ "q", FILTER_SEARCH, { NULL },
	    "Type two characters at least, 200 at most." },
};

/* A JSON object and room for a number of it as text. */
struct person_filter_src {
	const json_t	*o;
	char		 text[24];
};

enum err
person_in_read(const json_t *body, const char *cc, bool is_new,
    struct person_in *out)
{
	const json_t	*v;
	enum err	 r;
	int		 f;

	memset(out, 0, sizeof(*out));
	if ((out->fields = json_object()) == NULL)
		return (ERR_NOMEM);
	for (f = PERSON_NAME; f <= PERSON_CARRIER; f++)
		if ((r = person_in_text(out, body, (enum person_field)f, cc,
		    is_new)) != ERR_OK)
			return (r);
	if ((r = person_in_bool(out, body, "mfa_enabled")) != ERR_OK ||
	    (r = person_in_bool(out, body, "is_admin")) != ERR_OK)
		return (r);
	v = json_object_get(out->fields, "is_admin");
	out->has_admin = v != NULL;
	out->is_admin = json_is_true(v);
	if ((v = json_object_get(body, "applications")) != NULL &&
	    (r = person_in_apps(out, v)) != ERR_OK)
		return (r);
	if ((v = json_object_get(body, "password")) != NULL &&
	    !json_is_null(v))
		person_in_password(out, v, is_new);
	return (out->errors == NULL ? ERR_OK : ERR_FORMAT);
}

void
person_in_clear(struct person_in *p)
{
	json_decref(p->fields);
	json_decref(p->errors);
	memset(p, 0, sizeof(*p));
}

enum err
person_filter_read(person_filter_fn get, void *arg, json_t **filters,
    json_t **errors)
{
	const char	*v;
	enum err	 r = ERR_OK;
	size_t		 i;

	*errors = NULL;
	if ((*filters = json_object()) == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < COUNT(person_filters) && r == ERR_OK; i++)
		if ((v = get(arg, person_filters[i].name)) != NULL &&
		    v[0] != '\0')
			r = person_filter_one(i, v, *filters, errors);
	if (r == ERR_OK && *errors != NULL)
		r = ERR_FORMAT;
	if (r != ERR_OK) {
		json_decref(*filters);
		*filters = NULL;
	}
	return (r);
}

enum err
person_filter_json(const json_t *o, json_t **filters, json_t **errors)
{
	struct person_filter_src	src = { .o = o };

	return (person_filter_read(person_filter_of_json, &src, filters,
	    errors));
}

void
person_in_error(json_t **errors, const char *field, const char *message)
{
	if (*errors == NULL)
		*errors = json_array();
	/* Without memory the list is shorter, and still not empty or NULL. */
	if (*errors != NULL)
		(void)json_array_append_new(*errors, json_pack("{ssss}",
		    "field", field, "message", message));
}

bool
person_in_uuids(const json_t *a, size_t max)
{
	struct uuid	 u;
	const json_t	*v;
	size_t		 i;

	if (!json_is_array(a) || json_array_size(a) > max)
		return (false);
	json_array_foreach(a, i, v) {
		if (!json_is_string(v) || uuid_parse(json_string_value(v),
		    json_string_length(v), &u) != ERR_OK)
			return (false);
	}
	return (true);
}

/* Null and "" take a value away; a name cannot be taken away. */
static enum err
person_in_text(struct person_in *p, const json_t *body, enum person_field f,
    const char *cc, bool is_new)
{
	char		 out[PERSON_FIELD_MAX + 1] = "";
	const char	*name = person_field_name(f);
	const json_t	*v = json_object_get(body, name);

	if (v == NULL && !(f == PERSON_NAME && is_new))
		return (ERR_OK);
	if (v != NULL && !json_is_null(v) && (!json_is_string(v) ||
	    person_field_normalise(f, json_string_value(v),
	    json_string_length(v), cc, out) != ERR_OK)) {
		person_in_error(&p->errors, name, person_field_rule(f));
		return (ERR_OK);
	}
	if (f == PERSON_NAME && out[0] == '\0') {
		person_in_error(&p->errors, name, v == NULL ?
		    "This field is required." : person_field_rule(f));
		return (ERR_OK);
	}
	return (json_object_set_new(p->fields, name, out[0] == '\0' ?
	    json_null() : json_string(out)) == 0 ? ERR_OK : ERR_NOMEM);
}

static enum err
person_in_bool(struct person_in *p, const json_t *body, const char *name)
{
	const json_t	*v = json_object_get(body, name);

	if (v == NULL)
		return (ERR_OK);
	if (!json_is_boolean(v)) {
		person_in_error(&p->errors, name, "Send true or false.");
		return (ERR_OK);
	}
	return (json_object_set_new(p->fields, name,
	    json_boolean(json_is_true(v))) == 0 ? ERR_OK : ERR_NOMEM);
}

static enum err
person_in_apps(struct person_in *p, const json_t *v)
{
	json_t	*copy;

	if (!person_in_uuids(v, PERSON_IN_APPS_MAX)) {
		person_in_error(&p->errors, "applications",
		    "Send an array of ids of applications, 256 at most.");
		return (ERR_OK);
	}
	if ((copy = json_deep_copy(v)) == NULL)
		return (ERR_NOMEM);
	return (json_object_set_new(p->fields, "applications", copy) == 0 ?
	    ERR_OK : ERR_NOMEM);
}

/* Later only the person chooses it (ASVS 6.4.6). */
static void
person_in_password(struct person_in *p, const json_t *v, bool is_new)
{
	if (!is_new)
		person_in_error(&p->errors, "password", "Only the person can "
		    "change the password; start a recovery instead.");
	else if (!json_is_string(v) || json_string_length(v) == 0 ||
	    json_string_length(v) > PASSWORD_MAX_LEN)
		person_in_error(&p->errors, "password",
		    "Send 1 to 1024 bytes of text.");
	else
		p->password = json_string_value(v);
}

static enum err
person_filter_one(size_t i, const char *v, json_t *filters, json_t **errors)
{
	size_t	len;

	if (person_filters[i].kind == FILTER_SEARCH) {
		/* Blanks at the ends are typed by chance. */
		while (*v == ' ')
			v++;
		for (len = strlen(v); len > 0 && v[len - 1] == ' '; len--)
			;
		if (len == 0)
			return (ERR_OK);
		if (!str_is_utf8(v, len) || str_utf8_count(v, len) < 2 ||
		    str_utf8_count(v, len) > PERSON_IN_Q_MAX) {
			person_in_error(errors, "q",
			    person_filters[i].message);
			return (ERR_OK);
		}
		return (json_object_set_new(filters, "q",
		    json_stringn(v, len)) == 0 ? ERR_OK : ERR_NOMEM);
	}
	if (!person_filter_ok(i, v)) {
		person_in_error(errors, person_filters[i].name,
		    person_filters[i].message);
		return (ERR_OK);
	}
	return (json_object_set_new(filters, person_filters[i].name,
	    json_string(v)) == 0 ? ERR_OK : ERR_NOMEM);
}

static bool
person_filter_ok(size_t i, const char *v)
{
	struct uuid	u;
	int64_t		days;
	size_t		w;

	switch (person_filters[i].kind) {
	case FILTER_UUID:
		return (uuid_parse(v, strlen(v), &u) == ERR_OK);
	case FILTER_DAYS:
		return (str_int(v, strlen(v), 1, 36500, &days) == ERR_OK);
	default:
		for (w = 0; person_filters[i].words[w] != NULL; w++)
			if (strcmp(v, person_filters[i].words[w]) == 0)
				return (true);
		return (false);
	}
}

/* 30 and true may stand for "30" and "1". */
static const char *
person_filter_of_json(void *arg, const char *name)
{
	struct person_filter_src	*src = arg;
	const json_t			*v = json_object_get(src->o, name);

	if (v == NULL || json_is_null(v) || json_is_false(v))
		return (NULL);
	if (json_is_true(v))
		return ("1");
	if (json_is_string(v))
		return (json_string_value(v));
	if (json_is_integer(v) && str_printf(src->text, sizeof(src->text),
	    "%lld", (long long)json_integer_value(v)) == ERR_OK)
		return (src->text);
	return ("?");		/* no filter takes it */
}
