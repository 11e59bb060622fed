/*
 * kore_wraps - prototypes of the link wraps around Kore's network layer.
 * build.conf has a --wrap for each.  Calls within one of Kore's files are not
 * redirected.
 */
#ifndef KORE_WRAPS_H
#define KORE_WRAPS_H

#include <stddef.h>

struct connection;
struct netbuf;

void	__real_net_recv_queue(struct connection *c, size_t len, int flags,
	    int (*cb)(struct netbuf *));
void	__wrap_net_recv_queue(struct connection *c, size_t len, int flags,
	    int (*cb)(struct netbuf *));
void	__real_net_recv_reset(struct connection *c, size_t len,
	    int (*cb)(struct netbuf *));
void	__wrap_net_recv_reset(struct connection *c, size_t len,
	    int (*cb)(struct netbuf *));
void	__real_kore_connection_disconnect(struct connection *c);
void	__wrap_kore_connection_disconnect(struct connection *c);

#endif
