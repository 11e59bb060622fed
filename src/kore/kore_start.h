/*
 * kore_start - what has to be true of the process before Kore starts workers:
 * descriptor limit, line-buffered stdout, process titles, messages of Kore in
 * our log's format, shared memory that does not outlive the service.
 */
#ifndef KORE_START_H
#define KORE_START_H

#include <sys/types.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include <stdarg.h>

#include "err.h"

/*
 * In the parent, first thing: line-buffered stdout, soft descriptor limit of
 * |nofile| at most, remembers the parent and how long a title may be.
 * Returns the limit in force.
 */
int		kore_start_prepare(int argc, char **argv, int nofile);
/* The parent that called kore_start_prepare(). */
pid_t		kore_start_parent(void);

/*
 * |fn| is called when the whole service is about to end because of a failure,
 * in the process where that is noticed.
 */
void		kore_start_on_fatal(void (*fn)(void));

/* Link wraps: messages through base/log; titles cut instead of fatal. */
void		__wrap_kore_log(int prio, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
void		__wrap_fatal(const char *fmt, ...)
		    __attribute__((noreturn, format(printf, 1, 2)));
void		__wrap_fatalx(const char *fmt, ...)
		    __attribute__((noreturn, format(printf, 1, 2)));
void		__wrap_kore_proctitle(const char *title);

/* Link wrap: signals of a process that is being started are not lost. */
void		__real_kore_signal_setup(void);
void		__wrap_kore_signal_setup(void);

/* Link wraps: System V shared memory is gone with its last process. */
void		*__real_shmat(int id, const void *addr, int flags);
void		*__wrap_shmat(int id, const void *addr, int flags);
int		__real_shmctl(int id, int cmd, struct shmid_ds *ds);
int		__wrap_shmctl(int id, int cmd, struct shmid_ds *ds);

#endif
