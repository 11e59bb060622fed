/*
 * guard_conn - what http_guard and http_linger keep for each connection.
 * Private to these two.
 */
#ifndef GUARD_CONN_H
#define GUARD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <kore/kore.h>

#define GUARD_BODY_S		15	/* a body must have arrived by then */
#define GUARD_LINGER_MS		2000
#define GUARD_LINGER_MAX	(1024 * 1024)	/* bytes thrown away */

enum guard_phase {
	GUARD_HEAD,		/* waits for a head or collects one */
	GUARD_BODY,		/* Kore collects the body */
	GUARD_BUSY,		/* a handler has it; nothing is read */
	GUARD_LINGER		/* answered for the last time, input goes away */
};

/* In connection.hdlr_extra, which Kore frees with the connection. */
struct guard_conn {
	enum guard_phase	phase;
	u_int64_t		deadline;	/* kore_time_ms(); 0 = none */
	size_t			seen;		/* bytes of the head looked at */
	size_t			discarded;	/* GUARD_LINGER */
	bool			has_to_linger;	/* input may be left unread */
};

/* NULL for connections that are not HTTP: Kore's pipes between processes. */
struct guard_conn	*guard_conn_of(const struct connection *c);

/*
 * Ends |c| by |status|: 400, 408, ... with the answer of the deny callback.
 * |request_id| may be "".
 */
void			 guard_deny(struct connection *c, int status,
			    const char *why, const char *request_id);

#endif
