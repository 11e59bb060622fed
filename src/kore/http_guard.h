/*
 * http_guard - stands between Kore's network layer and its HTTP parser (link
 * wraps of net_recv_queue and net_recv_reset): every request head passes
 * core/http_head first.  Ref: docs/kore.md, T1.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/*
 * Makes a whole HTTP answer (status line, headers with "connection: close",
 * body) for a head that was denied.  |request_id| may be "".
 */
typedef void (*http_guard_deny_fn)(struct buf *out, int status,
    const char *why, const char *request_id, int is_tls);

/* Largest body that a request for |path| (raw, query included) may declare. */
typedef uint64_t (*http_guard_body_max_fn)(const char *path, size_t len);

/* Once per worker, before the first connection. */
void	http_guard_init(http_guard_deny_fn deny, http_guard_body_max_fn max);
/* Ends connections whose time is over; every 100 ms at most. */
void	http_guard_tick(void);
/* Requests and answers of this worker that are under way. */
int	http_guard_busy(void);

#endif
