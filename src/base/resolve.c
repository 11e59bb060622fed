/*
 * resolve - see resolve.h.
 */
#include "resolve.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netdb.h>
#include <string.h>

#include "str.h"

enum err
resolve_host(const char *host, struct resolve_addrs *out)
{
	struct addrinfo	 hints = { .ai_family = AF_UNSPEC,
			    .ai_socktype = SOCK_STREAM };
	struct addrinfo	*list, *a;
	int		 e;

	memset(out, 0, sizeof(*out));
	if ((e = getaddrinfo(host, NULL, &hints, &list)) != 0) {
		if (str_printf(out->why, sizeof(out->why), "host %s: %s", host,
		    gai_strerror(e)) != ERR_OK)
			out->why[0] = '\0';
		return (ERR_NOT_FOUND);
	}
	for (a = list; a != NULL && out->n < RESOLVE_ADDRS_MAX;
	    a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, out->v[out->n],
		    sizeof(out->v[out->n]), NULL, 0, NI_NUMERICHOST) == 0)
			out->n++;
	}
	freeaddrinfo(list);
	if (out->n > 0)
		return (ERR_OK);
	if (str_printf(out->why, sizeof(out->why), "host %s: no address",
	    host) != ERR_OK)
		out->why[0] = '\0';
	return (ERR_NOT_FOUND);
}
