/*
 * seal - encryption of secrets at rest, AES-256-GCM on OpenSSL.
 * Owns the sealed form: version, key id, nonce, ciphertext, tag.  Which column
 * holds what, and the additional data that says so, is the caller's.
 * Ref: NIST SP 800-38D, security.md 3.10.
 */
#include "seal.h"

#include <openssl/evp.h>

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "digest.h"
#include "mem.h"
#include "rnd.h"

#define SEAL_VERSION	1
#define SEAL_ID_LEN	4
#define SEAL_NONCE_LEN	12
#define SEAL_TAG_LEN	16
#define SEAL_KEY_LEN	32

struct seal_key {
	uint8_t		 key[SEAL_KEY_LEN];
	/* Version and id of |key|: authenticated, clear. */
	uint8_t		 head[SEAL_HEAD_LEN];
	EVP_CIPHER	*cipher;		/* borrowed */
};

struct sealer {
	struct seal_key	 now, old;
	bool		 has_old;
	EVP_CIPHER	*cipher;
};

static enum err	seal_key_make(const uint8_t master[32], struct seal_key *k);
static enum err	seal_start(const struct seal_key *k, EVP_CIPHER_CTX *c,
		    const uint8_t *nonce, const char *aad, int enc);

enum err
sealer_new(const uint8_t master[32], struct sealer **out)
{
	struct sealer	*s;
	enum err	 r;

	if ((s = mem_new(sizeof(*s))) == NULL)
		return (ERR_NOMEM);
	if ((r = seal_key_make(master, &s->now)) != ERR_OK)
		goto done;
	if ((s->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL)) ==
	    NULL) {
		r = ERR_CRYPTO;
		goto done;
	}
	s->now.cipher = s->cipher;
	*out = s;
	s = NULL;			/* transferred */
done:
	sealer_free(s);
	return (r);
}

enum err
sealer_add_old(struct sealer *s, const uint8_t old[32])
{
	enum err	r;

	if ((r = seal_key_make(old, &s->old)) == ERR_OK) {
		s->old.cipher = s->cipher;
		s->has_old = true;
	}
	return (r);
}

const uint8_t *
seal_head(const struct sealer *s)
{
	return (s->now.head);
}

void
sealer_free(struct sealer *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_free(s->cipher);
	mem_free_secret(s, sizeof(*s));
}

enum err
seal(struct sealer *s, const char *aad, const void *p, size_t n, uint8_t *out)
{
	EVP_CIPHER_CTX	*c = NULL;
	uint8_t		*nonce = out + SEAL_HEAD_LEN;
	uint8_t		*text = nonce + SEAL_NONCE_LEN;
	int		 len;
	enum err	 r = ERR_CRYPTO;

	if (n > INT_MAX - SEAL_OVERHEAD)
		return (ERR_TOO_LONG);
	if ((c = EVP_CIPHER_CTX_new()) == NULL)
		return (ERR_NOMEM);
	memcpy(out, s->now.head, SEAL_HEAD_LEN);
	/* Random nonces: safe for 2^32 values a key (SP 800-38D 8.3). */
	rnd_bytes(nonce, SEAL_NONCE_LEN);
	if (seal_start(&s->now, c, nonce, aad, 1) != ERR_OK)
		goto done;
	/* An update without bytes would read as more additional data. */
	if (n > 0 && EVP_CipherUpdate(c, text, &len, p, (int)n) != 1)
		goto done;
	if (EVP_CipherFinal_ex(c, text + n, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN,
	    text + n) != 1)
		goto done;
	r = ERR_OK;
done:
	EVP_CIPHER_CTX_free(c);
	if (r != ERR_OK)
		mem_wipe(out, n + SEAL_OVERHEAD);
	return (r);
}

enum err
seal_open(struct sealer *s, const char *aad, const uint8_t *p, size_t n,
    uint8_t *out)
{
	const struct seal_key	*k = &s->now;
	EVP_CIPHER_CTX	*c = NULL;
	const uint8_t	*text = p + SEAL_HEAD_LEN + SEAL_NONCE_LEN;
	uint8_t		 tag[SEAL_TAG_LEN], rest[SEAL_TAG_LEN];
	size_t		 text_len;
	int		 len;
	enum err	 r = ERR_CRYPTO;

	if (n < SEAL_OVERHEAD || n > INT_MAX || p[0] != SEAL_VERSION)
		return (ERR_FORMAT);
	/* Another master key made it; the id is no secret. */
	if (memcmp(p, s->now.head, SEAL_HEAD_LEN) != 0) {
		if (!s->has_old || memcmp(p, s->old.head, SEAL_HEAD_LEN) != 0)
			return (ERR_SIGNATURE);
		k = &s->old;
	}
	text_len = n - SEAL_OVERHEAD;
	memcpy(tag, text + text_len, sizeof(tag));
	if ((c = EVP_CIPHER_CTX_new()) == NULL)
		return (ERR_NOMEM);
	if (seal_start(k, c, p + SEAL_HEAD_LEN, aad, 0) != ERR_OK ||
	    (text_len > 0 && EVP_CipherUpdate(c, out, &len, text,
	    (int)text_len) != 1) ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN,
	    tag) != 1)
		goto done;
	r = EVP_CipherFinal_ex(c, rest, &len) == 1 ? ERR_OK : ERR_SIGNATURE;
done:
	EVP_CIPHER_CTX_free(c);
	if (r != ERR_OK && text_len > 0)
		mem_wipe(out, text_len);
	return (r);
}

static enum err
seal_key_make(const uint8_t master[32], struct seal_key *k)
{
	enum err	r;

	k->head[0] = SEAL_VERSION;
	if ((r = hkdf_sha256(master, 32, "identity/seal/v1", k->key,
	    sizeof(k->key))) != ERR_OK)
		return (r);
	return (hkdf_sha256(master, 32, "identity/seal-id/v1", k->head + 1,
	    SEAL_ID_LEN));
}

/* Key, nonce, and what is authenticated but not encrypted: head and place. */
static enum err
seal_start(const struct seal_key *k, EVP_CIPHER_CTX *c,
    const uint8_t *nonce, const char *aad, int enc)
{
	const uint8_t	*place = (const uint8_t *)aad;
	size_t		 aad_len = strlen(aad);
	int		 len;

	if (aad_len > INT_MAX ||
	    EVP_CipherInit_ex(c, k->cipher, NULL, k->key, nonce, enc) != 1 ||
	    EVP_CipherUpdate(c, NULL, &len, k->head, SEAL_HEAD_LEN) != 1 ||
	    (aad_len > 0 &&
	    EVP_CipherUpdate(c, NULL, &len, place, (int)aad_len) != 1))
		return (ERR_CRYPTO);
	return (ERR_OK);
}
