/*
 * decode - see decode.h.  Owns no request: it reads a body and fills a struct.
 */
#include <sys/param.h>

#include <kore/kore.h>

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "decode.h"
#include "form.h"
#include "json_in.h"
#include "mem.h"
#include "str.h"

/* One field as it came, whatever the media type. */
struct decode_value {
	const char	*text;		/* NULL: not there (or null) */
	size_t		 len;
	bool		 is_bool, bool_value;
	bool		 is_bad;	/* there, but of another type */
};

static const char *decode_form_why(enum err r);
static void	decode_json_value(json_t *root, const char *name,
		    struct decode_value *v);
static void	decode_form_value(const struct form *form, const char *name,
		    bool want_bool, struct decode_value *v);
static bool	decode_field(struct http_request *req,
		    const struct decode_field *f,
		    const struct decode_value *v, void *input);
static bool	decode_text(struct http_request *req,
		    const struct decode_field *f,
		    const struct decode_value *v, char *dst);
static void	decode_error(struct decode_errors *errors,
		    const struct decode_field *f, bool is_missing);

enum decode_media
decode_media_of(const char *content_type)
{
	size_t	len;

	if (content_type == NULL)
		return (DECODE_OTHER);
	len = strcspn(content_type, ";");
	while (len > 0 && content_type[len - 1] == ' ')
		len--;
	if (len == 16 && strncasecmp(content_type, "application/json",
	    len) == 0)
		return (DECODE_JSON);
	if (len == 33 && strncasecmp(content_type,
	    "application/x-www-form-urlencoded", len) == 0)
		return (DECODE_FORM);
	return (DECODE_OTHER);
}

enum problem
decode_body(struct http_request *req, const struct decode_job *job,
    struct decode_errors *errors)
{
	const struct decode_field	*f;
	struct decode_value		 v;
	struct form			*form = NULL;
	json_t				*root = NULL;
	enum problem			 p = PROBLEM_MALFORMED;
	enum err			 r;
	size_t				 i;

	errors->n = 0;
	errors->detail = NULL;
	if (job->media == DECODE_JSON &&
	    json_in_object(job->body, job->len, &root) != ERR_OK) {
		errors->detail = json_in_why(job->body, job->len);
		goto done;
	}
	if (job->media == DECODE_FORM) {
		if ((form = mem_new(sizeof(*form))) == NULL) {
			p = PROBLEM_OVERLOADED;
			goto done;
		}
		if ((r = form_parse(job->body, job->len, form)) != ERR_OK) {
			errors->detail = decode_form_why(r);
			goto done;
		}
	}

	p = PROBLEM_NONE;
	for (i = 0; i < job->n_fields; i++) {
		f = &job->fields[i];
		memset(&v, 0, sizeof(v));
		if (root != NULL)
			decode_json_value(root, f->name, &v);
		else if (form != NULL)
			decode_form_value(form, f->name,
			    f->kind == DECODE_BOOL, &v);
		if (decode_field(req, f, &v, job->input))
			continue;
		p = PROBLEM_INVALID_PARAMETER;
		decode_error(errors, f,
		    v.text == NULL && !v.is_bool && !v.is_bad);
	}
done:
	json_decref(root);
	mem_free(form);
	return (p);
}

static const char *
decode_form_why(enum err r)
{
	if (r == ERR_EXISTS)
		return ("The body has a field twice.");
	if (r == ERR_SPACE)
		return ("The body has too many fields.");
	return ("The body is not a form: escapes are % and two hexadecimal "
	    "digits, text is UTF-8 without NUL.");
}

static void
decode_json_value(json_t *root, const char *name, struct decode_value *v)
{
	json_t	*j = json_object_get(root, name);

	if (j == NULL || json_is_null(j))
		return;
	if (json_is_string(j)) {
		v->text = json_string_value(j);
		v->len = json_string_length(j);
	} else if (json_is_boolean(j)) {
		v->is_bool = true;
		v->bool_value = json_is_true(j);
	} else
		v->is_bad = true;
}

static void
decode_form_value(const struct form *form, const char *name, bool want_bool,
    struct decode_value *v)
{
	const struct form_pair	*p = form_find(form, name);

	/* A form cannot say null: an empty field is one left blank. */
	if (p == NULL || p->value_len == 0)
		return;
	v->text = p->value;
	v->len = p->value_len;
	if (!want_bool)
		return;
	v->is_bool = true;
	if (strcmp(p->value, "true") == 0 || strcmp(p->value, "1") == 0)
		v->bool_value = true;
	else if (strcmp(p->value, "false") != 0 && strcmp(p->value, "0") != 0)
		v->is_bad = true;
}

static bool
decode_field(struct http_request *req, const struct decode_field *f,
    const struct decode_value *v, void *input)
{
	char	*at = (char *)input + f->offset;

	if (v->is_bad)
		return (false);
	if (f->kind == DECODE_BOOL) {
		if (v->text != NULL && !v->is_bool)
			return (false);
		memcpy(at, &v->bool_value, sizeof(bool));
		return (true);
	}
	if (v->is_bool)
		return (false);
	if (v->text == NULL)
		return (!f->is_required);
	return (decode_text(req, f, v, at));
}

/*
 * The length comes first: validators may be regular expressions, whose time
 * grows with it.
 */
static bool
decode_text(struct http_request *req, const struct decode_field *f,
    const struct decode_value *v, char *dst)
{
	struct kore_validator	*val;

	if (str_copy(dst, f->size, v->text, v->len) != ERR_OK)
		return (false);
	if ((val = kore_validator_lookup(f->validator)) == NULL)
		fatalx("kore.conf lacks validator %s", f->validator);
	if (kore_validator_check(req, val, dst) == KORE_RESULT_OK)
		return (true);
	mem_wipe(dst, f->size);
	return (false);
}

static void
decode_error(struct decode_errors *errors, const struct decode_field *f,
    bool is_missing)
{
	if (errors->n == DECODE_ERRORS_MAX)
		return;		/* no table is that long */
	errors->v[errors->n].field = f->name;
	errors->v[errors->n].message = is_missing ?
	    "This field is required." : f->message;
	errors->n++;
}
