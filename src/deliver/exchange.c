/*
 * exchange - see exchange.h.
 */
#include "exchange.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <string.h>

#include "clock.h"
#include "str.h"

#define EXCHANGE_CONNECT_MS	5000L
#define EXCHANGE_RETRY_AFTER_MAX	3600

/* Without one of its options a call would go another way than it was judged
 * to go: through a proxy, to any address, past the own authorities. */
#define EXCHANGE_SET(x, h, option, value)				\
	((x)->is_incomplete |= curl_easy_setopt(h, option, value) != CURLE_OK)

static void	exchange_http(struct exchange *x, CURL *h);
static void	exchange_mail(struct exchange *x, CURL *h);
static bool	exchange_allowed(struct exchange *x, const struct ip *a);
static bool	exchange_list(struct curl_slist **l, const char *s);
static size_t	exchange_body(char *p, size_t size, size_t n, void *arg);
static size_t	exchange_header(char *p, size_t size, size_t n, void *arg);
static size_t	exchange_read(char *p, size_t size, size_t n, void *arg);
static int	exchange_debug(CURL *h, curl_infotype t, char *p, size_t n,
		    void *arg);
static curl_socket_t	exchange_socket(void *arg, curlsocktype purpose,
			    struct curl_sockaddr *a);
static void	exchange_retry_after(struct exchange *x, const char *p,
		    size_t len);
static void	exchange_reply(struct exchange *x, const char *p, size_t len);
static enum verdict_fault	exchange_fault_of(const struct exchange *x,
				    CURLcode code);

void
exchange_init(struct exchange *x, const struct outbound_call *c,
    const struct settings *s)
{
	memset(x, 0, sizeof(*x));
	x->call = *c;
	x->settings = s;
	buf_init(&x->body, HTTP_ANSWER_MAX);
	if (c->http != NULL)
		x->why = egress_url(c->http->url.data, c->http->url.len,
		    &x->target);
	else
		x->why = egress_mail_host(c->mail->host, c->mail->port,
		    c->mail->security != SMTP_NONE,
		    &x->target);
}

void
exchange_clear(struct exchange *x)
{
	curl_slist_free_all(x->headers);
	curl_slist_free_all(x->resolve);
	curl_slist_free_all(x->rcpt);
	x->headers = x->resolve = x->rcpt = NULL;
	buf_clear(&x->body);
}

bool
exchange_address(struct exchange *x, const struct resolve_addrs *a)
{
	struct ip	ip;
	struct buf	entry;
	size_t		i, n = 0;
	bool		ok;

	if (a == NULL)
		return (exchange_allowed(x, &x->target.ip));
	/* '+': forgotten after a minute, as what a resolver says would be. */
	buf_init(&entry, 1024);
	buf_printf(&entry, "+%s:%u:", x->target.host,
	    (unsigned int)x->target.port);
	for (i = 0; i < a->n; i++) {
		if (ip_parse(a->v[i], strlen(a->v[i]), &ip) != ERR_OK ||
		    !exchange_allowed(x, &ip))
			continue;
		buf_printf(&entry, strchr(a->v[i], ':') != NULL ? "%s[%s]" :
		    "%s%s", n++ > 0 ? "," : "", a->v[i]);
	}
	ok = n > 0 && buf_err(&entry) == ERR_OK &&
	    exchange_list(&x->resolve, entry.data);
	if (ok)
		x->why = EGRESS_OK;
	else if (x->why == EGRESS_OK)
		x->why = EGRESS_HOST;
	buf_clear(&entry);
	return (ok);
}

static bool
exchange_allowed(struct exchange *x, const struct ip *a)
{
	enum egress_why	why;

	why = egress_address(&x->target, a, &x->settings->egress_allow);
	if (why != EGRESS_OK)
		x->why = why;
	return (why == EGRESS_OK);
}

enum err
exchange_url(const struct exchange *x, char *out, size_t cap)
{
	const struct outbound_mail	*m = x->call.mail;

	if (m == NULL)
		return (str_copy(out, cap, x->call.http->url.data,
		    x->call.http->url.len));
	return (str_printf(out, cap, strchr(x->target.host, ':') != NULL ?
	    "%s://[%s]:%u" : "%s://%s:%u", m->security == SMTP_TLS ? "smtps" :
	    "smtp", x->target.host, (unsigned int)m->port));
}

enum err
exchange_setup(struct exchange *x, CURL *h, long timeout_ms)
{
	EXCHANGE_SET(x, h, CURLOPT_NOSIGNAL, 1L);
	EXCHANGE_SET(x, h, CURLOPT_PROXY, "");
	EXCHANGE_SET(x, h, CURLOPT_FOLLOWLOCATION, 0L);
	EXCHANGE_SET(x, h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	EXCHANGE_SET(x, h, CURLOPT_USERAGENT, "identityd");
	EXCHANGE_SET(x, h, CURLOPT_TIMEOUT, 0L);
	EXCHANGE_SET(x, h, CURLOPT_TIMEOUT_MS, timeout_ms);
	EXCHANGE_SET(x, h, CURLOPT_CONNECTTIMEOUT_MS,
	    timeout_ms < EXCHANGE_CONNECT_MS ? timeout_ms :
	    EXCHANGE_CONNECT_MS);
	EXCHANGE_SET(x, h, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	EXCHANGE_SET(x, h, CURLOPT_SSL_VERIFYPEER, 1L);
	EXCHANGE_SET(x, h, CURLOPT_SSL_VERIFYHOST, 2L);
	/* One file without a folder: then libcurl keeps the parsed store for
	 * all connections of a worker (7.87). */
	EXCHANGE_SET(x, h, CURLOPT_CAPATH, NULL);
	if (x->settings->ca_file != NULL)
		EXCHANGE_SET(x, h, CURLOPT_CAINFO,
		    x->settings->ca_file);
	EXCHANGE_SET(x, h, CURLOPT_OPENSOCKETFUNCTION,
	    exchange_socket);
	EXCHANGE_SET(x, h, CURLOPT_OPENSOCKETDATA, x);
	EXCHANGE_SET(x, h, CURLOPT_WRITEFUNCTION, exchange_body);
	EXCHANGE_SET(x, h, CURLOPT_WRITEDATA, x);
	EXCHANGE_SET(x, h, CURLOPT_HEADERFUNCTION, exchange_header);
	EXCHANGE_SET(x, h, CURLOPT_HEADERDATA, x);
	EXCHANGE_SET(x, h, CURLOPT_RESOLVE, x->resolve);
	if (x->call.http != NULL)
		exchange_http(x, h);
	else
		exchange_mail(x, h);
	return (x->is_incomplete ? ERR_NOMEM : ERR_OK);
}

static void
exchange_http(struct exchange *x, CURL *h)
{
	const struct http_call	*c = x->call.http;
	size_t			 i;

	EXCHANGE_SET(x, h, CURLOPT_PROTOCOLS_STR, "http,https");
	EXCHANGE_SET(x, h, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	if (strcmp(c->method, "GET") == 0)
		EXCHANGE_SET(x, h, CURLOPT_HTTPGET, 1L);
	else {
		EXCHANGE_SET(x, h, CURLOPT_POST, 1L);
		EXCHANGE_SET(x, h, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)c->body.len);
		EXCHANGE_SET(x, h, CURLOPT_POSTFIELDS,
		    c->body.data != NULL ? c->body.data : "");
		EXCHANGE_SET(x, h, CURLOPT_CUSTOMREQUEST, c->method);
	}
	/* No "100 Continue", which costs a round trip or a second. */
	x->is_incomplete |= !exchange_list(&x->headers, "Expect:");
	for (i = 0; i < c->n_headers; i++)
		x->is_incomplete |= !exchange_list(&x->headers,
		    c->headers[i].data);
	EXCHANGE_SET(x, h, CURLOPT_HTTPHEADER, x->headers);
}

static void
exchange_mail(struct exchange *x, CURL *h)
{
	const struct outbound_mail	*m = x->call.mail;

	EXCHANGE_SET(x, h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	EXCHANGE_SET(x, h, CURLOPT_USE_SSL,
	    (long)(m->security == SMTP_STARTTLS ? CURLUSESSL_ALL :
	    CURLUSESSL_NONE));
	if (m->username[0] != '\0') {
		EXCHANGE_SET(x, h, CURLOPT_USERNAME, m->username);
		EXCHANGE_SET(x, h, CURLOPT_PASSWORD, m->password);
	}
	x->is_incomplete |= !exchange_list(&x->rcpt, m->to);
	EXCHANGE_SET(x, h, CURLOPT_MAIL_FROM, m->from);
	EXCHANGE_SET(x, h, CURLOPT_MAIL_RCPT, x->rcpt);
	EXCHANGE_SET(x, h, CURLOPT_UPLOAD, 1L);
	EXCHANGE_SET(x, h, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)m->len);
	EXCHANGE_SET(x, h, CURLOPT_READFUNCTION, exchange_read);
	EXCHANGE_SET(x, h, CURLOPT_READDATA, x);
	/* A kept connection that the server dropped would lose the mail's
	 * first try. */
	EXCHANGE_SET(x, h, CURLOPT_FORBID_REUSE, 1L);
	/* Which command a reply answers is told here alone. */
	EXCHANGE_SET(x, h, CURLOPT_VERBOSE, 1L);
	EXCHANGE_SET(x, h, CURLOPT_DEBUGFUNCTION, exchange_debug);
	EXCHANGE_SET(x, h, CURLOPT_DEBUGDATA, x);
}

static bool
exchange_list(struct curl_slist **l, const char *s)
{
	struct curl_slist	*n;

	if ((n = curl_slist_append(*l, s)) == NULL)
		return (false);
	*l = n;
	return (true);
}

/* The last word, whatever led here: no socket for an address that may not be
 * connected to. */
static curl_socket_t
exchange_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct exchange			*x = arg;
	const struct sockaddr_in	*v4;
	const struct sockaddr_in6	*v6;
	struct ip			 ip = { .b = { 0 } };

	(void)purpose;
	if (a->family == AF_INET) {
		v4 = (const void *)&a->addr;
		ip.b[10] = ip.b[11] = 0xff;
		memcpy(ip.b + 12, &v4->sin_addr, 4);
	} else if (a->family == AF_INET6) {
		v6 = (const void *)&a->addr;
		memcpy(ip.b, &v6->sin6_addr, 16);
	} else
		return (CURL_SOCKET_BAD);
	if (!exchange_allowed(x, &ip))
		return (CURL_SOCKET_BAD);
	return (socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol));
}

static size_t
exchange_body(char *p, size_t size, size_t n, void *arg)
{
	struct exchange	*x = arg;

	buf_add(&x->body, p, size * n);
	if (buf_err(&x->body) == ERR_OK)
		return (size * n);
	x->is_too_large = true;
	return (0);
}

static size_t
exchange_header(char *p, size_t size, size_t n, void *arg)
{
	static const char	 name[] = "retry-after:";
	struct exchange		*x = arg;
	size_t			 len = size * n;
	char			 head[sizeof(name)];

	x->n_headers += len;
	if (x->n_headers > EXCHANGE_HEADERS_MAX) {
		x->is_too_large = true;
		return (0);
	}
	if (x->call.mail != NULL)
		exchange_reply(x, p, len);
	else if (len > sizeof(name) && str_copy(head, sizeof(head), p,
	    sizeof(name) - 1) == ERR_OK && str_caseeq(head, name))
		exchange_retry_after(x, p + sizeof(name) - 1,
		    len - sizeof(name) + 1);
	return (len);
}

/* A number of seconds; a date is left alone (RFC 9110 s.10.2.3). */
static void
exchange_retry_after(struct exchange *x, const char *p, size_t len)
{
	int64_t	v;

	while (len > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		len--;
	}
	while (len > 0 && (p[len - 1] == '\r' || p[len - 1] == '\n' ||
	    p[len - 1] == ' '))
		len--;
	if (str_int(p, len, 0, EXCHANGE_RETRY_AFTER_MAX, &v) == ERR_OK)
		x->retry_after_s = (int)v;
}

/* A line of an SMTP server's reply (RFC 5321 s.4.2). */
static void
exchange_reply(struct exchange *x, const char *p, size_t len)
{
	int64_t	code;

	while (len > 0 && (p[len - 1] == '\r' || p[len - 1] == '\n'))
		len--;
	/* "221 Bye" would hide why it is time to go. */
	if (x->is_quit || len < 3 ||
	    str_int(p, 3, 100, 599, &code) != ERR_OK)
		return;
	x->smtp_code = (int)code;
	p += len > 3 ? 4 : 3;
	len -= len > 3 ? 4 : 3;
	if (len > OUTBOUND_LINE_MAX)
		len = OUTBOUND_LINE_MAX;
	if (str_copy(x->smtp_line, sizeof(x->smtp_line), p, len) != ERR_OK)
		x->smtp_line[0] = '\0';
}

static size_t
exchange_read(char *p, size_t size, size_t n, void *arg)
{
	struct exchange	*x = arg;
	size_t		 len = x->call.mail->len - x->n_sent;

	if (len > size * n)
		len = size * n;
	memcpy(p, x->call.mail->data + x->n_sent, len);
	x->n_sent += len;
	/* What the server says from now on is about the recipient or the
	 * message. */
	x->is_rcpt = true;
	return (len);
}

/* Commands only: nothing of this is kept. */
static int
exchange_debug(CURL *h, curl_infotype t, char *p, size_t n, void *arg)
{
	struct exchange	*x = arg;

	(void)h;
	if (t != CURLINFO_HEADER_OUT || n < 4)
		return (0);
	if (memcmp(p, "RCPT", 4) == 0)
		x->is_rcpt = true;
	else if (memcmp(p, "QUIT", 4) == 0)
		x->is_quit = true;
	return (0);
}

void
exchange_end(struct exchange *x, CURLcode code, long status,
    const char *text, struct outbound_result *out)
{
	enum verdict_fault	f = FAULT_NONE;

	if (code != CURLE_OK)
		f = exchange_fault_of(x, code);
	else if (x->call.http != NULL && status >= 300 && status < 400)
		f = FAULT_REDIRECT;
	if (f == FAULT_BLOCKED)
		text = egress_text(x->why);
	exchange_fault(x, f, f == FAULT_NONE ? "" : text, out);
	out->answer.status = x->call.http != NULL && status > 0 &&
	    status < 1000 ? (int)status : 0;
	out->answer.body = x->body.data != NULL ? x->body.data : "";
	out->answer.len = x->body.len;
	out->answer.retry_after_s = x->retry_after_s;
	out->smtp_code = x->smtp_code;
	out->is_rcpt = x->is_rcpt;
}

void
exchange_fault(struct exchange *x, enum verdict_fault f, const char *detail,
    struct outbound_result *out)
{
	size_t	len = strlen(detail);

	if (len > OUTBOUND_DETAIL_MAX)
		len = OUTBOUND_DETAIL_MAX;
	if (str_copy(x->detail, sizeof(x->detail), detail, len) != ERR_OK)
		x->detail[0] = '\0';
	memset(out, 0, sizeof(*out));
	out->answer.fault = f;
	out->answer.detail = x->detail[0] != '\0' ? x->detail : NULL;
	out->answer.body = "";
	out->smtp_line = x->smtp_line;
}

static enum verdict_fault
exchange_fault_of(const struct exchange *x, CURLcode code)
{
	if (x->is_too_large)
		return (FAULT_TOO_LARGE);
	if (x->why != EGRESS_OK)
		return (FAULT_BLOCKED);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return (FAULT_RESOLVE);
	case CURLE_COULDNT_CONNECT:
		return (FAULT_CONNECT);
	case CURLE_OPERATION_TIMEDOUT:
		return (FAULT_TIMEOUT);
	case CURLE_SSL_CONNECT_ERROR:
		return (FAULT_HANDSHAKE);
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
		return (FAULT_TLS);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return (FAULT_CUT);
	case CURLE_LOGIN_DENIED:
		return (FAULT_LOGIN);
	default:
		return (FAULT_OTHER);
	}
}
