/*
 * resolve - names of hosts to addresses.  It waits for the resolver, so it is
 * for task threads and command line tools; it calls neither Kore nor the log.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stddef.h>

#include "err.h"

#define RESOLVE_NAME_LEN	255
#define RESOLVE_ADDR_LEN	79	/* IPv6 with a zone */
#define RESOLVE_ADDRS_MAX	4
#define RESOLVE_WHY_LEN		255

/* Numeric addresses of a host, in the order in which to try them. */
struct resolve_addrs {
	char	v[RESOLVE_ADDRS_MAX][RESOLVE_ADDR_LEN + 1];
	size_t	n;
	char	why[RESOLVE_WHY_LEN + 1];	/* "" or why there are none */
};

/* Asks the system's resolver.  ERR_NOT_FOUND: |out->why| says why. */
enum err	resolve_host(const char *host, struct resolve_addrs *out)
		    MUSTCHECK;

#endif
