/*
 * csv_text - see csv_text.h.  Ref: RFC 3629, RFC 2781, WHATWG encoding
 * standard (windows-1252).
 */
#include "csv_text.h"

#include <string.h>

#include "str.h"

#define DETECT_LINES	10
#define UNREADABLE	0xfffd

static const char *const	csv_names[CSV_ENCODINGS] = {
	"utf-8", "utf-16le", "utf-16be", "windows-1252"
};

/* 0x80..0x9f; five of them are nothing. */
static const uint16_t	csv_1252[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178
};

static size_t	csv_utf8_len(const uint8_t *p, size_t len);
static bool	csv_is_cut_utf8(const uint8_t *p, size_t len);
static size_t	csv_take(struct csv_text *t, const uint8_t *p, size_t len,
		    bool is_last, struct buf *out);
static size_t	csv_take_utf8(const uint8_t *p, size_t len, bool is_last,
		    struct buf *out);
static size_t	csv_take_utf16(struct csv_text *t, const uint8_t *p,
		    size_t len, bool is_last, struct buf *out);
static void	csv_put(struct csv_text *t, uint32_t c, struct buf *out);

const char *
csv_encoding_name(enum csv_encoding e)
{
	return (csv_names[e]);
}

enum err
csv_encoding_parse(const char *s, enum csv_encoding *out)
{
	int	e;

	for (e = 0; e < CSV_ENCODINGS; e++)
		if (str_caseeq(s, csv_names[e])) {
			*out = (enum csv_encoding)e;
			return (ERR_OK);
		}
	return (ERR_NOT_FOUND);
}

enum csv_encoding
csv_encoding_detect(const void *v, size_t len)
{
	const uint8_t	*p = v;
	size_t		 i, n, zeros[2] = { 0, 0 };

	if (len >= 2 && p[0] == 0xff && p[1] == 0xfe)
		return (CSV_UTF16LE);
	if (len >= 2 && p[0] == 0xfe && p[1] == 0xff)
		return (CSV_UTF16BE);
	/* Most of a file of Latin letters in UTF-16 is every other byte 0. */
	for (i = 0; i < len; i++)
		zeros[i & 1] += p[i] == 0;
	if (zeros[1] > len / 8 && zeros[1] > 4 * zeros[0])
		return (CSV_UTF16LE);
	if (zeros[0] > len / 8 && zeros[0] > 4 * zeros[1])
		return (CSV_UTF16BE);
	for (i = 0; i < len; i += n)
		if ((n = csv_utf8_len(p + i, len - i)) == 0)
			return (csv_is_cut_utf8(p + i, len - i) ? CSV_UTF8 :
			    CSV_WINDOWS_1252);
	return (CSV_UTF8);
}

char
csv_delimiter_detect(const char *s, size_t len)
{
	static const char	candidates[] = { ',', ';', '\t', '|' };
	size_t			i, c, n[4] = { 0 }, best = 0;
	int			lines = 0;
	bool			is_quoted = false;

	for (i = 0; i < len && lines < DETECT_LINES; i++) {
		if (s[i] == '"')
			is_quoted = !is_quoted;
		if (is_quoted)
			continue;
		lines += s[i] == '\n';
		for (c = 0; c < sizeof(candidates); c++)
			n[c] += s[i] == candidates[c];
	}
	for (c = 1; c < sizeof(candidates); c++)
		if (n[c] > n[best])
			best = c;
	return (candidates[best]);
}

void
csv_text_init(struct csv_text *t, enum csv_encoding e)
{
	memset(t, 0, sizeof(*t));
	t->encoding = e;
}

enum err
csv_text_feed(struct csv_text *t, const void *v, size_t len, bool is_last,
    struct buf *out)
{
	const uint8_t	*p = v;
	size_t		 n, taken;

	/* What was kept back, byte by byte until it is whole. */
	while (t->n_carry > 0 && (len > 0 || is_last)) {
		if (len > 0) {
			t->carry[t->n_carry++] = *p++;
			len--;
		}
		taken = csv_take(t, t->carry, t->n_carry, is_last && len == 0,
		    out);
		t->n_carry -= taken;
		memmove(t->carry, t->carry + taken, t->n_carry);
	}
	while (len > 0) {
		if ((n = csv_take(t, p, len, is_last, out)) == 0)
			break;
		p += n;
		len -= n;
	}
	memcpy(t->carry + t->n_carry, p, len);	/* less than a character */
	t->n_carry += len;
	return (buf_err(out));
}

/* Takes some characters off |p|; 0: there is not a whole one. */
static size_t
csv_take(struct csv_text *t, const uint8_t *p, size_t len, bool is_last,
    struct buf *out)
{
	uint32_t	c;

	switch (t->encoding) {
	case CSV_UTF16LE:
	case CSV_UTF16BE:
		return (csv_take_utf16(t, p, len, is_last, out));
	case CSV_WINDOWS_1252:
		c = p[0];
		if (c >= 0x80 && c < 0xa0)
			c = csv_1252[c - 0x80];
		csv_put(t, c == 0 ? UNREADABLE : c, out);
		return (1);
	default:
		if (!t->has_begun) {
			/* The mark is three bytes, none of them is text. */
			if (len < 3 && !is_last && csv_is_cut_utf8(p, len))
				return (0);
			t->has_begun = true;
			if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
				return (3);
		}
		return (csv_take_utf8(p, len, is_last, out));
	}
}

/* As long a run as there is. */
static size_t
csv_take_utf8(const uint8_t *p, size_t len, bool is_last, struct buf *out)
{
	size_t	i, n;

	for (i = 0; i < len; i += n)
		if ((n = csv_utf8_len(p + i, len - i)) == 0)
			break;
	if (i > 0) {
		buf_add(out, p, i);
		return (i);
	}
	if (!is_last && csv_is_cut_utf8(p, len))
		return (0);
	buf_str(out, CSV_UNREADABLE);
	return (1);
}

static size_t
csv_take_utf16(struct csv_text *t, const uint8_t *p, size_t len, bool is_last,
    struct buf *out)
{
	size_t		hi = t->encoding == CSV_UTF16LE ? 1 : 0;
	uint32_t	c, low;

	if (len < 2) {
		if (!is_last)
			return (0);
		csv_put(t, UNREADABLE, out);
		return (len);
	}
	c = (uint32_t)p[hi] << 8 | p[1 - hi];
	if (c < 0xd800 || c > 0xdfff) {
		csv_put(t, c, out);
		return (2);
	}
	if (c < 0xdc00 && len < 4 && !is_last)
		return (0);
	if (c < 0xdc00 && len >= 4) {
		low = (uint32_t)p[2 + hi] << 8 | p[3 - hi];
		if (low >= 0xdc00 && low <= 0xdfff) {
			csv_put(t, 0x10000 + ((c - 0xd800) << 10) +
			    (low - 0xdc00), out);
			return (4);
		}
	}
	csv_put(t, UNREADABLE, out);		/* half a pair */
	return (2);
}

static void
csv_put(struct csv_text *t, uint32_t c, struct buf *out)
{
	bool	is_first = !t->has_begun;

	t->has_begun = true;
	if (is_first && c == 0xfeff)
		return;
	if (c == 0)
		c = UNREADABLE;
	if (c < 0x80)
		buf_char(out, (char)c);
	else if (c < 0x800) {
		buf_char(out, (char)(0xc0 | c >> 6));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | c >> 18));
		buf_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* Bytes of the character that |p| begins with, 0: none, or not whole. */
static size_t
csv_utf8_len(const uint8_t *p, size_t len)
{
	size_t	n;

	if (p[0] != 0 && p[0] < 0x80)
		return (1);
	n = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ?
	    3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
	return (n > 0 && n <= len && str_is_utf8((const char *)p, n) ? n : 0);
}

/* May |p| be the beginning of a character that goes on behind it? */
static bool
csv_is_cut_utf8(const uint8_t *p, size_t len)
{
	size_t	n, i;

	n = p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ?
	    3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;
	if (n <= len)
		return (false);
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return (false);
	return (true);
}
