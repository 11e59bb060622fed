/*
 * fuzz_xff - the walk over X-Forwarded-For.  The first byte chooses the peer;
 * what the client wrote before the hop that was taken never counts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ip.h"

#define XFF_MAX	4096

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char	trusted[] = "10.0.0.0/8,fd00::/8,127.0.0.1";
	static const char	forged[] = "198.51.100.66,";
	static const char *const peers[] = {
		"10.0.0.1", "fd00::1", "203.0.113.9", "2001:db8::1",
	};
	char			xff[sizeof(forged) - 1 + XFF_MAX];
	struct cidr_list	l;
	struct ip		peer, out, again;
	const char		*p;

	if (len == 0 || len > XFF_MAX)
		return (0);
	p = peers[data[0] % COUNT(peers)];
	data++;
	len--;
	if (cidr_list_parse(trusted, sizeof(trusted) - 1, &l, NULL, NULL) !=
	    ERR_OK || ip_parse(p, strlen(p), &peer) != ERR_OK)
		abort();
	ip_effective(&peer, (const char *)data, len, &l, &out);
	/* Nobody but a trusted peer moves the address. */
	if (!cidr_list_has(&l, &peer) && !ip_eq(&out, &peer))
		abort();
	memcpy(xff, forged, sizeof(forged) - 1);
	memcpy(xff + sizeof(forged) - 1, data, len);
	ip_effective(&peer, xff, sizeof(forged) - 1 + len, &l, &again);
	if (!cidr_list_has(&l, &out) && !ip_eq(&out, &again))
		abort();
	cidr_list_clear(&l);
	return (0);
}
