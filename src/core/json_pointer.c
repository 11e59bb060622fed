/*
 * json_pointer - see json_pointer.h.  Ref: RFC 6901 s.3, s.4.
 */
#include "json_pointer.h"

#include <stdint.h>
#include <string.h>

#include "str.h"

static size_t		 json_pointer_token(const char *p, char *out);
static const json_t	*json_pointer_step(const json_t *j, const char *token);

bool
json_pointer_check(const char *p)
{
	size_t	len = strlen(p), i;

	if (len > JSON_POINTER_MAX || (len > 0 && p[0] != '/') ||
	    !str_is_utf8(p, len))
		return (false);
	for (i = 0; i < len; i++) {
		if (p[i] == '~' && p[i + 1] != '0' && p[i + 1] != '1')
			return (false);
	}
	return (true);
}

const json_t *
json_pointer_get(const json_t *j, const char *p)
{
	char	token[JSON_POINTER_MAX + 1];

	if (!json_pointer_check(p))
		return (NULL);
	while (j != NULL && *p != '\0') {
		p += json_pointer_token(p, token);
		j = json_pointer_step(j, token);
	}
	return (j);
}

bool
json_scalar_text(const json_t *j, struct buf *out)
{
	if (json_is_string(j))
		buf_add(out, json_string_value(j), json_string_length(j));
	else if (json_is_integer(j))
		buf_printf(out, "%lld", (long long)json_integer_value(j));
	else if (json_is_real(j))
		buf_printf(out, "%.15g", json_real_value(j));
	else if (json_is_boolean(j))
		buf_str(out, json_is_true(j) ? "true" : "false");
	else
		return (false);
	return (true);
}

/* The reference token behind the '/' at |p|, unescaped; bytes taken. */
static size_t
json_pointer_token(const char *p, char *out)
{
	size_t	i = 1, n = 0;

	while (p[i] != '\0' && p[i] != '/') {
		if (p[i] == '~') {
			out[n++] = p[i + 1] == '0' ? '~' : '/';
			i += 2;
		} else
			out[n++] = p[i++];
	}
	out[n] = '\0';
	return (i);
}

static const json_t *
json_pointer_step(const json_t *j, const char *token)
{
	size_t	len = strlen(token);
	int64_t	i;

	if (json_is_object(j))
		return (json_object_get(j, token));
	/* An index has no leading zero, s.4. */
	if (!json_is_array(j) || (len > 1 && token[0] == '0') ||
	    str_int(token, len, 0, INT32_MAX, &i) != ERR_OK)
		return (NULL);
	return (json_array_get(j, (size_t)i));
}
