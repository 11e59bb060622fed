/*
 * person_field - see person_field.h.  The database has the same bounds as
 * constraints of its table; here is what says so in words.
 */
#include "person_field.h"

#include <stdbool.h>
#include <string.h>

#include "contact.h"
#include "nfkc.h"
#include "str.h"
#include "user.h"

#define NAME_CHARS_MAX		200
#define CARRIER_MAX_LEN		64
/* RFC 5646: what a tag of five parts may come to. */
#define LANGUAGE_MAX_LEN	44
#define LANGUAGE_PARTS_MAX	5

struct person_word {
	const char	*in;
	const char	*out;
};

static const struct {
	const char	*name;
	const char	*rule;
} person_fields[PERSON_FIELDS] = {
	[PERSON_NAME] = { "name", "Send 1 to 200 characters of text." },
	[PERSON_EMAIL] = { "email", "Send an e-mail address." },
	[PERSON_MOBILE] = { "mobile_number",
	    "Send a mobile number, best with + and the country code." },
	[PERSON_EMP_ID] = { "emp_id", "Send 1 to 64 bytes of text." },
	[PERSON_LANGUAGE] = { "language",
	    "Send a language tag, such as en or hi-IN." },
	[PERSON_CARRIER] = { "carrier",
	    "Send the id of a carrier: a-z, 0-9, _, . and -." },
	[PERSON_STATUS] = { "status", "Send active or disabled." },
	[PERSON_MFA] = { "mfa_enabled", "Send true or false." },
};

static const struct person_word	person_statuses[] = {
	{ "active", "active" }, { "enabled", "active" }, { "yes", "active" },
	{ "true", "active" }, { "1", "active" }, { "disabled", "disabled" },
	{ "inactive", "disabled" }, { "no", "disabled" },
	{ "false", "disabled" }, { "0", "disabled" },
};

static const struct person_word	person_bools[] = {
	{ "true", "true" }, { "yes", "true" }, { "y", "true" },
	{ "on", "true" }, { "1", "true" }, { "false", "false" },
	{ "no", "false" }, { "n", "false" }, { "off", "false" },
	{ "0", "false" },
};

static enum err	person_text(const char *s, size_t len,
		    char out[PERSON_FIELD_MAX + 1]);
static enum err	person_text_check(const char *s, size_t len);
static enum err	person_word(const struct person_word *words, size_t n,
		    const char *s, size_t len,
		    char out[PERSON_FIELD_MAX + 1]);
static enum err	person_language(const char *s, size_t len,
		    char out[PERSON_FIELD_MAX + 1]);
static enum err	person_carrier(const char *s, size_t len,
		    char out[PERSON_FIELD_MAX + 1]);

const char *
person_field_name(enum person_field f)
{
	return (person_fields[f].name);
}

const char *
person_field_rule(enum person_field f)
{
	return (person_fields[f].rule);
}

enum err
person_field_normalise(enum person_field f, const char *s, size_t len,
    const char *cc, char out[PERSON_FIELD_MAX + 1])
{
	enum err	r;

	out[0] = '\0';
	str_trim(&s, &len);
	if (len == 0)
		return (ERR_OK);
	switch (f) {
	case PERSON_NAME:
		if ((r = person_text(s, len, out)) == ERR_OK &&
		    str_utf8_count(out, strlen(out)) > NAME_CHARS_MAX)
			r = ERR_TOO_LONG;
		return (r);
	case PERSON_EMP_ID:
		if ((r = person_text(s, len, out)) == ERR_OK &&
		    strlen(out) > USER_EMP_ID_MAX_LEN)
			r = ERR_TOO_LONG;
		return (r);
	case PERSON_EMAIL:
		return (email_normalise(s, len, out));
	case PERSON_MOBILE:
		return (phone_normalise(s, len, cc, out));
	case PERSON_LANGUAGE:
		return (person_language(s, len, out));
	case PERSON_CARRIER:
		return (person_carrier(s, len, out));
	case PERSON_STATUS:
		return (person_word(person_statuses, COUNT(person_statuses),
		    s, len, out));
	default:
		return (person_word(person_bools, COUNT(person_bools), s, len,
		    out));
	}
}

/* ASCII is NFKC already, and nearly all of a million rows is ASCII. */
static enum err
person_text(const char *s, size_t len, char out[PERSON_FIELD_MAX + 1])
{
	struct nfkc	 n = { NULL, 0, 0 };
	const char	*p;
	size_t		 i;
	enum err	 r;

	if (len > PERSON_FIELD_MAX)
		return (ERR_TOO_LONG);
	for (i = 0; i < len && (unsigned char)s[i] < 0x80; i++)
		;
	if (i == len) {
		if ((r = person_text_check(s, len)) != ERR_OK)
			return (r);
		return (str_copy(out, PERSON_FIELD_MAX + 1, s, len));
	}
	if ((r = nfkc_make(s, len, &n)) == ERR_OK) {
		p = (const char *)n.b;
		len = n.len;
		str_trim(&p, &len);	/* a wide blank became one */
		if (len > PERSON_FIELD_MAX)
			r = ERR_TOO_LONG;
		else if (len == 0)
			r = ERR_FORMAT;
		else if ((r = person_text_check(p, len)) == ERR_OK)
			r = str_copy(out, PERSON_FIELD_MAX + 1, p, len);
	}
	nfkc_clear(&n);
	return (r);
}

/* No control character: C0, DEL, C1 (U+0080..9F). */
static enum err
person_text_check(const char *s, size_t len)
{
	const unsigned char	*p = (const unsigned char *)s;
	size_t			 i;

	for (i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			return (ERR_FORMAT);
		if (p[i] == 0xc2 && i + 1 < len && p[i + 1] < 0xa0)
			return (ERR_FORMAT);
	}
	return (ERR_OK);
}

static enum err
person_word(const struct person_word *words, size_t n, const char *s,
    size_t len, char out[PERSON_FIELD_MAX + 1])
{
	char	text[16];
	size_t	i;

	if (str_copy(text, sizeof(text), s, len) != ERR_OK)
		return (ERR_FORMAT);
	for (i = 0; i < n; i++)
		if (strlen(text) == len && str_caseeq(text, words[i].in))
			return (str_copy(out, PERSON_FIELD_MAX + 1,
			    words[i].out, strlen(words[i].out)));
	return (ERR_FORMAT);
}

/* Letters, then up to four parts of letters and digits: xx-Xxxx-XX. */
static enum err
person_language(const char *s, size_t len, char out[PERSON_FIELD_MAX + 1])
{
	size_t	i, n = 0, parts = 1;
	bool	is_alpha, is_digit;

	if (len > LANGUAGE_MAX_LEN)
		return (ERR_TOO_LONG);
	for (i = 0; i <= len; i++) {
		if (i == len || s[i] == '-') {
			if (n < (parts == 1 ? 2u : 1u) || n > 8)
				return (ERR_FORMAT);
			n = 0;
			if (i < len && ++parts > LANGUAGE_PARTS_MAX)
				return (ERR_FORMAT);
			continue;
		}
		is_alpha = (s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z');
		is_digit = s[i] >= '0' && s[i] <= '9';
		if (!is_alpha && (!is_digit || parts == 1))
			return (ERR_FORMAT);
		n++;
	}
	return (str_copy(out, PERSON_FIELD_MAX + 1, s, len));
}

static enum err
person_carrier(const char *s, size_t len, char out[PERSON_FIELD_MAX + 1])
{
	size_t	i;

	if (len > CARRIER_MAX_LEN)
		return (ERR_TOO_LONG);
	for (i = 0; i < len; i++) {
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
		if (!((out[i] >= 'a' && out[i] <= 'z') ||
		    (out[i] >= '0' && out[i] <= '9') || out[i] == '_' ||
		    out[i] == '.' || out[i] == '-')) {
			out[0] = '\0';
			return (ERR_FORMAT);
		}
	}
	out[len] = '\0';
	return (ERR_OK);
}
