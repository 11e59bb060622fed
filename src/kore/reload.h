/*
 * reload - SIGUSR1 makes Kore read certificate and key again; a bad file would
 * end the whole service (keymgr.c: fatalx).  Link wrap of
 * kore_worker_dispatch_signal: the files are checked and copied first, and the
 * signal goes no further when that fails.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "err.h"

#define RELOAD_WHY_LEN	512

/* Checks and copies; on an error |why| (RELOAD_WHY_LEN bytes) is one line. */
typedef enum err (*reload_check_fn)(char *why);

/* In the parent, before Kore starts. */
void	reload_init(reload_check_fn check);

void	__real_kore_worker_dispatch_signal(int sig);
void	__wrap_kore_worker_dispatch_signal(int sig);

#endif
