/*
 * placeholder - see placeholder.h.  Owns the grammar and the escapes; one walk
 * serves the check and the expansion, so they cannot disagree.
 */
#include "placeholder.h"

#include <stdint.h>
#include <string.h>

#include "str.h"

#define PH_NAME_MAX	64
#define PH_SECRET	"secret."

static const char *const	ph_names[PH_MAX] = {
	[PH_TO_E164] = "to_e164", [PH_TO_NATIONAL] = "to_national",
	[PH_COUNTRY_CODE] = "country_code", [PH_CODE] = "code",
	[PH_MESSAGE] = "message", [PH_SENDER] = "sender",
	[PH_TTL_MINUTES] = "ttl_minutes", [PH_APP_NAME] = "app_name",
	[PH_REQUEST_ID] = "request_id", [PH_TO] = "to",
	[PH_TEMPLATE_ID] = "template_id", [PH_LOCALE] = "locale",
};

/* Names that other services have for the same. */
static const struct {
	const char		*name;
	enum placeholder	 id;
} ph_also[] = {
	{ "cc", PH_COUNTRY_CODE }, { "otp", PH_CODE },
	{ "ttl_min", PH_TTL_MINUTES },
};

/* What stands at one place of a template. */
struct ph_piece {
	size_t		 len;		/* bytes of the template */
	bool		 is_placeholder;
	char		 name[PH_NAME_MAX + 1];
	enum placeholder id;		/* PH_MAX: a secret, or unknown */
};

static void		 ph_next(const char *s, struct ph_piece *p);
static enum placeholder	 ph_find(const char *name);
static bool		 ph_is_name_char(char c);
static const char	*ph_wrong(const struct ph_piece *p,
			    const json_t *secrets, bool is_bare);
static const char	*ph_secret(const json_t *secrets, const char *name);
static void		 ph_escape_url(unsigned char c, struct buf *out);
static void		 ph_escape_xml(unsigned char c, struct buf *out);

const char *
placeholder_name(enum placeholder p)
{
	return (ph_names[p]);
}

enum err
placeholder_check(const char *s, enum placeholder_context ctx,
    const json_t *secrets, unsigned int *used, char why[PH_WHY_MAX])
{
	const char	*wrong;
	unsigned int	 seen = 0;
	bool		 in_string = false;
	struct ph_piece	 p;

	for (; *s != '\0'; s += p.len) {
		ph_next(s, &p);
		if (!p.is_placeholder) {
			/* Only these two say something about strings; a '{'
			 * behind a backslash is still a placeholder's. */
			if (*s == '\\' && in_string && (s[1] == '"' ||
			    s[1] == '\\'))
				p.len = 2;
			else if (*s == '"')
				in_string = !in_string;
			continue;
		}
		if ((wrong = ph_wrong(&p, secrets, ctx == PH_IN_JSON &&
		    !in_string)) != NULL) {
			if (str_printf(why, PH_WHY_MAX, "%s: {%s}", wrong,
			    p.name) != ERR_OK)
				why[0] = '\0';
			return (ERR_FORMAT);
		}
		if (p.id != PH_MAX)
			seen |= PH_BIT(p.id);
	}
	if (used != NULL)
		*used = seen;
	return (ERR_OK);
}

enum err
placeholder_expand(const char *s, enum placeholder_context ctx,
    const struct placeholder_values *v, struct buf *out)
{
	const char	*value;
	struct ph_piece	 p;

	for (; *s != '\0'; s += p.len) {
		ph_next(s, &p);
		if (!p.is_placeholder) {
			buf_add(out, s, p.len);
			continue;
		}
		value = p.id != PH_MAX ? v->v[p.id] :
		    ph_secret(v->secrets, p.name);
		if (value == NULL && p.id == PH_MAX)
			return (ERR_FORMAT);
		if (value != NULL)
			placeholder_escape(value, ctx, out);
	}
	return (ERR_OK);
}

void
placeholder_escape(const char *s, enum placeholder_context ctx,
    struct buf *out)
{
	struct buf	 quoted;
	const char	*p;

	switch (ctx) {
	case PH_IN_JSON:
		buf_init(&quoted, out->max);
		buf_json(&quoted, s, strlen(s));
		if (buf_err(&quoted) == ERR_OK)
			buf_add(out, quoted.data + 1, quoted.len - 2);
		else if (out->err == ERR_OK)
			out->err = quoted.err;
		buf_clear(&quoted);
		break;
	case PH_IN_URL:
	case PH_IN_FORM:
		for (p = s; *p != '\0'; p++)
			ph_escape_url((unsigned char)*p, out);
		break;
	case PH_IN_XML:
		for (p = s; *p != '\0'; p++)
			ph_escape_xml((unsigned char)*p, out);
		break;
	case PH_IN_HEADER:
		for (p = s; *p != '\0'; p++)
			buf_char(out, (unsigned char)*p < 0x20 || *p == 0x7f ?
			    ' ' : *p);
		break;
	case PH_IN_TEXT:
		buf_str(out, s);
		break;
	}
}

static void
ph_next(const char *s, struct ph_piece *p)
{
	size_t	n;

	p->len = 1;
	p->is_placeholder = false;
	p->name[0] = '\0';
	p->id = PH_MAX;
	if (s[0] != '{')
		return;
	for (n = 0; n < PH_NAME_MAX && ph_is_name_char(s[n + 1]); n++)
		p->name[n] = s[n + 1];
	p->name[n] = '\0';
	if (n == 0 || s[n + 1] != '}')
		return;
	p->len = n + 2;
	p->is_placeholder = true;
	p->id = ph_find(p->name);
}

static enum placeholder
ph_find(const char *name)
{
	enum placeholder	id;
	size_t			i;

	for (id = 0; id < PH_MAX; id++) {
		if (strcmp(ph_names[id], name) == 0)
			return (id);
	}
	for (i = 0; i < COUNT(ph_also); i++) {
		if (strcmp(ph_also[i].name, name) == 0)
			return (ph_also[i].id);
	}
	return (PH_MAX);
}

static bool
ph_is_name_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-');
}

/* What is wrong with a placeholder, NULL: nothing. */
static const char *
ph_wrong(const struct ph_piece *p, const json_t *secrets, bool is_bare)
{
	if (p->id == PH_MAX &&
	    strncmp(p->name, PH_SECRET, strlen(PH_SECRET)) != 0)
		return ("unknown placeholder");
	if (p->id == PH_MAX && ph_secret(secrets, p->name) == NULL)
		return ("not among the secrets");
	/* Without quotes only a number is JSON. */
	if (is_bare && p->id != PH_TTL_MINUTES && p->id != PH_COUNTRY_CODE)
		return ("must stand within a JSON string");
	return (NULL);
}

static const char *
ph_secret(const json_t *secrets, const char *name)
{
	return (json_string_value(json_object_get(secrets,
	    name + strlen(PH_SECRET))));
}

static void
ph_escape_url(unsigned char c, struct buf *out)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
		buf_char(out, (char)c);
	else
		buf_printf(out, "%%%02X", c);
}

/* XML 1.0 s.2.2 has no control characters but these three, however spelled. */
static void
ph_escape_xml(unsigned char c, struct buf *out)
{
	switch (c) {
	case '&': buf_str(out, "&amp;"); break;
	case '<': buf_str(out, "&lt;"); break;
	case '>': buf_str(out, "&gt;"); break;
	case '"': buf_str(out, "&quot;"); break;
	case '\'': buf_str(out, "&#39;"); break;
	case '\t': case '\n': case '\r':
		buf_printf(out, "&#%d;", c);
		break;
	default:
		buf_char(out, c < 0x20 ? ' ' : (char)c);
	}
}
