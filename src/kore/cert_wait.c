/*
 * cert_wait - keeps a worker from accepting before it can answer over TLS.
 * Kore starts the key manager last and lets a worker accept as soon as that
 * one is up; whoever connects before the certificate has come is hung up on
 * without an answer (connection.c:261, worker.c:418-463).  A worker that was
 * started again asks for the certificate and accepts before it has it.
 * Connections that come during the wait stay in the listener's queue.
 */
#include <sys/param.h>

#include <kore/kore.h>

#include "cert_wait.h"

#define CERT_WAIT_MS		30000
#define CERT_WAIT_STEP_MS	100

static bool	cert_wait_complete(void);

bool
cert_wait(bool (*is_stopping)(void))
{
	u_int64_t	since;

	since = kore_time_ms();
	while (!cert_wait_complete() && !is_stopping()) {
		if (kore_time_ms() - since > CERT_WAIT_MS)
			return (false);
		kore_platform_event_wait(CERT_WAIT_STEP_MS);
	}
	return (true);
}

/* Kore makes a domain's context when its certificate arrives. */
static bool
cert_wait_complete(void)
{
	const struct kore_server	*srv;
	const struct kore_domain	*dom;

	LIST_FOREACH(srv, &kore_servers, list) {
		if (srv->tls == 0)
			continue;
		TAILQ_FOREACH(dom, &srv->domains, list) {
			if (dom->ssl_ctx == NULL)
				return (false);
		}
	}
	return (true);
}
