/*
 * test_egress - what may be connected to, and the ways around that are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "egress.h"

static void	egress_urls(void **state);
static void	egress_addresses(void **state);
static void	egress_decisions(void **state);
static void	egress_mail(void **state);

static void
egress_urls(void **state)
{
	static const struct {
		const char	*url;
		enum egress_why	 why;
		const char	*host;
		uint16_t	 port;
	} t[] = {
		{ "https://api.example.com/send", EGRESS_OK, "api.example.com", 443 },
		{ "HTTPS://API.Example.com:8443", EGRESS_OK, "api.example.com", 8443 },
		{ "http://a.b?x=1", EGRESS_OK, "a.b", 80 },
		{ "https://a/?q=@x:1", EGRESS_OK, "a", 443 },
		{ "https://192.0.2.1/", EGRESS_OK, "192.0.2.1", 443 },
		{ "https://[2001:DB8::1]:443/", EGRESS_OK, "2001:db8::1", 443 },
		{ "", EGRESS_NOT_URL, NULL, 0 },
		{ "ftp://a/", EGRESS_SCHEME, NULL, 0 },
		{ "file:///etc/passwd", EGRESS_SCHEME, NULL, 0 },
		{ "gopher://a", EGRESS_SCHEME, NULL, 0 },
		{ "//a/b", EGRESS_SCHEME, NULL, 0 },
		{ "https:/a", EGRESS_SCHEME, NULL, 0 },
		{ "https://", EGRESS_SCHEME, NULL, 0 },
		{ "https:///x", EGRESS_HOST, NULL, 0 },
		{ "https://u@a/", EGRESS_USERINFO, NULL, 0 },
		{ "https://u:p@a/", EGRESS_USERINFO, NULL, 0 },
		{ "https://good.com@169.254.169.254/", EGRESS_USERINFO, NULL, 0 },
		{ "https://a b/", EGRESS_NOT_URL, NULL, 0 },
		{ "https://a\r\nX: y/", EGRESS_NOT_URL, NULL, 0 },
		{ "https://a/#f", EGRESS_NOT_URL, NULL, 0 },
		{ "https://a\\@b/", EGRESS_NOT_URL, NULL, 0 },
		{ "https://a/{x}", EGRESS_NOT_URL, NULL, 0 },
		{ "https://ex\xc3\xa4mple/", EGRESS_NOT_URL, NULL, 0 },
		{ "https://a:0/", EGRESS_PORT, NULL, 0 },
		{ "https://a:65536/", EGRESS_PORT, NULL, 0 },
		{ "https://a:/", EGRESS_PORT, NULL, 0 },
		{ "https://a:44x/", EGRESS_PORT, NULL, 0 },
		{ "https://[::1/", EGRESS_HOST, NULL, 0 },
		{ "https://[::1]x/", EGRESS_PORT, NULL, 0 },
		{ "https://[1.2.3.4]/", EGRESS_HOST, NULL, 0 },
		{ "https://::1/", EGRESS_PORT, NULL, 0 },
		{ "https://127.1/", EGRESS_HOST, NULL, 0 },
		{ "https://2130706433/", EGRESS_HOST, NULL, 0 },
		{ "https://0x7f000001/", EGRESS_HOST, NULL, 0 },
		{ "https://0177.0.0.1/", EGRESS_HOST, NULL, 0 },
		{ "https://a.0x7f/", EGRESS_HOST, NULL, 0 },
		{ "https://-a.com/", EGRESS_HOST, NULL, 0 },
		{ "https://a..b/", EGRESS_HOST, NULL, 0 },
		{ "https://a.b./", EGRESS_HOST, NULL, 0 },
		{ "https://%61.com/", EGRESS_HOST, NULL, 0 },
	};
	char			longest[EGRESS_URL_MAX + 2] = "https://a/";
	struct egress_target	x;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (egress_url(t[i].url, strlen(t[i].url), &x) != t[i].why)
			fail_msg("%s", t[i].url);
		assert_true(egress_text(t[i].why)[0] != '\0');
		if (t[i].why != EGRESS_OK)
			continue;
		assert_string_equal(x.host, t[i].host);
		assert_int_equal(x.port, t[i].port);
	}
	memset(longest + 10, 'a', EGRESS_URL_MAX - 9);
	assert_int_equal(egress_url(longest, EGRESS_URL_MAX, &x), EGRESS_OK);
	assert_int_equal(egress_url(longest, EGRESS_URL_MAX + 1, &x),
	    EGRESS_NOT_URL);
	assert_int_equal(egress_url("https://a\0b", 11, &x), EGRESS_NOT_URL);
}

static void
egress_addresses(void **state)
{
	static const struct {
		const char	*a;
		bool		 is_blocked;
	} t[] = {
		{ "8.8.8.8", false }, { "1.1.1.1", false },
		{ "2606:4700::1111", false }, { "2a00:1450::1", false },
		{ "0.0.0.0", true }, { "0.1.2.3", true }, { "10.0.0.1", true },
		{ "100.64.0.1", true }, { "100.127.255.255", true },
		{ "100.63.255.255", false }, { "100.128.0.0", false },
		{ "127.0.0.1", true }, { "127.255.255.255", true },
		{ "168.63.129.16", true }, { "168.63.129.17", false },
		{ "169.254.169.254", true }, { "169.253.255.255", false },
		{ "172.16.0.1", true }, { "172.31.255.255", true },
		{ "172.15.255.255", false }, { "172.32.0.0", false },
		{ "192.0.0.1", true }, { "192.0.2.1", true },
		{ "192.0.1.1", false }, { "192.88.99.1", true },
		{ "192.168.1.1", true }, { "192.167.255.255", false },
		{ "198.18.0.1", true }, { "198.19.255.255", true },
		{ "198.20.0.0", false }, { "198.51.100.7", true },
		{ "203.0.113.7", true }, { "224.0.0.1", true },
		{ "239.255.255.255", true }, { "240.0.0.1", true },
		{ "255.255.255.255", true }, { "223.255.255.255", false },
		{ "::", true }, { "::1", true }, { "::7f00:1", true },
		{ "::ffff:127.0.0.1", true }, { "::ffff:10.1.2.3", true },
		{ "::ffff:8.8.8.8", false },
		{ "64:ff9b::127.0.0.1", true }, { "64:ff9b::a00:1", true },
		{ "64:ff9b::8.8.8.8", false }, { "64:ff9b:1::8.8.8.8", true },
		{ "2002:7f00:1::", true }, { "2002:a9fe:a9fe::1", true },
		{ "2002:808:808::1", false },
		{ "2001::1", true }, { "2001:db8::1", true },
		{ "2001:200::1", false }, { "2001:1ff:ffff::", true },
		{ "3fff::1", true }, { "3fff:1000::", false },
		{ "fc00::1", true }, { "fd12:3456::1", true },
		{ "fe80::1", true }, { "fec0::1", true }, { "ff02::1", true },
		{ "fd00:ec2::254", true }, { "100::1", true }, { "4000::1", true },
	};
	struct ip	a;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(ip_parse(t[i].a, strlen(t[i].a), &a), ERR_OK);
		if (egress_is_blocked(&a) != t[i].is_blocked)
			fail_msg("%s", t[i].a);
	}
}

static void
egress_decisions(void **state)
{
	static const struct {
		const char	*url, *address, *allow;
		enum egress_why	 before, after;
	} t[] = {
		{ "https://a.com/", "8.8.8.8", "", EGRESS_OK, EGRESS_OK },
		{ "https://a.com/", "10.0.0.1", "", EGRESS_OK, EGRESS_ADDRESS },
		{ "https://a.com/", "10.0.0.1", "10.0.0.0/8", EGRESS_OK, EGRESS_OK },
		{ "https://a.com/", "10.0.0.1", "10.0.1.0/24", EGRESS_OK,
		    EGRESS_ADDRESS },
		{ "http://a.com/", "8.8.8.8", "", EGRESS_PLAIN, EGRESS_PLAIN },
		{ "http://a.com/", "8.8.8.8", "10.0.0.0/8", EGRESS_OK, EGRESS_PLAIN },
		{ "http://a.com/", "10.0.0.1", "10.0.0.0/8", EGRESS_OK, EGRESS_OK },
		{ "https://a.com:9000/", "8.8.8.8", "", EGRESS_PORT, EGRESS_PORT },
		{ "https://a.com:9000/", "8.8.8.8", "10.0.0.0/8", EGRESS_OK,
		    EGRESS_PORT },
		{ "http://a.com:9000/", "127.0.0.1", "127.0.0.1", EGRESS_OK,
		    EGRESS_OK },
		{ "http://127.0.0.1:9000/", "127.0.0.1", "127.0.0.0/8", EGRESS_OK,
		    EGRESS_OK },
		{ "http://127.0.0.1:9000/", "127.0.0.1", "10.0.0.0/8",
		    EGRESS_ADDRESS, EGRESS_ADDRESS },
		{ "https://169.254.169.254/", "169.254.169.254", "",
		    EGRESS_ADDRESS, EGRESS_ADDRESS },
		{ "https://[::1]/", "::1", "::1", EGRESS_OK, EGRESS_OK },
		{ "https://[::ffff:10.0.0.1]/", "10.0.0.1", "", EGRESS_ADDRESS,
		    EGRESS_ADDRESS },
		{ "https://a.com/", "8.8.8.8", "0.0.0.0/0", EGRESS_OK, EGRESS_OK },
	};
	struct egress_target	x;
	struct cidr_list	allow;
	struct ip		a;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(cidr_list_parse(t[i].allow,
		    strlen(t[i].allow), &allow, NULL, NULL), ERR_OK);
		assert_int_equal(ip_parse(t[i].address, strlen(t[i].address),
		    &a), ERR_OK);
		assert_int_equal(egress_url(t[i].url, strlen(t[i].url), &x),
		    EGRESS_OK);
		if (egress_check(&x, &allow) != t[i].before ||
		    egress_address(&x, &a, &allow) != t[i].after)
			fail_msg("%s %s %s", t[i].url, t[i].address,
			    t[i].allow);
		cidr_list_clear(&allow);
	}
	assert_int_equal(egress_url("https://10.0.0.1/", 17, &x), EGRESS_OK);
	assert_int_equal(egress_check(&x, NULL), EGRESS_ADDRESS);
}

static void
egress_mail(void **state)
{
	static const struct {
		const char	*host;
		uint16_t	 port;
		bool		 is_tls;
		enum egress_why	 why, checked;
	} t[] = {
		{ "smtp.example.com", 587, true, EGRESS_OK, EGRESS_OK },
		{ "smtp.example.com", 465, true, EGRESS_OK, EGRESS_OK },
		{ "smtp.example.com", 25, false, EGRESS_OK, EGRESS_PLAIN },
		{ "smtp.example.com", 443, true, EGRESS_OK, EGRESS_PORT },
		{ "smtp.example.com", 0, true, EGRESS_PORT, EGRESS_PORT },
		{ "127.0.0.1", 25, true, EGRESS_OK, EGRESS_ADDRESS },
		{ "::1", 25, true, EGRESS_OK, EGRESS_ADDRESS },
		{ "[::1]", 25, true, EGRESS_OK, EGRESS_ADDRESS },
		{ "", 25, true, EGRESS_HOST, EGRESS_OK },
		{ "a b", 25, true, EGRESS_HOST, EGRESS_OK },
		{ "a\r\nQUIT", 25, true, EGRESS_HOST, EGRESS_OK },
		{ "127.1", 25, true, EGRESS_HOST, EGRESS_OK },
	};
	struct egress_target	x;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (egress_mail_host(t[i].host, t[i].port, t[i].is_tls, &x) !=
		    t[i].why)
			fail_msg("%s", t[i].host);
		if (t[i].why == EGRESS_OK)
			assert_int_equal(egress_check(&x, NULL), t[i].checked);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(egress_urls),
		cmocka_unit_test(egress_addresses),
		cmocka_unit_test(egress_decisions),
		cmocka_unit_test(egress_mail),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
