/*
 * ldap_load - what wrk is for HTTP: sends requests that are made already
 * over connections that stay open, one at a time on each, and reads the
 * answers.  An answer is right when its result is success and it has as many
 * entries as asked for.
 *
 *	ldap_load PORT CONNECTIONS SECONDS FILE ENTRIES
 *
 * FILE: requests, each behind its length (4 bytes, big endian); the first one
 * is sent once on each connection before the clock starts, the others in
 * turn.  Prints one JSON object at the end, like the wrk scripts here.
 * Must not: encode LDAP.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX	256
#define BUF_MAX		16384
#define BUCKETS		1000000		/* of 10 microseconds */
#define LDAP_ENTRY	0x64		/* SearchResultEntry */

struct conn {
	int		fd;
	int		entries;	/* of the answer so far */
	size_t		len;
	uint64_t	sent;		/* microseconds */
	uint8_t		buf[BUF_MAX];
};

struct load {
	uint8_t		*file;
	size_t		size;
	size_t		first;		/* offset of the second request */
	size_t		at;
	int		entries;
	uint64_t	good;
	uint64_t	bad;
	uint32_t	*times;
};

static uint64_t
now_us(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

static size_t
request_len(const struct load *l, size_t at)
{
	const uint8_t	*p = l->file + at;
	size_t		len;

	if (l->size - at < 4)
		errx(1, "a request is cut off");
	len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	    p[3];
	if (len == 0 || len > l->size - at - 4)
		errx(1, "a request is cut off");
	return (len);
}

static void
load_file(struct load *l, const char *name)
{
	FILE	*f = fopen(name, "rb");
	long	size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 8)
		err(1, "%s", name);
	rewind(f);
	l->size = (size_t)size;
	l->file = malloc(l->size);
	l->times = calloc(BUCKETS, sizeof(*l->times));
	if (l->file == NULL || l->times == NULL ||
	    fread(l->file, 1, l->size, f) != l->size)
		err(1, "%s", name);
	fclose(f);
	l->first = l->at = 4 + request_len(l, 0);
}

static void
send_at(struct load *l, struct conn *c, size_t at)
{
	size_t	len = request_len(l, at);

	c->entries = 0;
	c->sent = now_us();
	if (send(c->fd, l->file + at + 4, len, 0) != (ssize_t)len)
		err(1, "send");
}

static void
send_next(struct load *l, struct conn *c)
{
	if (l->at >= l->size)
		l->at = l->first;
	send_at(l, c, l->at);
	l->at += 4 + request_len(l, l->at);
}

/*
 * The element at |p| of |n| bytes: bytes before its content to |head|, and
 * its whole length; 0 when not all of it is there.
 */
static size_t
element(const uint8_t *p, size_t n, size_t *head)
{
	size_t	len, i, k;

	if (n < 2)
		return (0);
	len = p[1];
	*head = 2;
	if (len & 0x80) {
		k = len & 0x7f;
		if (k == 0 || k > 4)
			errx(1, "an answer is not LDAP");
		if (n < 2 + k)
			return (0);
		for (len = 0, i = 0; i < k; i++)
			len = len << 8 | p[2 + i];
		*head += k;
	}
	if (*head + len > BUF_MAX)
		errx(1, "an answer is too long");
	return (n < *head + len ? 0 : *head + len);
}

/* 1: an answer is complete and right, -1: complete and wrong, 0: not yet. */
static int
read_answer(const struct load *l, struct conn *c)
{
	size_t	whole, head, id, op, code, used = 0;
	int	verdict = 0;
	uint8_t	*p;

	while (verdict == 0 && (whole = element(c->buf + used, c->len - used,
	    &head)) > 0) {
		p = c->buf + used + head;
		if (c->buf[used] != 0x30 ||
		    (id = element(p, whole - head, &op)) == 0 ||
		    element(p + id, whole - head - id, &op) == 0)
			errx(1, "an answer is not LDAP");
		code = head + id + op + 2;	/* ENUMERATED, one byte */
		if (p[id] == LDAP_ENTRY)
			c->entries++;
		else
			verdict = code < whole && c->buf[used + code] == 0 &&
			    c->entries == l->entries ? 1 : -1;
		used += whole;
	}
	memmove(c->buf, c->buf + used, c->len - used);
	c->len -= used;
	return (verdict);
}

static int
receive(const struct load *l, struct conn *c)
{
	ssize_t	n = recv(c->fd, c->buf + c->len, BUF_MAX - c->len, 0);

	if (n <= 0)
		errx(1, "the server closed a connection");
	c->len += (size_t)n;
	return (read_answer(l, c));
}

static void
open_conn(struct load *l, struct conn *c, const char *port)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			verdict, entries = l->entries, on = 1;

	sin.sin_port = htons((uint16_t)atoi(port));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((c->fd = socket(AF_INET, SOCK_STREAM, 0)) < 0 ||
	    connect(c->fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		err(1, "connect");
	l->entries = 0;
	send_at(l, c, 0);
	while ((verdict = receive(l, c)) == 0)
		;
	l->entries = entries;
	if (verdict < 0)
		errx(1, "the first request of a connection was refused");
}

static void
answered(struct load *l, struct conn *c, int verdict)
{
	uint64_t	took = (now_us() - c->sent) / 10;

	l->times[took < BUCKETS ? took : BUCKETS - 1]++;
	if (verdict > 0)
		l->good++;
	else
		l->bad++;
}

static uint64_t
percentile(const struct load *l, unsigned int percent)
{
	uint64_t	seen = 0, want = (l->good + l->bad) * percent / 100;
	size_t		i;

	for (i = 0; i < BUCKETS - 1 && (seen += l->times[i]) <= want; i++)
		;
	return (i * 10);
}

int
main(int argc, char *argv[])
{
	static struct conn	conns[CONNS_MAX];
	struct load		l = { 0 };
	struct epoll_event	ev, evs[CONNS_MAX];
	uint64_t		start, end;
	int			i, n, ep, verdict, count;

	if (argc != 6 || (count = atoi(argv[2])) < 1 || count > CONNS_MAX)
		errx(2, "PORT CONNECTIONS SECONDS FILE ENTRIES");
	load_file(&l, argv[4]);
	l.entries = atoi(argv[5]);
	if (l.first >= l.size)
		errx(1, "no request");
	if ((ep = epoll_create1(0)) < 0)
		err(1, "epoll");
	for (i = 0; i < count; i++) {
		open_conn(&l, &conns[i], argv[1]);
		ev.events = EPOLLIN;
		ev.data.ptr = &conns[i];
		if (epoll_ctl(ep, EPOLL_CTL_ADD, conns[i].fd, &ev) != 0)
			err(1, "epoll");
	}
	start = now_us();
	end = start + (uint64_t)atoi(argv[3]) * 1000000;
	for (i = 0; i < count; i++)
		send_next(&l, &conns[i]);
	while (now_us() < end) {
		if ((n = epoll_wait(ep, evs, CONNS_MAX, 100)) < 0)
			err(1, "epoll");
		for (i = 0; i < n; i++) {
			verdict = receive(&l, evs[i].data.ptr);
			if (verdict == 0)
				continue;
			answered(&l, evs[i].data.ptr, verdict);
			send_next(&l, evs[i].data.ptr);
		}
	}
	printf("@{\"requests\":%llu,\"us\":%llu,\"errors\":%llu,"
	    "\"p99_us\":%llu}\n", (unsigned long long)(l.good + l.bad),
	    (unsigned long long)(now_us() - start), (unsigned long long)l.bad,
	    (unsigned long long)percentile(&l, 99));
	return (0);
}
