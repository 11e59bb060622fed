/*
 * service - what the application's start-up (src/app) calls of the request
 * layer, and nothing else.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "err.h"
#include "settings.h"

/* |payload|: of a notification; NULL: some may have been missed. */
typedef void (*service_heard_fn)(const char *payload);

/*
 * |heard| is called, in worker 1, for each notification on |channel| (static
 * text).  In each worker, before service_worker_init(); four at most.
 */
void		service_hear(const char *channel, service_heard_fn heard);
/* Shared memory and token keys; in the parent, before workers exist. */
enum err	service_parent_init(const struct settings *s) MUSTCHECK;
/* Database pool, caches, lanes, timers; in each worker. */
enum err	service_worker_init(const struct settings *s) MUSTCHECK;
/* Draining has begun: /readyz says so, answers close their connections. */
void		service_drain(void);
/* Requests, queries and hashes that are under way. */
int		service_busy(void);
/* Flushes counters and logs; the worker is about to exit. */
void		service_worker_stop(void);

#endif
