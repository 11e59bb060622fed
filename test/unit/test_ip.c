/*
 * test_ip - address text, CIDR blocks and lists, and the walk over
 * X-Forwarded-For, each as a table.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ip.h"

static void	ip_text_table(void **state);
static void	ip_bad_table(void **state);
static void	ip_nul_inside(void **state);
static void	ip_families(void **state);
static void	cidr_text_table(void **state);
static void	cidr_bad_table(void **state);
static void	cidr_has_table(void **state);
static void	cidr_every_prefix(void **state);
static void	cidr_list_table(void **state);
static void	cidr_list_bad_table(void **state);
static void	cidr_list_limit(void **state);
static void	ip_effective_table(void **state);
static void	ip_effective_reasons(void **state);
static void	ip_effective_no_header(void **state);
static void	ip_effective_hop_limit(void **state);

static struct ip
ip_of(const char *s)
{
	struct ip	a;

	if (ip_parse(s, strlen(s), &a) != ERR_OK)
		fail_msg("'%s' is no address", s);
	return (a);
}

static void
ip_text_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*out;
	} t[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "1.2.3.4", "1.2.3.4" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "127.0.0.1", "127.0.0.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "2001:DB8::A", "2001:db8::a" },
		{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
		/* RFC 5952 s.4.2: not for one group, the longest, the first. */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		/* Mapped is IPv4; "compatible" is not. */
		{ "::ffff:1.2.3.4", "1.2.3.4" },
		{ "::FFFF:102:304", "1.2.3.4" },
		{ "0:0:0:0:0:ffff:255.255.255.255", "255.255.255.255" },
		{ "::1.2.3.4", "::102:304" },
		{ "::ffff:0:1.2.3.4", "::ffff:0:102:304" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "fe80::1", "fe80::1" },
	};
	char		text[IP_TEXT_LEN + 1];
	struct ip	a, b;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		a = ip_of(t[i].in);
		ip_format(&a, text);
		assert_string_equal(text, t[i].out);
		b = ip_of(text);
		assert_true(ip_eq(&a, &b));
	}
}

static void
ip_bad_table(void **state)
{
	static const char *const	t[] = {
		"", " ", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5",
		".1.2.3.4", "1..2.3", "256.1.1.1", "1.2.3.999", "01.2.3.4",
		"1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/32", "0x1.2.3.4",
		"1.2.3.a", "-1.2.3.4", "+1.2.3.4", "1.2.3.4:80",
		":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::",
		"1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "12345::", "g::", "::g",
		"[::1]", "::1%eth0", "fe80::1%1", "::ffff:1.2.3",
		"::ffff:1.2.3.256", "::ffff:01.2.3.4", "1.2.3.4::",
		"1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "localhost", "*",
		"unknown", "_hidden",
		"0000000000000000000000000000000000000000000001",
	};
	struct ip	a, zero;
	size_t		i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		memset(&a, 0xff, sizeof(a));
		if (ip_parse(t[i], strlen(t[i]), &a) != ERR_FORMAT)
			fail_msg("'%s' was taken", t[i]);
		assert_memory_equal(&a, &zero, sizeof(a));
	}
}

static void
ip_nul_inside(void **state)
{
	struct ip	a;

	(void)state;
	assert_int_equal(ip_parse("1.2.3.4\0", 8, &a), ERR_FORMAT);
	assert_int_equal(ip_parse("1.2.3.4\0x", 9, &a), ERR_FORMAT);
	assert_int_equal(ip_parse("::1\0", 4, &a), ERR_FORMAT);
	assert_int_equal(ip_parse("1.2.3.45", 7, &a), ERR_OK);
	assert_int_equal(a.b[15], 4);
}

static void
ip_families(void **state)
{
	struct ip	a = ip_of("10.0.0.1"), b = ip_of("::ffff:10.0.0.1");
	struct ip	c = ip_of("::10.0.0.1");

	(void)state;
	assert_true(ip_eq(&a, &b));
	assert_true(ip_is_v4(&a));
	assert_true(ip_is_v4(&b));
	assert_false(ip_is_v4(&c));
	assert_false(ip_eq(&a, &c));
}

static void
cidr_text_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*out;
		int		 bits;
	} t[] = {
		{ "1.2.3.4", "1.2.3.4", 128 },
		{ "1.2.3.4/32", "1.2.3.4", 128 },
		{ "10.0.0.0/8", "10.0.0.0/8", 104 },
		{ "0.0.0.0/0", "0.0.0.0/0", 96 },
		{ "128.0.0.0/1", "128.0.0.0/1", 97 },
		{ "192.168.1.254/31", "192.168.1.254/31", 127 },
		{ "::/0", "::/0", 0 },
		{ "::1", "::1", 128 },
		{ "::1/128", "::1", 128 },
		{ "2001:DB8::/32", "2001:db8::/32", 32 },
		{ "fe80::/10", "fe80::/10", 10 },
		{ "fc00::/7", "fc00::/7", 7 },
		/* The mapped block is all of IPv4, and its parts are parts. */
		{ "::ffff:0:0/96", "0.0.0.0/0", 96 },
		{ "::ffff:10.0.0.0/104", "10.0.0.0/8", 104 },
		{ "::ffff:1.2.3.4/128", "1.2.3.4", 128 },
		{ "::/96", "::/96", 96 },
	};
	char		text[CIDR_TEXT_LEN + 1];
	struct cidr	c, d;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(cidr_parse(t[i].in, strlen(t[i].in), &c),
		    ERR_OK);
		assert_int_equal(c.bits, t[i].bits);
		cidr_format(&c, text);
		assert_string_equal(text, t[i].out);
		assert_int_equal(cidr_parse(text, strlen(text), &d), ERR_OK);
		assert_int_equal(c.bits, d.bits);
		assert_true(ip_eq(&c.base, &d.base));
	}
}

static void
cidr_bad_table(void **state)
{
	static const struct {
		const char	*in;
		enum err	 want;
	} t[] = {
		{ "", ERR_FORMAT },
		{ "/", ERR_FORMAT },
		{ "/8", ERR_FORMAT },
		{ "10.0.0.0/", ERR_FORMAT },
		{ "10.0.0.0/ 8", ERR_FORMAT },
		{ "10.0.0.0 /8", ERR_FORMAT },
		{ "10.0.0.0/08", ERR_FORMAT },
		{ "10.0.0.0/+8", ERR_FORMAT },
		{ "10.0.0.0/-1", ERR_FORMAT },
		{ "10.0.0.0/8x", ERR_FORMAT },
		{ "10.0.0.0/8/8", ERR_FORMAT },
		{ "10.0.0.0/1000", ERR_FORMAT },
		{ "10.0.0.0/255.0.0.0", ERR_FORMAT },
		{ "10.0.0/8", ERR_FORMAT },
		{ "10/8", ERR_FORMAT },
		{ "[::1]/128", ERR_FORMAT },
		{ "any", ERR_FORMAT },
		{ "10.0.0.0/33", ERR_RANGE },
		{ "::/129", ERR_RANGE },
		{ "10.0.0.1/8", ERR_RANGE },
		{ "10.0.0.1/31", ERR_RANGE },
		{ "1.2.3.4/0", ERR_RANGE },
		{ "::1/127", ERR_RANGE },
		{ "2001:db8::1/32", ERR_RANGE },
		{ "::ffff:0:0/95", ERR_RANGE },
		{ "::ffff:1.2.3.4/32", ERR_RANGE },
	};
	struct cidr	c, zero;
	size_t		i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		memset(&c, 0, sizeof(c));
		c.bits = 9;
		if (cidr_parse(t[i].in, strlen(t[i].in), &c) != t[i].want)
			fail_msg("'%s'", t[i].in);
		assert_memory_equal(&c, &zero, sizeof(c));
	}
}

static void
cidr_has_table(void **state)
{
	static const struct {
		const char	*block;
		const char	*address;
		bool		 want;
	} t[] = {
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "9.255.255.255", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "10.0.0.0/8", "::10.1.2.3", false },
		{ "1.2.3.4", "1.2.3.4", true },
		{ "1.2.3.4", "::ffff:1.2.3.4", true },
		{ "::ffff:1.2.3.4", "1.2.3.4", true },
		{ "1.2.3.4", "1.2.3.5", false },
		{ "1.2.3.4/31", "1.2.3.5", true },
		{ "1.2.3.4/31", "1.2.3.6", false },
		{ "100.64.0.0/10", "100.127.255.255", true },
		{ "100.64.0.0/10", "100.128.0.0", false },
		{ "0.0.0.0/0", "255.1.2.3", true },
		{ "0.0.0.0/0", "::1", false },
		{ "0.0.0.0/0", "2001:db8::1", false },
		/* All of IPv6 is not all of IPv4. */
		{ "::/0", "::1", true },
		{ "::/0", "ffff::", true },
		{ "::/0", "1.2.3.4", false },
		{ "::/1", "1.2.3.4", false },
		{ "::/80", "::ffff:1.2.3.4", false },
		{ "::ffff:0:0/96", "1.2.3.4", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "fe80::/10", "febf::1", true },
		{ "fe80::/10", "fec0::1", false },
		{ "::1", "::1", true },
		{ "::1", "::2", false },
	};
	struct cidr	c;
	struct ip	a;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(cidr_parse(t[i].block, strlen(t[i].block),
		    &c), ERR_OK);
		a = ip_of(t[i].address);
		if (cidr_has(&c, &a) != t[i].want)
			fail_msg("%s has %s", t[i].block, t[i].address);
	}
}

/* A block holds its first and last address and neither neighbour. */
static void
cidr_every_prefix(void **state)
{
	struct cidr	c;
	struct ip	first, last, out;
	unsigned int	bit, bits;

	(void)state;
	for (bits = 1; bits <= 128; bits++) {
		memset(&c, 0, sizeof(c));
		c.bits = (uint8_t)bits;
		c.base.b[0] = bits > 2 ? 0x20 : 0;
		first = last = out = c.base;
		for (bit = bits; bit < 128; bit++)
			last.b[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		out.b[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
		assert_true(cidr_has(&c, &first));
		assert_true(cidr_has(&c, &last));
		assert_false(cidr_has(&c, &out));
	}
}

static void
cidr_list_table(void **state)
{
	static const struct {
		const char	*in;
		size_t		 n;
		const char	*yes;		/* an address in it, or NULL */
		const char	*no;
	} t[] = {
		{ "", 0, NULL, "1.2.3.4" },
		{ " , ,\t\r\n ", 0, NULL, "::1" },
		{ "1.2.3.4", 1, "1.2.3.4", "1.2.3.5" },
		{ "10.0.0.0/8,192.168.0.0/16", 2, "192.168.9.9", "172.16.0.1" },
		{ " 10.0.0.0/8 ,  ::1 ", 2, "::1", "::2" },
		{ "10.0.0.0/8\n::1\n", 2, "10.9.9.9", "::2" },
		{ "10.0.0.0/8 ::1,,fe80::/10", 3, "fe80::9", "11.0.0.1" },
		{ "1.2.3.4 1.2.3.4", 2, "1.2.3.4", "1.2.3.3" },
		{ "0.0.0.0/0,::/0", 2, "8.8.8.8", NULL },
	};
	struct cidr_list	l;
	struct ip		a;
	size_t			bad_len, i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		bad_len = 99;
		assert_int_equal(cidr_list_parse(t[i].in, strlen(t[i].in), &l,
		    NULL, &bad_len), ERR_OK);
		assert_int_equal(bad_len, 0);
		assert_int_equal(l.n, t[i].n);
		if (t[i].yes != NULL) {
			a = ip_of(t[i].yes);
			assert_true(cidr_list_has(&l, &a));
		}
		if (t[i].no != NULL) {
			a = ip_of(t[i].no);
			assert_false(cidr_list_has(&l, &a));
		}
		cidr_list_clear(&l);
		assert_null(l.v);
		assert_int_equal(l.n, 0);
	}
}

static void
cidr_list_bad_table(void **state)
{
	static const struct {
		const char	*in;
		enum err	 want;
		const char	*bad;
	} t[] = {
		{ "x", ERR_FORMAT, "x" },
		{ "10.0.0.0/8,nonsense,::1", ERR_FORMAT, "nonsense" },
		{ "10.0.0.0/8 10.0.0.1/8", ERR_RANGE, "10.0.0.1/8" },
		{ "10.0.0.0/8;::1", ERR_FORMAT, "10.0.0.0/8;::1" },
		{ "1.2.3.4,5.6.7.8/33 ", ERR_RANGE, "5.6.7.8/33" },
		{ "\"1.2.3.4\"", ERR_FORMAT, "\"1.2.3.4\"" },
	};
	struct cidr_list	l;
	const char		*bad;
	size_t			bad_len, i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(cidr_list_parse(t[i].in, strlen(t[i].in), &l,
		    &bad, &bad_len), t[i].want);
		assert_int_equal(bad_len, strlen(t[i].bad));
		assert_memory_equal(bad, t[i].bad, bad_len);
		assert_int_equal(l.n, 0);
		assert_null(l.v);
		/* Nobody needs to ask which entry it was. */
		assert_int_equal(cidr_list_parse(t[i].in, strlen(t[i].in), &l,
		    NULL, NULL), t[i].want);
	}
}

static void
cidr_list_limit(void **state)
{
	char			text[(CIDR_LIST_MAX + 1) * 16];
	struct cidr_list	l;
	struct ip		a = ip_of("10.0.0.255");
	const char		*bad;
	size_t			bad_len, i, len = 0;

	(void)state;
	for (i = 0; i < CIDR_LIST_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "10.0.%zu.%zu ", i / 256, i % 256);
	assert_int_equal(cidr_list_parse(text, len, &l, NULL, NULL), ERR_OK);
	assert_int_equal(l.n, CIDR_LIST_MAX);
	assert_true(cidr_list_has(&l, &a));
	cidr_list_clear(&l);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "::9");
	assert_int_equal(cidr_list_parse(text, len, &l, &bad, &bad_len),
	    ERR_SPACE);
	assert_int_equal(bad_len, 3);
	assert_memory_equal(bad, "::9", 3);
	assert_int_equal(l.n, 0);
}

/* Trusted in all of these: 10.0.0.0/8, 192.168.1.1, fd00::/8. */
static void
ip_effective_table(void **state)
{
	static const struct {
		const char	*peer;
		const char	*xff;
		const char	*want;
	} t[] = {
		/* Who is not trusted says nothing. */
		{ "203.0.113.9", "1.2.3.4", "203.0.113.9" },
		{ "203.0.113.9", "", "203.0.113.9" },
		{ "203.0.113.9", "10.0.0.1", "203.0.113.9" },
		{ "2001:db8::1", "1.2.3.4", "2001:db8::1" },
		{ "192.168.1.2", "1.2.3.4", "192.168.1.2" },
		/* One proxy. */
		{ "10.0.0.1", "203.0.113.9", "203.0.113.9" },
		{ "192.168.1.1", "203.0.113.9", "203.0.113.9" },
		{ "fd00::1", "203.0.113.9", "203.0.113.9" },
		{ "fd00::1", "2001:db8::7", "2001:db8::7" },
		{ "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9" },
		{ "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9" },
		/* What the client wrote before it stays unread. */
		{ "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9" },
		{ "10.0.0.1", "10.0.0.5, 203.0.113.9", "203.0.113.9" },
		{ "10.0.0.1", "rubbish, 203.0.113.9", "203.0.113.9" },
		{ "10.0.0.1", ",,,, 203.0.113.9", "203.0.113.9" },
		{ "10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9" },
		/* Several proxies. */
		{ "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, 10.0.0.3, 10.0.0.2",
		    "203.0.113.9" },
		{ "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2",
		    "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, fd00::2, ::ffff:10.0.0.2",
		    "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, 192.168.1.1, 10.0.0.2",
		    "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, 192.168.1.2, 10.0.0.2",
		    "192.168.1.2" },
		/* All of them trusted: the first that spoke. */
		{ "10.0.0.1", "10.0.0.9", "10.0.0.9" },
		{ "10.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9" },
		/* Blanks, or none. */
		{ "10.0.0.1", "203.0.113.9,10.0.0.2", "203.0.113.9" },
		{ "10.0.0.1", "  203.0.113.9  ", "203.0.113.9" },
		{ "10.0.0.1", "\t203.0.113.9\t,\t10.0.0.2 ", "203.0.113.9" },
		/* Ports and brackets. */
		{ "10.0.0.1", "203.0.113.9:1234", "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9:0", "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9:65535", "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, 10.0.0.2:80", "203.0.113.9" },
		{ "10.0.0.1", "[2001:db8::7]", "2001:db8::7" },
		{ "10.0.0.1", "[2001:db8::7]:443", "2001:db8::7" },
		{ "10.0.0.1", "[::ffff:203.0.113.9]:443", "203.0.113.9" },
		{ "10.0.0.1", "203.0.113.9, [fd00::5]:443", "203.0.113.9" },
		/* Malformed: the walk ends at the last good one. */
		{ "10.0.0.1", "", "10.0.0.1" },
		{ "10.0.0.1", "   ", "10.0.0.1" },
		{ "10.0.0.1", ",", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9,", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9,,10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "unknown", "10.0.0.1" },
		{ "10.0.0.1", "_hidden", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9, unknown", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2" },
		{ "10.0.0.1", "203.0.113.9; 10.0.0.2", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9 10.0.0.2", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.999", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.09", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9/32", "10.0.0.1" },
		{ "10.0.0.1", "\"203.0.113.9\"", "10.0.0.1" },
		{ "10.0.0.1", "for=203.0.113.9", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9:", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9:x", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9:65536", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9:123456", "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.9:-1", "10.0.0.1" },
		{ "10.0.0.1", "[203.0.113.9]", "10.0.0.1" },
		{ "10.0.0.1", "[2001:db8::7", "10.0.0.1" },
		{ "10.0.0.1", "2001:db8::7]", "10.0.0.1" },
		{ "10.0.0.1", "[]", "10.0.0.1" },
		{ "10.0.0.1", "[", "10.0.0.1" },
		{ "10.0.0.1", "]", "10.0.0.1" },
		{ "10.0.0.1", "[2001:db8::7]443", "10.0.0.1" },
		{ "10.0.0.1", "[2001:db8::7]:", "10.0.0.1" },
		{ "10.0.0.1", "[2001:db8::7]:x", "10.0.0.1" },
		{ "10.0.0.1", "[[2001:db8::7]]", "10.0.0.1" },
		{ "10.0.0.1", "[ 2001:db8::7]", "10.0.0.1" },
		{ "10.0.0.1", "fe80::1%eth0", "10.0.0.1" },
		{ "10.0.0.1", "10.0.0.3, 2001:db8::7::1, 10.0.0.2",
		    "10.0.0.2" },
	};
	static const char	trusted[] = "10.0.0.0/8,192.168.1.1,fd00::/8";
	struct cidr_list	l;
	struct ip		peer, got, want;
	char			text[IP_TEXT_LEN + 1];
	size_t			i;

	(void)state;
	assert_int_equal(cidr_list_parse(trusted, strlen(trusted), &l, NULL,
	    NULL), ERR_OK);
	for (i = 0; i < COUNT(t); i++) {
		peer = ip_of(t[i].peer);
		want = ip_of(t[i].want);
		ip_effective(&peer, t[i].xff, strlen(t[i].xff), &l, &got);
		ip_format(&got, text);
		if (!ip_eq(&got, &want))
			fail_msg("%s + '%s': %s, not %s", t[i].peer, t[i].xff,
			    text, t[i].want);
	}
	cidr_list_clear(&l);
}

static void
ip_effective_reasons(void **state)
{
	static const struct {
		const char	*peer, *xff, *via;
		enum ip_why	 why;
	}	t[] = {
		{ "1.2.3.4", NULL, "1.2.3.4", IP_WHY_PEER },
		{ "1.2.3.4", "9.9.9.9", "1.2.3.4", IP_WHY_PEER },
		{ "10.0.0.1", NULL, "10.0.0.1", IP_WHY_ALONE },
		{ "10.0.0.1", "", "10.0.0.1", IP_WHY_ALONE },
		{ "10.0.0.1", "9.9.9.9", "10.0.0.1", IP_WHY_UNTRUSTED },
		{ "10.0.0.1", "8.8.8.8, 9.9.9.9, 10.0.0.2", "10.0.0.2",
		    IP_WHY_UNTRUSTED },
		{ "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.2",
		    IP_WHY_FIRST },
		{ "10.0.0.1", "unknown", "10.0.0.1", IP_WHY_MALFORMED },
		{ "10.0.0.1", "9.9.9.9, x, 10.0.0.2", "10.0.0.2",
		    IP_WHY_MALFORMED },
	};
	static const char	trusted[] = "10.0.0.0/8";
	struct cidr_list	l;
	struct ip		peer, want;
	struct ip_walk		got;
	size_t			i;

	(void)state;
	assert_int_equal(cidr_list_parse(trusted, strlen(trusted), &l, NULL,
	    NULL), ERR_OK);
	for (i = 0; i < COUNT(t); i++) {
		peer = ip_of(t[i].peer);
		want = ip_of(t[i].via);
		if (ip_effective_why(&peer, t[i].xff, t[i].xff != NULL ?
		    strlen(t[i].xff) : 0, &l, &got) != t[i].why ||
		    !ip_eq(&got.via, &want))
			fail_msg("case %zu", i);
	}
	cidr_list_clear(&l);
}

static void
ip_effective_no_header(void **state)
{
	struct cidr	everybody[2];
	struct cidr_list l = { everybody, 2 };
	struct cidr_list none = { NULL, 0 };
	struct ip	peer = ip_of("10.0.0.1"), got;

	(void)state;
	assert_int_equal(cidr_parse("0.0.0.0/0", 9, &everybody[0]), ERR_OK);
	assert_int_equal(cidr_parse("::/0", 4, &everybody[1]), ERR_OK);
	ip_effective(&peer, NULL, 0, &l, &got);
	assert_true(ip_eq(&got, &peer));
	ip_effective(&peer, "1.2.3.4", 7, &none, &got);
	assert_true(ip_eq(&got, &peer));
	/* The length counts, not the NUL; a NUL in a hop is malformed. */
	ip_effective(&peer, "1.2.3.4, 9.9.9.9", 7, &l, &got);
	peer = ip_of("1.2.3.4");
	assert_true(ip_eq(&got, &peer));
	peer = ip_of("10.0.0.1");
	ip_effective(&peer, "1.2.3.4\0", 8, &l, &got);
	assert_true(ip_eq(&got, &peer));
}

/* 64 trusted hops are walked, the 65th is not looked at. */
static void
ip_effective_hop_limit(void **state)
{
	static const char	trusted[] = "10.0.0.0/8";
	struct cidr_list	l;
	struct ip		peer = ip_of("10.0.0.1"), got, want;
	char			xff[16 * 80];
	size_t			hops, i, len;

	(void)state;
	assert_int_equal(cidr_list_parse(trusted, strlen(trusted), &l, NULL,
	    NULL), ERR_OK);
	for (hops = 62; hops < 70; hops++) {
		len = (size_t)snprintf(xff, sizeof(xff), "203.0.113.9");
		for (i = hops; i > 0; i--)
			len += (size_t)snprintf(xff + len, sizeof(xff) - len,
			    ", 10.1.1.%zu", i);
		ip_effective(&peer, xff, len, &l, &got);
		want = hops < 64 ? ip_of("203.0.113.9") : ip_of("10.1.1.64");
		assert_true(ip_eq(&got, &want));
	}
	cidr_list_clear(&l);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(ip_text_table),
		cmocka_unit_test(ip_bad_table),
		cmocka_unit_test(ip_nul_inside),
		cmocka_unit_test(ip_families),
		cmocka_unit_test(cidr_text_table),
		cmocka_unit_test(cidr_bad_table),
		cmocka_unit_test(cidr_has_table),
		cmocka_unit_test(cidr_every_prefix),
		cmocka_unit_test(cidr_list_table),
		cmocka_unit_test(cidr_list_bad_table),
		cmocka_unit_test(cidr_list_limit),
		cmocka_unit_test(ip_effective_table),
		cmocka_unit_test(ip_effective_reasons),
		cmocka_unit_test(ip_effective_no_header),
		cmocka_unit_test(ip_effective_hop_limit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
