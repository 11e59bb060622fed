/*
 * ip - addresses, CIDR blocks and the effective address of a request.
 * Owns the 128-bit form and the walk over X-Forwarded-For; knows nothing of
 * sockets, requests or settings.
 * Ref: api.md s.2, RFC 4291, RFC 4632, RFC 5952.
 */
#include "ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

#define IP_V4_BITS	96	/* of the 128, before the IPv4 part */
#define IP_GROUPS	8	/* of 16 bits each */
#define IP_HOPS_MAX	64	/* of X-Forwarded-For looked at */

/* What stands before an IPv4 address in the 128-bit form, RFC 4291 2.5.5.2. */
static const uint8_t	ip_v4_prefix[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

static size_t	ip_zero_run(const uint16_t *g, size_t *start);
static void	ip_format_v4(const struct ip *a, char *out);
static void	ip_format_v6(const struct ip *a, char *out);
static bool	ip_host_bits_clear(const struct ip *a, unsigned int bits);
static bool	ip_is_separator(char c);
static size_t	ip_list_count(const char *s, size_t len);
static bool	ip_next_entry(const char **s, size_t *len, const char **entry,
		    size_t *entry_len);
static enum err	ip_prefix_parse(const char *s, size_t len, unsigned int max,
		    unsigned int *out);
static bool	ip_is_port(const char *s, size_t len);
static enum err	ip_hop_parse(const char *s, size_t len, struct ip *out);
static enum err	ip_hop_bracket_parse(const char *s, size_t len,
		    struct ip *out);

enum err
ip_parse(const char *s, size_t len, struct ip *out)
{
	char	text[IP_TEXT_LEN + 1];
	size_t	i;

	memset(out, 0, sizeof(*out));
	if (len == 0 || len > IP_TEXT_LEN)
		return (ERR_FORMAT);
	for (i = 0; i < len; i++) {
		if (s[i] == '\0')	/* inet_pton would stop there */
			return (ERR_FORMAT);
		text[i] = s[i];
	}
	text[len] = '\0';
	if (strchr(text, ':') != NULL) {
		if (inet_pton(AF_INET6, text, out->b) != 1) {
			memset(out, 0, sizeof(*out));
			return (ERR_FORMAT);
		}
		return (ERR_OK);
	}
	if (inet_pton(AF_INET, text, out->b + sizeof(ip_v4_prefix)) != 1) {
		memset(out, 0, sizeof(*out));
		return (ERR_FORMAT);
	}
	memcpy(out->b, ip_v4_prefix, sizeof(ip_v4_prefix));
	return (ERR_OK);
}

void
ip_format(const struct ip *a, char out[IP_TEXT_LEN + 1])
{
	if (ip_is_v4(a))
		ip_format_v4(a, out);
	else
		ip_format_v6(a, out);
}

bool
ip_is_v4(const struct ip *a)
{
	return (memcmp(a->b, ip_v4_prefix, sizeof(ip_v4_prefix)) == 0);
}

bool
ip_eq(const struct ip *a, const struct ip *b)
{
	return (memcmp(a->b, b->b, sizeof(a->b)) == 0);
}

enum err
cidr_parse(const char *s, size_t len, struct cidr *out)
{
	const char	*slash;
	size_t		 host_len;
	unsigned int	 bits, width;
	bool		 has_colon;
	enum err	 r;

	memset(out, 0, sizeof(*out));
	if (len == 0)
		return (ERR_FORMAT);
	slash = memchr(s, '/', len);
	host_len = slash == NULL ? len : (size_t)(slash - s);
	if ((r = ip_parse(s, host_len, &out->base)) != ERR_OK)
		goto done;
	has_colon = memchr(s, ':', host_len) != NULL;
	width = has_colon ? 128 : 32;
	bits = width;
	if (slash != NULL && (r = ip_prefix_parse(slash + 1,
	    len - host_len - 1, width, &bits)) != ERR_OK)
		goto done;
	if (!has_colon)
		bits += IP_V4_BITS;
	if (!ip_host_bits_clear(&out->base, bits)) {
		r = ERR_RANGE;
		goto done;
	}
	out->bits = (uint8_t)bits;
done:
	if (r != ERR_OK)
		memset(out, 0, sizeof(*out));
	return (r);
}

void
cidr_format(const struct cidr *c, char out[CIDR_TEXT_LEN + 1])
{
	char		host[IP_TEXT_LEN + 1];
	unsigned int	bits = c->bits;

	ip_format(&c->base, host);
	if (bits == 128) {
		(void)snprintf(out, CIDR_TEXT_LEN + 1, "%s", host);
		return;
	}
	if (bits >= IP_V4_BITS && ip_is_v4(&c->base))
		bits -= IP_V4_BITS;
	(void)snprintf(out, CIDR_TEXT_LEN + 1, "%s/%u", host, bits);
}

bool
cidr_has(const struct cidr *c, const struct ip *a)
{
	unsigned int	whole = c->bits / 8, rest = c->bits % 8;
	uint8_t		mask;

	/*
	 * "::/0" says every IPv6 address: an IPv4 client, which merely is
	 * kept in mapped form, must not slip in by it.
	 */
	if (c->bits < IP_V4_BITS && ip_is_v4(a))
		return (false);
	if (memcmp(c->base.b, a->b, whole) != 0)
		return (false);
	if (rest == 0)
		return (true);
	mask = (uint8_t)(0xff << (8 - rest));
	return (((c->base.b[whole] ^ a->b[whole]) & mask) == 0);
}

enum err
cidr_list_parse(const char *s, size_t len, struct cidr_list *out,
    const char **bad, size_t *bad_len)
{
	const char	*entry = s;
	size_t		 entry_len = 0, n;
	enum err	 r = ERR_OK;

	out->v = NULL;
	out->n = 0;
	if ((n = ip_list_count(s, len)) == 0)
		goto done;
	if (n > CIDR_LIST_MAX)
		n = CIDR_LIST_MAX;
	if ((out->v = mem_new(n * sizeof(*out->v))) == NULL) {
		r = ERR_NOMEM;
		goto done;
	}
	while (ip_next_entry(&s, &len, &entry, &entry_len)) {
		if (out->n == n) {
			r = ERR_SPACE;
			goto done;
		}
		if ((r = cidr_parse(entry, entry_len, &out->v[out->n])) !=
		    ERR_OK)
			goto done;
		out->n++;
	}
done:
	if (r != ERR_OK)
		cidr_list_clear(out);
	if (bad != NULL)
		*bad = entry;
	if (bad_len != NULL)
		*bad_len = r == ERR_OK ? 0 : entry_len;
	return (r);
}

void
cidr_list_clear(struct cidr_list *l)
{
	mem_free(l->v);
	l->v = NULL;
	l->n = 0;
}

bool
cidr_list_has(const struct cidr_list *l, const struct ip *a)
{
	size_t	i;

	for (i = 0; i < l->n; i++) {
		if (cidr_has(&l->v[i], a))
			return (true);
	}
	return (false);
}

void
ip_effective(const struct ip *peer, const char *xff, size_t len,
    const struct cidr_list *trusted, struct ip *out)
{
	struct ip_walk	w;

	(void)ip_effective_why(peer, xff, len, trusted, &w);
	*out = w.ip;
}

enum ip_why
ip_effective_why(const struct ip *peer, const char *xff, size_t len,
    const struct cidr_list *trusted, struct ip_walk *out)
{
	struct ip	hop;
	size_t		start;
	int		hops;

	out->ip = out->via = *peer;
	for (hops = 0; hops < IP_HOPS_MAX; hops++) {
		/* What an address told us counts only if it is trusted. */
		if (!cidr_list_has(trusted, &out->ip))
			return (hops == 0 ? IP_WHY_PEER : IP_WHY_UNTRUSTED);
		if (xff == NULL || (hops == 0 && len == 0))
			return (IP_WHY_ALONE);
		out->via = out->ip;
		start = len;
		while (start > 0 && xff[start - 1] != ',')
			start--;
		if (ip_hop_parse(xff + start, len - start, &hop) != ERR_OK)
			return (IP_WHY_MALFORMED);
		out->ip = hop;
		if (start == 0)
			return (cidr_list_has(trusted, &out->ip) ?
			    IP_WHY_FIRST : IP_WHY_UNTRUSTED);
		len = start - 1;
	}
	return (IP_WHY_MANY);
}

/* Longest run of two or more zero groups, the first of equals; its length. */
static size_t
ip_zero_run(const uint16_t *g, size_t *start)
{
	size_t	best = 0, i, n;

	*start = IP_GROUPS;
	for (i = 0; i < IP_GROUPS; i += n + 1) {
		for (n = 0; i + n < IP_GROUPS && g[i + n] == 0; n++)
			;
		if (n >= 2 && n > best) {
			best = n;
			*start = i;
		}
	}
	return (best);
}

/* By hand: every line of the log has an address. */
static void
ip_format_v4(const struct ip *a, char *out)
{
	size_t	i;

	for (i = 12; i < 16; i++) {
		if (a->b[i] >= 100)
			*out++ = (char)('0' + a->b[i] / 100);
		if (a->b[i] >= 10)
			*out++ = (char)('0' + a->b[i] / 10 % 10);
		*out++ = (char)('0' + a->b[i] % 10);
		*out++ = '.';
	}
	out[-1] = '\0';
}

static void
ip_format_v6(const struct ip *a, char *out)
{
	uint16_t	g[IP_GROUPS];
	size_t		i, len = 0, run, start;

	for (i = 0; i < IP_GROUPS; i++)
		g[i] = (uint16_t)(a->b[2 * i] << 8 | a->b[2 * i + 1]);
	run = ip_zero_run(g, &start);
	for (i = 0; i < IP_GROUPS; i++) {
		if (run > 0 && i == start) {
			out[len++] = ':';
			if (i + run == IP_GROUPS)
				out[len++] = ':';
			i += run - 1;
			continue;
		}
		len += (size_t)snprintf(out + len, IP_TEXT_LEN + 1 - len,
		    i == 0 ? "%x" : ":%x", g[i]);
	}
	out[len] = '\0';
}

static bool
ip_host_bits_clear(const struct ip *a, unsigned int bits)
{
	unsigned int	i = bits / 8;

	if (bits % 8 != 0) {
		if ((a->b[i] & (0xff >> (bits % 8))) != 0)
			return (false);
		i++;
	}
	for (; i < sizeof(a->b); i++) {
		if (a->b[i] != 0)
			return (false);
	}
	return (true);
}

static bool
ip_is_separator(char c)
{
	return (c == ',' || c == ' ' || (c >= '\t' && c <= '\r'));
}

static size_t
ip_list_count(const char *s, size_t len)
{
	const char	*entry;
	size_t		 entry_len, n = 0;

	while (ip_next_entry(&s, &len, &entry, &entry_len))
		n++;
	return (n);
}

/* Takes the next entry off the front of |*s|; false when there is none. */
static bool
ip_next_entry(const char **s, size_t *len, const char **entry,
    size_t *entry_len)
{
	size_t	i = 0, start;

	while (i < *len && ip_is_separator((*s)[i]))
		i++;
	if (i == *len)
		return (false);
	start = i;
	while (i < *len && !ip_is_separator((*s)[i]))
		i++;
	*entry = *s + start;
	*entry_len = i - start;
	*s += i;
	*len -= i;
	return (true);
}

/* Decimal 0..|max| without sign, blanks or needless zeros. */
static enum err
ip_prefix_parse(const char *s, size_t len, unsigned int max,
    unsigned int *out)
{
	unsigned int	v = 0;
	size_t		i;

	if (len == 0 || len > 3 || (len > 1 && s[0] == '0'))
		return (ERR_FORMAT);
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return (ERR_FORMAT);
		v = v * 10 + (unsigned int)(s[i] - '0');
	}
	if (v > max)
		return (ERR_RANGE);
	*out = v;
	return (ERR_OK);
}

static bool
ip_is_port(const char *s, size_t len)
{
	unsigned int	v = 0;
	size_t		i;

	if (len == 0 || len > 5)
		return (false);
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return (false);
		v = v * 10 + (unsigned int)(s[i] - '0');
	}
	return (v <= UINT16_MAX);
}

/* One element of X-Forwarded-For, with blanks around it. */
static enum err
ip_hop_parse(const char *s, size_t len, struct ip *out)
{
	const char	*colon;

	while (len > 0 && (s[0] == ' ' || s[0] == '\t')) {
		s++;
		len--;
	}
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	if (len == 0)
		return (ERR_FORMAT);
	if (s[0] == '[')
		return (ip_hop_bracket_parse(s, len, out));
	/* One colon is a port behind IPv4; two or more are IPv6. */
	if ((colon = memchr(s, ':', len)) != NULL &&
	    memchr(colon + 1, ':', len - (size_t)(colon + 1 - s)) == NULL) {
		if (!ip_is_port(colon + 1, len - (size_t)(colon + 1 - s)))
			return (ERR_FORMAT);
		len = (size_t)(colon - s);
	}
	return (ip_parse(s, len, out));
}

static enum err
ip_hop_bracket_parse(const char *s, size_t len, struct ip *out)
{
	const char	*end;
	size_t		 host_len, rest;

	if ((end = memchr(s, ']', len)) == NULL)
		return (ERR_FORMAT);
	host_len = (size_t)(end - s) - 1;
	rest = len - host_len - 2;
	if (memchr(s + 1, ':', host_len) == NULL)
		return (ERR_FORMAT);
	if (rest > 0 && (end[1] != ':' || !ip_is_port(end + 2, rest - 1)))
		return (ERR_FORMAT);
	return (ip_parse(s + 1, host_len, out));
}
