/*
 * service - what the application's start-up (src/app) calls of the request
 * layer, and nothing else.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "err.h"
#include "settings.h"

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
