/*
 * cli_healthcheck - identityd healthcheck: asks the service on this host
 * whether it is ready, for container engines.  Plain blocking sockets; three
 * seconds for all of it, since engines give little more.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "cli.h"
#include "cli_kit.h"
#include "clock.h"
#include "command.h"
#include "settings.h"
#include "str.h"

#define CLI_HEALTH_US	(3 * US_PER_S)

/* The way to the service; |tls| NULL on the plain listener. */
struct cli_health {
	int	 fd;
	SSL	*tls;
	SSL_CTX	*ctx;
	int64_t	 deadline_us;	/* monotonic */
};

static const char	cli_healthcheck_help[] =
    "usage: identityd healthcheck [--json]\n\n"
    "Asks the service's own listener (IDENTITY_HTTP_LISTEN, or, if that is\n"
    "off, IDENTITY_HTTPS_LISTEN) for /readyz.  Exit 0: ready.  Exit 1: not\n"
    "ready, or no answer within 3 seconds.\n\n"
    "  --json    answer with {\"ready\",\"status\"}\n";

static const char	cli_health_request[] =
    "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

static int	cli_health_ask(const struct listen_addr *a, bool is_tls,
		    char why[128]);
static enum err	cli_health_connect(struct cli_health *h,
		    const struct listen_addr *a);
static enum err	cli_health_address(const struct listen_addr *a,
		    struct sockaddr_storage *out, socklen_t *len);
static bool	cli_health_time(const struct cli_health *h);
static int	cli_health_status(struct cli_health *h);

int
cli_healthcheck(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "healthcheck", cli_healthcheck_help,
	    options, COUNT(options) };
	struct settings		 s;
	struct buf		 out;
	char			 why[512] = "";
	int			 code, status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	memset(&s, 0, sizeof(s));
	if (settings_load(&s, true, why) != ERR_OK) {
		cli_kit_say("healthcheck", "%s", why);
		settings_clear(&s);
		return (EXIT_STATUS_FAILED);
	}
	code = cli_health_ask(s.http.is_on ? &s.http : &s.https,
	    !s.http.is_on, why);
	settings_clear(&s);
	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_printf(&out, "{\"ready\":%s,\"status\":%d}\n",
		    code == 200 ? "true" : "false", code);
	else if (code == 200)
		buf_str(&out, "ready\n");
	status = cli_kit_print("healthcheck", &out);
	if (code == 200)
		return (status);
	if (code == 0)
		cli_kit_say("healthcheck", "%s", why);
	else
		cli_kit_say("healthcheck", "not ready: %d", code);
	return (EXIT_STATUS_FAILED);
}

/* The status of /readyz, or 0 and |why|. */
static int
cli_health_ask(const struct listen_addr *a, bool is_tls, char why[128])
{
	struct cli_health	h = { .fd = -1 };
	int			status = 0;

	if (!a->is_on) {
		(void)snprintf(why, 128, "both listeners are off");
		return (0);
	}
	h.deadline_us = clock_mono_us() + CLI_HEALTH_US;
	if (cli_health_connect(&h, a) != ERR_OK) {
		(void)snprintf(why, 128, "cannot connect to port %u: %s",
		    a->port, strerror(errno));
		goto done;
	}
	/* Its own certificate on its own host: nothing to verify it against. */
	if (is_tls && ((h.ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    (h.tls = SSL_new(h.ctx)) == NULL || SSL_set_fd(h.tls, h.fd) != 1 ||
	    SSL_connect(h.tls) != 1)) {
		(void)snprintf(why, 128, "no TLS on port %u", a->port);
		goto done;
	}
	if ((status = cli_health_status(&h)) == 0)
		(void)snprintf(why, 128, "no answer from port %u", a->port);
done:
	SSL_free(h.tls);
	SSL_CTX_free(h.ctx);
	if (h.fd != -1)
		(void)close(h.fd);
	return (status);
}

static enum err
cli_health_connect(struct cli_health *h, const struct listen_addr *a)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = 0;

	errno = EADDRNOTAVAIL;
	if (cli_health_address(a, &ss, &len) != ERR_OK)
		return (ERR_FORMAT);
	if ((h->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC,
	    0)) == -1 || !cli_health_time(h) ||
	    connect(h->fd, (struct sockaddr *)&ss, len) == -1)
		return (ERR_IO);
	return (ERR_OK);
}

/* Where to reach a listener; "any address" is reached by the loopback. */
static enum err
cli_health_address(const struct listen_addr *a, struct sockaddr_storage *out,
    socklen_t *len)
{
	struct sockaddr_in6	*v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in	*v4 = (struct sockaddr_in *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, a->host, &v4->sin_addr) == 1) {
		if (v4->sin_addr.s_addr == htonl(INADDR_ANY))
			v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		v4->sin_family = AF_INET;
		v4->sin_port = htons(a->port);
		*len = sizeof(*v4);
		return (ERR_OK);
	}
	if (inet_pton(AF_INET6, a->host, &v6->sin6_addr) != 1)
		return (ERR_FORMAT);
	if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		v6->sin6_addr = in6addr_loopback;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(a->port);
	*len = sizeof(*v6);
	return (ERR_OK);
}

/* Gives the next system call what is left of the time. */
static bool
cli_health_time(const struct cli_health *h)
{
	int64_t		left = h->deadline_us - clock_mono_us();
	struct timeval	tv;

	if (left <= 0) {
		errno = ETIMEDOUT;
		return (false);
	}
	tv.tv_sec = (time_t)(left / US_PER_S);
	tv.tv_usec = (suseconds_t)(left % US_PER_S);
	return (setsockopt(h->fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
	    sizeof(tv)) == 0 && setsockopt(h->fd, SOL_SOCKET, SO_SNDTIMEO,
	    &tv, sizeof(tv)) == 0);
}

/* Sends the request and reads "HTTP/1.1 200": 0 when it is not that. */
static int
cli_health_status(struct cli_health *h)
{
	const int	want = (int)sizeof(cli_health_request) - 1;
	char		line[12];	/* HTTP/1.1 200 */
	size_t		len = 0;
	int64_t		code = 0;
	ssize_t		n;

	if (!cli_health_time(h))
		return (0);
	n = h->tls != NULL ? SSL_write(h->tls, cli_health_request, want) :
	    send(h->fd, cli_health_request, (size_t)want, MSG_NOSIGNAL);
	if (n != want)
		return (0);
	while (len < sizeof(line)) {
		if (!cli_health_time(h))
			return (0);
		n = h->tls != NULL ? SSL_read(h->tls, line + len,
		    (int)(sizeof(line) - len)) :
		    recv(h->fd, line + len, sizeof(line) - len, 0);
		if (n <= 0)
			return (0);
		len += (size_t)n;
	}
	if (memcmp(line, "HTTP/1.", 7) != 0 ||
	    str_int(line + 9, 3, 100, 599, &code) != ERR_OK)
		return (0);
	return ((int)code);
}
