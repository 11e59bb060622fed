/*
 * db_wrap - link-time wraps (docs/kore.md, T1) of two functions of libpq that
 * Kore's pgsql.c calls.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include <openssl/ssl.h>

#include "db_slot.h"

PGconn	*__wrap_PQconnectdb(const char *conninfo);
int	 __real_PQconsumeInput(PGconn *pg);
int	 __wrap_PQconsumeInput(PGconn *pg);

static bool	db_wrap_has_more(PGconn *pg);

/*
 * Kore connects in the event loop and waits (pgsql.c:644).  Here it gets the
 * connection that the slot of this name has ready, or NULL, which it takes
 * for a failure without touching it.
 */
PGconn *
__wrap_PQconnectdb(const char *conninfo)
{
	struct db_slot	*s;
	int		 i;

	for (i = 0; i < db_slot_count(); i++) {
		s = db_slot_get(i);
		if (s->is_offered && strcmp(s->name, conninfo) == 0) {
			s->is_offered = false;
			return (s->link.pg);
		}
	}
	return (NULL);
}

/*
 * Kore reads errno to learn whether the socket is empty (pgsql.c:746), but a
 * successful read leaves an old value there, and a TLS connection never sets
 * it: the worker would spin until the rest arrived.  Here errno is EAGAIN when
 * nothing more can be read now, and 0 when it is worth reading again.
 */
int
__wrap_PQconsumeInput(PGconn *pg)
{
	int	r;

	errno = 0;
	r = __real_PQconsumeInput(pg);
	if (r == 1 && PQsslInUse(pg))
		errno = db_wrap_has_more(pg) ? 0 : EAGAIN;
	return (r);
}

static bool
db_wrap_has_more(PGconn *pg)
{
	struct pollfd	 fd = { .fd = PQsocket(pg), .events = POLLIN };
	SSL		*ssl;

	/* Decrypted already, but beyond libpq's buffer. */
	ssl = PQsslStruct(pg, "OpenSSL");
	if (ssl != NULL && SSL_pending(ssl) > 0)
		return (true);
	return (fd.fd >= 0 && poll(&fd, 1, 0) == 1);
}
