/*
 * test_http_head - what is given to Kore, what is changed, what is denied.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "http_head.h"
#include "mem.h"

#define CAP		8192	/* of the receive buffer in most cases */
#define BODY_MAX	1000

#define G	"GET / HTTP/1.1\r\n"
#define P	"POST /p HTTP/1.1\r\n"
#define H	"Host: h\r\n"
#define NOBODY	"content-length: 0\r\n"
#define E	"\r\n"

static void	http_head_pass_table(void **state);
static void	http_head_deny_table(void **state);
static void	http_head_more(void **state);
static void	http_head_fields(void **state);
static void	http_head_request_id_table(void **state);
static void	http_head_body_max(void **state);
static void	http_head_line_limit(void **state);
static void	http_head_uri_limit(void **state);
static void	http_head_host_limit(void **state);
static void	http_head_cap(void **state);
static void	http_head_early(void **state);
static void	http_head_bytes(void **state);
static char	*http_head_run(const char *in, size_t len, size_t cap,
		    struct http_head *out, size_t *out_len);

/*
 * Runs the check on a heap buffer of exactly |cap| bytes, of which the first
 * |len| are |in|, so that ASan sees a step beyond.  To be freed.
 */
static char *
http_head_run(const char *in, size_t len, size_t cap, struct http_head *out,
    size_t *out_len)
{
	char	*buf = mem_new(cap);

	assert_non_null(buf);
	assert_true(len <= cap);
	memset(buf, 0x55, cap);
	memcpy(buf, in, len);
	*out_len = len;
	http_head_check(buf, out_len, cap, BODY_MAX, out);
	assert_true(*out_len <= cap);
	return (buf);
}

static void
http_head_pass_table(void **state)
{
	static const struct {
		const char	*in, *out;
	} t[] = {
		{ G H E, G H E },
		{ "GET / HTTP/1.0\r\n" H E, "GET / HTTP/1.0\r\n" H E },
		{ "HEAD /a?b=c&d=%20 HTTP/1.1\r\n" H E,
		    "HEAD /a?b=c&d=%20 HTTP/1.1\r\n" H E },
		{ "DELETE /x HTTP/1.1\r\n" H E, "DELETE /x HTTP/1.1\r\n" H E },
		{ "OPTIONS /x HTTP/1.1\r\n" H E,
		    "OPTIONS /x HTTP/1.1\r\n" H E },
		/* A length for a body that has none. */
		{ P H E, P H NOBODY E },
		{ "PUT /p HTTP/1.1\r\n" H E, "PUT /p HTTP/1.1\r\n" H NOBODY E },
		{ "PATCH /p HTTP/1.1\r\n" H E,
		    "PATCH /p HTTP/1.1\r\n" H NOBODY E },
		{ P H "Content-Length: 0\r\n" E,
		    P H "Content-Length: 0\r\n" E },
		{ G H "Content-Length: 0\r\n" E,
		    G H "Content-Length: 0\r\n" E },
		/* Bodies: none yet, a part, all. */
		{ P H "Content-Length: 5\r\n" E,
		    P H "Content-Length: 5\r\n" E },
		{ P H "Content-Length: 5\r\n" E "ab",
		    P H "Content-Length: 5\r\n" E "ab" },
		{ P H "CONTENT-LENGTH:5 \r\n" E "a\nb\xff\r",
		    P H "CONTENT-LENGTH:5\r\n" E "a\nb\xff\r" },
		/* Empty values go, blanks around values too. */
		{ G H "A:\r\nB: \t \r\nC: 1\r\n" E, G H "C: 1\r\n" E },
		{ P "A:\r\n" H "B:\r\nContent-Length: 3\r\nC:\r\n" E "abc",
		    P H "Content-Length: 3\r\n" E "abc" },
		{ P "A:\r\n" H E, P H NOBODY E },
		{ G "hOsT:\th \t\r\nA:  b c  \r\n" E,
		    G "hOsT: h\r\nA:  b c\r\n" E },
		{ G "HOST:h\r\n" E, G "HOST:h\r\n" E },
		/* TAB and bytes that Kore refuses. */
		{ G H "A: b\tc\r\n" E, G H "A: b c\r\n" E },
		{ G H "A: caf\xc3\xa9\x80\xff\r\n" E,
		    G H "A: caf????\r\n" E },
		{ G H "A: :\"(),/;<=>?@[\\]{}\r\n" E,
		    G H "A: :\"(),/;<=>?@[\\]{}\r\n" E },
		{ G H "!#$%&'*+-.^_`|~09azAZ: 1\r\n" E,
		    G H "!#$%&'*+-.^_`|~09azAZ: 1\r\n" E },
		/* Two of what may come twice. */
		{ G H "X-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\n" E,
		    G H "X-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\n" E },
		{ G H "Cookie: a=1\r\ncookie: b=2\r\n" E,
		    G H "Cookie: a=1\r\ncookie: b=2\r\n" E },
		{ G "Host: [::1]:8080\r\n" E, G "Host: [::1]:8080\r\n" E },
		{ G H "Hos: x\r\nX-Host: y\r\n" E,
		    G H "Hos: x\r\nX-Host: y\r\n" E },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct http_head	 h, again;
		size_t			 len, len2;
		char			*b, *b2;

		b = http_head_run(t[i].in, strlen(t[i].in), CAP, &h, &len);
		if (h.verdict != HTTP_HEAD_PASS)
			fail_msg("case %zu: %d %s", i, h.status, h.why);
		assert_int_equal(len, strlen(t[i].out));
		assert_memory_equal(b, t[i].out, len);
		assert_int_equal(h.len, strstr(t[i].out, "\r\n\r\n") + 4 -
		    t[i].out);
		assert_int_equal(h.status, 0);
		assert_null(h.why);
		assert_false(h.body_refused);
		/* What was put right needs no more. */
		b2 = http_head_run(b, len, CAP, &again, &len2);
		assert_int_equal(again.verdict, HTTP_HEAD_PASS);
		assert_int_equal(len2, len);
		assert_memory_equal(b2, b, len);
		mem_free(b);
		mem_free(b2);
	}
}

static void
http_head_deny_table(void **state)
{
	static const struct {
		const char	*in;
		int		 status;
		size_t		 len;	/* 0: strlen */
	} t[] = {
		/* Ends of lines. */
		{ "GET / HTTP/1.1\nHost: h\r\n\r\n", 400, 0 },
		{ G "Host: h\n\r\n", 400, 0 },
		{ G H "A: b\nC: d\r\n" E, 400, 0 },
		{ G "Host: h\n\n", 400, 0 },
		{ "\n", 400, 0 },
		{ G H "A: b\rC: d\r\n" E, 400, 0 },
		{ G H "A: b\r\r\n" E, 400, 0 },
		{ G H "A\r: b\r\n" E, 400, 0 },
		{ "GET / HTTP/1.1\r\r\n" H E, 400, 0 },
		/* NUL. */
		{ G H "A: b\0\r\n" E, 400, sizeof(G H "A: b\0\r\n" E) - 1 },
		{ G H "A\0: b\r\n" E, 400, sizeof(G H "A\0: b\r\n" E) - 1 },
		{ "GET /\0 HTTP/1.1\r\n" H E, 400,
		    sizeof("GET /\0 HTTP/1.1\r\n" H E) - 1 },
		{ "G\0T / HTTP/1.1\r\n" H E, 400,
		    sizeof("G\0T / HTTP/1.1\r\n" H E) - 1 },
		/* Other control characters. */
		{ G H "A: b\x0b" "c\r\n" E, 400, 0 },
		{ G H "A: \x0c" "c\r\n" E, 400, 0 },
		{ G H "A: \x7f\r\n" E, 400, 0 },
		/* Folding. */
		{ G H "A: b\r\n c\r\n" E, 400, 0 },
		{ G H "A: b\r\n\tc\r\n" E, 400, 0 },
		{ G H "A: b\r\n \r\n" E, 400, 0 },
		{ G " " H E, 400, 0 },
		/* Header names. */
		{ G H "A : b\r\n" E, 400, 0 },
		{ G H ": b\r\n" E, 400, 0 },
		{ G H "A\r\n" E, 400, 0 },
		{ G H "A B: c\r\n" E, 400, 0 },
		{ G H "A\x80: c\r\n" E, 400, 0 },
		{ G H "A(b): c\r\n" E, 400, 0 },
		{ G H "A=b\r\n" E, 400, 0 },
		/* Request line. */
		{ E G H E, 400, 0 },
		{ "\r\n\r\n", 400, 0 },
		{ " GET / HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET  / HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET /  HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET / HTTP/1.1 \r\n" H E, 400, 0 },
		{ "GET / x HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET\t/\tHTTP/1.1\r\n" H E, 400, 0 },
		{ "GET /\r\n" H E, 400, 0 },
		{ "GET\r\n" H E, 400, 0 },
		{ "GET / \r\n" H E, 400, 0 },
		{ "G(T / HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET / HTTP/11\r\n" H E, 400, 0 },
		{ "GET / HTTP/1.10\r\n" H E, 400, 0 },
		{ "GET / http/1.1\r\n" H E, 400, 0 },
		{ "GET / HTTPS/1.1\r\n" H E, 400, 0 },
		{ "GET / HTTP/2.0\r\n" H E, 505, 0 },
		{ "GET / HTTP/0.9\r\n" H E, 505, 0 },
		{ "GET / HTTP/1.2\r\n" H E, 505, 0 },
		{ "PRI * HTTP/2.0\r\n\r\n", 505, 0 },
		{ "get / HTTP/1.1\r\n" H E, 501, 0 },
		{ "TRACE / HTTP/1.1\r\n" H E, 501, 0 },
		{ "GETX / HTTP/1.1\r\n" H E, 501, 0 },
		{ "GE / HTTP/1.1\r\n" H E, 501, 0 },
		{ "CONNECT h:1 HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET http://h/p HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET h HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET * HTTP/1.1\r\n" H E, 400, 0 },
		{ "OPTIONS * HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET /caf\xc3\xa9 HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET /\x7f HTTP/1.1\r\n" H E, 400, 0 },
		{ "GET /\x01 HTTP/1.1\r\n" H E, 400, 0 },
		/* Host. */
		{ G E, 400, 0 },
		{ G "A: b\r\n" E, 400, 0 },
		{ G H H E, 400, 0 },
		{ G H "A: b\r\nhost: h\r\n" E, 400, 0 },
		{ G H "Host:\r\n" E, 400, 0 },
		{ G "Host:\r\n" E, 400, 0 },
		{ G "Host: \t\r\n" E, 400, 0 },
		{ G "Host: a b\r\n" E, 400, 0 },
		{ G "Host: a\tb\r\n" E, 400, 0 },
		{ G "Host: caf\xc3\xa9\r\n" E, 400, 0 },
		{ G "Host: :80\r\n" E, 400, 0 },
		{ G "Host : h\r\n" E, 400, 0 },
		{ G H "Host-Foo: x\r\n" E, 400, 0 },
		{ G "Host-Foo: x\r\n" H E, 400, 0 },
		{ G H "hostname: x\r\n" E, 400, 0 },
		{ G H "HOSTX:\r\n" E, 400, 0 },
		/* Lengths and codings. */
		{ P H "Content-Length: 1\r\nContent-Length: 1\r\n" E "a",
		    400, 0 },
		{ P H "Content-Length: 0\r\ncontent-length: 5\r\n" E, 400, 0 },
		{ P H "Content-Length: 1, 1\r\n" E "a", 400, 0 },
		{ P H "Content-Length: +5\r\n" E, 400, 0 },
		{ P H "Content-Length: -5\r\n" E, 400, 0 },
		{ P H "Content-Length: 05\r\n" E, 400, 0 },
		{ P H "Content-Length: 00\r\n" E, 400, 0 },
		{ P H "Content-Length: 0x5\r\n" E, 400, 0 },
		{ P H "Content-Length: 5.\r\n" E, 400, 0 },
		{ P H "Content-Length:\r\n" E, 400, 0 },
		{ P H "Content-Length: \xb2\r\n" E, 400, 0 },
		{ P H "Content-Length: 1234567890123456789\r\n" E, 400, 0 },
		{ P H "Content-Length: 18446744073709551617\r\n" E, 400, 0 },
		{ P H "Transfer-Encoding: chunked\r\n" E, 411, 0 },
		{ P H "Transfer-Encoding: Chunked\r\n" E "0\r\n\r\n", 411, 0 },
		{ P H "Transfer-Encoding: gzip, chunked\r\n" E, 501, 0 },
		{ P H "Transfer-Encoding: identity\r\n" E, 501, 0 },
		{ P H "Transfer-Encoding: xchunked\r\n" E, 501, 0 },
		{ P H "Transfer-Encoding:\r\n" E, 501, 0 },
		{ P H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" E,
		    400, 0 },
		{ P H "Content-Length: 5\r\nTransfer-Encoding: x\r\n" E,
		    400, 0 },
		{ P H "Transfer-Encoding: chunked\r\n"
		    "Transfer-Encoding: chunked\r\n" E, 400, 0 },
		{ G H "Transfer-Encoding: chunked\r\n" E, 411, 0 },
		/* Bodies where there is none, and bytes behind. */
		{ G H "Content-Length: 5\r\n" E, 400, 0 },
		{ "HEAD / HTTP/1.1\r\n" H "Content-Length: 5\r\n" E, 400, 0 },
		{ "DELETE / HTTP/1.1\r\n" H "Content-Length: 5\r\n" E "abcde",
		    400, 0 },
		{ "OPTIONS / HTTP/1.1\r\n" H "Content-Length: 5\r\n" E,
		    400, 0 },
		{ G H E G H E, 400, 0 },
		{ G H E "x", 400, 0 },
		{ G H E E, 400, 0 },
		{ P H E "x", 400, 0 },
		{ P H "Content-Length: 1\r\n" E "ab", 400, 0 },
		{ P H "Content-Length: 0\r\n" E G H E, 400, 0 },
		/* Credentials and ids twice. */
		{ G H "Authorization: a\r\nAuthorization: b\r\n" E, 400, 0 },
		{ G H "Authorization: a\r\nAuthorization:\r\n" E, 400, 0 },
		{ G H "X-Auth-Service-Key: a\r\nx-auth-service-key: a\r\n" E,
		    400, 0 },
		{ P H "Content-Type: a\r\nContent-Type: b\r\n" E, 400, 0 },
		{ G H "X-Request-Id: aaaaaaaa\r\nX-Request-ID: b\r\n" E,
		    400, 0 },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct http_head	 h;
		size_t			 len;
		char			*b;

		b = http_head_run(t[i].in, t[i].len > 0 ? t[i].len :
		    strlen(t[i].in), CAP, &h, &len);
		if (h.verdict != HTTP_HEAD_DENY || h.status != t[i].status)
			fail_msg("case %zu: verdict %d, status %d not %d (%s)",
			    i, h.verdict, h.status, t[i].status,
			    h.why != NULL ? h.why : "");
		assert_non_null(h.why);
		assert_true(strlen(h.why) > 5);
		mem_free(b);
	}
}

/* Every beginning of a good request waits, and nothing is touched. */
static void
http_head_more(void **state)
{
	static const char	all[] = "POST /p HTTP/1.1\r\nA:\r\nHost: h\r\n"
	    "X: caf\xc3\xa9\tz \r\nContent-Length: 4\r\n\r\nabcd";
	size_t			head = sizeof(all) - 1 - 4, n;

	(void)state;
	for (n = 0; n < sizeof(all); n++) {
		struct http_head	 h;
		size_t			 len;
		char			*b;

		/* One byte more than there is: not full. */
		b = http_head_run(all, n, n + 1, &h, &len);
		assert_int_equal(h.verdict, n < head ? HTTP_HEAD_MORE :
		    HTTP_HEAD_PASS);
		if (n < head) {
			assert_int_equal(len, n);
			assert_memory_equal(b, all, n);
			assert_int_equal(h.status, 0);
		} else {
			/* Out go the line "A:" and one blank. */
			assert_int_equal(h.len, head - 5);
			assert_int_equal(len, n - 5);
			assert_memory_equal(b + h.len, "abcd", n - head);
		}
		mem_free(b);
	}
}

static void
http_head_fields(void **state)
{
	static const struct {
		const char	*in;
		uint64_t	 body_len;
		bool		 has_expect;
	} t[] = {
		{ G H E, 0, false },
		{ P H E, 0, false },
		{ P H "Content-Length: 123\r\n" E, 123, false },
		{ P H "Content-Length: 123\r\nExpect: 100-continue\r\n" E,
		    123, true },
		{ P H "Content-Length: 1\r\nexpect: 100-Continue \r\n" E "a",
		    1, true },
		{ P H "Content-Length: 1\r\nExpect: 100-continued\r\n" E,
		    1, false },
		{ "POST / HTTP/1.0\r\n" H "Expect: 100-continue\r\n" E,
		    0, false },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct http_head	 h;
		size_t			 len;

		mem_free(http_head_run(t[i].in, strlen(t[i].in), CAP, &h,
		    &len));
		assert_int_equal(h.verdict, HTTP_HEAD_PASS);
		assert_true(h.body_len == t[i].body_len);
		assert_int_equal(h.has_expect, t[i].has_expect);
		assert_string_equal(h.request_id, "");
	}
}

static void
http_head_request_id_table(void **state)
{
#define LONG64	"0123456789abcdef0123456789abcdef" \
		"0123456789abcdef0123456789abcdef"
	static const struct {
		const char	*in, *id;
		int		 status;
	} t[] = {
		{ G H "X-Request-Id: 12345678\r\n" E, "12345678", 0 },
		{ G H "x-request-id:Az09-_.x \r\n" E, "Az09-_.x", 0 },
		{ G "X-REQUEST-ID: " LONG64 "\r\n" H E, LONG64, 0 },
		{ G H "X-Request-Id: 1234567\r\n" E, "", 0 },
		{ G H "X-Request-Id: " LONG64 "0\r\n" E, "", 0 },
		{ G H "X-Request-Id: 1234 5678\r\n" E, "", 0 },
		{ G H "X-Request-Id: 12345678\"\r\n" E, "", 0 },
		{ G H "X-Request-Id: 1234567\xc3\xa9\r\n" E, "", 0 },
		{ G H "X-Request-Id:\r\n" E, "", 0 },
		/* Also for a request that is denied, before or behind. */
		{ G "X-Request-Id: 12345678\r\n" E, "12345678", 400 },
		{ "X / HTTP/1.1\r\n" H "X-Request-Id: 12345678\r\n" E,
		    "12345678", 501 },
		{ G H "bad\r\nX-Request-Id: 12345678\r\n" E, "12345678", 400 },
		{ P H "Transfer-Encoding: chunked\r\n"
		    "X-Request-Id: 12345678\r\n" E, "12345678", 411 },
		{ G H "X-Request-Id: 12345678\r\nX-Request-Id: 87654321\r\n" E,
		    "12345678", 400 },
	};
#undef LONG64
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct http_head	 h;
		size_t			 len;

		mem_free(http_head_run(t[i].in, strlen(t[i].in), CAP, &h,
		    &len));
		assert_int_equal(h.status, t[i].status);
		assert_string_equal(h.request_id, t[i].id);
	}
}

static void
http_head_body_max(void **state)
{
	static const struct {
		const char	*in;
		uint64_t	 max;
		const char	*out;	/* NULL: not refused */
	} t[] = {
		{ P H "Content-Length: 1000\r\n" E, 1000, NULL },
		{ P H "Content-Length: 1001\r\n" E, 1000,
		    P H "Content-Length: 0000\r\n" E },
		{ P "A:\r\n" H "Content-Length: 1001 \r\nB: c\r\n" E "ab", 1000,
		    P H "Content-Length: 0000\r\nB: c\r\n" E "ab" },
		{ P H "Content-Length: 1\r\n" E, 0,
		    P H "Content-Length: 0\r\n" E },
		{ P H "Content-Length: 0\r\n" E, 0, NULL },
		{ P H E, 0, NULL },
		{ P H "Content-Length: 999999999999999999\r\n" E, UINT64_MAX,
		    NULL },
		{ P H "Content-Length: 999999999999999999\r\n" E, 1 << 20,
		    P H "Content-Length: 000000000000000000\r\n" E },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct http_head	 h;
		size_t			 len;
		char			*b;

		len = strlen(t[i].in);
		assert_non_null(b = mem_new(CAP));
		memcpy(b, t[i].in, len);
		http_head_check(b, &len, CAP, t[i].max, &h);
		assert_int_equal(h.verdict, HTTP_HEAD_PASS);
		assert_int_equal(h.body_refused, t[i].out != NULL);
		if (t[i].out != NULL) {
			assert_true(h.body_len > t[i].max);
			assert_int_equal(len, strlen(t[i].out));
			assert_memory_equal(b, t[i].out, len);
		}
		mem_free(b);
	}
}

static void
http_head_line_limit(void **state)
{
	char	buf[4096];
	size_t	n, i, len, at;

	(void)state;
	for (n = HTTP_HEAD_LINES_MAX - 1; n <= HTTP_HEAD_LINES_MAX + 1; n++) {
		struct http_head	h;

		at = (size_t)snprintf(buf, sizeof(buf), P H);
		for (i = 1; i < n; i++)
			at += (size_t)snprintf(buf + at, sizeof(buf) - at,
			    "X-%zu: %zu\r\n", i, i);
		at += (size_t)snprintf(buf + at, sizeof(buf) - at, E);
		mem_free(http_head_run(buf, at, CAP, &h, &len));
		assert_int_equal(h.verdict, n <= HTTP_HEAD_LINES_MAX ?
		    HTTP_HEAD_PASS : HTTP_HEAD_DENY);
		assert_int_equal(h.status, n <= HTTP_HEAD_LINES_MAX ? 0 : 431);
	}
}

static void
http_head_uri_limit(void **state)
{
	char	buf[4096];
	size_t	n, len, at;

	(void)state;
	for (n = HTTP_HEAD_URI_MAX - 1; n <= HTTP_HEAD_URI_MAX + 1; n++) {
		struct http_head	h;

		memset(buf, 'a', sizeof(buf));
		memcpy(buf, "GET /", 5);
		at = 4 + n;
		at += (size_t)snprintf(buf + at, sizeof(buf) - at,
		    " HTTP/1.1\r\n" H E);
		mem_free(http_head_run(buf, at, CAP, &h, &len));
		assert_int_equal(h.status, n <= HTTP_HEAD_URI_MAX ? 0 : 414);
	}
}

static void
http_head_host_limit(void **state)
{
	char	buf[1024];
	size_t	n, len;

	(void)state;
	for (n = HTTP_HEAD_HOST_MAX - 1; n <= HTTP_HEAD_HOST_MAX + 1; n++) {
		struct http_head	h;
		int			at;

		at = snprintf(buf, sizeof(buf), G "Host: %0*d\r\n" E, (int)n,
		    0);
		mem_free(http_head_run(buf, (size_t)at, CAP, &h, &len));
		assert_int_equal(h.status, n <= HTTP_HEAD_HOST_MAX ? 0 : 400);
	}
}

/* A head that fills the buffer; room, and no room, for what is added. */
static void
http_head_cap(void **state)
{
	static const char	open[] = G H "A: b";
	static const char	post[] = P H E;
	const size_t		n_add = sizeof(NOBODY) - 1;
	struct http_head	h;
	size_t			len, cap;

	(void)state;
	mem_free(http_head_run(open, sizeof(open) - 1, sizeof(open) - 1, &h,
	    &len));
	assert_int_equal(h.status, 431);
	mem_free(http_head_run(G H E, sizeof(G H E) - 1, sizeof(G H E) - 1, &h,
	    &len));
	assert_int_equal(h.verdict, HTTP_HEAD_PASS);
	for (cap = sizeof(post) - 1; cap < sizeof(post) + n_add + 2; cap++) {
		mem_free(http_head_run(post, sizeof(post) - 1, cap, &h, &len));
		if (cap < sizeof(post) - 1 + n_add)
			assert_int_equal(h.status, 431);
		else
			assert_int_equal(h.verdict, HTTP_HEAD_PASS);
	}
}

/* Denied without waiting for the end of the head. */
static void
http_head_early(void **state)
{
	struct http_head	 h;
	size_t			 len;
	char			*long_uri = mem_new(CAP);

	(void)state;
	assert_non_null(long_uri);
	mem_free(http_head_run("GET / HTTP/1.1\n", 15, CAP, &h, &len));
	assert_int_equal(h.status, 400);
	memset(long_uri, 'a', CAP);
	memcpy(long_uri, "GET /", 5);
	mem_free(http_head_run(long_uri, 2100, CAP, &h, &len));
	assert_int_equal(h.status, 414);
	mem_free(http_head_run(long_uri, HTTP_HEAD_URI_MAX, CAP, &h, &len));
	assert_int_equal(h.verdict, HTTP_HEAD_MORE);
	mem_free(long_uri);
}

/* Each byte of a request as each value: an answer, and a clean head. */
static void
http_head_bytes(void **state)
{
	static const char	all[] = "POST /p HTTP/1.1\r\nHost: h\r\n"
	    "A: bcdefghijklmnopqrstuvwx\r\nContent-Length: 4\r\n\r\nabcd";
	size_t			i, j;
	int			c, n_pass = 0, n_deny = 0;

	(void)state;
	for (i = 0; i < sizeof(all) - 1; i++) {
		for (c = 0; c < 256; c++) {
			char			 in[sizeof(all)], *b;
			struct http_head	 h;
			size_t			 len;

			memcpy(in, all, sizeof(all));
			in[i] = (char)c;
			b = http_head_run(in, sizeof(all) - 1, CAP, &h, &len);
			n_pass += h.verdict == HTTP_HEAD_PASS;
			n_deny += h.verdict == HTTP_HEAD_DENY;
			for (j = 0; h.verdict == HTTP_HEAD_PASS && j < h.len;
			    j++) {
				if (b[j] == '\r' || b[j] == '\n')
					continue;
				assert_in_range(b[j], 0x20, 0x7e);
			}
			mem_free(b);
		}
	}
	assert_true(n_pass > 1000);
	assert_true(n_deny > 1000);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(http_head_pass_table),
		cmocka_unit_test(http_head_deny_table),
		cmocka_unit_test(http_head_more),
		cmocka_unit_test(http_head_fields),
		cmocka_unit_test(http_head_request_id_table),
		cmocka_unit_test(http_head_body_max),
		cmocka_unit_test(http_head_line_limit),
		cmocka_unit_test(http_head_uri_limit),
		cmocka_unit_test(http_head_host_limit),
		cmocka_unit_test(http_head_cap),
		cmocka_unit_test(http_head_early),
		cmocka_unit_test(http_head_bytes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
