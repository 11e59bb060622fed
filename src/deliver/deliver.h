/*
 * deliver - the dispatcher: takes what waits in the outbox and sends it.  Each
 * worker of each node does; nobody waits for anybody.  A message is sent at
 * least once whatever dies: the row says 'sent' only after the provider did.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include "err.h"
#include "settings.h"

/* In the parent: what workers tell each other by.  ERR_NOMEM. */
enum err	deliver_parent_init(void) MUSTCHECK;
/* In each worker, before service_worker_init(). */
void		deliver_worker_init(const struct settings *s);
/* This worker has queued a message: it goes out now, not with the next look. */
void		deliver_ring(void);
/* Takes no more. */
void		deliver_drain(void);
/* Messages that are under way. */
int		deliver_busy(void);

#endif
