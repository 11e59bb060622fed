/*
 * ip - addresses, CIDR blocks and the effective address of a request.
 * IPv4 and IPv4-mapped IPv6 are the same address.  Ref: api.md s.2.
 */
#ifndef IP_H
#define IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define IP_TEXT_LEN	45	/* longest text: IPv6 with an IPv4 tail */
#define CIDR_TEXT_LEN	(IP_TEXT_LEN + 4)
#define CIDR_LIST_MAX	256	/* blocks in one list */

struct ip {
	uint8_t	b[16];		/* IPv4 is kept as ::ffff:a.b.c.d */
};

struct cidr {
	struct ip	base;	/* host bits are zero */
	uint8_t		bits;	/* prefix of the 128-bit form, 0..128 */
};

struct cidr_list {
	struct cidr	*v;	/* mem_new() */
	size_t		 n;
};

/*
 * Address in text: dotted IPv4 (four decimals, no leading zeros), RFC 4291
 * IPv6, no zone, no brackets, no port.  ERR_FORMAT.
 */
enum err	ip_parse(const char *s, size_t len, struct ip *out) MUSTCHECK;
/* Canonical text (RFC 5952; IPv4 dotted) and a NUL. */
void		ip_format(const struct ip *a, char out[IP_TEXT_LEN + 1]);
bool		ip_is_v4(const struct ip *a);
bool		ip_eq(const struct ip *a, const struct ip *b);

/* Address or ADDRESS/BITS; host bits beyond the prefix: ERR_RANGE. */
enum err	cidr_parse(const char *s, size_t len, struct cidr *out)
		    MUSTCHECK;
/* Canonical; a single address has no "/BITS". */
void		cidr_format(const struct cidr *c, char out[CIDR_TEXT_LEN + 1]);
/* An IPv6 block never holds an IPv4 address: "::/0" is all of IPv6 only. */
bool		cidr_has(const struct cidr *c, const struct ip *a);
/*
 * Entries separated by comma or white space, 0..CIDR_LIST_MAX of them.  Errors
 * of cidr_parse(); ERR_SPACE: too many; ERR_NOMEM.  On an error
 * |out| is empty and |*bad|, |*bad_len| (may be NULL) show the entry.
 */
enum err	cidr_list_parse(const char *s, size_t len,
		    struct cidr_list *out, const char **bad,
		    size_t *bad_len) MUSTCHECK;
void		cidr_list_clear(struct cidr_list *l);
bool		cidr_list_has(const struct cidr_list *l, const struct ip *a);

/*
 * Effective address: |peer|, unless it is in |trusted|; then the header's
 * hops from right to left over trusted ones, the first that is not trusted.
 * A malformed hop ends the walk at the last good address.  |xff| is all
 * X-Forwarded-For values joined by ", " in order, may be NULL.  A hop may carry
 * a port (a.b.c.d:p, [v6]:p) or brackets.  Looks at 64 hops at most.
 */
void		ip_effective(const struct ip *peer, const char *xff, size_t len,
		    const struct cidr_list *trusted, struct ip *out);

/* Why the walk of ip_effective() ended where it did. */
enum ip_why {
	IP_WHY_PEER,		/* the peer is no trusted proxy */
	IP_WHY_ALONE,		/* trusted, but it named nobody */
	IP_WHY_UNTRUSTED,	/* the first from the right not trusted */
	IP_WHY_FIRST,		/* all are trusted: the left-most */
	IP_WHY_MALFORMED,	/* what stands before it is no address */
	IP_WHY_MANY		/* as many hops as are looked at */
};

struct ip_walk {
	struct ip	ip;	/* the effective address */
	struct ip	via;	/* the last trusted one that was walked over */
};

/* As ip_effective(), with what led there. */
enum ip_why	ip_effective_why(const struct ip *peer, const char *xff,
		    size_t len, const struct cidr_list *trusted,
		    struct ip_walk *out);

#endif
