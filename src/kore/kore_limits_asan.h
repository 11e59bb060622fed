/*
 * kore_limits_asan - kore_limits for the sanitizer build: system calls outside
 * the filter are logged by the kernel instead of killing the process, since
 * the sanitizers' runtime makes some of its own; and the leak checker looks
 * into Kore's pools, which are mapped and not malloc'd.
 */
#ifndef KORE_LIMITS_ASAN_H
#define KORE_LIMITS_ASAN_H

#define KORE_LIMITS_SECCOMP	SECCOMP_RET_LOG

#include "kore_limits.h"

#if !defined(IDENTITYD)
#include <sys/mman.h>
#include <sanitizer/lsan_interface.h>

static inline void *
kore_limits_mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	void	*p;

	if ((p = mmap(at, len, prot, flags, fd, off)) != MAP_FAILED)
		__lsan_register_root_region(p, len);
	return (p);
}
#define mmap(a, n, p, fl, fd, o)	kore_limits_mmap(a, n, p, fl, fd, o)
#endif

#endif
