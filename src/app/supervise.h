/*
 * supervise - how workers live and die: back-off for one that keeps failing,
 * an orderly end on SIGTERM, the exit status of the service.
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <stdbool.h>

#include "err.h"

/* Shared memory; in the parent, before workers exist.  ERR_NOMEM. */
enum err	supervise_init(void) MUSTCHECK;
/*
 * In a worker, first thing: waits a little if workers have been failing, takes
 * over SIGTERM, SIGINT and SIGQUIT, starts the timer of 100 ms.
 */
void		supervise_worker_begin(void);
/* A signal has asked this worker to end. */
bool		supervise_is_asked(void);
/* The worker serves: failures counted so far are forgotten. */
void		supervise_worker_up(void);
/*
 * The worker cannot serve.  Ends it; ends the whole service with status 1 when
 * none has ever served, since then it is the configuration that is wrong.
 */
void		supervise_worker_fail(const char *why)
		    __attribute__((noreturn));
/* The service ends because of a failure: the status will be 1. */
void		supervise_failed(void);
/* Exit status that the parent should end with. */
int		supervise_status(void);

#endif
