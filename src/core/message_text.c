/*
 * message_text - see message_text.h.  Owns the grammar {{name}} and what
 * becomes of values: nothing that a person or a device is called can add a
 * line or a tag to a message.
 */
#include "message_text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "placeholder.h"
#include "str.h"
#include "text_priv.h"

#define TEXT_NAME_MAX	32	/* of a variable */
#define TEXT_VALUE_MAX	80	/* characters of what people chose */
#define TEXT_SUBJECT_OUT	1000
#define TEXT_MORE_MAX	16

enum text_part { PART_SUBJECT, PART_TEXT, PART_HTML };

/* What stands at one place of a template. */
struct text_piece {
	size_t	len;
	bool	is_variable;
	bool	is_broken;			/* "{{" and no name, or no end */
	char	name[TEXT_NAME_MAX + 1];
};

/* Values of the preview. */
static const struct message_var	text_samples[] = {
	{ "code", "123456" }, { "ttl_s", "300" },
	{ "token", "irt_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6kL9nO2q" },
	{ "device", "Firefox on Windows" }, { "ip", "192.0.2.10" },
	{ "app_name", "Payroll" }, { "brand", "Identity Services" },
	{ "name", "Asha Rao" },
};

static const struct text_entry *text_find(const char *name);
static void	text_next(const char *s, struct text_piece *p);
static bool	text_is_in(const char *list, const char *name);
static void	text_check_part(const struct text_entry *e,
		    enum text_part part, const char *s,
		    struct text_errors *errs);
static const char *text_wrong(const struct text_entry *e,
		    enum text_part part, const char *s,
		    char name[TEXT_NAME_MAX + 1]);
static bool	text_has_must(const struct text_entry *e, const char *s);
static void	text_bad(struct text_errors *errs, const char *field,
		    const char *message, const char *name);
static const char *text_value(const struct text_vars *v, const char *name,
		    char ttl[16]);
static void	text_fill(const char *s, size_t len, enum text_part part,
		    const struct text_vars *v, struct buf *out);
static void	text_add_value(const char *name, const char *value,
		    enum text_part part, struct buf *out);
static bool	text_line_stays(const char *s, size_t len,
		    const struct text_vars *v);
static void	text_body(const char *s, const struct text_vars *v,
		    struct buf *out);
static void	text_warn(struct text_preview *p, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
static void	text_warnings(const char *name, const char *s,
		    struct text_preview *p);

const char *
text_name(size_t i)
{
	const struct text_entry	*e = text_entry(i);

	return (e == NULL ? NULL : e->name);
}

const char *
text_channel_name(enum text_channel c)
{
	return (c == TEXT_SMS ? "sms" : "email");
}

enum err
text_channel_parse(const char *s, enum text_channel *out)
{
	if (strcmp(s, "sms") == 0)
		*out = TEXT_SMS;
	else if (strcmp(s, "email") == 0)
		*out = TEXT_EMAIL;
	else
		return (ERR_NOT_FOUND);
	return (ERR_OK);
}

const struct text *
text_default(const char *name, enum text_channel c)
{
	const struct text_entry	*e = text_find(name);

	return (e == NULL ? NULL : &e->shipped[c]);
}

void
text_variables(const char *name, struct buf *out)
{
	const struct text_entry	*e = text_find(name);
	const char		*list[] = { e == NULL ? "" : e->vars,
				    TEXT_COMMON };
	const char		*p, *comma = "";
	size_t			 i, n;

	for (i = 0; e != NULL && i < COUNT(list); i++)
		for (p = list[i]; *p != '\0'; p += n + 1) {
			if ((n = strcspn(p, " ")) == 0)
				continue;
			buf_str(out, comma);
			buf_add(out, p, n);
			comma = ", ";
		}
}

bool
text_language_check(const char *s)
{
	size_t	n, first = strcspn(s, "-");

	if (strlen(s) > TEXT_LANGUAGE_MAX || first < 2 || first > 3)
		return (false);
	for (;; s += n + 1) {
		n = strcspn(s, "-");
		if (n < 1 || n > 8 ||
		    strspn(s, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") < n)
			return (false);
		if (s[n] == '\0')
			return (true);
	}
}

enum err
text_check(const char *name, enum text_channel c, const struct text *t,
    struct text_errors *errs)
{
	const struct text_entry	*e = text_find(name);
	bool			 has_subject, has_html;

	errs->n = 0;
	if (e == NULL)
		return (ERR_NOT_FOUND);
	has_subject = t->subject != NULL && t->subject[0] != '\0';
	has_html = t->html != NULL && t->html[0] != '\0';
	if (c == TEXT_SMS && has_subject)
		text_bad(errs, "subject", "is for e-mail only", "");
	else if (c == TEXT_EMAIL && !has_subject)
		text_bad(errs, "subject", "is needed in an e-mail", "");
	else if (has_subject)
		text_check_part(e, PART_SUBJECT, t->subject, errs);
	if (t->text == NULL || t->text[0] == '\0')
		text_bad(errs, "text", "is needed", "");
	else
		text_check_part(e, PART_TEXT, t->text, errs);
	if (c == TEXT_SMS && has_html)
		text_bad(errs, "html", "is for e-mail only", "");
	else if (has_html)
		text_check_part(e, PART_HTML, t->html, errs);
	return (errs->n == 0 ? ERR_OK : ERR_FORMAT);
}

enum err
text_render(const struct text *t, const struct text_vars *v,
    struct text_out *out)
{
	enum err	r;

	if (t->subject != NULL)
		text_fill(t->subject, strlen(t->subject), PART_SUBJECT, v,
		    &out->subject);
	text_body(t->text, v, &out->text);
	if (t->html != NULL)
		text_fill(t->html, strlen(t->html), PART_HTML, v, &out->html);
	if ((r = buf_err(&out->subject)) != ERR_OK ||
	    (r = buf_err(&out->text)) != ERR_OK ||
	    (r = buf_err(&out->html)) != ERR_OK)
		return (r);
	return (out->text.len == 0 ? ERR_FORMAT : ERR_OK);
}

void
text_out_init(struct text_out *out)
{
	buf_init(&out->subject, TEXT_SUBJECT_OUT);
	buf_init(&out->text, TEXT_BODY_MAX * 2);
	buf_init(&out->html, TEXT_HTML_MAX * 2);
}

void
text_out_clear(struct text_out *out)
{
	buf_clear(&out->subject);
	buf_clear(&out->text);
	buf_clear(&out->html);
}

enum err
text_preview(const char *name, enum text_channel c, const struct text *t,
    const struct text_vars *v, struct text_preview *out)
{
	struct message_var	more[COUNT(text_samples) + TEXT_MORE_MAX];
	struct text_vars	all = { NULL, more, 0 };
	size_t			i;
	enum err		r;

	memset(out, 0, sizeof(*out));
	text_out_init(&out->out);
	for (i = 0; v != NULL && i < v->n_more && i < TEXT_MORE_MAX; i++)
		more[all.n_more++] = v->more[i];
	for (i = 0; i < COUNT(text_samples); i++)
		more[all.n_more++] = text_samples[i];
	if ((r = text_render(t, &all, &out->out)) != ERR_OK)
		return (r);
	if (c == TEXT_SMS) {
		sms_count(out->out.text.data, out->out.text.len, &out->count);
		text_warnings(name, out->out.text.data, out);
	}
	return (ERR_OK);
}

static const struct text_entry *
text_find(const char *name)
{
	const struct text_entry	*e;
	size_t			 i;

	for (i = 0; (e = text_entry(i)) != NULL; i++) {
		if (strcmp(e->name, name) == 0)
			return (e);
	}
	return (NULL);
}

/* "{{name}}", blanks around the name allowed. */
static void
text_next(const char *s, struct text_piece *p)
{
	size_t	i = 2, n = 0;

	p->len = 1;
	p->is_variable = p->is_broken = false;
	p->name[0] = '\0';
	if (s[0] != '{' || s[1] != '{')
		return;
	while (s[i] == ' ')
		i++;
	while (n < TEXT_NAME_MAX && ((s[i] >= 'a' && s[i] <= 'z') ||
	    s[i] == '_'))
		p->name[n++] = s[i++];
	p->name[n] = '\0';
	while (s[i] == ' ')
		i++;
	p->is_broken = n == 0 || s[i] != '}' || s[i + 1] != '}';
	if (p->is_broken)
		return;
	p->is_variable = true;
	p->len = i + 2;
}

/* |list| has a blank around each name. */
static bool
text_is_in(const char *list, const char *name)
{
	size_t		 n = strlen(name);
	const char	*p = list;

	while ((p = strstr(p, name)) != NULL) {
		if (p > list && p[-1] == ' ' && p[n] == ' ')
			return (true);
		p++;
	}
	return (false);
}

static void
text_check_part(const struct text_entry *e, enum text_part part,
    const char *s, struct text_errors *errs)
{
	static const struct {
		const char	*field;
		size_t		 max;
	} limits[] = {
		[PART_SUBJECT] = { "subject", TEXT_SUBJECT_MAX },
		[PART_TEXT] = { "text", TEXT_BODY_MAX },
		[PART_HTML] = { "html", TEXT_HTML_MAX },
	};
	char		 name[TEXT_NAME_MAX + 1];
	const char	*wrong;

	if (strlen(s) > limits[part].max)
		text_bad(errs, limits[part].field, "is too long", "");
	else if ((wrong = text_wrong(e, part, s, name)) != NULL)
		text_bad(errs, limits[part].field, wrong, name);
	else if (part != PART_SUBJECT && !text_has_must(e, s))
		text_bad(errs, limits[part].field,
		    "must hold at least one of:", e->must);
}

static const char *
text_wrong(const struct text_entry *e, enum text_part part, const char *s,
    char name[TEXT_NAME_MAX + 1])
{
	struct text_piece	p;
	unsigned char		c;

	name[0] = '\0';
	if (!str_is_utf8(s, strlen(s)))
		return ("must be UTF-8");
	for (; *s != '\0'; s += p.len) {
		c = (unsigned char)*s;
		if ((c < 0x20 && (c != '\n' || part == PART_SUBJECT)) ||
		    c == 0x7f)
			return ("must not hold control characters");
		text_next(s, &p);
		if (p.is_broken)
			return ("has {{ without a variable and }}");
		if (!p.is_variable || text_is_in(TEXT_COMMON, p.name) ||
		    text_is_in(e->vars, p.name))
			continue;
		memcpy(name, p.name, sizeof(p.name));
		return ("has an unknown variable:");
	}
	return (NULL);
}

/* Without it the message would be of no use. */
static bool
text_has_must(const struct text_entry *e, const char *s)
{
	struct text_piece	p;

	if (e->must[0] == '\0')
		return (true);
	for (; *s != '\0'; s += p.len) {
		text_next(s, &p);
		if (p.is_variable && text_is_in(e->must, p.name))
			return (true);
	}
	return (false);
}

static void
text_bad(struct text_errors *errs, const char *field, const char *message,
    const char *name)
{
	errs->v[errs->n].field = field;
	(void)snprintf(errs->v[errs->n].message, TEXT_WHY_MAX, "%s%s%s",
	    message, name[0] == '\0' || name[0] == ' ' ? "" : " ", name);
	errs->n++;
}

/* The value of a variable, "" when there is none. */
static const char *
text_value(const struct text_vars *v, const char *name, char ttl[16])
{
	const char	*s;
	int64_t		 ttl_s;
	size_t		 i;

	if (strcmp(name, "ttl_minutes") == 0) {
		s = text_value(v, "ttl_s", ttl);
		if (str_int(s, strlen(s), 0, INT32_MAX, &ttl_s) != ERR_OK ||
		    str_printf(ttl, 16, "%d", (int)((ttl_s + 59) / 60)) !=
		    ERR_OK)
			return ("");
		return (ttl);
	}
	if (v->message != NULL && (s = message_var(v->message, name)) != NULL)
		return (s);
	for (i = 0; i < v->n_more; i++) {
		if (strcmp(v->more[i].name, name) == 0)
			return (v->more[i].value == NULL ? "" :
			    v->more[i].value);
	}
	return ("");
}

static void
text_fill(const char *s, size_t len, enum text_part part,
    const struct text_vars *v, struct buf *out)
{
	struct text_piece	 p;
	const char		*end = s + len;
	char			 ttl[16];

	for (; s < end; s += p.len) {
		text_next(s, &p);
		if (p.is_variable)
			text_add_value(p.name, text_value(v, p.name, ttl),
			    part, out);
		else
			buf_add(out, s, p.len);
	}
}

/* One line, escaped for HTML; what people chose is cut. */
static void
text_add_value(const char *name, const char *value, enum text_part part,
    struct buf *out)
{
	bool	is_cut = text_is_in(" app_name brand name device ", name);
	size_t	chars = 0;
	char	one[2] = "";

	for (; *value != '\0'; value++) {
		if (((unsigned char)*value & 0xc0) != 0x80 &&
		    chars++ == TEXT_VALUE_MAX && is_cut)
			return;
		one[0] = (unsigned char)*value < 0x20 || *value == 0x7f ?
		    ' ' : *value;
		placeholder_escape(one, part == PART_HTML ? PH_IN_XML :
		    PH_IN_TEXT, out);
	}
}

/* A plain text, line by line. */
static void
text_body(const char *s, const struct text_vars *v, struct buf *out)
{
	size_t	n;

	for (;; s += n + 1) {
		n = strcspn(s, "\n");
		if (text_line_stays(s, n, v)) {
			text_fill(s, n, PART_TEXT, v, out);
			if (s[n] == '\n')
				buf_char(out, '\n');
		}
		if (s[n] == '\0')
			break;
	}
	/* Blank lines before one that went. */
	while (out->len > 0 && (out->data[out->len - 1] == '\n' ||
	    out->data[out->len - 1] == ' '))
		out->data[--out->len] = '\0';
}

/* Not when it has variables and none has a value. */
static bool
text_line_stays(const char *s, size_t len, const struct text_vars *v)
{
	bool			 has_any = false, is_host;
	struct text_piece	 p;
	char			 ttl[16];
	size_t			 i;

	is_host = s[0] == '@';
	for (i = 0; i < len; i += p.len) {
		text_next(s + i, &p);
		if (!p.is_variable)
			continue;
		if (text_value(v, p.name, ttl)[0] != '\0')
			return (true);
		/* "@host #code" is nothing without its host. */
		if (is_host && i == 1)
			return (false);
		has_any = true;
	}
	return (!has_any);
}

static void
text_warnings(const char *name, const char *s, struct text_preview *p)
{
	const struct text_entry	*e = text_find(name);
	const struct sms_count	*c = &p->count;
	const char		*last = strrchr(s, '\n');

	if (!c->is_gsm7)
		text_warn(p, "\"%s\" is not in the GSM alphabet: a message "
		    "holds 70 characters instead of 160", c->first_ucs2);
	if (c->segments > SMS_SEGMENTS_MAX)
		text_warn(p, "takes %zu messages: more than %d are refused",
		    c->segments, SMS_SEGMENTS_MAX);
	else if (c->segments > 1)
		text_warn(p, "takes %zu messages, each of which is paid for",
		    c->segments);
	if (strstr(s, "://") != NULL)
		text_warn(p, "holds a link: many carriers drop such messages");
	if (e == NULL || strcmp(e->must, " code ") != 0)
		return;
	last = last == NULL ? s : last + 1;
	if (last[0] != '@' || strstr(last, " #") == NULL)
		text_warn(p, "has no last line \"@host #code\": phones cannot "
		    "bind the code to a site");
}

static void
text_warn(struct text_preview *p, const char *fmt, ...)
{
	va_list	ap;

	if (p->n_warnings == TEXT_WARNINGS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(p->warnings[p->n_warnings], TEXT_WARNING_LEN, fmt, ap);
	va_end(ap);
	p->n_warnings++;
}
