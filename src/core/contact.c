/*
 * contact - e-mail addresses, mobile numbers and the identifier that may be
 * either.  Owns their one normal form; whether somebody has it is the
 * directory's.  Ref: api.md s.1, RFC 5322 3.2.3, RFC 6531, RFC 1123 2.1, E.164.
 */
#include "contact.h"

#include <stdbool.h>
#include <string.h>

#include <utf8proc.h>

#include "str.h"

#define EMAIL_LOCAL_MAX_LEN	64	/* RFC 5321 s.4.5.3.1.1 */
#define EMAIL_DOMAIN_MAX_LEN	253	/* RFC 1035: 255 octets on the wire */
#define EMAIL_LABEL_MAX_LEN	63	/* RFC 1035 s.2.3.4 */
#define PHONE_DIGITS_MAX	15	/* E.164 */
#define PHONE_DIGITS_MIN	8
#define PHONE_CC_MAX_LEN	3	/* E.164: 1 to 3 digits */

static bool	contact_is_digit(char c);
static bool	contact_is_alnum(char c);
static bool	email_is_atext(char c);
static bool	email_local_check(const char *s, size_t len);
static bool	email_unicode_check(const char *s, size_t len);
static bool	email_domain_check(const char *s, size_t len);
static bool	email_label_check(const char *s, size_t len);
static bool	phone_is_filler(char c);
static enum err	phone_digits(const char *s, size_t len, char *out, size_t *n,
		    bool *has_plus);
static bool	phone_cc_check(const char *cc);

enum err
email_normalise(const char *s, size_t len, char out[EMAIL_MAX_LEN + 1])
{
	const char	*at;
	size_t		 i, local_len;

	out[0] = '\0';
	str_trim(&s, &len);
	if (len == 0)
		return (ERR_FORMAT);
	if (len > EMAIL_MAX_LEN)
		return (ERR_TOO_LONG);
	/* The atoms hold no '@', so the first one found is the only one. */
	if ((at = memchr(s, '@', len)) == NULL)
		return (ERR_FORMAT);
	local_len = (size_t)(at - s);
	if (local_len > EMAIL_LOCAL_MAX_LEN)
		return (ERR_TOO_LONG);
	if (!email_local_check(s, local_len) ||
	    !email_domain_check(at + 1, len - local_len - 1))
		return (ERR_FORMAT);
	for (i = 0; i < len; i++)
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ?
		    (char)(s[i] + ('a' - 'A')) : s[i];
	out[len] = '\0';
	return (ERR_OK);
}

enum err
phone_normalise(const char *s, size_t len, const char *cc,
    char out[PHONE_MAX_LEN + 1])
{
	char		 digits[2 + PHONE_DIGITS_MAX + 1];
	const char	*d = digits;
	size_t		 cc_len = 0, n;
	bool		 is_international;
	enum err	 r;

	out[0] = '\0';
	if ((r = phone_digits(s, len, digits, &n, &is_international)) !=
	    ERR_OK)
		return (r);
	if (!is_international && n >= 2 && d[0] == '0' && d[1] == '0') {
		is_international = true;
		d += 2;
		n -= 2;
	}
	if (!is_international) {
		if (!phone_cc_check(cc))
			return (ERR_FORMAT);
		cc_len = strlen(cc);
		if (n > 0 && d[0] == '0') {	/* the trunk prefix */
			d++;
			n--;
		}
	}
	if (n == 0 || cc_len + n < PHONE_DIGITS_MIN ||
	    cc_len + n > PHONE_DIGITS_MAX || d[0] == '0')
		return (ERR_RANGE);
	out[0] = '+';
	if (cc_len > 0)
		memcpy(out + 1, cc, cc_len);
	memcpy(out + 1 + cc_len, d, n);
	out[1 + cc_len + n] = '\0';
	return (ERR_OK);
}

enum err
contact_parse(const char *s, size_t len, const char *cc, struct contact *out)
{
	char		number[PHONE_MAX_LEN + 1];
	enum err	r;

	memset(out, 0, sizeof(*out));
	str_trim(&s, &len);
	if (len > IDENTIFIER_MAX_LEN)
		return (ERR_TOO_LONG);
	if (len > 0 && memchr(s, '@', len) != NULL) {
		out->kind = CONTACT_EMAIL;
		return (email_normalise(s, len, out->text));
	}
	out->kind = CONTACT_PHONE;
	if ((r = phone_normalise(s, len, cc, number)) != ERR_OK)
		return (r);
	return (str_copy(out->text, sizeof(out->text), number,
	    strlen(number)));
}

static bool
contact_is_digit(char c)
{
	return (c >= '0' && c <= '9');
}

static bool
contact_is_alnum(char c)
{
	return (contact_is_digit(c) || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'));
}

/* RFC 5322 s.3.2.3, and every byte of a longer code point (RFC 6531 3.3). */
static bool
email_is_atext(char c)
{
	return (contact_is_alnum(c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL));
}

static bool
email_local_check(const char *s, size_t len)
{
	size_t	i;
	bool	is_ascii = true, was_dot = true;

	for (i = 0; i < len; i++) {
		if (s[i] == '.') {
			if (was_dot)
				return (false);
			was_dot = true;
			continue;
		}
		if (!email_is_atext(s[i]))
			return (false);
		if ((unsigned char)s[i] >= 0x80)
			is_ascii = false;
		was_dot = false;
	}
	/* Also false for the empty one. */
	return (!was_dot && (is_ascii || email_unicode_check(s, len)));
}

/*
 * UTF-8 without what nobody can see or type: control, format (bidirectional
 * marks, zero width), separators, private use, unassigned.
 */
static bool
email_unicode_check(const char *s, size_t len)
{
	const utf8proc_uint8_t	*p = (const utf8proc_uint8_t *)s;
	utf8proc_ssize_t	 n;
	utf8proc_int32_t	 c;

	if (!str_is_utf8(s, len))
		return (false);
	while (len > 0) {
		if ((n = utf8proc_iterate(p, (utf8proc_ssize_t)len, &c)) <= 0)
			return (false);
		switch (utf8proc_category(c)) {
		case UTF8PROC_CATEGORY_CN:
		case UTF8PROC_CATEGORY_ZS:
		case UTF8PROC_CATEGORY_ZL:
		case UTF8PROC_CATEGORY_ZP:
		case UTF8PROC_CATEGORY_CC:
		case UTF8PROC_CATEGORY_CF:
		case UTF8PROC_CATEGORY_CS:
		case UTF8PROC_CATEGORY_CO:
			return (false);
		default:
			break;
		}
		p += n;
		len -= (size_t)n;
	}
	return (true);
}

static bool
email_domain_check(const char *s, size_t len)
{
	const char	*dot;
	size_t		 i, label_len;

	if (len > EMAIL_DOMAIN_MAX_LEN)
		return (false);
	while ((dot = memchr(s, '.', len)) != NULL) {
		label_len = (size_t)(dot - s);
		if (!email_label_check(s, label_len))
			return (false);
		s += label_len + 1;
		len -= label_len + 1;
	}
	if (!email_label_check(s, len))
		return (false);
	/* No top-level domain is a number: that would be an IPv4 address. */
	for (i = 0; i < len; i++) {
		if (!contact_is_digit(s[i]))
			return (true);
	}
	return (false);
}

static bool
email_label_check(const char *s, size_t len)
{
	size_t	i;

	if (len == 0 || len > EMAIL_LABEL_MAX_LEN || s[0] == '-' ||
	    s[len - 1] == '-')
		return (false);
	for (i = 0; i < len; i++) {
		if (!contact_is_alnum(s[i]) && s[i] != '-')
			return (false);
	}
	return (true);
}

static bool
phone_is_filler(char c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r') ||
	    (c != '\0' && strchr("-.()[]", c) != NULL));
}

/*
 * Digits of |s| into |out| (room for "00" and an E.164 number), and whether a
 * '+' stood before the first.
 */
static enum err
phone_digits(const char *s, size_t len, char *out, size_t *n, bool *has_plus)
{
	size_t	i;

	*n = 0;
	*has_plus = false;
	for (i = 0; i < len; i++) {
		if (phone_is_filler(s[i]))
			continue;
		if (s[i] == '+' && *n == 0 && !*has_plus) {
			*has_plus = true;
			continue;
		}
		if (!contact_is_digit(s[i]))
			return (ERR_FORMAT);
		if (*n == 2 + PHONE_DIGITS_MAX)
			return (ERR_RANGE);
		out[(*n)++] = s[i];
	}
	out[*n] = '\0';
	return (*n == 0 ? ERR_FORMAT : ERR_OK);
}

static bool
phone_cc_check(const char *cc)
{
	size_t	i, len;

	if (cc == NULL || (len = strlen(cc)) == 0 || len > PHONE_CC_MAX_LEN ||
	    cc[0] == '0')
		return (false);
	for (i = 0; i < len; i++) {
		if (!contact_is_digit(cc[i]))
			return (false);
	}
	return (true);
}

void
contact_mask(const char *contact, char out[CONTACT_MASK_LEN + 1])
{
	const char	*at = strrchr(contact, '@');
	size_t		 len = strlen(contact), n = 1;

	out[0] = '\0';
	if (len > EMAIL_MAX_LEN)
		return;
	if (at != NULL) {
		/* The whole first character, if it is one of several bytes. */
		while ((contact[n] & 0xc0) == 0x80)
			n++;
		memcpy(out, contact, n);
		memcpy(out + n, "***", 3);
		memcpy(out + n + 3, at, len - (size_t)(at - contact) + 1);
		return;
	}
	memset(out, '*', len);
	out[len] = '\0';
	if (len > 8) {
		memcpy(out, contact, 3);
		memcpy(out + len - 2, contact + len - 2, 2);
	}
}
