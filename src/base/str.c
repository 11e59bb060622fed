/*
 * str - bounded text primitives.  Never reads beyond the length given and
 * never depends on the locale.
 */
#include "str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static size_t		str_utf8_step(const unsigned char *s, size_t len);
static unsigned char	str_lower(unsigned char c);
static bool		str_is_blank(char c);

enum err
str_int(const char *s, size_t len, int64_t min, int64_t max, int64_t *out)
{
	bool		is_over = false, is_neg;
	uint64_t	v = 0, limit;
	int64_t		n;
	size_t		i = 0;

	is_neg = len > 0 && s[0] == '-';
	if (is_neg)
		i++;
	if (i == len)
		return (ERR_FORMAT);
	limit = is_neg ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	for (; i < len; i++) {
		unsigned int	d = (unsigned char)s[i] - (unsigned int)'0';

		if (d > 9)
			return (ERR_FORMAT);
		/* Reads on after an overflow: junk is the worse fault. */
		if (is_over || v > (limit - d) / 10)
			is_over = true;
		else
			v = v * 10 + d;
	}
	if (is_over)
		return (ERR_RANGE);
	if (is_neg)
		n = v > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)v;
	else
		n = (int64_t)v;
	if (n < min || n > max)
		return (ERR_RANGE);
	*out = n;
	return (ERR_OK);
}

bool
str_is_utf8(const char *s, size_t len)
{
	size_t	i, n;

	for (i = 0; i < len; i += n) {
		n = str_utf8_step((const unsigned char *)s + i, len - i);
		if (n == 0)
			return (false);
	}
	return (true);
}

size_t
str_utf8_count(const char *s, size_t len)
{
	size_t	i, n = 0;

	for (i = 0; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			n++;
	}
	return (n);
}

enum err
str_copy(char *dst, size_t cap, const char *src, size_t len)
{
	if (len >= cap)
		return (ERR_SPACE);
	if (len > 0)
		memcpy(dst, src, len);
	dst[len] = '\0';
	return (ERR_OK);
}

void
str_trim(const char **s, size_t *len)
{
	while (*len > 0 && str_is_blank(**s)) {
		(*s)++;
		(*len)--;
	}
	while (*len > 0 && str_is_blank((*s)[*len - 1]))
		(*len)--;
}

bool
str_caseeq(const char *a, const char *b)
{
	size_t	i;

	for (i = 0; ; i++) {
		unsigned char	x = (unsigned char)a[i];
		unsigned char	y = (unsigned char)b[i];

		if (str_lower(x) != str_lower(y))
			return (false);
		if (x == '\0')
			return (true);
	}
}

enum err
str_printf(char *dst, size_t cap, const char *fmt, ...)
{
	va_list	ap;
	int	n;

	va_start(ap, fmt);
	n = vsnprintf(dst, cap, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= cap) {
		if (cap > 0)
			dst[0] = '\0';
		return (ERR_SPACE);
	}
	return (ERR_OK);
}

/*
 * Bytes of the well-formed character at |s|, 0 if there is none.  The second
 * byte's range excludes overlongs, surrogates and values past U+10FFFF.
 * Ref: RFC 3629 s.4.
 */
static size_t
str_utf8_step(const unsigned char *s, size_t len)
{
	unsigned char	lo = 0x80, hi = 0xbf;
	size_t		n, i;

	if (s[0] < 0x80)
		return (s[0] != 0);
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return (0);
	if (len < n)
		return (0);
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f;
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	if (s[1] < lo || s[1] > hi)
		return (0);
	for (i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return (0);
	}
	return (n);
}

static unsigned char
str_lower(unsigned char c)
{
	return (c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c);
}

static bool
str_is_blank(char c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r'));
}
