/*
 * fuzz_egress - URLs: what passes has one reading, and names no user.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "egress.h"
#include "mem.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct egress_target	 t, again;
	char			*s;

	if ((s = mem_dup(data, len)) == NULL)
		abort();
	if (egress_url(s, len, &t) == EGRESS_OK) {
		if (strlen(s) != len || t.host[0] == '\0' || t.port == 0 ||
		    strpbrk(t.host, "/?#@\\ \r\n[]%") != NULL ||
		    strcspn(s + 8, "/?") > strlen(s + 8) ||
		    memchr(s, '@', strcspn(s + 8, "/?") + 8) != NULL)
			abort();
		if (t.is_literal && egress_check(&t, NULL) == EGRESS_OK &&
		    egress_is_blocked(&t.ip))
			abort();
		if (egress_mail_host(t.host, t.port, t.is_tls, &again) !=
		    EGRESS_OK || strcmp(t.host, again.host) != 0)
			abort();
	}
	mem_free(s);
	return (0);
}
