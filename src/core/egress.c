/*
 * egress - see egress.h.  Owns the list of addresses that are nobody's server
 * on the internet.  Ref: security.md 3.9, IANA special-purpose registries
 * (RFC 6890), RFC 3986.
 */
#include "egress.h"

#include <string.h>
#include <strings.h>

#include "str.h"

#define EGRESS_LABEL_MAX	63	/* RFC 1035 s.2.3.4 */

struct egress_block {
	uint8_t	b[16];
	uint8_t	bits;
};

/* IPv4 that is not public. */
static const struct egress_block	egress_v4[] = {
	{ { 0 }, 8 },			/* this host */
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },		/* shared; Alibaba's metadata */
	{ { 127 }, 8 },
	{ { 168, 63, 129, 16 }, 32 },	/* Azure's metadata and health */
	{ { 169, 254 }, 16 },		/* link-local; everybody's metadata */
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },	/* 6to4 relays */
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },			/* multicast */
	{ { 240 }, 4 },			/* reserved, broadcast */
};

/* Within 2000::/3, the only IPv6 that is public unicast. */
static const struct egress_block	egress_v6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },	/* IETF: Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x3f, 0xff, 0x00 }, 20 },	/* documentation, RFC 9637 */
};

static const uint16_t	egress_http_ports[] = { 443, 8443 };
static const uint16_t	egress_smtp_ports[] = { 25, 465, 587, 2525 };

static const char *const	egress_texts[] = {
	[EGRESS_OK] = "is fine",
	[EGRESS_NOT_URL] = "is not a URL",
	[EGRESS_SCHEME] = "must be an https URL",
	[EGRESS_USERINFO] = "must not hold a user name or password",
	[EGRESS_HOST] = "has no valid host",
	[EGRESS_PORT] =
	    "has a port that is not allowed (443 and 8443 are; mail: 25, 465, "
	    "587, 2525), and the host is not in IDENTITY_EGRESS_ALLOW",
	[EGRESS_PLAIN] = "must be reached with TLS (https), unless the host's address is in "
	    "IDENTITY_EGRESS_ALLOW",
	[EGRESS_ADDRESS] = "leads to an address that is not public and not in "
	    "IDENTITY_EGRESS_ALLOW",
};

static bool		egress_in(const uint8_t *a,
			    const struct egress_block *v, size_t n);
static bool		egress_v4_is_blocked(const uint8_t *a);
static bool		egress_is_url_char(char c);
static enum egress_why	egress_authority(const char *s, size_t len,
			    struct egress_target *out);
static enum egress_why	egress_host(const char *s, size_t len,
			    struct egress_target *out);
static bool		egress_is_name(const char *host);
static bool		egress_port_is_usual(const struct egress_target *t);

const char *
egress_text(enum egress_why w)
{
	return (egress_texts[w]);
}

enum egress_why
egress_url(const char *url, size_t len, struct egress_target *out)
{
	size_t	i, start;

	memset(out, 0, sizeof(*out));
	out->use = EGRESS_HTTP;
	if (len == 0 || len > EGRESS_URL_MAX)
		return (EGRESS_NOT_URL);
	for (i = 0; i < len; i++) {
		if (!egress_is_url_char(url[i]))
			return (EGRESS_NOT_URL);
	}
	if (len > 8 && strncasecmp(url, "https://", 8) == 0) {
		out->is_tls = true;
		out->port = 443;
		start = 8;
	} else if (len > 7 && strncasecmp(url, "http://", 7) == 0) {
		out->port = 80;
		start = 7;
	} else
		return (EGRESS_SCHEME);
	for (i = start; i < len && url[i] != '/' && url[i] != '?'; i++)
		;
	return (egress_authority(url + start, i - start, out));
}

enum egress_why
egress_mail_host(const char *host, uint16_t port, bool is_tls,
    struct egress_target *out)
{
	memset(out, 0, sizeof(*out));
	out->use = EGRESS_SMTP;
	out->is_tls = is_tls;
	out->port = port;
	if (port == 0)
		return (EGRESS_PORT);
	return (egress_host(host, strlen(host), out));
}

enum egress_why
egress_address(const struct egress_target *t, const struct ip *a,
    const struct cidr_list *allow)
{
	if (allow != NULL && cidr_list_has(allow, a))
		return (EGRESS_OK);
	if (egress_is_blocked(a))
		return (EGRESS_ADDRESS);
	if (!t->is_tls)
		return (EGRESS_PLAIN);
	if (!egress_port_is_usual(t))
		return (EGRESS_PORT);
	return (EGRESS_OK);
}

enum egress_why
egress_check(const struct egress_target *t, const struct cidr_list *allow)
{
	if (t->is_literal)
		return (egress_address(t, &t->ip, allow));
	if (allow != NULL && allow->n > 0)
		return (EGRESS_OK);
	if (!t->is_tls)
		return (EGRESS_PLAIN);
	return (egress_port_is_usual(t) ? EGRESS_OK : EGRESS_PORT);
}

bool
egress_is_blocked(const struct ip *a)
{
	/* Translated by the network to the IPv4 address at its end. */
	static const uint8_t	nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (ip_is_v4(a))
		return (egress_v4_is_blocked(a->b + 12));
	if (memcmp(a->b, nat64, sizeof(nat64)) == 0)
		return (egress_v4_is_blocked(a->b + 12));
	if (a->b[0] == 0x20 && a->b[1] == 0x02)		/* 6to4 */
		return (egress_v4_is_blocked(a->b + 2));
	return ((a->b[0] & 0xe0) != 0x20 ||
	    egress_in(a->b, egress_v6, COUNT(egress_v6)));
}

static bool
egress_in(const uint8_t *a, const struct egress_block *v, size_t n)
{
	size_t	i, whole;
	uint8_t	mask;

	for (i = 0; i < n; i++) {
		whole = v[i].bits / 8;
		mask = (uint8_t)(0xff << (8 - v[i].bits % 8));
		if (memcmp(a, v[i].b, whole) == 0 && (v[i].bits % 8 == 0 ||
		    ((a[whole] ^ v[i].b[whole]) & mask) == 0))
			return (true);
	}
	return (false);
}

static bool
egress_v4_is_blocked(const uint8_t *a)
{
	return (egress_in(a, egress_v4, COUNT(egress_v4)));
}

/* RFC 3986 s.2, without '#': a fragment is never sent. */
static bool
egress_is_url_char(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~:/?[]@!$&'()*+,;=%", c) != NULL));
}

/* host or host:port; an IPv6 address in brackets. */
static enum egress_why
egress_authority(const char *s, size_t len, struct egress_target *out)
{
	const char	*colon;
	size_t		 host_len = len;
	int64_t		 port;

	if (memchr(s, '@', len) != NULL)
		return (EGRESS_USERINFO);
	if (len > 0 && s[0] == '[') {
		const char	*end = memchr(s, ']', len);

		if (end == NULL)
			return (EGRESS_HOST);
		host_len = (size_t)(end - s) + 1;
		colon = host_len < len ? s + host_len : NULL;
	} else if ((colon = memchr(s, ':', len)) != NULL)
		host_len = (size_t)(colon - s);
	if (colon != NULL) {
		if (*colon != ':' || str_int(colon + 1,
		    len - host_len - 1, 1, UINT16_MAX, &port) != ERR_OK)
			return (EGRESS_PORT);
		out->port = (uint16_t)port;
	}
	return (egress_host(s, host_len, out));
}

static enum egress_why
egress_host(const char *s, size_t len, struct egress_target *out)
{
	size_t	i;

	if (len > 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
		if (memchr(s, ':', len) == NULL)
			return (EGRESS_HOST);
	} else if (out->use == EGRESS_HTTP && memchr(s, ':', len) != NULL)
		return (EGRESS_HOST);
	if (len == 0 || len > EGRESS_HOST_MAX)
		return (EGRESS_HOST);
	for (i = 0; i < len; i++)
		out->host[i] = s[i] >= 'A' && s[i] <= 'Z' ?
		    (char)(s[i] + ('a' - 'A')) : s[i];
	out->host[len] = '\0';
	if (ip_parse(out->host, len, &out->ip) == ERR_OK) {
		out->is_literal = true;
		return (EGRESS_OK);
	}
	return (egress_is_name(out->host) ? EGRESS_OK : EGRESS_HOST);
}

/*
 * Labels of letters, digits and inner '-'.  A last label that begins with a
 * digit would make a resolver read the whole as an address: 127.1,
 * 2130706433, 0x7f.1.
 */
static bool
egress_is_name(const char *host)
{
	const char	*label = host;
	size_t		 n;

	for (;;) {
		n = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_");
		if (n == 0 || n > EGRESS_LABEL_MAX || label[0] == '-' ||
		    label[n - 1] == '-')
			return (false);
		if (label[n] == '\0')
			return (label[0] < '0' || label[0] > '9');
		if (label[n] != '.')
			return (false);
		label += n + 1;
	}
}

static bool
egress_port_is_usual(const struct egress_target *t)
{
	const uint16_t	*ports = t->use == EGRESS_HTTP ? egress_http_ports :
			    egress_smtp_ports;
	size_t		 n = t->use == EGRESS_HTTP ? COUNT(egress_http_ports) :
			    COUNT(egress_smtp_ports), i;

	for (i = 0; i < n; i++) {
		if (ports[i] == t->port)
			return (true);
	}
	return (false);
}
