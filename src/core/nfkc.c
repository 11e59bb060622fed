/*
 * nfkc - see nfkc.h.
 */
#include "nfkc.h"

#include <utf8proc.h>

#include "mem.h"
#include "str.h"

enum err
nfkc_make(const char *s, size_t len, struct nfkc *out)
{
	const utf8proc_uint8_t	*p = (const utf8proc_uint8_t *)s;
	const utf8proc_option_t	 opt = UTF8PROC_STABLE | UTF8PROC_COMPOSE |
				    UTF8PROC_COMPAT;
	utf8proc_int32_t	*cp;
	utf8proc_ssize_t	 n;

	if (!str_is_utf8(s, len))
		return (ERR_FORMAT);
	n = utf8proc_decompose(p, (utf8proc_ssize_t)len, NULL, 0, opt);
	if (n < 0)
		return (ERR_FORMAT);
	/* One more, since the encoder sets a NUL behind its text. */
	out->cap = ((size_t)n + 1) * sizeof(*cp);
	if ((cp = mem_new(out->cap)) == NULL)
		return (ERR_NOMEM);
	out->b = (uint8_t *)cp;
	if (utf8proc_decompose(p, (utf8proc_ssize_t)len, cp, n, opt) != n ||
	    (n = utf8proc_reencode(cp, n, opt)) < 0)
		return (ERR_FORMAT);
	out->len = (size_t)n;
	return (ERR_OK);
}

void
nfkc_clear(struct nfkc *t)
{
	mem_free_secret(t->b, t->cap);
	t->b = NULL;
	t->len = t->cap = 0;
}
