/*
 * egress - where the service may connect to on its own account: URLs and
 * addresses of providers and webhooks.  The caller resolves the name once,
 * asks about each address, and connects to the one that passed.
 * Ref: security.md 3.9.
 */
#ifndef EGRESS_H
#define EGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ip.h"

#define EGRESS_URL_MAX	8192	/* a text may be in it, percent-encoded */
#define EGRESS_HOST_MAX	253

enum egress_use { EGRESS_HTTP, EGRESS_SMTP };

struct egress_target {
	char		host[EGRESS_HOST_MAX + 1];	/* lower case; no brackets */
	struct ip	ip;		/* when is_literal */
	bool		is_literal;	/* the host is an address */
	bool		is_tls;		/* https; SMTP: TLS or STARTTLS */
	uint16_t	port;
	enum egress_use	use;
};

enum egress_why {
	EGRESS_OK,
	EGRESS_NOT_URL,		/* malformed, control characters, too long */
	EGRESS_SCHEME,		/* neither http nor https */
	EGRESS_USERINFO,	/* user:password@ */
	EGRESS_HOST,		/* no host, or none that a name can be */
	EGRESS_PORT,		/* not 443 or 8443 (SMTP: 25, 465, 587, 2525) */
	EGRESS_PLAIN,		/* no TLS, to a target that is not allowed */
	EGRESS_ADDRESS		/* blocked range */
};

/* A sentence without a subject: "must be https ...". */
const char	*egress_text(enum egress_why w);
/*
 * Splits an absolute http(s) URL; no fragment.  Does not yet decide about
 * plain http and ports when the host is a name: that depends on its address.
 */
enum egress_why	egress_url(const char *url, size_t len,
		    struct egress_target *out);
/* A mail server. */
enum egress_why	egress_mail_host(const char *host, uint16_t port, bool is_tls,
		    struct egress_target *out);
/*
 * The decision, before connecting to |a|: an address that |allow| (may be
 * NULL) lists passes with any scheme and port; any other must be public,
 * reached with TLS, and at a port of the list.
 */
enum egress_why	egress_address(const struct egress_target *t,
		    const struct ip *a, const struct cidr_list *allow);
/*
 * What can be said when a document is saved, before any name is resolved: a
 * literal address is decided; a name passes with plain http or another port
 * only when |allow| lists anything at all.
 */
enum egress_why	egress_check(const struct egress_target *t,
		    const struct cidr_list *allow);
/*
 * Is |a| anything but a public unicast address: this host, loopback, private,
 * shared (100.64/10), link-local and metadata, multicast, reserved,
 * documentation, ULA, site-local, Teredo?  IPv4 within ::ffff/96, NAT64
 * (64:ff9b::/96) and 6to4 (2002::/16) counts as itself.
 */
bool		egress_is_blocked(const struct ip *a);

#endif
