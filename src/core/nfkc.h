/*
 * nfkc - text that is kept secret, in the one Unicode form that is compared:
 * the same password typed on another keyboard or system gives the same bytes.
 * Ref: NIST SP 800-63B-4 s.3.1.1.2.
 */
#ifndef NFKC_H
#define NFKC_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nfkc {
	uint8_t	*b;		/* mem_new(cap), NUL behind len bytes */
	size_t	 len;
	size_t	 cap;
};

/*
 * NFKC of |len| bytes of UTF-8 into |out|, which must be zeroed or cleared;
 * free with nfkc_clear(), on an error too.  ERR_FORMAT (not UTF-8), ERR_NOMEM.
 */
enum err	nfkc_make(const char *s, size_t len, struct nfkc *out)
		    MUSTCHECK;
/* Wipes and frees. */
void		nfkc_clear(struct nfkc *t);

#endif
