/*
 * kore_limits_asan - kore_limits for the sanitizer build: system calls outside
 * the filter are logged by the kernel instead of killing the process, since
 * the sanitizers' runtime makes some of its own.
 */
#ifndef KORE_LIMITS_ASAN_H
#define KORE_LIMITS_ASAN_H

#define KORE_LIMITS_SECCOMP	SECCOMP_RET_LOG

#include "kore_limits.h"

#endif
