/*
 * webhook_secret - see webhook_secret.h.
 */
#include "webhook_secret.h"

#include <string.h>

#include "buf.h"
#include "codec.h"
#include "digest.h"
#include "mem.h"
#include "str.h"

#define SECRET_PREFIX	"whsec_"
#define SECRET_BODY_MAX	4096

static enum err	webhook_aad(const struct uuid *app, char out[64]);

enum err
webhook_secret_make(struct sealer *s, const struct uuid *app,
    char text[WEBHOOK_SECRET_LEN + 1], uint8_t sealed[WEBHOOK_SEALED_LEN])
{
	char		aad[64];
	enum err	r;

	memcpy(text, SECRET_PREFIX, sizeof(SECRET_PREFIX));
	base62_random(text + sizeof(SECRET_PREFIX) - 1,
	    WEBHOOK_SECRET_LEN - (sizeof(SECRET_PREFIX) - 1));
	if ((r = webhook_aad(app, aad)) != ERR_OK)
		return (r);
	return (seal(s, aad, text, WEBHOOK_SECRET_LEN, sealed));
}

enum err
webhook_secret_open(struct sealer *s, const struct uuid *app,
    const uint8_t *sealed, size_t len, char text[WEBHOOK_SECRET_LEN + 1])
{
	char		aad[64];
	enum err	r;

	text[0] = '\0';
	if (len != WEBHOOK_SEALED_LEN)
		return (ERR_FORMAT);
	if ((r = webhook_aad(app, aad)) != ERR_OK ||
	    (r = seal_open(s, aad, sealed, len, (uint8_t *)text)) != ERR_OK) {
		text[0] = '\0';
		return (r);
	}
	text[WEBHOOK_SECRET_LEN] = '\0';
	return (ERR_OK);
}

enum err
webhook_sign(const char *secret, int64_t at_s, const char *body, size_t len,
    char out[WEBHOOK_SIGNATURE_LEN + 1])
{
	struct hmac_key	*k = NULL;
	struct buf	 signed_text;
	uint8_t		 mac[SHA256_LEN];
	char		 hex[CODEC_HEX_LEN(SHA256_LEN) + 1];
	enum err	 r;

	out[0] = '\0';
	buf_init(&signed_text, SECRET_BODY_MAX);
	buf_printf(&signed_text, "%lld.", (long long)at_s);
	buf_add(&signed_text, body, len);
	if ((r = buf_err(&signed_text)) != ERR_OK ||
	    (r = hmac_key_new(secret, strlen(secret), &k)) != ERR_OK ||
	    (r = hmac_sha256(k, signed_text.data, signed_text.len, mac)) !=
	    ERR_OK)
		goto done;
	hex_encode(mac, sizeof(mac), hex);
	r = str_printf(out, WEBHOOK_SIGNATURE_LEN + 1, "t=%lld,v1=%s",
	    (long long)at_s, hex);
done:
	hmac_key_free(k);
	buf_clear(&signed_text);
	return (r);
}

static enum err
webhook_aad(const struct uuid *app, char out[64])
{
	char	id[UUID_TEXT_LEN + 1];

	uuid_format(app, id);
	return (str_printf(out, 64, "webhook/secret/%s", id));
}
