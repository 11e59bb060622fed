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

#define SEAL_OVERHEAD	(1 + 4 + 12 + 16)	/* version, id, nonce, tag */

struct sealer;

/* |master|: 32 bytes.  Derives the purpose key (HKDF "identity/seal/v1"). */
enum err	sealer_new(const uint8_t master[32], struct sealer **out)
		    MUSTCHECK;
void		sealer_free(struct sealer *s);
/* |aad|: "table/column/row-id".  |out| holds n + SEAL_OVERHEAD bytes. */
enum err	seal(struct sealer *s, const char *aad, const void *p, size_t n,
		    uint8_t *out) MUSTCHECK;
/* |out| holds n - SEAL_OVERHEAD bytes.  ERR_FORMAT, ERR_SIGNATURE. */
enum err	seal_open(struct sealer *s, const char *aad, const uint8_t *p,
		    size_t n, uint8_t *out) MUSTCHECK;

#endif
