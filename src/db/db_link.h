/*
 * db_link - one connection in Kore's event loop, opened without waiting.
 * For src/db alone.  Kore calls through the first member (docs/kore.md, T4).
 * A link must be static: an event of a connection that was just closed may
 * still arrive, within one pass of the loop.
 */
#ifndef DB_LINK_H
#define DB_LINK_H

#include <sys/param.h>

#include <kore/kore.h>
#include <libpq-fe.h>

#include <stdbool.h>
#include <stdint.h>

#include "db_conninfo.h"
#include "db_dns.h"

enum db_link_state {
	DB_LINK_CLOSED,
	DB_LINK_RESOLVING,
	DB_LINK_CONNECTING,
	DB_LINK_OPEN
};

struct db_link;

struct db_link_ops {
	/* Connected; non-blocking (PQsetnonblocking) and scheduled to read. */
	void	(*up)(struct db_link *l);
	/* There may be input, or room for output; l->pg was not touched. */
	void	(*ready)(struct db_link *l);
	/* Opening failed; it is closed already. */
	void	(*failed)(struct db_link *l, const char *why);
};

struct db_link {
	struct kore_event		 evt;	/* must be first */
	const struct db_link_ops	*ops;
	const struct db_conninfo	*info;
	struct db_dns			*dns;
	enum db_link_state		 state;
	PGconn				*pg;
	int64_t				 deadline_us;	/* of opening */
	bool				 is_writing;	/* scheduled for room too */
	bool				 is_doomed;	/* the server said FATAL */
};

void	db_link_init(struct db_link *l, const struct db_link_ops *ops,
	    const struct db_conninfo *info, struct db_dns *dns);
/* Starts to connect; up() or failed() follows, perhaps at once. */
void	db_link_open(struct db_link *l, int64_t deadline_us);
/* To be called now and then while opening: deadline and resolver. */
void	db_link_tick(struct db_link *l, int64_t now_us);
void	db_link_close(struct db_link *l);
/* The connection was closed by its new owner. */
void	db_link_forget(struct db_link *l);
/* Reads all that has arrived.  False: the connection is broken. */
bool	db_link_read(struct db_link *l);
/*
 * The same, and parses messages that belong to no statement; for an open
 * connection on which nothing runs.  False: it must not be used.
 */
bool	db_link_drain(struct db_link *l);
/*
 * Flushes what libpq could not send yet and asks for a call when there is
 * room again.  False: the connection is broken.
 */
bool	db_link_flush(struct db_link *l);

#endif
