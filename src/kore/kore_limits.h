/*
 * kore_limits - constants of Kore 4.1.0 that are too small or unsafe, replaced
 * in Kore's own objects.  The build includes this file first in each of them
 * (a word of KORE_FLAVOR); our own files see nothing of it.
 * Must not change the size of any of Kore's structures.
 */
#ifndef KORE_LIMITS_H
#define KORE_LIMITS_H

#if !defined(IDENTITYD)
#include <sys/param.h>

#include "kore.h"
#include "http.h"

/*
 * Header lines of a request with its first line; Kore drops the rest silently.
 * core/http_head answers 431 beyond HTTP_HEAD_LINES_MAX (96), so that this
 * is never reached.
 */
#undef HTTP_REQ_HEADER_MAX
#define HTTP_REQ_HEADER_MAX	100

#undef HTTP_MAX_QUERY_ARGS
#define HTTP_MAX_QUERY_ARGS	64

#undef HTTP_MAX_COOKIES
#define HTTP_MAX_COOKIES	50

/*
 * The default kills the offending thread only; a worker that has task threads
 * is then left as a zombie which still holds the accept lock.
 */
#define SECCOMP_KILL_POLICY	KORE_LIMITS_SECCOMP
#if !defined(KORE_LIMITS_SECCOMP)
#define KORE_LIMITS_SECCOMP	SECCOMP_RET_KILL_PROCESS
#endif

#endif
#endif
