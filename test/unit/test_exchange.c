/*
 * test_exchange - what libcurl is told, and what its end means: with libcurl
 * itself, against a server of one connection that says what the test wants.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "mem.h"

#define PEER_SAYS_MAX	200000

/* Takes one connection, reads a line's end, says its lines, one each time. */
struct peer {
	pthread_t	 thread;
	int		 fd;
	uint16_t	 port;
	const char	*says;		/* the answer, or the first reply */
	size_t		 len;		/* of |says| */
	const char	*replies[8];	/* SMTP: one for each command */
	bool		 is_silent;	/* never answers */
	bool		 is_mail;	/* speaks first */
	char		 heard[8192];	/* what came, NUL-terminated */
};

/* A call, and what came of it. */
struct run {
	struct settings		 set;
	struct http_call	 http;
	struct exchange		 x;
	struct outbound_result	 r;
	CURLcode		 code;
};

static void	exchange_says_what_it_sends(void **state);
static void	exchange_reads_what_it_may(void **state);
static void	exchange_retry_after(void **state);
static void	exchange_broken(void **state);
static void	exchange_addresses(void **state);
static void	exchange_socket_is_the_last_word(void **state);
static void	exchange_urls(void **state);
static void	exchange_mails(void **state);

static size_t
peer_hear(struct peer *p, int c, size_t at)
{
	ssize_t	n;

	n = recv(c, p->heard + at, sizeof(p->heard) - 1 - at, 0);
	return (n > 0 ? (size_t)n : 0);
}

static void
peer_say(int c, const char *s, size_t len)
{
	ssize_t	n;

	while (len > 0 && (n = send(c, s, len, MSG_NOSIGNAL)) > 0) {
		s += n;
		len -= (size_t)n;
	}
}

static void *
peer_run(void *arg)
{
	struct peer	*p = arg;
	size_t		 at = 0, n, i = 0;
	int		 c;

	if ((c = accept(p->fd, NULL, NULL)) == -1)
		return (NULL);
	if (p->is_mail)
		peer_say(c, p->says, p->len);
	while ((n = peer_hear(p, c, at)) > 0) {
		at += n;
		p->heard[at] = '\0';
		if (p->is_silent)
			continue;
		if (!p->is_mail && strstr(p->heard, "\r\n\r\n") != NULL) {
			peer_say(c, p->says, p->len);
			break;
		}
		if (p->is_mail && p->heard[at - 1] == '\n' &&
		    p->replies[i] != NULL) {
			peer_say(c, p->replies[i], strlen(p->replies[i]));
			i++;
		}
	}
	(void)shutdown(c, SHUT_WR);
	while (!p->is_silent && recv(c, (char[512]){ 0 }, 512, 0) > 0)
		;
	(void)close(c);
	return (NULL);
}

static void
peer_begin(struct peer *p, const char *says)
{
	struct sockaddr_in	a = { .sin_family = AF_INET };
	socklen_t		len = sizeof(a);

	p->says = says;
	p->len = says == NULL ? 0 : strlen(says);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, (const struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
}

/* A peer that nobody came to is woken by the shutdown. */
static void
peer_end(struct peer *p)
{
	(void)shutdown(p->fd, SHUT_RDWR);
	assert_int_equal(pthread_join(p->thread, NULL), 0);
	(void)close(p->fd);
}

static void
run_begin(struct run *t, const char *allow)
{
	memset(t, 0, sizeof(*t));
	http_call_init(&t->http);
	t->http.method = "GET";
	assert_int_equal(cidr_list_parse(allow, strlen(allow),
	    &t->set.egress_allow, NULL, NULL), ERR_OK);
}

static void
run_end(struct run *t)
{
	exchange_clear(&t->x);
	http_call_clear(&t->http);
	cidr_list_clear(&t->set.egress_allow);
}

/* |c| with |addrs| for its name (NULL: its host is an address). */
static void
run_perform(struct run *t, const struct outbound_call *c,
    const struct resolve_addrs *addrs)
{
	char	 url[HTTP_CALL_URL_MAX + 1];
	long	 status = 0;
	CURL	*h;

	exchange_init(&t->x, c, &t->set);
	assert_int_equal(t->x.why, EGRESS_OK);
	assert_true(exchange_address(&t->x, addrs));
	assert_non_null(h = curl_easy_init());
	assert_int_equal(exchange_url(&t->x, url, sizeof(url)), ERR_OK);
	assert_int_equal(exchange_setup(&t->x, h, c->timeout_ms), ERR_OK);
	(void)curl_easy_setopt(h, CURLOPT_URL, url);
	t->code = curl_easy_perform(h);
	(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	exchange_end(&t->x, t->code, status, curl_easy_strerror(t->code),
	    &t->r);
	curl_easy_cleanup(h);
}

/* A GET of a peer that says |says|. */
static void
run_get(struct run *t, const char *says)
{
	struct peer		p = { .fd = -1 };
	struct outbound_call	c = { .http = &t->http, .timeout_ms = 5000 };

	peer_begin(&p, says);
	run_begin(t, "127.0.0.1");
	buf_printf(&t->http.url, "http://127.0.0.1:%u/x",
	    (unsigned int)p.port);
	run_perform(t, &c, NULL);
	peer_end(&p);
}

static void
exchange_says_what_it_sends(void **state)
{
	struct peer		p = { .fd = -1 };
	struct run		t;
	struct outbound_call	c = { .http = &t.http, .timeout_ms = 5000 };
	struct resolve_addrs	a = { .v = { "127.0.0.1" }, .n = 1 };

	(void)state;
	peer_begin(&p, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
	run_begin(&t, "127.0.0.0/8");
	t.http.method = "PUT";
	buf_printf(&t.http.url, "http://gateway.test:%u/send?a=b",
	    (unsigned int)p.port);
	assert_int_equal(http_call_header(&t.http, "Content-Type",
	    "text/plain"), ERR_OK);
	buf_str(&t.http.body, "hello");
	run_perform(&t, &c, &a);
	peer_end(&p);
	assert_int_equal(t.r.answer.fault, FAULT_NONE);
	assert_int_equal(t.r.answer.status, 201);
	assert_int_equal(t.r.answer.len, 2);
	assert_memory_equal(t.r.answer.body, "ok", 2);
	/* The name is in Host, though the address was connected to. */
	assert_non_null(strstr(p.heard, "PUT /send?a=b HTTP/1.1\r\n"));
	assert_non_null(strstr(p.heard, "Host: gateway.test:"));
	assert_non_null(strstr(p.heard, "Content-Type: text/plain\r\n"));
	assert_non_null(strstr(p.heard, "Content-Length: 5\r\n"));
	assert_null(strstr(p.heard, "Expect:"));
	run_end(&t);
}

static void
exchange_reads_what_it_may(void **state)
{
	static const char	head[] = "HTTP/1.1 200 OK\r\n\r\n";
	static const char	line[] = "X-Filler: 0123456789abcdef\r\n";
	struct run		t;
	char			*big;
	size_t			i, n;

	(void)state;
	/* A redirect is an answer, never followed. */
	run_get(&t, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: 0\r\n\r\n");
	assert_int_equal(t.r.answer.fault, FAULT_REDIRECT);
	assert_int_equal(t.r.answer.status, 302);
	run_end(&t);

	assert_non_null(big = mem_new(PEER_SAYS_MAX));
	/* The most that is read, and a byte more. */
	for (i = 0; i < 2; i++) {
		n = sizeof(head) - 1;
		memcpy(big, head, n);
		memset(big + n, 'x', HTTP_ANSWER_MAX + i);
		big[n + HTTP_ANSWER_MAX + i] = '\0';
		run_get(&t, big);
		assert_int_equal(t.r.answer.fault, i == 0 ? FAULT_NONE :
		    FAULT_TOO_LARGE);
		run_end(&t);
	}
	/* Headers without end. */
	n = (size_t)snprintf(big, PEER_SAYS_MAX, "HTTP/1.1 200 OK\r\n");
	while (n < EXCHANGE_HEADERS_MAX + sizeof(line)) {
		memcpy(big + n, line, sizeof(line));
		n += sizeof(line) - 1;
	}
	memcpy(big + n, "\r\n", 3);
	run_get(&t, big);
	assert_int_equal(t.r.answer.fault, FAULT_TOO_LARGE);
	run_end(&t);
	mem_free(big);
}

static void
exchange_retry_after(void **state)
{
	static const struct {
		const char	*value;
		int		 s;
	} v[] = {
		{ "Retry-After: 7", 7 }, { "retry-after:\t0", 0 },
		{ "RETRY-AFTER:  3600 ", 3600 }, { "Retry-After: 3601", 0 },
		{ "Retry-After: -1", 0 }, { "Retry-After: 1e3", 0 },
		{ "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT", 0 },
		{ "Retry-After:", 0 }, { "Retry-After-All: 5", 0 },
		{ "X-Retry-After: 5", 0 },
	};
	struct run	t;
	char		says[256];
	size_t		i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		(void)snprintf(says, sizeof(says), "HTTP/1.1 503 Busy\r\n%s\r\n"
		    "Content-Length: 0\r\n\r\n", v[i].value);
		run_get(&t, says);
		assert_int_equal(t.r.answer.status, 503);
		if (t.r.answer.retry_after_s != v[i].s)
			fail_msg("%s: %d", v[i].value,
			    t.r.answer.retry_after_s);
		run_end(&t);
	}
}

static void
exchange_broken(void **state)
{
	struct peer		p = { .fd = -1, .is_silent = true };
	struct run		t;
	struct outbound_call	c = { .http = &t.http, .timeout_ms = 200 };

	(void)state;
	run_get(&t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
	assert_int_equal(t.r.answer.fault, FAULT_CUT);
	run_end(&t);
	run_get(&t, "");
	assert_int_equal(t.r.answer.fault, FAULT_CUT);
	assert_int_equal(t.r.answer.status, 0);
	assert_non_null(t.r.answer.detail);
	run_end(&t);
	run_get(&t, "garbage\r\n\r\n");
	assert_int_not_equal(t.r.answer.fault, FAULT_NONE);
	run_end(&t);

	peer_begin(&p, NULL);
	run_begin(&t, "127.0.0.1");
	buf_printf(&t.http.url, "http://127.0.0.1:%u/", (unsigned int)p.port);
	run_perform(&t, &c, NULL);
	assert_int_equal(t.r.answer.fault, FAULT_TIMEOUT);
	run_end(&t);
	peer_end(&p);

	/* Nobody is there any more. */
	run_begin(&t, "127.0.0.1");
	buf_printf(&t.http.url, "http://127.0.0.1:%u/", (unsigned int)p.port);
	run_perform(&t, &c, NULL);
	assert_int_equal(t.r.answer.fault, FAULT_CONNECT);
	run_end(&t);
}

/* Of several addresses, those that may be connected to. */
static void
exchange_addresses(void **state)
{
	struct resolve_addrs	mixed = { .v = { "10.0.0.1", "192.0.2.9",
				    "127.0.0.1", "2606:4700::1" }, .n = 4 };
	struct resolve_addrs	inner = { .v = { "10.0.0.1", "::1" }, .n = 2 };
	struct resolve_addrs	none = { .n = 0 };
	struct run		t;
	struct outbound_call	c = { .http = &t.http, .timeout_ms = 100 };

	(void)state;
	run_begin(&t, "127.0.0.1");
	buf_str(&t.http.url, "https://gateway.example:8443/");
	exchange_init(&t.x, &c, &t.set);
	assert_int_equal(t.x.why, EGRESS_OK);
	assert_true(exchange_address(&t.x, &mixed));
	assert_int_equal(t.x.why, EGRESS_OK);
	assert_string_equal(t.x.resolve->data,
	    "+gateway.example:8443:127.0.0.1,[2606:4700::1]");
	assert_null(t.x.resolve->next);
	exchange_clear(&t.x);
	exchange_init(&t.x, &c, &t.set);
	assert_false(exchange_address(&t.x, &inner));
	assert_int_equal(t.x.why, EGRESS_ADDRESS);
	exchange_clear(&t.x);
	exchange_init(&t.x, &c, &t.set);
	assert_false(exchange_address(&t.x, &none));
	assert_int_equal(t.x.why, EGRESS_HOST);
	exchange_fault(&t.x, FAULT_BLOCKED, egress_text(t.x.why), &t.r);
	assert_int_equal(t.r.answer.fault, FAULT_BLOCKED);
	assert_string_equal(t.r.answer.detail, egress_text(EGRESS_HOST));
	assert_string_equal(t.r.answer.body, "");
	run_end(&t);
}

/* A name that leads elsewhere when it is connected to than when it was asked:
 * no socket is opened. */
static void
exchange_socket_is_the_last_word(void **state)
{
	struct peer		p = { .fd = -1 };
	struct run		t;
	struct outbound_call	c = { .http = &t.http, .timeout_ms = 5000 };
	struct curl_slist	*l = NULL;
	char			 entry[64], url[HTTP_CALL_URL_MAX + 1];
	CURL			*h;

	(void)state;
	peer_begin(&p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	run_begin(&t, "10.9.9.9");
	buf_printf(&t.http.url, "http://gateway.test:%u/",
	    (unsigned int)p.port);
	exchange_init(&t.x, &c, &t.set);
	assert_non_null(h = curl_easy_init());
	assert_int_equal(exchange_url(&t.x, url, sizeof(url)), ERR_OK);
	assert_int_equal(exchange_setup(&t.x, h, c.timeout_ms), ERR_OK);
	(void)curl_easy_setopt(h, CURLOPT_URL, url);
	(void)snprintf(entry, sizeof(entry), "gateway.test:%u:127.0.0.1",
	    (unsigned int)p.port);
	assert_non_null(l = curl_slist_append(NULL, entry));
	(void)curl_easy_setopt(h, CURLOPT_RESOLVE, l);
	t.code = curl_easy_perform(h);
	exchange_end(&t.x, t.code, 0, curl_easy_strerror(t.code), &t.r);
	assert_int_equal(t.r.answer.fault, FAULT_BLOCKED);
	curl_easy_cleanup(h);
	curl_slist_free_all(l);
	peer_end(&p);
	assert_string_equal(p.heard, "");
	run_end(&t);
}

static void
exchange_urls(void **state)
{
	static const struct {
		const char		*host;
		uint16_t		 port;
		enum smtp_security	 security;
		const char		*url;
	} v[] = {
		{ "mail.example", 587, SMTP_STARTTLS, "smtp://mail.example:587" },
		{ "Mail.Example", 465, SMTP_TLS, "smtps://mail.example:465" },
		{ "2001:db8::1", 25, SMTP_STARTTLS, "smtp://[2001:db8::1]:25" },
	};
	struct outbound_mail	m = { .username = "" };
	struct outbound_call	c = { .mail = &m };
	struct settings		set = { .ca_file = NULL };
	struct exchange		x;
	char			url[64], small[8];
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		m.host = v[i].host;
		m.port = v[i].port;
		m.security = v[i].security;
		exchange_init(&x, &c, &set);
		assert_int_equal(x.why, EGRESS_OK);
		assert_int_equal(exchange_url(&x, url, sizeof(url)), ERR_OK);
		assert_string_equal(url, v[i].url);
		assert_int_equal(exchange_url(&x, small, sizeof(small)),
		    ERR_SPACE);
		exchange_clear(&x);
	}
	m.host = "not a host";
	exchange_init(&x, &c, &set);
	assert_int_equal(x.why, EGRESS_HOST);
	exchange_clear(&x);
}

/* What a mail server said last of what matters: not "221 Bye". */
static void
exchange_mails(void **state)
{
	static const struct {
		const char		*replies[8];
		int			 code;
		const char		*line;
		bool			 is_rcpt;
		enum verdict_fault	 fault;
	} v[] = {
		{ { "250 hi\r\n", "250 from\r\n", "250 to\r\n", "354 go\r\n",
		    "250 2.0.0 queued as 7\r\n", "221 Bye\r\n" }, 250,
		    "2.0.0 queued as 7", true, FAULT_NONE },
		{ { "250 hi\r\n", "250 from\r\n", "550 5.1.1 No such user\r\n",
		    "221 Bye\r\n" }, 550, "5.1.1 No such user", true,
		    FAULT_OTHER },
		{ { "250 hi\r\n", "451 4.7.1 Later\r\n", "221 Bye\r\n" }, 451,
		    "4.7.1 Later", false, FAULT_OTHER },
	};
	static const char	text[] = "Subject: x\r\n\r\nhello\r\n";
	struct outbound_mail	m = { .host = "127.0.0.1", .username = "",
				    .password = "", .security = SMTP_NONE,
				    .from = "a@example.org",
				    .to = "b@example.org", .data = text,
				    .len = sizeof(text) - 1 };
	struct outbound_call	c = { .mail = &m, .timeout_ms = 5000 };
	struct peer		p;
	struct run		t;
	size_t			i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		p = (struct peer){ .fd = -1, .is_mail = true };
		memcpy(p.replies, v[i].replies, sizeof(p.replies));
		peer_begin(&p, "220 mail.test ready\r\n");
		m.port = p.port;
		run_begin(&t, "127.0.0.1");
		run_perform(&t, &c, NULL);
		peer_end(&p);
		assert_int_equal(t.r.smtp_code, v[i].code);
		assert_string_equal(t.r.smtp_line, v[i].line);
		assert_int_equal(t.r.is_rcpt, v[i].is_rcpt);
		if (v[i].fault == FAULT_NONE)
			assert_int_equal(t.r.answer.fault, FAULT_NONE);
		else
			assert_int_not_equal(t.r.answer.fault, FAULT_NONE);
		assert_non_null(strstr(p.heard, "MAIL FROM:<a@example.org>"));
		run_end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(exchange_says_what_it_sends),
		cmocka_unit_test(exchange_reads_what_it_may),
		cmocka_unit_test(exchange_retry_after),
		cmocka_unit_test(exchange_broken),
		cmocka_unit_test(exchange_addresses),
		cmocka_unit_test(exchange_socket_is_the_last_word),
		cmocka_unit_test(exchange_urls),
		cmocka_unit_test(exchange_mails),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
