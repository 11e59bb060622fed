/*
 * token_key - the secret behind a token key as the database keeps it: 32
 * random bytes, sealed under the name of their row.  They are an HS256 secret
 * or an Ed25519 seed; the row's alg says which.
 */
#ifndef TOKEN_KEY_H
#define TOKEN_KEY_H

#include "seal.h"
#include "token.h"

#define TOKEN_KEY_SEALED_LEN	(TOKEN_SECRET_LEN + SEAL_OVERHEAD)

/* A new kid and what is stored of its new secret.  Those of seal(). */
enum err	token_key_make(struct sealer *s, char kid[TOKEN_KID_LEN + 1],
		    uint8_t sealed[TOKEN_KEY_SEALED_LEN]) MUSTCHECK;
/*
 * Opens the secret of |kid| and adds it to |keys| for |alg| ("HS256",
 * "EdDSA").  Those of seal_open() and token_keys_add_*(); ERR_RANGE: another
 * alg.
 */
enum err	token_key_add(struct token_keys *keys, struct sealer *s,
		    const char *alg, const char *kid,
		    const uint8_t sealed[TOKEN_KEY_SEALED_LEN]) MUSTCHECK;

#endif
