/*
 * token_key - see token_key.h.
 */
#include "token_key.h"

#include <string.h>

#include "codec.h"
#include "mem.h"
#include "rnd.h"
#include "str.h"

#define TOKEN_KEY_AAD_LEN	64

static enum err	token_key_aad(const char *kid, char out[TOKEN_KEY_AAD_LEN]);

enum err
token_key_make(struct sealer *s, char kid[TOKEN_KID_LEN + 1],
    uint8_t sealed[TOKEN_KEY_SEALED_LEN])
{
	uint8_t		secret[TOKEN_SECRET_LEN];
	char		aad[TOKEN_KEY_AAD_LEN];
	enum err	r;

	rnd_bytes(secret, sizeof(secret));
	base62_random(kid, TOKEN_KID_LEN);
	if ((r = token_key_aad(kid, aad)) == ERR_OK)
		r = seal(s, aad, secret, sizeof(secret), sealed);
	mem_wipe(secret, sizeof(secret));
	return (r);
}

enum err
token_key_add(struct token_keys *keys, struct sealer *s, const char *alg,
    const char *kid, const uint8_t sealed[TOKEN_KEY_SEALED_LEN])
{
	uint8_t		secret[TOKEN_SECRET_LEN];
	char		aad[TOKEN_KEY_AAD_LEN];
	enum err	r;

	if ((r = token_key_aad(kid, aad)) != ERR_OK ||
	    (r = seal_open(s, aad, sealed, TOKEN_KEY_SEALED_LEN, secret)) !=
	    ERR_OK)
		goto done;
	if (strcmp(alg, "HS256") == 0)
		r = token_keys_add_hs256(keys, kid, secret);
	else if (strcmp(alg, "EdDSA") == 0)
		r = token_keys_add_eddsa(keys, kid, secret);
	else
		r = ERR_RANGE;
done:
	mem_wipe(secret, sizeof(secret));
	return (r);
}

/* Where the secret stands: it cannot be moved to another row. */
static enum err
token_key_aad(const char *kid, char out[TOKEN_KEY_AAD_LEN])
{
	return (str_printf(out, TOKEN_KEY_AAD_LEN, "token_key/secret/%s",
	    kid));
}
