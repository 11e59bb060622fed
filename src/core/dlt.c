/*
 * dlt - see dlt.h.  One walk, that of dlt_extract(), decides what fits;
 * dlt_fill() ends with it.
 */
#include "dlt.h"

#include <stdint.h>
#include <string.h>

#include "mem.h"
#include "str.h"

static const struct {
	const char	*tag;
	enum dlt_kind	 kind;
	const char	*name;
} dlt_tags[] = {
	{ "{#var#}", DLT_ANY, NULL }, { "{#numeric#}", DLT_NUMERIC, NULL },
	{ "{#alphanumeric#}", DLT_ALPHANUMERIC, NULL },
	{ "{#url#}", DLT_URL, NULL }, { "{#urlott#}", DLT_URL, NULL },
	{ "{#email#}", DLT_EMAIL, NULL }, { "{#cbn#}", DLT_CALL, NULL },
	{ "{code}", DLT_NUMERIC, "code" },
	{ "{ttl_minutes}", DLT_NUMERIC, "ttl_minutes" },
	{ "{app_name}", DLT_ANY, "app_name" }, { "{brand}", DLT_ANY, "brand" },
	{ "{request_id}", DLT_ANY, "request_id" },
};

/* A match under way; |dead| marks (variable, offset) that lead nowhere. */
struct dlt_match {
	const struct dlt_template	*t;
	const char			*text;
	size_t				 text_len;
	struct dlt_values		*out;
	uint8_t				 dead[DLT_VARS_MAX][DLT_TEXT_MAX + 1];
};

static size_t	dlt_tag(const char *s, struct dlt_template *out);
static void	dlt_why(char why[DLT_WHY_MAX], const char *text);
static bool	dlt_char(enum dlt_kind kind, unsigned char c);
static void	dlt_literal(const struct dlt_template *t, size_t i,
		    const char **s, size_t *len);
static bool	dlt_from(struct dlt_match *m, size_t var, size_t at);
static bool	dlt_try(struct dlt_match *m, size_t var, size_t at,
		    size_t len);

enum err
dlt_parse(const char *text, struct dlt_template *out, char why[DLT_WHY_MAX])
{
	size_t		 len = strlen(text), n;
	const char	*p = text;

	memset(out, 0, sizeof(*out));
	out->text = text;
	if (len == 0 || len > DLT_TEXT_MAX || !str_is_utf8(text, len)) {
		dlt_why(why, "must be 1 to 2000 bytes of UTF-8");
		return (ERR_FORMAT);
	}
	for (; (p = strchr(p, '{')) != NULL; p += n) {
		if ((n = dlt_tag(p, out)) == 0 && p[1] == '#') {
			dlt_why(why, "has a tag that is none of {#var#}, "
			    "{#numeric#}, {#alphanumeric#}, {#url#}, "
			    "{#urlott#}, {#email#}, {#cbn#}");
			return (ERR_FORMAT);
		} else if (n > 0 && out->n > DLT_VARS_MAX) {
			out->n = 0;
			dlt_why(why, "has more than 8 variables");
			return (ERR_FORMAT);
		} else if (n == 0)
			n = 1;		/* a brace that is text */
	}
	return (ERR_OK);
}

enum err
dlt_value_check(enum dlt_kind kind, const char *value, char why[DLT_WHY_MAX])
{
	size_t	len = strlen(value), i;

	if (len == 0 || !str_is_utf8(value, len) ||
	    str_utf8_count(value, len) > DLT_VALUE_MAX) {
		dlt_why(why, "a variable must be 1 to 30 characters");
		return (ERR_FORMAT);
	}
	for (i = 0; i < len; i++) {
		if (!dlt_char(kind, (unsigned char)value[i])) {
			dlt_why(why, "a variable has a character that its tag "
			    "does not allow");
			return (ERR_FORMAT);
		}
	}
	if (kind == DLT_EMAIL && strchr(value, '@') == NULL) {
		dlt_why(why, "a variable must be an e-mail address");
		return (ERR_FORMAT);
	}
	return (ERR_OK);
}

enum err
dlt_fill(const struct dlt_template *t, const char *const *values, size_t n,
    struct buf *out, char why[DLT_WHY_MAX])
{
	const char	*s;
	size_t		 start = out->len, len, i;

	if (n != t->n) {
		dlt_why(why, "the template has another number of variables");
		return (ERR_FORMAT);
	}
	for (i = 0; i <= n; i++) {
		dlt_literal(t, i, &s, &len);
		buf_add(out, s, len);
		if (i == n)
			break;
		if (dlt_value_check(t->kind[i], values[i], why) != ERR_OK)
			return (ERR_FORMAT);
		buf_str(out, values[i]);
	}
	if (out->err == ERR_OK && !dlt_matches(t, out->data + start)) {
		dlt_why(why, "the filled text does not match the template");
		return (ERR_FORMAT);
	}
	return (ERR_OK);
}

enum err
dlt_extract(const struct dlt_template *t, const char *text,
    struct dlt_values *out)
{
	struct dlt_match	*m;
	const char		*s;
	size_t			 len;
	bool			 is_match = false;

	memset(out, 0, sizeof(*out));
	if ((m = mem_new(sizeof(*m))) == NULL)
		return (ERR_NOMEM);
	m->t = t;
	m->text = text;
	m->text_len = strlen(text);
	m->out = out;
	dlt_literal(t, 0, &s, &len);
	if (m->text_len <= DLT_TEXT_MAX && str_is_utf8(text, m->text_len) &&
	    m->text_len >= len && memcmp(text, s, len) == 0)
		is_match = dlt_from(m, 0, len);
	mem_free(m);
	return (is_match ? ERR_OK : ERR_FORMAT);
}

bool
dlt_matches(const struct dlt_template *t, const char *text)
{
	struct dlt_values	v;
	bool			is_match = dlt_extract(t, text, &v) == ERR_OK;

	mem_wipe(&v, sizeof(v));
	return (is_match);
}

/*
 * Adds the tag at |s|; its length, 0: none.  One too many is counted, but not
 * kept.
 */
static size_t
dlt_tag(const char *s, struct dlt_template *out)
{
	size_t	i, n;

	for (i = 0; i < COUNT(dlt_tags); i++) {
		n = strlen(dlt_tags[i].tag);
		if (strncmp(s, dlt_tags[i].tag, n) != 0)
			continue;
		if (out->n < DLT_VARS_MAX) {
			out->at[out->n] = (size_t)(s - out->text);
			out->len[out->n] = n;
			out->kind[out->n] = dlt_tags[i].kind;
			out->name[out->n] = dlt_tags[i].name;
		}
		out->n++;
		return (n);
	}
	return (0);
}

static void
dlt_why(char why[DLT_WHY_MAX], const char *text)
{
	if (str_copy(why, DLT_WHY_MAX, text, strlen(text)) != ERR_OK)
		why[0] = '\0';
}

static bool
dlt_char(enum dlt_kind kind, unsigned char c)
{
	bool	is_digit = c >= '0' && c <= '9';
	bool	is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (c < 0x20 || c == 0x7f)
		return (false);
	switch (kind) {
	case DLT_ANY:
		return (true);
	case DLT_NUMERIC:
		return (is_digit);
	case DLT_ALPHANUMERIC:
		return (is_digit || is_letter || c == ' ' || c >= 0x80);
	case DLT_URL:
		return (is_digit || is_letter ||
		    strchr("-._~:/?[]@!$&'()*+,;=%#", c) != NULL);
	case DLT_EMAIL:
		return (is_digit || is_letter ||
		    strchr("@.!#$%&'*+/=?^_`{|}~-", c) != NULL);
	case DLT_CALL:
		return (is_digit || c == '+' || c == ' ' || c == '-');
	}
	return (false);
}

/* The text before variable |i|, or with i == n behind the last. */
static void
dlt_literal(const struct dlt_template *t, size_t i, const char **s,
    size_t *len)
{
	size_t	start = i == 0 ? 0 : t->at[i - 1] + t->len[i - 1];
	size_t	end = i < t->n ? t->at[i] : strlen(t->text);

	*s = t->text + start;
	*len = end - start;
}

/* Does text from |at| fit the template from variable |var| on? */
static bool
dlt_from(struct dlt_match *m, size_t var, size_t at)
{
	size_t	chars = 0, len = 0;

	if (var == m->t->n)
		return (at == m->text_len);
	if (m->dead[var][at])
		return (false);
	while (chars < DLT_VALUE_MAX && at + len < m->text_len) {
		do {
			len++;
		} while (((unsigned char)m->text[at + len] & 0xc0) == 0x80);
		chars++;
		if (dlt_try(m, var, at, len))
			return (true);
	}
	m->dead[var][at] = 1;
	return (false);
}

/* With |len| bytes at |at| as the value of |var|? */
static bool
dlt_try(struct dlt_match *m, size_t var, size_t at, size_t len)
{
	char		*value = m->out->v[var], why[DLT_WHY_MAX];
	const char	*s;
	size_t		 next = at + len, n;

	memcpy(value, m->text + at, len);
	value[len] = '\0';
	dlt_literal(m->t, var + 1, &s, &n);
	if (dlt_value_check(m->t->kind[var], value, why) != ERR_OK ||
	    m->text_len - next < n || memcmp(m->text + next, s, n) != 0)
		return (false);
	return (dlt_from(m, var + 1, next + n));
}
