/*
 * http_guard - every request head passes core/http_head before Kore sees it,
 * and one connection has one request at a time.
 * Owns when a connection is read and how long a client may take; its timers
 * replace Kore's.  Must not know routes or answers: callbacks do.
 *
 * Kore 4.1.0 reads a request with http_header_recv(), which is handed to
 * net_recv_queue() for a new connection and to net_recv_reset() for the next
 * request; both are link wraps (T1 of docs/kore.md).
 */
#include <sys/param.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <string.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "guard_conn.h"
#include "http_guard.h"
#include "http_head.h"
#include "kore_wraps.h"
#include "log.h"
#include "str.h"

#define GUARD_ANSWER_MAX	8192
#define GUARD_HEAD_FIRST	4096	/* first buffer of a head; grows once */
#define GUARD_HEAD_SPARE	64	/* for a line that http_head may put in */
#define GUARD_BODY_MAX		65536	/* until http_guard_init() is called */

static int		 guard_recv(struct netbuf *nb);
static enum http_head_verdict	guard_check(struct netbuf *nb,
			    struct http_head *head);
static int		 guard_pass(struct netbuf *nb,
			    const struct http_head *head);
static void		 guard_close_after(struct connection *c);
static struct http_request	*guard_request(const struct connection *c);
static bool		 guard_is_done(const struct connection *c);
static void		 guard_make_room(struct netbuf *nb);
static void		 guard_stop_reading(struct connection *c);
static uint64_t		 guard_body_limit(const struct netbuf *nb);
static bool		 guard_is_odd_http10(const struct netbuf *nb);
static void		 guard_log(const struct connection *c, int status,
			    const char *why, const char *request_id);

/* Told by http_guard_init(). */
static http_guard_deny_fn	guard_deny_fn;
static http_guard_body_max_fn	guard_body_max_fn;

/* A header that makes Kore close after its answer; never freed by Kore. */
static char	guard_connection[] = "connection";
static char	guard_close[] = "close";

void
http_guard_init(http_guard_deny_fn deny, http_guard_body_max_fn max)
{
	guard_deny_fn = deny;
	guard_body_max_fn = max;
}

int
http_guard_busy(void)
{
	const struct guard_conn	*g;
	const struct connection	*c;
	int			 n = 0;

	TAILQ_FOREACH(c, &connections, list) {
		if ((g = guard_conn_of(c)) == NULL)
			continue;
		if (g->phase == GUARD_BODY || g->phase == GUARD_BUSY ||
		    !TAILQ_EMPTY(&c->send_queue))
			n++;
	}
	return (n);
}

struct guard_conn *
guard_conn_of(const struct connection *c)
{
	if (c->proto != CONN_PROTO_HTTP || c->owner == NULL)
		return (NULL);
	return (c->hdlr_extra);
}

/* A new connection, after the handshake where there is one. */
void
__wrap_net_recv_queue(struct connection *c, size_t len, int flags,
    int (*cb)(struct netbuf *))
{
	struct guard_conn	*g;

	if (cb != http_header_recv) {
		__real_net_recv_queue(c, len, flags, cb);
		return;
	}
	g = kore_calloc(1, sizeof(*g));
	g->phase = GUARD_HEAD;
	g->deadline = kore_time_ms() + http_header_timeout * 1000;
	c->hdlr_extra = g;
	c->http_timeout = 0;
	__real_net_recv_queue(c, GUARD_HEAD_FIRST, flags, guard_recv);
}

/* The body is complete, or the answer was queued and the next head may come. */
void
__wrap_net_recv_reset(struct connection *c, size_t len,
    int (*cb)(struct netbuf *))
{
	struct guard_conn	*g;

	if (cb != http_header_recv || (g = guard_conn_of(c)) == NULL) {
		__real_net_recv_reset(c, len, cb);
		return;
	}
	/*
	 * http_start_recv() has armed a timer for a head that nobody sends yet,
	 * which would cut a slow download and answer 408 on an idle connection.
	 */
	c->http_timeout = 0;
	g->deadline = 0;
	g->seen = 0;
	if (g->phase == GUARD_BODY) {
		g->phase = GUARD_BUSY;
		guard_stop_reading(c);
		c->rnb->cb = guard_recv;
		c->rnb->b_len = len;
		return;
	}
	g->phase = GUARD_HEAD;
	__real_net_recv_reset(c, GUARD_HEAD_FIRST, guard_recv);
}

/* Bytes have arrived where a head is expected. */
static int
guard_recv(struct netbuf *nb)
{
	struct connection	*c = nb->owner;
	struct guard_conn	*g = guard_conn_of(c);
	struct http_head	 head;

	if (c->state == CONN_STATE_DISCONNECTING) {
		guard_stop_reading(c);
		return (KORE_RESULT_OK);
	}
	if (nb->s_off == 0)
		return (KORE_RESULT_OK);
	switch (guard_check(nb, &head)) {
	case HTTP_HEAD_DENY:
		guard_deny(c, head.status, head.why, head.request_id);
		return (KORE_RESULT_OK);
	case HTTP_HEAD_PASS:
		return (guard_pass(nb, &head));
	case HTTP_HEAD_MORE:
	default:
		/* The first bytes on an idle connection start the clock. */
		if (g->deadline == 0)
			g->deadline = kore_time_ms() +
			    http_header_timeout * 1000;
		return (KORE_RESULT_OK);
	}
}

static enum http_head_verdict
guard_check(struct netbuf *nb, struct http_head *head)
{
	struct guard_conn	*g = guard_conn_of(nb->owner);
	bool			 is_new;

	/*
	 * A head ends with a line end: without a new one there is nothing to
	 * decide, however many small segments a client sends.
	 */
	guard_make_room(nb);
	is_new = g->seen == 0 || nb->s_off == nb->b_len ||
	    memchr(nb->buf + g->seen, '\n', nb->s_off - g->seen) != NULL;
	g->seen = nb->s_off;
	if (!is_new)
		return (HTTP_HEAD_MORE);

	http_head_check((char *)nb->buf, &nb->s_off, nb->b_len,
	    guard_body_limit(nb), head);
	if (head->verdict != HTTP_HEAD_PASS)
		return (head->verdict);
	if (guard_is_odd_http10(nb)) {
		head->verdict = HTTP_HEAD_DENY;
		head->status = 400;
		head->why = "HTTP/1.0 has GET, HEAD and POST only.";
	} else if (http_request_count >= http_request_limit) {
		head->verdict = HTTP_HEAD_DENY;
		head->status = 503;
		head->why = "Too many requests are under way.";
	}
	return (head->verdict);
}

static int
guard_pass(struct netbuf *nb, const struct http_head *head)
{
	static const char	 go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct connection	*c = nb->owner;
	struct guard_conn	*g = guard_conn_of(c);
	bool			 has_started = nb->s_off > head->len;
	bool			 has_to_wait = nb->s_off < head->len +
				    head->body_len;

	/*
	 * Kore compares the SNI name with Host, but leaves the port in the
	 * latter for IPv6 listeners, so that every such request would be 421.
	 * There is one certificate for all names: nothing to compare.
	 */
	kore_free(c->tls_sni);
	c->tls_sni = NULL;

	if (head->body_refused) {
		has_to_wait = false;
		g->has_to_linger = true;
		/* Only the head goes to Kore, whose length is now 0. */
		nb->s_off = head->len;
	}
	g->phase = GUARD_BUSY;
	g->deadline = 0;
	if (http_header_recv(nb) != KORE_RESULT_OK)
		return (KORE_RESULT_ERROR);
	c->http_timeout = 0;
	if (c->state == CONN_STATE_DISCONNECTING || guard_is_done(c))
		return (KORE_RESULT_OK);
	if (head->body_refused) {
		guard_close_after(c);
		return (KORE_RESULT_OK);
	}
	if (!has_to_wait)
		return (KORE_RESULT_OK);

	g->phase = GUARD_BODY;
	g->deadline = kore_time_ms() + GUARD_BODY_S * 1000;
	if (head->has_expect && !has_started) {
		net_send_queue(c, go_on, sizeof(go_on) - 1);
		if (!net_send_flush(c))
			return (KORE_RESULT_ERROR);
	}
	return (KORE_RESULT_OK);
}

/* Kore reads the request's own header when it makes the answer. */
static void
guard_close_after(struct connection *c)
{
	struct http_request	*req;
	struct http_header	*hdr;

	if ((req = guard_request(c)) == NULL)
		return;
	hdr = kore_pool_get(&http_header_pool);
	hdr->header = guard_connection;
	hdr->value = guard_close;
	TAILQ_INSERT_HEAD(&req->req_headers, hdr, list);
}

/* The newest: one that was answered may wait behind it to be freed. */
static struct http_request *
guard_request(const struct connection *c)
{
	struct http_request	*req, *last = NULL;

	TAILQ_FOREACH(req, &c->http_requests, olist)
		last = req;
	return (last);
}

/* Kore has answered the head itself, with an error, and closes. */
static bool
guard_is_done(const struct connection *c)
{
	return ((c->flags & CONN_CLOSE_EMPTY) != 0);
}

void
guard_deny(struct connection *c, int status, const char *why,
    const char *request_id)
{
	struct guard_conn	*g = guard_conn_of(c);
	struct buf		 answer;

	guard_log(c, status, why, request_id);
	guard_stop_reading(c);
	g->phase = GUARD_BUSY;
	g->deadline = kore_time_ms() + http_header_timeout * 1000;
	g->has_to_linger = true;
	c->http_timeout = 0;
	c->flags |= CONN_CLOSE_EMPTY;

	buf_init(&answer, GUARD_ANSWER_MAX);
	if (guard_deny_fn != NULL)
		guard_deny_fn(&answer, status, why, request_id,
		    c->owner->server->tls);
	else
		buf_printf(&answer, "HTTP/1.1 %d Error\r\nconnection: close\r\n"
		    "content-length: 0\r\n\r\n", status);
	if (buf_err(&answer) == ERR_OK)
		net_send_queue(c, answer.data, answer.len);
	buf_clear(&answer);
	if (!net_send_flush(c))
		__real_kore_connection_disconnect(c);
}

/*
 * Nearly every head fits GUARD_HEAD_FIRST, which comes from a pool; a buffer of
 * http_header_max would be allocated and zeroed for each request, and kept by
 * each idle connection.
 */
static void
guard_make_room(struct netbuf *nb)
{
	if (nb->b_len >= http_header_max ||
	    nb->b_len - nb->s_off >= GUARD_HEAD_SPARE)
		return;
	nb->buf = kore_realloc(nb->buf, http_header_max);
	nb->m_len = nb->b_len = http_header_max;
}

/* net_recv_flush() ends when there is nowhere to read to. */
static void
guard_stop_reading(struct connection *c)
{
	kore_free(c->rnb->buf);
	c->rnb->buf = NULL;
	c->rnb->m_len = 0;
	c->rnb->s_off = 0;
}

static uint64_t
guard_body_limit(const struct netbuf *nb)
{
	const char	*buf = (const char *)nb->buf, *from, *to;
	uint64_t	 max = GUARD_BODY_MAX;

	if (guard_body_max_fn == NULL)
		return (max);
	if ((from = memchr(buf, ' ', nb->s_off)) == NULL)
		return (0);
	from++;
	to = memchr(from, ' ', nb->s_off - (size_t)(from - buf));
	if (to == NULL)
		return (0);
	max = guard_body_max_fn(from, (size_t)(to - from));
	return (MIN(max, (uint64_t)http_body_max));
}

/* Kore answers 405 without Allow to these (http.c:1694). */
static bool
guard_is_odd_http10(const struct netbuf *nb)
{
	const char	*buf = (const char *)nb->buf, *cr;

	cr = memchr(buf, '\r', nb->s_off);
	if (cr == NULL || cr == buf || cr[-1] != '0')
		return (false);
	return (strncmp(buf, "GET ", 4) != 0 &&
	    strncmp(buf, "HEAD ", 5) != 0 && strncmp(buf, "POST ", 5) != 0);
}

static void
guard_log(const struct connection *c, int status, const char *why,
    const char *request_id)
{
	char	remote[INET6_ADDRSTRLEN] = "";

	if (c->family == AF_INET)
		(void)inet_ntop(AF_INET, &c->addr.ipv4.sin_addr, remote,
		    sizeof(remote));
	else if (c->family == AF_INET6)
		(void)inet_ntop(AF_INET6, &c->addr.ipv6.sin6_addr, remote,
		    sizeof(remote));

	struct log_field	f[] = {
		LOG_S("request_id", request_id[0] != '\0' ? request_id : NULL),
		LOG_I("status", status),
		LOG_S("remote", remote),
		LOG_S("why", why),
	};

	log_line(LOG_LEVEL_INFO, "request_denied", f, COUNT(f));
}
