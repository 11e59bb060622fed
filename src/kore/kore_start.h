/*
 * kore_start - what has to be true of the process before Kore starts workers:
 * descriptor limit, line-buffered stdout, process titles, log lines of Kore in
 * our format.
 */
#ifndef KORE_START_H
#define KORE_START_H

#include <stdarg.h>
#include <sys/types.h>

#include "err.h"

/*
 * In the parent, first thing: line-buffered stdout, soft descriptor limit of
 * |nofile| at most, remembers the parent and how long a title may be.
 * Returns the limit in force.
 */
int		kore_start_prepare(int argc, char **argv, int nofile);
/* The parent that called kore_start_prepare(). */
pid_t		kore_start_parent(void);

/* Link wraps: Kore's lines through base/log, titles cut instead of fatal. */
void		__wrap_kore_log(int prio, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		__wrap_kore_proctitle(const char *title);

#endif
