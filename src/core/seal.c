/*
 * seal - encryption of secrets at rest, AES-256-GCM on OpenSSL.
 * Owns the sealed form: version, key id, nonce, ciphertext, tag.  Which column
 * holds what, and the additional data that says so, is the caller's.
 * Ref: NIST SP 800-38D, security.md 3.10.
 */
#include "seal.h"

#include <openssl/evp.h>

#include <limits.h>
#include <string.h>

#include "digest.h"
#include "mem.h"
#include "rnd.h"

#define SEAL_VERSION	1
#define SEAL_ID_LEN	4
#define SEAL_NONCE_LEN	12
#define SEAL_TAG_LEN	16
#define SEAL_HEAD_LEN	(1 + SEAL_ID_LEN)	/* authenticated, clear */
#define SEAL_KEY_LEN	32

struct sealer {
	uint8_t		 key[SEAL_KEY_LEN];
	uint8_t		 head[SEAL_HEAD_LEN];	/* version and id of |key| */
	EVP_CIPHER	*cipher;
};

static enum err	seal_start(const struct sealer *s, EVP_CIPHER_CTX *c,
		    const uint8_t *nonce, const char *aad, int enc);

enum err
sealer_new(const uint8_t master[32], struct sealer **out)
{
	struct sealer	*s;
	enum err	 r;

	if ((s = mem_new(sizeof(*s))) == NULL)
		return (ERR_NOMEM);
	s->head[0] = SEAL_VERSION;
	if ((r = hkdf_sha256(master, 32, "identity/seal/v1", s->key,
	    sizeof(s->key))) != ERR_OK ||
	    (r = hkdf_sha256(master, 32, "identity/seal-id/v1", s->head + 1,
	    SEAL_ID_LEN)) != ERR_OK)
		goto done;
	if ((s->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL)) ==
	    NULL) {
		r = ERR_CRYPTO;
		goto done;
	}
	*out = s;
	s = NULL;			/* transferred */
done:
	sealer_free(s);
	return (r);
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
	memcpy(out, s->head, sizeof(s->head));
	/* Random nonces: safe for 2^32 values a key (SP 800-38D 8.3). */
	rnd_bytes(nonce, SEAL_NONCE_LEN);
	if (seal_start(s, c, nonce, aad, 1) != ERR_OK)
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
	EVP_CIPHER_CTX	*c = NULL;
	const uint8_t	*text = p + SEAL_HEAD_LEN + SEAL_NONCE_LEN;
	uint8_t		 tag[SEAL_TAG_LEN], rest[SEAL_TAG_LEN];
	size_t		 text_len;
	int		 len;
	enum err	 r = ERR_CRYPTO;

	if (n < SEAL_OVERHEAD || n > INT_MAX || p[0] != SEAL_VERSION)
		return (ERR_FORMAT);
	/* Another master key made it; the id is no secret. */
	if (memcmp(p, s->head, sizeof(s->head)) != 0)
		return (ERR_SIGNATURE);
	text_len = n - SEAL_OVERHEAD;
	memcpy(tag, text + text_len, sizeof(tag));
	if ((c = EVP_CIPHER_CTX_new()) == NULL)
		return (ERR_NOMEM);
	if (seal_start(s, c, p + SEAL_HEAD_LEN, aad, 0) != ERR_OK ||
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

/* Key, nonce, and what is authenticated but not encrypted: head and place. */
static enum err
seal_start(const struct sealer *s, EVP_CIPHER_CTX *c, const uint8_t *nonce,
    const char *aad, int enc)
{
	const uint8_t	*place = (const uint8_t *)aad;
	size_t		 aad_len = strlen(aad);
	int		 len;

	if (aad_len > INT_MAX ||
	    EVP_CipherInit_ex(c, s->cipher, NULL, s->key, nonce, enc) != 1 ||
	    EVP_CipherUpdate(c, NULL, &len, s->head, sizeof(s->head)) != 1 ||
	    (aad_len > 0 &&
	    EVP_CipherUpdate(c, NULL, &len, place, (int)aad_len) != 1))
		return (ERR_CRYPTO);
	return (ERR_OK);
}
