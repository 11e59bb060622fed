/*
 * ed25519 - signatures on OpenSSL (RFC 8032, pure Ed25519), with a key that
 * is set up once and used many times.  For one thread at a time.
 */
#ifndef ED25519_H
#define ED25519_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define ED25519_SEED_LEN	32
#define ED25519_PUBLIC_LEN	32
#define ED25519_SIG_LEN		64

struct ed25519_key;

/* The key pair of |seed|, which is copied.  ERR_NOMEM, ERR_CRYPTO.  Free with
 * ed25519_key_free(). */
enum err	ed25519_key_new(const uint8_t seed[ED25519_SEED_LEN],
		    struct ed25519_key **out) MUSTCHECK;
void		ed25519_key_free(struct ed25519_key *k);
void		ed25519_public(const struct ed25519_key *k,
		    uint8_t out[ED25519_PUBLIC_LEN]);
/* The one signature of |len| bytes.  ERR_CRYPTO. */
enum err	ed25519_sign(struct ed25519_key *k, const void *p, size_t len,
		    uint8_t sig[ED25519_SIG_LEN]) MUSTCHECK;
/* ERR_SIGNATURE when |sig| is none of |len| bytes; ERR_CRYPTO. */
enum err	ed25519_verify(struct ed25519_key *k, const void *p,
		    size_t len, const uint8_t sig[ED25519_SIG_LEN]) MUSTCHECK;

#endif
