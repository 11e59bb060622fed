/*
 * digest - SHA-256, HMAC-SHA-256 and HKDF on OpenSSL 3.
 * Owns the fetched algorithms: a fetch takes locks and costs more than the
 * hash of a key, so it is done once for the process.
 */
#include "digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct sha256 {
	EVP_MD_CTX	*ctx;
};

struct hmac_key {
	EVP_MAC_CTX	*ctx;	/* keyed; re-initialised for each MAC */
};

/* Guards the fetches, which task threads may be the first to need. */
static pthread_once_t	digest_once = PTHREAD_ONCE_INIT;
/* SHA-256, never freed. */
static EVP_MD		*digest_md;
/* HMAC, never freed. */
static EVP_MAC		*digest_mac;

static void	digest_fetch(void);
static void	digest_set_up(void);

void
sha256_of(const void *p, size_t len, uint8_t out[SHA256_LEN])
{
	digest_set_up();
	if (EVP_Digest(p, len, out, NULL, digest_md, NULL) != 1)
		abort();
}

enum err
sha256_new(struct sha256 **out)
{
	struct sha256	*h;

	digest_set_up();
	*out = NULL;
	if ((h = mem_new(sizeof(*h))) == NULL)
		return (ERR_NOMEM);
	if ((h->ctx = EVP_MD_CTX_new()) == NULL) {
		mem_free(h);
		return (ERR_NOMEM);
	}
	if (EVP_DigestInit_ex(h->ctx, digest_md, NULL) != 1)
		abort();
	*out = h;
	return (ERR_OK);
}

void
sha256_add(struct sha256 *h, const void *p, size_t len)
{
	if (EVP_DigestUpdate(h->ctx, p, len) != 1)
		abort();
}

void
sha256_end(struct sha256 *h, uint8_t out[SHA256_LEN])
{
	if (EVP_DigestFinal_ex(h->ctx, out, NULL) != 1)
		abort();
}

void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	mem_free(h);
}

enum err
hmac_key_new(const void *key, size_t len, struct hmac_key **out)
{
	static char	 sha256[] = "SHA256";
	OSSL_PARAM	 params[2];
	struct hmac_key	*k;
	enum err	 r = ERR_CRYPTO;

	digest_set_up();
	if ((k = mem_new(sizeof(*k))) == NULL)
		return (ERR_NOMEM);
	if ((k->ctx = EVP_MAC_CTX_new(digest_mac)) == NULL)
		goto done;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    sha256, 0);
	params[1] = OSSL_PARAM_construct_end();
	/* NULL would mean "keep the key", so an empty key needs an address. */
	if (EVP_MAC_init(k->ctx, len > 0 ? key : "", len, params) != 1)
		goto done;
	*out = k;
	k = NULL;			/* transferred */
	r = ERR_OK;
done:
	hmac_key_free(k);
	return (r);
}

void
hmac_key_free(struct hmac_key *k)
{
	if (k == NULL)
		return;
	EVP_MAC_CTX_free(k->ctx);	/* wipes the key schedule */
	mem_free(k);
}

enum err
hmac_sha256(struct hmac_key *k, const void *p, size_t len,
    uint8_t out[SHA256_LEN])
{
	size_t	n;

	if (EVP_MAC_init(k->ctx, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(k->ctx, p, len) != 1 ||
	    EVP_MAC_final(k->ctx, out, &n, SHA256_LEN) != 1 ||
	    n != SHA256_LEN)
		return (ERR_CRYPTO);
	return (ERR_OK);
}

enum err
hkdf_sha256(const void *key, size_t key_len, const char *info, void *out,
    size_t n)
{
	const uint8_t	 zeros[SHA256_LEN] = { 0 };
	struct hmac_key	*prk = NULL, *okm = NULL;
	uint8_t		 t[SHA256_LEN], in[SHA256_LEN + 255 + 1];
	size_t		 info_len = strlen(info), at, take, in_len;
	enum err	 r = ERR_CRYPTO;

	if (n > 255 * SHA256_LEN || info_len > 255)
		return (ERR_CRYPTO);
	/* Extract: without a salt it is as many zeros as the hash is long. */
	if ((r = hmac_key_new(zeros, sizeof(zeros), &prk)) != ERR_OK ||
	    (r = hmac_sha256(prk, key, key_len, t)) != ERR_OK ||
	    (r = hmac_key_new(t, sizeof(t), &okm)) != ERR_OK)
		goto done;
	/* Expand: T(i) = HMAC(PRK, T(i-1) | info | i), T(0) empty. */
	for (at = 0; at < n; at += take) {
		in_len = 0;
		if (at > 0) {
			memcpy(in, t, sizeof(t));
			in_len = sizeof(t);
		}
		memcpy(in + in_len, info, info_len);
		in_len += info_len;
		in[in_len++] = (uint8_t)(at / SHA256_LEN + 1);
		if ((r = hmac_sha256(okm, in, in_len, t)) != ERR_OK)
			goto done;
		take = n - at < SHA256_LEN ? n - at : SHA256_LEN;
		memcpy((uint8_t *)out + at, t, take);
	}
done:
	hmac_key_free(prk);
	hmac_key_free(okm);
	mem_wipe(t, sizeof(t));
	mem_wipe(in, sizeof(in));
	return (r);
}

static void
digest_set_up(void)
{
	/* Both are in OpenSSL's built-in provider: nothing is loaded. */
	if (pthread_once(&digest_once, digest_fetch) != 0)
		abort();
}

static void
digest_fetch(void)
{
	digest_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (digest_md == NULL || digest_mac == NULL)
		abort();
}
