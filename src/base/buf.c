/*
 * buf - growable text buffer with a hard cap.
 * Owns its bytes and leaves no copy of them behind when it grows, so it may
 * hold secrets.  Must not be shared between threads.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

#define BUF_FIRST	128	/* first allocation; most answers need a few */

static int	buf_room(struct buf *b, size_t len);
static void	buf_json_char(struct buf *b, unsigned char c);

void
buf_init(struct buf *b, size_t max)
{
	b->data = NULL;
	b->len = 0;
	b->cap = 0;
	b->max = max < SIZE_MAX ? max : SIZE_MAX - 1;
	b->err = ERR_OK;
}

void
buf_clear(struct buf *b)
{
	mem_free_secret(b->data, b->cap);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->err = ERR_OK;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (!buf_room(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_i64(struct buf *b, int64_t v)
{
	char		 text[20];	/* of -2^63 */
	size_t		 at = sizeof(text);
	uint64_t	 n = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		text[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	if (v < 0)
		text[--at] = '-';
	buf_add(b, text + at, sizeof(text) - at);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list	ap;
	int	n;

	/* Room for the NUL alone makes b->data usable for the first try. */
	if (!buf_room(b, 0))
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	b->data[b->len] = '\0';
	if (n < 0) {
		b->err = ERR_FORMAT;
		return;
	}
	if (!buf_room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_json(struct buf *b, const char *s, size_t len)
{
	size_t	i, run;

	buf_char(b, '"');
	for (i = run = 0; i < len; i++) {
		unsigned char	c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s + run, i - run);
		buf_json_char(b, c);
		run = i + 1;
	}
	if (i > run)
		buf_add(b, s + run, i - run);
	buf_char(b, '"');
}

enum err
buf_err(const struct buf *b)
{
	return (b->err);
}

/* Makes room for |len| more bytes and the NUL; 0 with b->err set if not. */
static int
buf_room(struct buf *b, size_t len)
{
	size_t	 need, cap;
	char	*data;

	if (b->err != ERR_OK)
		return (0);
	if (len > b->max - b->len) {
		b->err = ERR_SPACE;
		return (0);
	}
	need = b->len + len + 1;
	if (need <= b->cap)
		return (1);
	cap = b->cap == 0 ? BUF_FIRST : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	/* Not realloc: it would leave the old bytes in freed memory. */
	if ((data = mem_new(cap)) == NULL) {
		b->err = ERR_NOMEM;
		return (0);
	}
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	mem_free_secret(b->data, b->cap);
	b->data = data;
	b->cap = cap;
	return (1);
}

/* RFC 8785 s.3.2.2.2: the two-character escapes, else \u00xx in lower case. */
static void
buf_json_char(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		break;
	case '\\':
		buf_add(b, "\\\\", 2);
		break;
	case '\b':
		buf_add(b, "\\b", 2);
		break;
	case '\t':
		buf_add(b, "\\t", 2);
		break;
	case '\n':
		buf_add(b, "\\n", 2);
		break;
	case '\f':
		buf_add(b, "\\f", 2);
		break;
	case '\r':
		buf_add(b, "\\r", 2);
		break;
	default:
		buf_printf(b, "\\u%04x", c);
		break;
	}
}
