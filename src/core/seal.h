/*
 * seal - encryption of secrets at rest: AES-256-GCM under a key derived from
 * the master key, bound to the place where it is stored.
 * Ref: security.md 3.10.
 */
#ifndef SEAL_H
#define SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SEAL_HEAD_LEN	(1 + 4)			/* version, key id */
#define SEAL_OVERHEAD	(SEAL_HEAD_LEN + 12 + 16)	/* nonce, tag */

struct sealer;

/* |master|: 32 bytes.  Derives the purpose key (HKDF "identity/seal/v1"). */
enum err	sealer_new(const uint8_t master[32], struct sealer **out)
		    MUSTCHECK;
/* What was sealed under |old|, the master key before, can be opened too. */
enum err	sealer_add_old(struct sealer *s, const uint8_t old[32])
		    MUSTCHECK;
void		sealer_free(struct sealer *s);
/* |aad|: "table/column/row-id".  |out| holds n + SEAL_OVERHEAD bytes. */
enum err	seal(struct sealer *s, const char *aad, const void *p, size_t n,
		    uint8_t *out) MUSTCHECK;
/* |out| holds n - SEAL_OVERHEAD bytes.  ERR_FORMAT, ERR_SIGNATURE. */
enum err	seal_open(struct sealer *s, const char *aad, const uint8_t *p,
		    size_t n, uint8_t *out) MUSTCHECK;
/* What every value that is sealed now begins with, SEAL_HEAD_LEN bytes. */
const uint8_t	*seal_head(const struct sealer *s);

#endif
