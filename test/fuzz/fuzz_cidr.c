/*
 * fuzz_cidr - addresses, blocks and lists: what is read is written and read
 * back as the same, and a block holds its own base.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ip.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_ip(const struct ip *a)
{
	char		text[IP_TEXT_LEN + 1];
	struct ip	again;

	ip_format(a, text);
	if (ip_parse(text, strlen(text), &again) != ERR_OK ||
	    !ip_eq(a, &again) || ip_is_v4(a) != (strchr(text, ':') == NULL))
		abort();
}

static void
check_cidr(const struct cidr *c)
{
	char		text[CIDR_TEXT_LEN + 1];
	struct cidr	again;

	cidr_format(c, text);
	if (cidr_parse(text, strlen(text), &again) != ERR_OK ||
	    c->bits != again.bits || !ip_eq(&c->base, &again.base) ||
	    !cidr_has(c, &c->base))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char		*s = (const char *)data, *bad;
	struct cidr_list	 l;
	struct cidr		 c;
	struct ip		 a;
	size_t			 bad_len, i;

	if (ip_parse(s, len, &a) == ERR_OK) {
		check_ip(&a);
		if (cidr_parse(s, len, &c) != ERR_OK || c.bits != 128)
			abort();
	}
	if (cidr_parse(s, len, &c) == ERR_OK)
		check_cidr(&c);
	if (cidr_list_parse(s, len, &l, &bad, &bad_len) != ERR_OK) {
		if (l.n != 0 || l.v != NULL || bad_len == 0 || bad < s ||
		    bad + bad_len > s + len)
			abort();
		return (0);
	}
	if (l.n > CIDR_LIST_MAX)
		abort();
	for (i = 0; i < l.n; i++) {
		check_cidr(&l.v[i]);
		if (!cidr_list_has(&l, &l.v[i].base))
			abort();
	}
	cidr_list_clear(&l);
	return (0);
}
