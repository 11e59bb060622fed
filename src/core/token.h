/*
 * token - access tokens (JWT) and refresh tokens.  Nobody else knows their
 * bytes: others hold struct token_hash and struct token_claims.
 * Ref: RFC 7519, RFC 9068, api.md s.3.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"
#include "err.h"
#include "uuid.h"

#define TOKEN_ACCESS_MAX_LEN	1024
#define TOKEN_REFRESH_LEN	(4 + 43)	/* 32 bytes as base64url */
#define TOKEN_HASH_LEN		32
#define TOKEN_KID_LEN		16
#define TOKEN_SECRET_LEN	32	/* also of an Ed25519 seed */
#define TOKEN_KEYS_MAX		4
#define TOKEN_ISS_MAX_LEN	255

struct token_hash {
	uint8_t	b[TOKEN_HASH_LEN];	/* SHA-256 of the whole token text */
};

/* What an access token says.  Times in s since 1970. */
struct token_claims {
	struct uuid	app;		/* aud and client_id */
	struct uuid	sub;		/* auth_user_id */
	struct uuid	sid;
	struct uuid	jti;
	int64_t		iat_s;
	int64_t		exp_s;
};

struct token_keys;	/* the signing key and those that still verify */

/*
 * Empty set for issuer |iss| (UTF-8, copied).  Free with token_keys_free().
 * ERR_TOO_LONG, ERR_FORMAT, ERR_SPACE (too much of it needs escapes).
 */
enum err	token_keys_new(const char *iss, struct token_keys **out)
		    MUSTCHECK;
void		token_keys_free(struct token_keys *k);
/*
 * Adds the HS256 secret |secret| under |kid| (TOKEN_KID_LEN characters of the
 * base64url alphabet); the first one added signs, all verify.  Copies.
 * ERR_FORMAT, ERR_EXISTS (kid), ERR_SPACE past TOKEN_KEYS_MAX.
 */
enum err	token_keys_add_hs256(struct token_keys *k, const char *kid,
		    const uint8_t secret[TOKEN_SECRET_LEN]) MUSTCHECK;
/* The same for the Ed25519 key of |seed| (RFC 8037: "EdDSA"); ERR_CRYPTO. */
enum err	token_keys_add_eddsa(struct token_keys *k, const char *kid,
		    const uint8_t seed[TOKEN_SECRET_LEN]) MUSTCHECK;
/*
 * Appends the JWK set (RFC 7517) of what others may verify with: the public
 * halves of the Ed25519 keys.  A secret is in no set.
 */
void		token_keys_jwks(const struct token_keys *k, struct buf *out);

/*
 * Signed access token with a NUL into |out|, its length into |*len|.
 * ERR_NOT_FOUND (no key), ERR_RANGE (times outside 0..end of 9999).
 */
enum err	token_access_sign(struct token_keys *k,
		    const struct token_claims *c,
		    char out[TOKEN_ACCESS_MAX_LEN + 1], size_t *len) MUSTCHECK;
/*
 * Shape, known kid, that key's alg, signature, typ, iss, exp against |now_s|
 * (no leeway: issuer and verifier share a clock).  ERR_FORMAT, ERR_SIGNATURE,
 * ERR_EXPIRED (then |out| is filled all the same).  Does not check aud.
 */
enum err	token_access_verify(struct token_keys *k, const char *s,
		    size_t len, int64_t now_s, struct token_claims *out)
		    MUSTCHECK;

/* New refresh token and what is stored of it.  The caller wipes |text|. */
void		token_refresh_make(char text[TOKEN_REFRESH_LEN + 1],
		    struct token_hash *h);
/*
 * The successor of refresh token |old|, which is well-formed: 256 bits of
 * HMAC-SHA-256 under the platform's key |k|.  Whoever spends |old|, on any
 * node and as often as it is retried, gets the same one, and nothing has to
 * be stored to give it again; without |k| it cannot be told from |old|.
 * ERR_CRYPTO.  The caller wipes |text|.
 */
enum err	token_refresh_next(struct hmac_key *k, const char *old,
		    char text[TOKEN_REFRESH_LEN + 1], struct token_hash *h)
		    MUSTCHECK;
/* Shape, then hash.  ERR_FORMAT. */
enum err	token_refresh_parse(const char *s, size_t len,
		    struct token_hash *h) MUSTCHECK;

#endif
