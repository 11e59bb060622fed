/*
 * ed25519 - see ed25519.h.  Owns the key and one digest context, which is
 * started anew for each message: allocating one costs as much as a signature
 * of another kind.
 */
#include "ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <string.h>

#include "mem.h"

struct ed25519_key {
	EVP_PKEY	*pkey;
	EVP_MD_CTX	*ctx;
	uint8_t		 public[ED25519_PUBLIC_LEN];
};

enum err
ed25519_key_new(const uint8_t seed[ED25519_SEED_LEN],
    struct ed25519_key **out)
{
	struct ed25519_key	*k;
	size_t			 n = ED25519_PUBLIC_LEN;
	enum err		 r = ERR_CRYPTO;

	if ((k = mem_new(sizeof(*k))) == NULL)
		return (ERR_NOMEM);
	if ((k->ctx = EVP_MD_CTX_new()) == NULL ||
	    (k->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
	    seed, ED25519_SEED_LEN)) == NULL ||
	    EVP_PKEY_get_raw_public_key(k->pkey, k->public, &n) != 1 ||
	    n != ED25519_PUBLIC_LEN)
		goto done;
	*out = k;
	k = NULL;			/* transferred */
	r = ERR_OK;
done:
	ed25519_key_free(k);
	return (r);
}

void
ed25519_key_free(struct ed25519_key *k)
{
	if (k == NULL)
		return;
	EVP_MD_CTX_free(k->ctx);
	EVP_PKEY_free(k->pkey);		/* wipes the private half */
	mem_free(k);
}

void
ed25519_public(const struct ed25519_key *k, uint8_t out[ED25519_PUBLIC_LEN])
{
	memcpy(out, k->public, ED25519_PUBLIC_LEN);
}

enum err
ed25519_sign(struct ed25519_key *k, const void *p, size_t len,
    uint8_t sig[ED25519_SIG_LEN])
{
	size_t		n = ED25519_SIG_LEN;
	enum err	r = ERR_CRYPTO;

	if (EVP_MD_CTX_reset(k->ctx) == 1 &&
	    EVP_DigestSignInit(k->ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	    EVP_DigestSign(k->ctx, sig, &n, p, len) == 1 &&
	    n == ED25519_SIG_LEN)
		r = ERR_OK;
	return (r);
}

enum err
ed25519_verify(struct ed25519_key *k, const void *p, size_t len,
    const uint8_t sig[ED25519_SIG_LEN])
{
	if (EVP_MD_CTX_reset(k->ctx) != 1 ||
	    EVP_DigestVerifyInit(k->ctx, NULL, NULL, NULL, k->pkey) != 1)
		return (ERR_CRYPTO);
	if (EVP_DigestVerify(k->ctx, sig, ED25519_SIG_LEN, p, len) == 1)
		return (ERR_OK);
	/* Whatever it left in the thread's queue is nobody else's: Kore asks
	 * that queue about its TLS. */
	ERR_clear_error();
	return (ERR_SIGNATURE);
}
