/*
 * form - application/x-www-form-urlencoded and cookie parsing, bounded.
 * Owns nothing: pairs point into the caller's bytes.  Kore's own parsers cut
 * values at a second '=' and drop fields with a newline (docs/kore.md).
 * Ref: WHATWG URL s.5.1; RFC 6265 s.4.2.
 */
#include "form.h"

#include <stdbool.h>
#include <string.h>

#include "codec.h"
#include "str.h"

static enum err	form_pair_parse(char *s, size_t len, struct form_pair *out);
static enum err	form_decode(char *s, size_t len, size_t *out_len);
static bool	form_is_blank(char c);

enum err
form_parse(char *s, size_t len, struct form *out)
{
	struct form_pair	pair;
	enum err		r;
	size_t			at, n;
	char			*amp;

	out->n = 0;
	for (at = 0; at < len; at += n + 1) {
		amp = memchr(s + at, '&', len - at);
		n = amp != NULL ? (size_t)(amp - (s + at)) : len - at;
		if (n == 0)
			continue;	/* "a=1&&b=2" */
		if ((r = form_pair_parse(s + at, n, &pair)) != ERR_OK)
			return (r);
		if (form_find(out, pair.name) != NULL)
			return (ERR_EXISTS);
		if (out->n == FORM_PAIRS_MAX)
			return (ERR_SPACE);
		out->v[out->n++] = pair;
	}
	return (ERR_OK);
}

const struct form_pair *
form_find(const struct form *f, const char *name)
{
	size_t	i;

	for (i = 0; i < f->n; i++) {
		if (strcmp(f->v[i].name, name) == 0)
			return (&f->v[i]);
	}
	return (NULL);
}

enum err
cookie_find(const char *s, const char *name, const char **value, size_t *len)
{
	const char	*end, *next, *found = NULL;
	size_t		 name_len = strlen(name), found_len = 0;

	for (; s != NULL; s = next) {
		while (form_is_blank(*s))
			s++;
		end = s + strcspn(s, ";");
		next = *end == ';' ? end + 1 : NULL;
		if ((size_t)(end - s) <= name_len || s[name_len] != '=' ||
		    memcmp(s, name, name_len) != 0)
			continue;
		/* One may be from another host of the domain: which? */
		if (found != NULL)
			return (ERR_EXISTS);
		found = s + name_len + 1;
		while (end > found && form_is_blank(end[-1]))
			end--;
		found_len = (size_t)(end - found);
	}
	if (found == NULL)
		return (ERR_NOT_FOUND);
	*value = found;
	*len = found_len;
	return (ERR_OK);
}

/* One pair in |len| bytes; |s|[len] is its separator and becomes a NUL. */
static enum err
form_pair_parse(char *s, size_t len, struct form_pair *out)
{
	char		*eq = memchr(s, '=', len);
	size_t		 name_len = eq != NULL ? (size_t)(eq - s) : len;
	char		*value = eq != NULL ? eq + 1 : s + len;
	size_t		 value_len = (size_t)(s + len - value);
	enum err	 r;

	if ((r = form_decode(s, name_len, &out->name_len)) != ERR_OK ||
	    (r = form_decode(value, value_len, &out->value_len)) != ERR_OK)
		return (r);
	value[out->value_len] = '\0';
	s[out->name_len] = '\0';
	out->name = s;
	out->value = value;
	return (ERR_OK);
}

static enum err
form_decode(char *s, size_t len, size_t *out_len)
{
	size_t	r, w = 0;

	for (r = 0; r < len; r++) {
		if (s[r] == '+')
			s[w++] = ' ';
		else if (s[r] != '%')
			s[w++] = s[r];
		else {
			char	c;

			if (len - r < 3 ||
			    hex_decode(s + r + 1, 2, &c, 1) != ERR_OK)
				return (ERR_FORMAT);
			s[w++] = c;
			r += 2;
		}
	}
	*out_len = w;
	return (str_is_utf8(s, w) ? ERR_OK : ERR_FORMAT);
}

static bool
form_is_blank(char c)
{
	return (c == ' ' || c == '\t');
}
