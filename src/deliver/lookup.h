/*
 * lookup - names of hosts to addresses without waiting: on Kore's task
 * threads, two at a time, kept for half a minute.  For src/deliver alone.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "err.h"
#include "resolve.h"

/* |told| is called from the event loop after each answer. */
void		lookup_init(void (*told)(void));
/*
 * ERR_OK: |*out| is set, borrowed until the event loop goes on.  ERR_BUSY: it
 * is being asked, or will be when called again after |told|.  ERR_NOT_FOUND:
 * (*out)->why says why.
 */
enum err	lookup_get(const char *host, const struct resolve_addrs **out)
		    MUSTCHECK;

#endif
