/*
 * password - argon2id hashing (RFC 9106).  These functions take tens of
 * milliseconds: call them from a hashing lane (http/hash_lane.h) or the
 * command line, never from the event loop.
 */
#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define PASSWORD_MAX_LEN	1024	/* bytes, before hashing */
#define PASSWORD_HASH_MAX_LEN	255	/* text kept in the database */
#define PASSWORD_PEPPER_LEN	32

/* OWASP's minimum; a bigger m or t is what a faster machine can afford. */
#define PASSWORD_POLICY_DEFAULT	{ .m_kib = 19456, .t = 2, .p = 1 }

/* What new hashes are made with. */
struct password_policy {
	uint32_t	m_kib;
	uint32_t	t;
	uint32_t	p;
	bool		has_pepper;	/* HMAC before argon2id, with an id */
	char		pepper_id[9];	/* 8 hex characters: which pepper */
	uint8_t		pepper[PASSWORD_PEPPER_LEN];
};

/* What a stored hash says of itself. */
struct password_params {
	uint32_t	m_kib;
	uint32_t	t;
	uint32_t	p;
	char		pepper_id[9];	/* "" = made without a pepper */
};

/* Sets the pepper and its id, which is derived from it and tells nothing. */
enum err	password_policy_pepper(struct password_policy *p,
		    const uint8_t pepper[PASSWORD_PEPPER_LEN]) MUSTCHECK;
/*
 * Reads the PHC text |hash| without hashing; m at most 1 GiB, t 64, p 16.
 * ERR_FORMAT.
 */
enum err	password_params_parse(const char *hash,
		    struct password_params *out) MUSTCHECK;
/*
 * PHC text "$argon2id$v=19$m=..,t=..,p=..[,keyid=..]$salt$hash" of the password
 * (UTF-8, brought to NFKC once) into |out|.  ERR_FORMAT (not UTF-8),
 * ERR_TOO_LONG, ERR_RANGE (policy), ERR_NOMEM, ERR_CRYPTO.
 */
enum err	password_hash(const struct password_policy *p, const char *pw,
		    size_t len, char out[PASSWORD_HASH_MAX_LEN + 1]) MUSTCHECK;
/*
 * Checks against |hash|; NULL or malformed costs the same work as a wrong
 * password (against a fixed fake) and is ERR_SIGNATURE.  |*rehash| tells that
 * the policy has risen above the hash, or has a pepper that the hash lacks.
 * A hash made with another pepper cannot verify.  ERR_SIGNATURE: wrong; and
 * those of password_hash().
 */
enum err	password_verify(const struct password_policy *p,
		    const char *hash, const char *pw, size_t len, bool *rehash)
		    MUSTCHECK;

#endif
