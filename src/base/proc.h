/*
 * proc - what the kernel says this process uses.
 */
#ifndef PROC_H
#define PROC_H

#include <stdint.h>

#include "err.h"

struct proc_usage {
	int64_t	cpu_us;			/* user and system, all threads */
	int64_t	private_bytes;		/* resident, not shared */
	int64_t	shared_bytes;		/* resident, shared with others */
	int32_t	fds;			/* open descriptors */
};

/* ERR_IO: /proc is not there, or not as expected. */
enum err	proc_usage(struct proc_usage *out) MUSTCHECK;

#endif
