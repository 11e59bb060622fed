/*
 * http_head - strict reading of one HTTP/1.x request head, and the small
 * rewrites that make Kore 4.1.0 read it right.  Knows nothing of Kore.
 * Ref: RFC 9112; reasons in docs/kore.md.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_LINES_MAX	96	/* header lines with Host; Kore's cap is 100 */
#define HTTP_HEAD_URI_MAX	1990	/* HTTP_URI_LEN of Kore less its own slack */
#define HTTP_HEAD_HOST_MAX	253

enum http_head_verdict {
	HTTP_HEAD_MORE,		/* not complete yet */
	HTTP_HEAD_PASS,		/* give it to Kore */
	HTTP_HEAD_DENY		/* answer .status and close */
};

struct http_head {
	enum http_head_verdict	verdict;
	int			status;		/* DENY: 400, 411, 414, 431, 501, 505 */
	const char		*why;		/* DENY: a sentence, static */
	size_t			len;		/* of the head with its blank line */
	uint64_t		body_len;	/* as the client declared it */
	bool			has_expect;	/* Expect: 100-continue */
	bool			body_refused;	/* body_len > body_max: see below */
	char			request_id[65];	/* X-Request-Id if acceptable, else "" */
};

/*
 * Looks at |*len| bytes in |buf| (capacity |cap|) that start a request.  On
 * PASS the head may have been rewritten in place, with |*len| updated:
 *  - a method with a body but no length gets "content-length: 0"
 *  - a declared length over |body_max| is overwritten with zeros of the same
 *    width ("0000"), so that Kore runs the handler without a body; the
 *    handler answers 413 after the guard; .body_refused is set
 *  - header lines with an empty value are dropped, except Host
 *  - TAB in a value becomes a blank, bytes >= 0x80 become '?'
 * Denied: NUL, bare CR or LF, obs-fold, bad request line or header name, not
 * exactly one Host, two or malformed Content-Length (only digits, no needless
 * leading zero), Transfer-Encoding (411 alone, 400 with a length, 501 if not
 * chunked), a body with GET/HEAD/DELETE/OPTIONS, surplus bytes behind the
 * declared body, more than HTTP_HEAD_LINES_MAX lines (431), a head that fills
 * |cap| (431), unknown version (505), unknown method (501), long URI (414).
 */
void	http_head_check(char *buf, size_t *len, size_t cap, uint64_t body_max,
	    struct http_head *out);

#endif
