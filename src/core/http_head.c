/*
 * http_head - strict reading of one HTTP/1.x request head, and the small
 * rewrites that make Kore 4.1.0 read it right.
 * Owns the decision pass, wait or deny; knows nothing of Kore, connections or
 * answers.  Everything is done in place and in one pass: a line only ever
 * gets shorter, so what is written never overtakes what is read.
 * Ref: RFC 9112, RFC 9110; reasons in docs/kore.md.
 */
#include "http_head.h"

#include <string.h>
#include <strings.h>

#include "err.h"

#define HTTP_HEAD_VERSION_LEN	8	/* "HTTP/1.1" */
/* "OPTIONS", the target, the version, two blanks and CR LF. */
#define HTTP_HEAD_LINE_MAX	(7 + HTTP_HEAD_URI_MAX + \
				    HTTP_HEAD_VERSION_LEN + 4)
/* 18 digits fit int64_t, which Kore reads a length into. */
#define HTTP_HEAD_DIGITS_MAX	18
#define HTTP_HEAD_ID_MIN	8

/* What is added for a body that has no length. */
#define HTTP_HEAD_NO_BODY	"content-length: 0\r\n"

/* Headers that have rules; the order of http_head_names. */
enum http_head_name {
	HTTP_HEAD_HOST,
	HTTP_HEAD_LENGTH,
	HTTP_HEAD_CODING,
	HTTP_HEAD_EXPECT,
	HTTP_HEAD_REQUEST_ID,
	HTTP_HEAD_AUTHORIZATION,
	HTTP_HEAD_SERVICE_KEY,
	HTTP_HEAD_CONTENT_TYPE,
	HTTP_HEAD_OTHER
};

struct http_head_rule {
	const char	*name;
	size_t		 len;
	const char	*twice;		/* why two are denied; NULL: they are not */
};

struct http_head_method {
	const char	*name;
	bool		 has_body;
};

struct http_head_scan {
	struct http_head	*out;
	char			*buf;
	size_t			 w;		/* bytes written so far */
	size_t			 n_lines;	/* without the request line */
	bool			 has_body;	/* the method may have one */
	bool			 is_http10;
	unsigned int		 seen[HTTP_HEAD_OTHER];
	size_t			 length_at;	/* digits of Content-Length */
	size_t			 length_len;
	bool			 is_chunked;
};

#define HTTP_HEAD_RULE(s, why)	{ (s), sizeof(s) - 1, (why) }

/* Rules by name.  Two credentials or ids: who looks first, who looks last? */
static const struct http_head_rule	http_head_names[HTTP_HEAD_OTHER] = {
	HTTP_HEAD_RULE("host", "More than one Host header."),
	HTTP_HEAD_RULE("content-length", "More than one Content-Length header."),
	HTTP_HEAD_RULE("transfer-encoding",
	    "More than one Transfer-Encoding header."),
	HTTP_HEAD_RULE("expect", NULL),
	HTTP_HEAD_RULE("x-request-id", "More than one X-Request-Id header."),
	HTTP_HEAD_RULE("authorization", "More than one Authorization header."),
	HTTP_HEAD_RULE("x-auth-service-key",
	    "More than one X-Auth-Service-Key header."),
	HTTP_HEAD_RULE("content-type", "More than one Content-Type header."),
};

/* Methods that Kore knows, as RFC 9110 spells them: in capitals. */
static const struct http_head_method	http_head_methods[] = {
	{ "GET", false }, { "POST", true }, { "PUT", true },
	{ "PATCH", true }, { "DELETE", false }, { "HEAD", false },
	{ "OPTIONS", false },
};

static size_t	http_head_end(const char *buf, size_t len, bool *is_bad);
static void	http_head_request_line(struct http_head_scan *s, size_t len);
static void	http_head_target(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_version(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_method(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_line(struct http_head_scan *s, size_t at, size_t end);
static bool	http_head_clean(char *p, size_t len);
static bool	http_head_is_clean8(const char *p);
static enum http_head_name http_head_name(const char *p, size_t len);
static void	http_head_known(struct http_head_scan *s,
		    enum http_head_name id, const char *p, size_t len);
static void	http_head_host(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_length(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_request_id(struct http_head_scan *s, const char *p,
		    size_t len);
static void	http_head_framing(struct http_head_scan *s, size_t n_behind);
static void	http_head_finish(struct http_head_scan *s, size_t head_len,
		    size_t *len, size_t cap);
static void	http_head_deny(struct http_head *out, int status,
		    const char *why);
static bool	http_head_is_token(unsigned char c);
static bool	http_head_is_visible(unsigned char c);

void
http_head_check(char *buf, size_t *len, size_t cap, uint64_t body_max,
    struct http_head *out)
{
	struct http_head_scan	 s = { .out = out, .buf = buf };
	const char		*lf;
	size_t			 at, end, head_len;
	bool			 is_bad = false;

	memset(out, 0, sizeof(*out));
	head_len = http_head_end(buf, *len, &is_bad);
	if (is_bad)
		http_head_deny(out, 400, "A line does not end in CR LF.");
	else if (head_len == 0) {
		/* The request line alone is too long: say so at once. */
		if (*len > HTTP_HEAD_LINE_MAX &&
		    memchr(buf, '\n', *len) == NULL)
			http_head_deny(out, 414, "The URI is too long.");
		else if (*len >= cap)
			http_head_deny(out, 431, "The header is too large.");
	}
	if (head_len == 0)
		return;

	for (at = 0; at < head_len - 2; at = end + 2) {
		lf = memchr(buf + at, '\n', head_len - at);
		end = (size_t)(lf - buf) - 1;
		if (at == 0)
			http_head_request_line(&s, end);
		else
			http_head_line(&s, at, end);
	}
	if (s.w == 0)
		http_head_deny(out, 400, "The request line is empty.");
	out->len = head_len;
	http_head_framing(&s, *len - head_len);
	if (out->verdict == HTTP_HEAD_DENY)
		return;
	if (out->body_len > body_max) {
		memset(buf + s.length_at, '0', s.length_len);
		out->body_refused = true;
	}
	http_head_finish(&s, head_len, len, cap);
}

/*
 * Length of the head with its blank line, 0 while it is not there.  |*is_bad|:
 * a LF without CR, which Kore would take for the end of a line.
 */
static size_t
http_head_end(const char *buf, size_t len, bool *is_bad)
{
	const char	*lf;
	size_t		 at, end;

	for (at = 0; at < len; at = end + 1) {
		if ((lf = memchr(buf + at, '\n', len - at)) == NULL)
			return (0);
		end = (size_t)(lf - buf);
		if (end == at || buf[end - 1] != '\r') {
			*is_bad = true;
			return (0);
		}
		if (end == at + 1)
			return (end + 1);
	}
	return (0);
}

/* method SP target SP version, each SP one blank.  Ref: RFC 9112 s.3. */
static void
http_head_request_line(struct http_head_scan *s, size_t len)
{
	const char	*buf = s->buf, *sp1, *sp2;
	size_t		 method_len, target_len, i;

	s->w = len + 2;
	if ((sp1 = memchr(buf, ' ', len)) == NULL ||
	    (sp2 = memchr(sp1 + 1, ' ', len - (size_t)(sp1 + 1 - buf))) ==
	    NULL) {
		http_head_deny(s->out, 400, "The request line is malformed.");
		return;
	}
	method_len = (size_t)(sp1 - buf);
	target_len = (size_t)(sp2 - sp1) - 1;
	for (i = 0; i < method_len; i++) {
		if (!http_head_is_token((unsigned char)buf[i]))
			break;
	}
	if (method_len == 0 || i < method_len) {
		http_head_deny(s->out, 400, "The method is malformed.");
		return;
	}
	http_head_version(s, sp2 + 1, len - (size_t)(sp2 + 1 - buf));
	http_head_target(s, sp1 + 1, target_len);
	http_head_method(s, buf, method_len);
}

/* Origin form only: others name a host beside Host.  Ref: RFC 9112 s.3.2. */
static void
http_head_target(struct http_head_scan *s, const char *p, size_t len)
{
	size_t	i;

	if (len > HTTP_HEAD_URI_MAX)
		http_head_deny(s->out, 414, "The URI is too long.");
	if (len == 0 || p[0] != '/')
		http_head_deny(s->out, 400,
		    "The request target must be a path.");
	for (i = 0; i < len; i++) {
		if (!http_head_is_visible((unsigned char)p[i])) {
			http_head_deny(s->out, 400,
			    "The request target has a bad character.");
			break;
		}
	}
}

static void
http_head_version(struct http_head_scan *s, const char *p, size_t len)
{
	if (len != HTTP_HEAD_VERSION_LEN || memcmp(p, "HTTP/", 5) != 0 ||
	    p[5] < '0' || p[5] > '9' || p[6] != '.' ||
	    p[7] < '0' || p[7] > '9')
		http_head_deny(s->out, 400, "The HTTP version is malformed.");
	else if (p[5] != '1' || p[7] > '1')
		http_head_deny(s->out, 505, "Only HTTP/1.1 and HTTP/1.0.");
	else
		s->is_http10 = p[7] == '0';
}

static void
http_head_method(struct http_head_scan *s, const char *p, size_t len)
{
	size_t	i;

	for (i = 0; i < COUNT(http_head_methods); i++) {
		const char	*name = http_head_methods[i].name;

		if (strlen(name) == len && memcmp(name, p, len) == 0) {
			s->has_body = http_head_methods[i].has_body;
			return;
		}
	}
	http_head_deny(s->out, 501, "The method is not known.");
}

/*
 * One header line, bytes |at| to |end| (its CR), checked and moved to where
 * the last one ended.  Goes on after a denial, for the request id's sake.
 */
static void
http_head_line(struct http_head_scan *s, size_t at, size_t end)
{
	char			*p = s->buf + at, *value;
	size_t			 len = end - at, name_len = 0, value_len;
	enum http_head_name	 id;

	if (++s->n_lines > HTTP_HEAD_LINES_MAX)
		http_head_deny(s->out, 431, "Too many header lines.");
	while (name_len < len && http_head_is_token((unsigned char)p[name_len]))
		name_len++;
	/* Also obs-fold and a blank before the colon (RFC 9112 s.5). */
	if (name_len == 0 || name_len == len || p[name_len] != ':') {
		http_head_deny(s->out, 400, "A header name is malformed.");
		return;
	}
	value = p + name_len + 1;
	value_len = len - name_len - 1;
	if (!http_head_clean(value, value_len)) {
		http_head_deny(s->out, 400,
		    "A header value has a control character.");
		return;
	}
	while (value_len > 0 && *value == ' ') {
		value++;
		value_len--;
	}
	while (value_len > 0 && value[value_len - 1] == ' ')
		value_len--;

	id = http_head_name(p, name_len);
	len = (size_t)(value - p) + value_len;
	if (id != HTTP_HEAD_OTHER)
		http_head_known(s, id, value, value_len);
	else if (name_len >= 4 && strncasecmp(p, "host", 4) == 0)
		/* Kore compares four letters (http.c:762). */
		http_head_deny(s->out, 400, "A header looks like Host.");
	if (value_len == 0)
		return;			/* Kore answers 400 to these */
	if (id == HTTP_HEAD_LENGTH) {
		s->length_at = s->w + (size_t)(value - p);
		s->length_len = value_len;
	}
	if (s->w != at)
		memmove(s->buf + s->w, p, len);
	s->w += len;
	s->buf[s->w++] = '\r';
	s->buf[s->w++] = '\n';
}

/*
 * Brings a value to the bytes that Kore takes: TAB becomes a blank, a byte
 * over 0x7f '?'.  False: a control character, NUL and CR among them.
 */
static bool
http_head_clean(char *p, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		unsigned char	c;

		while (len - i >= 8 && http_head_is_clean8(p + i))
			i += 8;
		if (i == len)
			break;
		c = (unsigned char)p[i];
		if (c >= 0x20 && c < 0x7f)
			continue;
		if (c == '\t')
			p[i] = ' ';
		else if (c >= 0x80)
			p[i] = '?';
		else
			return (false);
	}
	return (true);
}

/*
 * Eight bytes of 0x20 to 0x7e?  Without a high bit, adding 1 sets one for
 * 0x7f only, and taking 0x20 sets one for what is less (a borrow too, but
 * then there was one less).
 */
static bool
http_head_is_clean8(const char *p)
{
	const uint64_t	ones = UINT64_C(0x0101010101010101);
	uint64_t	w;

	memcpy(&w, p, sizeof(w));
	return (((w | (w + ones) | (w - ones * 0x20)) & ones * 0x80) == 0);
}

static enum http_head_name
http_head_name(const char *p, size_t len)
{
	unsigned int	i;

	for (i = 0; i < HTTP_HEAD_OTHER; i++) {
		if (http_head_names[i].len == len &&
		    strncasecmp(http_head_names[i].name, p, len) == 0)
			break;
	}
	return ((enum http_head_name)i);
}

static void
http_head_known(struct http_head_scan *s, enum http_head_name id,
    const char *p, size_t len)
{
	if (s->seen[id]++ > 0 && http_head_names[id].twice != NULL) {
		http_head_deny(s->out, 400, http_head_names[id].twice);
		return;
	}
	switch (id) {
	case HTTP_HEAD_HOST:
		http_head_host(s, p, len);
		break;
	case HTTP_HEAD_LENGTH:
		http_head_length(s, p, len);
		break;
	case HTTP_HEAD_CODING:
		s->is_chunked = len == 7 && strncasecmp(p, "chunked", 7) == 0;
		break;
	case HTTP_HEAD_EXPECT:
		/* Not from HTTP/1.0: RFC 9110 s.10.1.1. */
		if (len == 12 && strncasecmp(p, "100-continue", 12) == 0 &&
		    !s->is_http10)
			s->out->has_expect = true;
		break;
	case HTTP_HEAD_REQUEST_ID:
		http_head_request_id(s, p, len);
		break;
	default:
		break;
	}
}

static void
http_head_host(struct http_head_scan *s, const char *p, size_t len)
{
	bool	is_good = len > 0 && len <= HTTP_HEAD_HOST_MAX && p[0] != ':';
	size_t	i;

	for (i = 0; is_good && i < len; i++)
		is_good = http_head_is_visible((unsigned char)p[i]);
	/* http_head_clean() made '?' of other bytes; it names no host. */
	if (!is_good || memchr(p, '?', len) != NULL)
		http_head_deny(s->out, 400, "The Host header is malformed.");
}

static void
http_head_length(struct http_head_scan *s, const char *p, size_t len)
{
	uint64_t	v = 0;
	bool		is_good;
	size_t		i;

	is_good = len > 0 && len <= HTTP_HEAD_DIGITS_MAX &&
	    (p[0] != '0' || len == 1);
	for (i = 0; is_good && i < len; i++) {
		is_good = p[i] >= '0' && p[i] <= '9';
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	if (!is_good)
		http_head_deny(s->out, 400, "The Content-Length is malformed.");
	else
		s->out->body_len = v;
}

/* Taken if it fits api.md s.1, ignored otherwise. */
static void
http_head_request_id(struct http_head_scan *s, const char *p, size_t len)
{
	size_t	i;

	if (len < HTTP_HEAD_ID_MIN || len >= sizeof(s->out->request_id))
		return;
	for (i = 0; i < len; i++) {
		if (!(p[i] >= 'A' && p[i] <= 'Z') &&
		    !(p[i] >= 'a' && p[i] <= 'z') &&
		    !(p[i] >= '0' && p[i] <= '9') &&
		    p[i] != '-' && p[i] != '_' && p[i] != '.')
			return;
	}
	memcpy(s->out->request_id, p, len);
	s->out->request_id[len] = '\0';
}

/*
 * Where the body ends must be beyond doubt, or what follows it is read as a
 * request that no proxy has seen (RFC 9112 s.11.2).  |n_behind| bytes are
 * there already.
 */
static void
http_head_framing(struct http_head_scan *s, size_t n_behind)
{
	struct http_head	*out = s->out;

	if (s->seen[HTTP_HEAD_HOST] == 0)
		http_head_deny(out, 400, "There is no Host header.");
	if (s->seen[HTTP_HEAD_CODING] > 0) {
		if (s->seen[HTTP_HEAD_LENGTH] > 0)
			http_head_deny(out, 400,
			    "Both Transfer-Encoding and Content-Length.");
		else if (!s->is_chunked)
			http_head_deny(out, 501,
			    "The Transfer-Encoding is not known.");
		else
			http_head_deny(out, 411, "Send a Content-Length.");
	}
	if (out->body_len > 0 && !s->has_body)
		http_head_deny(out, 400, "This method has no body.");
	if (n_behind > out->body_len)
		http_head_deny(out, 400, "There are bytes behind the request.");
}

/* Adds a missing length, ends the head and brings the body behind it. */
static void
http_head_finish(struct http_head_scan *s, size_t head_len, size_t *len,
    size_t cap)
{
	size_t	n_behind = *len - head_len;
	size_t	n_add = sizeof(HTTP_HEAD_NO_BODY) - 1;

	if (s->has_body && s->seen[HTTP_HEAD_LENGTH] == 0) {
		/* Without a length there is nothing behind to overwrite. */
		if (cap < n_add + 2 || s->w > cap - n_add - 2) {
			http_head_deny(s->out, 431, "The header is too large.");
			return;
		}
		memcpy(s->buf + s->w, HTTP_HEAD_NO_BODY, n_add);
		s->w += n_add;
	}
	s->buf[s->w++] = '\r';
	s->buf[s->w++] = '\n';
	if (n_behind > 0 && s->w != head_len)
		memmove(s->buf + s->w, s->buf + head_len, n_behind);
	*len = s->w + n_behind;
	s->out->len = s->w;
	s->out->verdict = HTTP_HEAD_PASS;
}

/* The first denial stays: later faults often follow from it. */
static void
http_head_deny(struct http_head *out, int status, const char *why)
{
	if (out->verdict == HTTP_HEAD_DENY)
		return;
	out->verdict = HTTP_HEAD_DENY;
	out->status = status;
	out->why = why;
}

/* RFC 9110 s.5.6.2, a bit for each character. */
static bool
http_head_is_token(unsigned char c)
{
	uint64_t	set;

	if (c >= 0x80)
		return (false);
	set = c < 64 ? UINT64_C(0x03ff6cfa00000000) :
	    UINT64_C(0x57ffffffc7fffffe);
	return ((set >> (c & 63) & 1) != 0);
}

static bool
http_head_is_visible(unsigned char c)
{
	return (c > 0x20 && c < 0x7f);
}
