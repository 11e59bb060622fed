/*
 * fuzz_http_head - the first two bytes choose the capacity and the largest
 * body, the rest is what a client sent.  What passes is read here once more
 * the way Kore 4.1.0 reads it (http.c:724-860), and that must agree with the
 * verdict in every point that matters.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_head.h"
#include "mem.h"

#define FUZZ_LINES_MAX	100	/* HTTP_REQ_HEADER_MAX of our build */

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static void	fuzz_more(const struct http_head *h, size_t len, size_t cap);
static void	fuzz_deny(const struct http_head *h);
static size_t	fuzz_pass(const struct http_head *h, const char *buf,
		    size_t len, uint64_t body_max);
static void	fuzz_line(const char *p, size_t len, const char **value);
static void	fuzz_again(const struct http_head *h, const char *buf,
		    size_t len, size_t cap, uint64_t body_max);
static bool	fuzz_has_body(const char *buf);

#define CHECK(what)	do { if (!(what)) abort(); } while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct http_head	 h;
	size_t			 cap, n;
	uint64_t		 body_max;
	char			*buf, *was;

	if (len < 2)
		return (0);
	body_max = data[1] < 128 ? data[1] : (uint64_t)data[1] << 20;
	cap = len - 2 + data[0];
	data += 2;
	len -= 2;
	if (cap == 0)
		return (0);
	/* Exactly |cap| bytes on the heap: ASan sees a step beyond. */
	CHECK((buf = mem_new(cap)) != NULL && (was = mem_dup(data, len)));
	memcpy(buf, data, len);
	n = len;
	http_head_check(buf, &n, cap, body_max, &h);
	CHECK(n <= cap);
	CHECK(strlen(h.request_id) < sizeof(h.request_id));
	switch (h.verdict) {
	case HTTP_HEAD_MORE:
		CHECK(n == len && memcmp(buf, was, len) == 0);
		fuzz_more(&h, len, cap);
		break;
	case HTTP_HEAD_DENY:
		fuzz_deny(&h);
		break;
	case HTTP_HEAD_PASS:
		/*
		 * "000" is no length from a client, and the length that was
		 * added may be one line too many from a client.
		 */
		if (fuzz_pass(&h, buf, n, body_max) <= HTTP_HEAD_LINES_MAX &&
		    !h.body_refused)
			fuzz_again(&h, buf, n, cap, body_max);
		break;
	default:
		abort();
	}
	mem_free(buf);
	mem_free(was);
	return (0);
}

static void
fuzz_more(const struct http_head *h, size_t len, size_t cap)
{
	CHECK(h->status == 0 && h->why == NULL && len < cap);
}

static void
fuzz_deny(const struct http_head *h)
{
	static const int	known[] = { 400, 411, 414, 431, 501, 505 };
	size_t			i;

	CHECK(h->why != NULL && h->why[0] != '\0');
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (h->status == known[i])
			return;
	}
	abort();
}

/*
 * Kore: split at CR and LF, find Host by four letters, a header per line.
 * Returns how many there are.
 */
static size_t
fuzz_pass(const struct http_head *h, const char *buf, size_t len,
    uint64_t body_max)
{
	const char	*p = buf, *end, *value;
	size_t		 n_lines = 0, n_host = 0, n_length = 0;
	uint64_t	 length = 0;

	CHECK(h->len >= 4 && h->len <= len);
	CHECK(memcmp(buf + h->len - 4, "\r\n\r\n", 4) == 0);
	CHECK(h->body_refused == (h->body_len > body_max));
	CHECK(len - h->len <= h->body_len);
	for (; p < buf + h->len - 2; p = end + 2) {
		CHECK((end = memchr(p, '\r', h->len)) != NULL);
		CHECK(end > p && end[1] == '\n');
		CHECK(memchr(p, '\n', (size_t)(end - p)) == NULL);
		CHECK(memchr(p, '\0', (size_t)(end - p)) == NULL);
		if (n_lines++ == 0)
			continue;
		fuzz_line(p, (size_t)(end - p), &value);
		if (strncasecmp(p, "host", 4) == 0) {
			n_host++;
			CHECK(value - p >= 5 && p[4] == ':');
			CHECK(end - value <= HTTP_HEAD_HOST_MAX);
		}
		CHECK(strncasecmp(p, "transfer-encoding:", 18) != 0);
		if (strncasecmp(p, "content-length:", 15) != 0)
			continue;
		n_length++;
		for (; value < end; value++) {
			CHECK(*value >= '0' && *value <= '9');
			length = length * 10 + (uint64_t)(*value - '0');
		}
	}
	CHECK(p == buf + h->len - 2);
	/* kore_split_string() leaves one place for the NULL. */
	CHECK(n_lines >= 2 && n_lines < FUZZ_LINES_MAX);
	CHECK(n_host == 1);
	CHECK(length == (h->body_refused ? 0 : h->body_len));
	if (fuzz_has_body(buf))
		CHECK(n_length == 1);
	else
		CHECK(n_length <= 1 && length == 0 && h->body_len == 0);
	return (n_lines - 1);
}

/* http_validate_header(): a token, a colon, then visible bytes or blanks. */
static void
fuzz_line(const char *p, size_t len, const char **value)
{
	const char	*colon = memchr(p, ':', len), *v;

	CHECK(colon != NULL && colon > p);
	for (v = p; v < colon; v++)
		CHECK(*v > 0x20 && *v < 0x7f &&
		    strchr("\"(),/:;<=>?@[\\]{}", *v) == NULL);
	for (v = colon + 1; v < p + len; v++)
		CHECK(*v >= 0x20 && *v < 0x7f);
	for (v = colon + 1; v < p + len && *v == ' ';)
		v++;
	CHECK(v < p + len);		/* Kore answers 400 to an empty one */
	CHECK(p[len - 1] != ' ');
	*value = v;
}

/* What passed and was rewritten passes again and needs no more. */
static void
fuzz_again(const struct http_head *h, const char *buf, size_t len, size_t cap,
    uint64_t body_max)
{
	struct http_head	 again;
	size_t			 n = len;
	char			*copy;

	CHECK((copy = mem_new(cap)) != NULL);
	memcpy(copy, buf, len);
	http_head_check(copy, &n, cap, body_max, &again);
	CHECK(again.verdict == HTTP_HEAD_PASS && n == len);
	CHECK(memcmp(copy, buf, len) == 0);
	CHECK(again.len == h->len && again.body_len == h->body_len);
	CHECK(again.has_expect == h->has_expect);
	CHECK(strcmp(again.request_id, h->request_id) == 0);
	mem_free(copy);
}

static bool
fuzz_has_body(const char *buf)
{
	return (strncmp(buf, "POST ", 5) == 0 ||
	    strncmp(buf, "PUT ", 4) == 0 || strncmp(buf, "PATCH ", 6) == 0);
}
