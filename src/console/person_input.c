/*
 * person_input - see person_input.h.
 */
#include "person_input.h"

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_guard.h"
#include "platform.h"
#include "str.h"

/* 10 000 UUIDs and a comma behind each. */
#define PERSON_INPUT_ARRAY_MAX	(10000 * (UUID_TEXT_LEN + 1) + 2)

static const char	*person_input_query(void *arg, const char *name);
static void	person_input_copy(const json_t *fields, const char *name,
		    char *dst, size_t cap);

bool
person_input_read(struct http_request *req, bool is_new,
    struct person_in *out, int *ret)
{
	const json_t	*body;
	json_t		*errors;
	enum err	 r;

	if ((body = api_json(req, ret)) == NULL)
		return (false);
	r = person_in_read(body, platform_values()->default_country_code,
	    is_new, out);
	if (r == ERR_OK)
		return (true);
	errors = out->errors;
	out->errors = NULL;
	person_in_clear(out);
	*ret = person_input_fail(req, errors);
	return (false);
}

bool
person_input_filters(struct http_request *req,
    char out[PERSON_INPUT_FILTERS_LEN], int *ret)
{
	json_t	*filters = NULL, *errors = NULL;
	bool	 is_good;

	if (person_filter_read(person_input_query, req, &filters, &errors) !=
	    ERR_OK) {
		*ret = person_input_fail(req, errors);
		return (false);
	}
	is_good = person_input_text(filters, out, PERSON_INPUT_FILTERS_LEN);
	json_decref(filters);
	if (!is_good)
		*ret = api_fail(req, PROBLEM_INTERNAL);
	return (is_good);
}

int
person_input_fail(struct http_request *req, json_t *errors)
{
	static const char	head[] = ",\"errors\":";
	char			text[8192];

	if (errors == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	memcpy(text, head, sizeof(head));
	(void)person_input_text(errors, text + sizeof(head) - 1,
	    sizeof(text) - sizeof(head) + 1);
	json_decref(errors);
	return (api_fail_with(req, PROBLEM_INVALID_PARAMETER, NULL, text));
}

void
person_input_array(const json_t *a, struct db_params *p)
{
	struct buf	 list;
	const json_t	*v;
	size_t		 i;

	buf_init(&list, PERSON_INPUT_ARRAY_MAX);
	buf_char(&list, '{');
	json_array_foreach(a, i, v)
		buf_printf(&list, "%s%s", i > 0 ? "," : "",
		    json_string_value(v));
	buf_char(&list, '}');
	if (buf_err(&list) != ERR_OK && p->err == ERR_OK)
		p->err = buf_err(&list);
	db_text(p, list.data);
	buf_clear(&list);
}

bool
person_input_text(const json_t *o, char *dst, size_t cap)
{
	size_t	len;

	len = json_dumpb(o, dst, cap - 1, JSON_COMPACT | JSON_SORT_KEYS);
	if (len == 0 || len > cap - 1) {
		dst[0] = '\0';
		return (false);
	}
	dst[len] = '\0';
	return (true);
}

void
person_input_user(const json_t *fields, struct user *out)
{
	person_input_copy(fields, "name", out->name, sizeof(out->name));
	person_input_copy(fields, "email", out->email, sizeof(out->email));
	person_input_copy(fields, "mobile_number", out->mobile_number,
	    sizeof(out->mobile_number));
	person_input_copy(fields, "emp_id", out->emp_id,
	    sizeof(out->emp_id));
}

void
person_input_actor(struct http_request *req, struct db_params *p)
{
	db_uuid(p, &console_admin(req)->person);
	audit_store_origin(p, api_origin(req));
}

static const char *
person_input_query(void *arg, const char *name)
{
	return (api_query(arg, name));
}

/* They were normalised, so they fit. */
static void
person_input_copy(const json_t *fields, const char *name, char *dst,
    size_t cap)
{
	const json_t	*v = json_object_get(fields, name);

	if (!json_is_string(v) || str_copy(dst, cap, json_string_value(v),
	    json_string_length(v)) != ERR_OK)
		dst[0] = '\0';
}
