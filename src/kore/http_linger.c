/*
 * http_linger - ends connections so that the client can read the last answer,
 * and ends those whose time is over.
 * close(2) with unread input makes the kernel send a reset, which destroys an
 * answer that is still on its way (RFC 9112 s.9.6): the sending side is closed
 * first and what still comes is thrown away for a while.
 */
#include <sys/param.h>
#include <sys/socket.h>

#include <errno.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "guard_conn.h"
#include "http_guard.h"
#include "kore_wraps.h"

static void	linger_begin(struct connection *c, struct guard_conn *g);
static int	linger_read(struct connection *c, size_t *bytes);
static int	linger_recv(struct netbuf *nb);
static void	linger_expire(struct connection *c, struct guard_conn *g);

/* Where thrown-away input goes; never looked at. */
static char	linger_sink[16384];

/*
 * Kore's other files call this both on errors and when the last answer is out
 * (net_send_flush with CONN_CLOSE_EMPTY); only the latter lingers.
 */
void
__wrap_kore_connection_disconnect(struct connection *c)
{
	struct guard_conn	*g = guard_conn_of(c);

	if (g != NULL && g->has_to_linger && g->phase != GUARD_LINGER &&
	    c->state == CONN_STATE_ESTABLISHED &&
	    (c->flags & CONN_CLOSE_EMPTY) && TAILQ_EMPTY(&c->send_queue))
		linger_begin(c, g);
	else
		__real_kore_connection_disconnect(c);
}

static void
linger_begin(struct connection *c, struct guard_conn *g)
{
	size_t	n;

	g->phase = GUARD_LINGER;
	g->deadline = kore_time_ms() + GUARD_LINGER_MS;
	g->discarded = 0;
	c->flags &= ~CONN_CLOSE_EMPTY;
	c->http_timeout = 0;

	/* close_notify, so that the client knows the answer is whole. */
	if (c->ssl != NULL)
		(void)SSL_shutdown(c->ssl);
	if (shutdown(c->fd, SHUT_WR) != 0) {
		__real_kore_connection_disconnect(c);
		return;
	}

	/* TLS records need not be opened to be thrown away. */
	c->read = linger_read;
	kore_free(c->rnb->buf);
	c->rnb->m_len = c->rnb->b_len = sizeof(linger_sink);
	c->rnb->s_off = 0;
	c->rnb->buf = kore_malloc(1);	/* net_recv_flush() wants one */
	c->rnb->cb = linger_recv;
	c->rnb->extra = NULL;

	/* Events are told once: what is there already is read now. */
	if (linger_read(c, &n) != KORE_RESULT_OK)
		__real_kore_connection_disconnect(c);
}

/* In place of net_read(): reads all that is there, stores nothing. */
static int
linger_read(struct connection *c, size_t *bytes)
{
	struct guard_conn	*g = guard_conn_of(c);
	ssize_t			 n;

	*bytes = 0;
	while (g->discarded <= GUARD_LINGER_MAX) {
		n = recv(c->fd, linger_sink, sizeof(linger_sink), 0);
		if (n > 0) {
			g->discarded += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			c->evt.flags &= ~KORE_EVENT_READ;
			return (KORE_RESULT_OK);
		}
		break;
	}
	/* The end, an error, or more than we care to take. */
	c->evt.flags &= ~KORE_EVENT_READ;
	__real_kore_connection_disconnect(c);
	return (KORE_RESULT_OK);
}

static int
linger_recv(struct netbuf *nb)
{
	nb->s_off = 0;
	return (KORE_RESULT_OK);
}

void
http_guard_tick(void)
{
	u_int64_t		 now = kore_time_ms();
	struct connection	*c, *next;
	struct guard_conn	*g;

	for (c = TAILQ_FIRST(&connections); c != NULL; c = next) {
		next = TAILQ_NEXT(c, list);
		if (c->state == CONN_STATE_TLS_SHAKE) {
			/* Kore's idle timer starts again with each byte. */
			if (now - c->http_start > http_header_timeout * 1000U)
				__real_kore_connection_disconnect(c);
			continue;
		}
		if ((g = guard_conn_of(c)) != NULL && g->deadline != 0 &&
		    now >= g->deadline)
			linger_expire(c, g);
	}
}

static void
linger_expire(struct connection *c, struct guard_conn *g)
{
	g->deadline = 0;
	if (g->phase == GUARD_HEAD && c->rnb->s_off > 0)
		guard_deny(c, 408, "The header did not arrive in time.", "");
	else if (g->phase == GUARD_BODY)
		guard_deny(c, 408, "The body did not arrive in time.", "");
	else
		__real_kore_connection_disconnect(c);
}
