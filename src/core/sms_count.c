/*
 * sms_count - see sms_count.h.  Owns the GSM 7 bit default alphabet.
 * Ref: 3GPP TS 23.038 s.6.2.1, s.6.2.1.1; TS 23.040 s.9.2.3.24.1 (the header
 * of a part takes 7 septets or 3 units).
 */
#include "sms_count.h"

#include <stdint.h>
#include <string.h>

#define GSM7_ALONE	160
#define GSM7_PART	153
#define UCS2_ALONE	70
#define UCS2_PART	67

/* Of the default alphabet what ASCII does not have; and which ASCII it has
 * not. */
static const char	sms_gsm7[] =
    "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞ"
    "ÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
static const char	sms_not_gsm7[] = "`";
/* Reached by an escape, two septets. */
static const char	sms_extension[] = "\f^{}\\[~]|€";

static size_t	sms_char_len(unsigned char c);
static size_t	sms_septets(const char *s, size_t n);
static void	sms_segments(struct sms_count *c);
static size_t	sms_pack(const char *s, size_t len, bool is_gsm7);

void
sms_count(const char *s, size_t len, struct sms_count *out)
{
	size_t	i, n, septets = 0, units = 0, k;

	memset(out, 0, sizeof(*out));
	out->is_gsm7 = true;
	for (i = 0; i < len; i += n) {
		n = sms_char_len((unsigned char)s[i]);
		if (n > len - i)
			n = len - i;
		out->characters++;
		units += n == 4 ? 2 : 1;	/* a surrogate pair */
		if ((k = sms_septets(s + i, n)) == 0) {
			if (out->is_gsm7)
				memcpy(out->first_ucs2, s + i, n);
			out->is_gsm7 = false;
		}
		septets += k;
	}
	out->units = out->is_gsm7 ? septets : units;
	sms_segments(out);
	if (out->segments > 1) {
		n = out->is_gsm7 ? GSM7_PART : UCS2_PART;
		k = sms_pack(s, len, out->is_gsm7);
		out->segments = (k + n - 1) / n;
		out->left = out->segments * n - k;
	}
}

static size_t
sms_char_len(unsigned char c)
{
	return (c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2);
}

/* Septets of the character of |n| bytes, 0: none of the alphabet. */
static size_t
sms_septets(const char *s, size_t n)
{
	const char	*p;

	if (n == 1 && s[0] != '\0' && strchr(sms_not_gsm7, s[0]) != NULL)
		return (0);
	for (p = sms_extension; *p != '\0';
	    p += sms_char_len((unsigned char)*p)) {
		if (sms_char_len((unsigned char)*p) == n &&
		    memcmp(p, s, n) == 0)
			return (2);
	}
	if (n == 1)
		return ((s[0] >= 0x20 && s[0] < 0x7f) || s[0] == '\n' ||
		    s[0] == '\r' ? 1 : 0);
	for (p = sms_gsm7; *p != '\0'; p += sms_char_len((unsigned char)*p)) {
		if (sms_char_len((unsigned char)*p) == n &&
		    memcmp(p, s, n) == 0)
			return (1);
	}
	return (0);
}

static void
sms_segments(struct sms_count *c)
{
	size_t	alone = c->is_gsm7 ? GSM7_ALONE : UCS2_ALONE;

	c->segments = c->units <= alone ? 1 : 2;	/* 2: at least */
	c->left = c->units <= alone ? alone - c->units : 0;
}

/*
 * Units with those that stay empty at the end of a part, since neither an
 * escape pair nor a surrogate pair is cut in two.
 */
static size_t
sms_pack(const char *s, size_t len, bool is_gsm7)
{
	size_t	part = is_gsm7 ? GSM7_PART : UCS2_PART, used = 0, i, n, k;

	for (i = 0; i < len; i += n) {
		n = sms_char_len((unsigned char)s[i]);
		if (n > len - i)
			n = len - i;
		k = is_gsm7 ? sms_septets(s + i, n) : n == 4 ? 2 : 1;
		if (k == 2 && used % part == part - 1)
			used++;
		used += k;
	}
	return (used);
}
