/*
 * db_listen - a connection of its own that LISTENs, in worker 1.
 * Tells the caller of each notification and of the health of the line, so
 * that caches are used only while changes are sure to be heard.
 */
#ifndef DB_LISTEN_H
#define DB_LISTEN_H

#include <stddef.h>

#include "err.h"

typedef void (*db_notify_fn)(const char *channel, const char *payload);
/* The line answered a ping just now (about four times a second). */
typedef void (*db_alive_fn)(void);
/* The line was lost, or came back: what happened between is unknown. */
typedef void (*db_gap_fn)(void);

struct db_listener {
	const char *const	*channels;	/* as long as the process */
	size_t			 n_channels;
	db_notify_fn		 notify;
	db_alive_fn		 alive;
	db_gap_fn		 gap;
};

/* |l| is copied. */
enum err	db_listen_init(const char *conninfo,
		    const struct db_listener *l) MUSTCHECK;

#endif
