/*
 * digest - SHA-256 and HMAC-SHA-256 on OpenSSL, with a keyed context that is
 * set up once and used many times.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SHA256_LEN	32

/* One-shot SHA-256; aborts if the library fails (it has no way to). */
void		sha256_of(const void *p, size_t len, uint8_t out[SHA256_LEN]);

/* SHA-256 of what comes in pieces; aborts likewise. */
struct sha256;

enum err	sha256_new(struct sha256 **out) MUSTCHECK;	/* ERR_NOMEM */
void		sha256_add(struct sha256 *h, const void *p, size_t len);
/* Once, at the end. */
void		sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN]);
void		sha256_free(struct sha256 *h);

/* HMAC-SHA-256 with its key schedule done; for one thread at a time. */
struct hmac_key;

/* Copies |key|.  ERR_NOMEM, ERR_CRYPTO.  Free with hmac_key_free(). */
enum err	hmac_key_new(const void *key, size_t len,
		    struct hmac_key **out) MUSTCHECK;
void		hmac_key_free(struct hmac_key *k);
/* MAC of |len| bytes.  ERR_CRYPTO. */
enum err	hmac_sha256(struct hmac_key *k, const void *p, size_t len,
		    uint8_t out[SHA256_LEN]) MUSTCHECK;
/*
 * HKDF-SHA-256 (RFC 5869), no salt: |n| bytes of |out| from |key| for the
 * purpose |info| (text).  ERR_CRYPTO.
 */
enum err	hkdf_sha256(const void *key, size_t key_len, const char *info,
		    void *out, size_t n) MUSTCHECK;

#endif
