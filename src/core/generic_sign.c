/*
 * generic_sign - see generic_sign.h.  Ref: RFC 2104.
 */
#include "generic_sign.h"

#include <string.h>

#include "codec.h"
#include "digest.h"
#include "str.h"

#define SIGN_PREFIX_MAX	64
#define SIGN_TIME_MAX	24		/* digits, sign and NUL */

static enum err	generic_mac(const char *secret, const struct buf *text,
		    uint8_t mac[SHA256_LEN]);

enum err
generic_sign(const struct provider_signature *s, int64_t at_s,
    struct http_call *c)
{
	char		value[SIGN_PREFIX_MAX + CODEC_HEX_LEN(SHA256_LEN) + 1];
	char		text[CODEC_HEX_LEN(SHA256_LEN) + 1];
	char		at[SIGN_TIME_MAX];
	uint8_t		mac[SHA256_LEN];
	struct buf	b;
	enum err	r;

	buf_init(&b, HTTP_CALL_BODY_MAX + SIGN_TIME_MAX);
	if (s->timestamp_header[0] != '\0') {
		if ((r = str_printf(at, sizeof(at), "%lld",
		    (long long)at_s)) != ERR_OK || (r = http_call_header(c,
		    s->timestamp_header, at)) != ERR_OK)
			goto done;
		buf_str(&b, at);
		buf_char(&b, '.');
	}
	buf_add(&b, c->body.data, c->body.len);
	if ((r = buf_err(&b)) != ERR_OK ||
	    (r = generic_mac(s->secret, &b, mac)) != ERR_OK)
		goto done;
	if (s->is_base64)
		b64_encode(mac, sizeof(mac), text);
	else
		hex_encode(mac, sizeof(mac), text);
	if ((r = str_printf(value, sizeof(value), "%s%s", s->prefix, text)) ==
	    ERR_OK)
		r = http_call_header(c, s->header, value);
done:
	buf_clear(&b);
	return (r);
}

static enum err
generic_mac(const char *secret, const struct buf *text,
    uint8_t mac[SHA256_LEN])
{
	struct hmac_key	*k;
	enum err	 r;

	if ((r = hmac_key_new(secret, strlen(secret), &k)) != ERR_OK)
		return (r);
	r = hmac_sha256(k, text->data == NULL ? "" : text->data, text->len,
	    mac);
	hmac_key_free(k);		/* wipes it */
	return (r);
}
