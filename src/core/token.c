/*
 * token - access tokens (JWT) and refresh tokens.
 * Owns their bytes and the keys that sign them; sessions, assignments and
 * revocation are others'.
 *
 * Both parts of an access token are read by comparison with what this file
 * writes.  The header, which comes before authentication, must equal the
 * ready-made header of a key: that settles kid, alg and typ in one memcmp, and
 * nothing a stranger sends is ever parsed.  The payload is authenticated when
 * it is decoded, and its layout is fixed.
 * Ref: RFC 7515, RFC 7518 3.2, RFC 7519, RFC 8037, RFC 9068, api.md s.3.
 */
#include "token.h"

#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "codec.h"
#include "digest.h"
#include "ed25519.h"
#include "mem.h"
#include "rnd.h"
#include "str.h"

#define TOKEN_HEADER_JSON_MAX	56	/* {"alg":..,"kid":..,"typ":"at+jwt"} */
#define TOKEN_HEADER_MAX_LEN	CODEC_B64URL_LEN(TOKEN_HEADER_JSON_MAX)
#define TOKEN_SIG_MAX_LEN	ED25519_SIG_LEN	/* bytes, the longest */
/* {"iss":"..","aud":" is 15 and the issuer; a few of it may need escapes. */
#define TOKEN_PREFIX_MAX_LEN	(TOKEN_ISS_MAX_LEN + 45)
#define TOKEN_TIME_MAX		INT64_C(253402300799)	/* end of 9999 */
#define TOKEN_TIME_DIGITS	12
/* Behind the prefix: 5 UUIDs of 36, 2 times of 12, the texts below of 58. */
#define TOKEN_PAYLOAD_MAX_LEN	(TOKEN_PREFIX_MAX_LEN + 5 * 36 + 2 * 12 + 58)
#define TOKEN_REFRESH_PREFIX	"isr_"
#define TOKEN_REFRESH_BYTES	32

_Static_assert(TOKEN_HEADER_MAX_LEN + 1 +
    CODEC_B64URL_LEN(TOKEN_PAYLOAD_MAX_LEN) + 1 +
    CODEC_B64URL_LEN(TOKEN_SIG_MAX_LEN) <= TOKEN_ACCESS_MAX_LEN,
    "an access token fits its buffer");

_Static_assert(TOKEN_REFRESH_BYTES == SHA256_LEN,
    "a refresh token's successor is one MAC");

/* Texts between the values of a payload, in the order they are written. */
#define TOKEN_CLIENT_ID		"\",\"client_id\":\""
#define TOKEN_SUB		"\",\"sub\":\""
#define TOKEN_SID		"\",\"sid\":\""
#define TOKEN_JTI		"\",\"jti\":\""
#define TOKEN_IAT		"\",\"iat\":"
#define TOKEN_EXP		",\"exp\":"

enum token_alg { TOKEN_HS256, TOKEN_EDDSA };

struct token_key {
	enum token_alg	 alg;
	char		 kid[TOKEN_KID_LEN + 1];
	char		 header[TOKEN_HEADER_MAX_LEN + 2];	/* and '.' */
	size_t		 header_len;
	size_t		 sig_len;		/* bytes before base64url */
	struct hmac_key	*hmac;			/* TOKEN_HS256 */
	struct ed25519_key *ed;			/* TOKEN_EDDSA */
};

struct token_keys {
	struct token_key	key[TOKEN_KEYS_MAX];	/* [0] signs */
	size_t			n;
	char			prefix[TOKEN_PREFIX_MAX_LEN + 1];
	size_t			prefix_len;
};

/* A payload being read: what is left of it. */
struct token_scan {
	const char	*s;
	size_t		 len;
};

static bool		 token_kid_check(const char *kid);
static const char	*token_alg_name(enum token_alg alg);
static enum err		 token_key_begin(struct token_keys *k,
			    enum token_alg alg, const char *kid,
			    struct token_key **out);
static enum err		 token_key_header(struct token_key *key);
static enum err		 token_sig_make(struct token_key *key, const char *s,
			    size_t len, uint8_t sig[TOKEN_SIG_MAX_LEN]);
static enum err		 token_sig_check(struct token_key *key, const char *s,
			    size_t len, const char *sig_text);
static void		 token_refresh_format(
			    const uint8_t secret[TOKEN_REFRESH_BYTES],
			    char text[TOKEN_REFRESH_LEN + 1],
			    struct token_hash *h);
static size_t		 token_payload_format(const struct token_keys *k,
			    const struct token_claims *c,
			    char out[TOKEN_PAYLOAD_MAX_LEN]);
static enum err		 token_payload_parse(const struct token_keys *k,
			    const char *s, size_t len,
			    struct token_claims *out);
static size_t		 token_put(char *out, size_t at, const char *s);
static size_t		 token_put_uuid(char *out, size_t at,
			    const struct uuid *u);
static size_t		 token_put_time(char *out, size_t at, int64_t v);
static bool		 token_take(struct token_scan *t, const char *s,
			    size_t len);
static bool		 token_take_uuid(struct token_scan *t, struct uuid *u);
static bool		 token_take_time(struct token_scan *t, int64_t *v);

#define TOKEN_TAKE(t, lit)	token_take(t, lit, sizeof(lit) - 1)

enum err
token_keys_new(const char *iss, struct token_keys **out)
{
	struct token_keys	*k = NULL;
	struct buf		 b;
	enum err		 r;

	buf_init(&b, TOKEN_PREFIX_MAX_LEN);
	if (strlen(iss) > TOKEN_ISS_MAX_LEN) {
		r = ERR_TOO_LONG;
		goto done;
	}
	if (!str_is_utf8(iss, strlen(iss))) {
		r = ERR_FORMAT;
		goto done;
	}
	if ((k = mem_new(sizeof(*k))) == NULL) {
		r = ERR_NOMEM;
		goto done;
	}
	buf_str(&b, "{\"iss\":");
	buf_json(&b, iss, strlen(iss));
	buf_str(&b, ",\"aud\":\"");
	if ((r = buf_err(&b)) != ERR_OK)
		goto done;
	memcpy(k->prefix, b.data, b.len);
	k->prefix_len = b.len;
	*out = k;
	k = NULL;			/* transferred */
done:
	buf_clear(&b);
	token_keys_free(k);
	return (r);
}

void
token_keys_free(struct token_keys *k)
{
	size_t	i;

	if (k == NULL)
		return;
	for (i = 0; i < k->n; i++) {
		hmac_key_free(k->key[i].hmac);
		ed25519_key_free(k->key[i].ed);
	}
	mem_free(k);
}

enum err
token_keys_add_hs256(struct token_keys *k, const char *kid,
    const uint8_t secret[TOKEN_SECRET_LEN])
{
	struct token_key	*key;
	enum err		 r;

	if ((r = token_key_begin(k, TOKEN_HS256, kid, &key)) != ERR_OK ||
	    (r = hmac_key_new(secret, TOKEN_SECRET_LEN, &key->hmac)) != ERR_OK)
		return (r);
	key->sig_len = SHA256_LEN;
	k->n++;
	return (ERR_OK);
}

enum err
token_keys_add_eddsa(struct token_keys *k, const char *kid,
    const uint8_t seed[TOKEN_SECRET_LEN])
{
	struct token_key	*key;
	enum err		 r;

	if ((r = token_key_begin(k, TOKEN_EDDSA, kid, &key)) != ERR_OK ||
	    (r = ed25519_key_new(seed, &key->ed)) != ERR_OK)
		return (r);
	key->sig_len = ED25519_SIG_LEN;
	k->n++;
	return (ERR_OK);
}

void
token_keys_jwks(const struct token_keys *k, struct buf *out)
{
	uint8_t		public[ED25519_PUBLIC_LEN];
	char		x[CODEC_B64URL_LEN(ED25519_PUBLIC_LEN) + 1];
	const char	*comma = "";
	size_t		i;

	buf_str(out, "{\"keys\":[");
	for (i = 0; i < k->n; i++) {
		if (k->key[i].alg != TOKEN_EDDSA)
			continue;
		ed25519_public(k->key[i].ed, public);
		b64url_encode(public, sizeof(public), x);
		buf_printf(out, "%s{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
		    "\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"%s\","
		    "\"x\":\"%s\"}", comma, k->key[i].kid, x);
		comma = ",";
	}
	buf_str(out, "]}");
}

enum err
token_access_sign(struct token_keys *k, const struct token_claims *c,
    char out[TOKEN_ACCESS_MAX_LEN + 1], size_t *len)
{
	char			 payload[TOKEN_PAYLOAD_MAX_LEN];
	uint8_t			 sig[TOKEN_SIG_MAX_LEN];
	struct token_key	*key = &k->key[0];
	size_t			 at, n;
	enum err		 r;

	out[0] = '\0';
	*len = 0;
	if (k->n == 0)
		return (ERR_NOT_FOUND);
	if (c->iat_s < 0 || c->iat_s > TOKEN_TIME_MAX || c->exp_s < 0 ||
	    c->exp_s > TOKEN_TIME_MAX)
		return (ERR_RANGE);
	n = token_payload_format(k, c, payload);
	at = key->header_len + CODEC_B64URL_LEN(n);
	memcpy(out, key->header, key->header_len);
	b64url_encode(payload, n, out + key->header_len);
	if ((r = token_sig_make(key, out, at, sig)) != ERR_OK) {
		out[0] = '\0';
		return (r);
	}
	out[at++] = '.';
	b64url_encode(sig, key->sig_len, out + at);
	*len = at + CODEC_B64URL_LEN(key->sig_len);
	return (ERR_OK);
}

enum err
token_access_verify(struct token_keys *k, const char *s, size_t len,
    int64_t now_s, struct token_claims *out)
{
	struct token_key	*key = NULL;
	char			 payload[TOKEN_PAYLOAD_MAX_LEN];
	size_t			 i, n = sizeof(payload);
	size_t			 signed_len, sig_text_len;
	enum err		 r;

	memset(out, 0, sizeof(*out));
	if (len == 0 || len > TOKEN_ACCESS_MAX_LEN)
		return (ERR_FORMAT);
	for (i = 0; i < k->n && key == NULL; i++) {
		if (len > k->key[i].header_len && memcmp(s, k->key[i].header,
		    k->key[i].header_len) == 0)
			key = &k->key[i];
	}
	if (key == NULL)	/* no token of ours, or its key is gone */
		return (ERR_SIGNATURE);
	sig_text_len = CODEC_B64URL_LEN(key->sig_len);
	if (len <= key->header_len + 1 + sig_text_len ||
	    s[len - sig_text_len - 1] != '.')
		return (ERR_FORMAT);
	signed_len = len - sig_text_len - 1;
	if ((r = token_sig_check(key, s, signed_len, s + signed_len + 1)) !=
	    ERR_OK)
		return (r);
	if (b64url_decode(s + key->header_len, signed_len - key->header_len,
	    payload, &n) != ERR_OK)
		return (ERR_FORMAT);
	if ((r = token_payload_parse(k, payload, n, out)) != ERR_OK) {
		memset(out, 0, sizeof(*out));
		return (r);
	}
	/* RFC 7519 s.4.1.4: on the second of exp it is over. */
	return (now_s >= out->exp_s ? ERR_EXPIRED : ERR_OK);
}

void
token_refresh_make(char text[TOKEN_REFRESH_LEN + 1], struct token_hash *h)
{
	uint8_t	secret[TOKEN_REFRESH_BYTES];

	rnd_bytes(secret, sizeof(secret));
	token_refresh_format(secret, text, h);
	mem_wipe(secret, sizeof(secret));
}

enum err
token_refresh_next(struct hmac_key *k, const char *old,
    char text[TOKEN_REFRESH_LEN + 1], struct token_hash *h)
{
	uint8_t		secret[SHA256_LEN];
	enum err	r;

	if ((r = hmac_sha256(k, old, TOKEN_REFRESH_LEN, secret)) == ERR_OK)
		token_refresh_format(secret, text, h);
	mem_wipe(secret, sizeof(secret));
	return (r);
}

enum err
token_refresh_parse(const char *s, size_t len, struct token_hash *h)
{
	uint8_t		secret[TOKEN_REFRESH_BYTES];
	const size_t	prefix_len = sizeof(TOKEN_REFRESH_PREFIX) - 1;
	size_t		n = sizeof(secret);
	enum err	r = ERR_FORMAT;

	memset(h, 0, sizeof(*h));
	if (len == TOKEN_REFRESH_LEN &&
	    memcmp(s, TOKEN_REFRESH_PREFIX, prefix_len) == 0 &&
	    b64url_decode(s + prefix_len, len - prefix_len, secret, &n) ==
	    ERR_OK && n == sizeof(secret)) {
		sha256_of(s, len, h->b);
		r = ERR_OK;
	}
	mem_wipe(secret, sizeof(secret));
	return (r);
}

/* base64url characters only, so that a kid never needs escaping in JSON. */
static bool
token_kid_check(const char *kid)
{
	size_t	i;

	for (i = 0; kid[i] != '\0'; i++) {
		if (i == TOKEN_KID_LEN || strchr("0123456789_-"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		    kid[i]) == NULL)
			return (false);
	}
	return (i == TOKEN_KID_LEN);
}

static const char *
token_alg_name(enum token_alg alg)
{
	switch (alg) {
	case TOKEN_HS256:
		return ("HS256");
	case TOKEN_EDDSA:
		return ("EdDSA");
	}
	return ("none");	/* unreachable; no verifier takes it */
}

/* The next free place, with all but the secret; |k->n| is the caller's. */
static enum err
token_key_begin(struct token_keys *k, enum token_alg alg, const char *kid,
    struct token_key **out)
{
	size_t	i;

	if (!token_kid_check(kid))
		return (ERR_FORMAT);
	for (i = 0; i < k->n; i++) {
		if (strcmp(k->key[i].kid, kid) == 0)
			return (ERR_EXISTS);
	}
	if (k->n == TOKEN_KEYS_MAX)
		return (ERR_SPACE);
	*out = &k->key[k->n];
	(*out)->alg = alg;
	memcpy((*out)->kid, kid, TOKEN_KID_LEN + 1);
	return (token_key_header(*out));
}

static enum err
token_key_header(struct token_key *key)
{
	char		json[TOKEN_HEADER_JSON_MAX + 1];
	enum err	r;

	if ((r = str_printf(json, sizeof(json),
	    "{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}",
	    token_alg_name(key->alg), key->kid)) != ERR_OK)
		return (r);
	b64url_encode(json, strlen(json), key->header);
	key->header_len = strlen(key->header);
	key->header[key->header_len++] = '.';
	return (ERR_OK);
}

static enum err
token_sig_make(struct token_key *key, const char *s, size_t len,
    uint8_t sig[TOKEN_SIG_MAX_LEN])
{
	switch (key->alg) {
	case TOKEN_HS256:
		return (hmac_sha256(key->hmac, s, len, sig));
	case TOKEN_EDDSA:
		return (ed25519_sign(key->ed, s, len, sig));
	}
	return (ERR_CRYPTO);
}

/* |sig_text| has CODEC_B64URL_LEN(key->sig_len) characters. */
static enum err
token_sig_check(struct token_key *key, const char *s, size_t len,
    const char *sig_text)
{
	uint8_t		given[TOKEN_SIG_MAX_LEN], want[TOKEN_SIG_MAX_LEN];
	size_t		n = sizeof(given);
	enum err	r;

	if (b64url_decode(sig_text, CODEC_B64URL_LEN(key->sig_len), given,
	    &n) != ERR_OK || n != key->sig_len)
		return (ERR_FORMAT);
	switch (key->alg) {
	case TOKEN_HS256:
		if ((r = token_sig_make(key, s, len, want)) == ERR_OK &&
		    !mem_eq_ct(given, want, key->sig_len))
			r = ERR_SIGNATURE;
		mem_wipe(want, sizeof(want));
		return (r);
	case TOKEN_EDDSA:
		return (ed25519_verify(key->ed, s, len, given));
	}
	return (ERR_CRYPTO);
}

static void
token_refresh_format(const uint8_t secret[TOKEN_REFRESH_BYTES],
    char text[TOKEN_REFRESH_LEN + 1], struct token_hash *h)
{
	memcpy(text, TOKEN_REFRESH_PREFIX, sizeof(TOKEN_REFRESH_PREFIX) - 1);
	b64url_encode(secret, TOKEN_REFRESH_BYTES,
	    text + sizeof(TOKEN_REFRESH_PREFIX) - 1);
	sha256_of(text, TOKEN_REFRESH_LEN, h->b);
}

static size_t
token_payload_format(const struct token_keys *k, const struct token_claims *c,
    char out[TOKEN_PAYLOAD_MAX_LEN])
{
	size_t	at = k->prefix_len;

	memcpy(out, k->prefix, at);
	at = token_put_uuid(out, at, &c->app);
	at = token_put(out, at, TOKEN_CLIENT_ID);
	at = token_put_uuid(out, at, &c->app);
	at = token_put(out, at, TOKEN_SUB);
	at = token_put_uuid(out, at, &c->sub);
	at = token_put(out, at, TOKEN_SID);
	at = token_put_uuid(out, at, &c->sid);
	at = token_put(out, at, TOKEN_JTI);
	at = token_put_uuid(out, at, &c->jti);
	at = token_put(out, at, TOKEN_IAT);
	at = token_put_time(out, at, c->iat_s);
	at = token_put(out, at, TOKEN_EXP);
	at = token_put_time(out, at, c->exp_s);
	return (token_put(out, at, "}"));
}

static enum err
token_payload_parse(const struct token_keys *k, const char *s, size_t len,
    struct token_claims *out)
{
	struct token_scan	t = { s, len };
	struct uuid		client;

	if (!token_take(&t, k->prefix, k->prefix_len) ||
	    !token_take_uuid(&t, &out->app) ||
	    !TOKEN_TAKE(&t, TOKEN_CLIENT_ID) ||
	    !token_take_uuid(&t, &client) ||
	    !TOKEN_TAKE(&t, TOKEN_SUB) ||
	    !token_take_uuid(&t, &out->sub) ||
	    !TOKEN_TAKE(&t, TOKEN_SID) ||
	    !token_take_uuid(&t, &out->sid) ||
	    !TOKEN_TAKE(&t, TOKEN_JTI) ||
	    !token_take_uuid(&t, &out->jti) ||
	    !TOKEN_TAKE(&t, TOKEN_IAT) ||
	    !token_take_time(&t, &out->iat_s) ||
	    !TOKEN_TAKE(&t, TOKEN_EXP) ||
	    !token_take_time(&t, &out->exp_s) ||
	    !TOKEN_TAKE(&t, "}") || t.len != 0 ||
	    uuid_cmp(&out->app, &client) != 0)
		return (ERR_FORMAT);
	return (ERR_OK);
}

static size_t
token_put(char *out, size_t at, const char *s)
{
	size_t	len = strlen(s);

	memcpy(out + at, s, len);
	return (at + len);
}

static size_t
token_put_uuid(char *out, size_t at, const struct uuid *u)
{
	char	text[UUID_TEXT_LEN + 1];

	uuid_format(u, text);
	memcpy(out + at, text, UUID_TEXT_LEN);
	return (at + UUID_TEXT_LEN);
}

/* |v| is within 0..TOKEN_TIME_MAX. */
static size_t
token_put_time(char *out, size_t at, int64_t v)
{
	char	digits[TOKEN_TIME_DIGITS];
	size_t	n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		out[at++] = digits[--n];
	return (at);
}

static bool
token_take(struct token_scan *t, const char *s, size_t len)
{
	if (t->len < len || memcmp(t->s, s, len) != 0)
		return (false);
	t->s += len;
	t->len -= len;
	return (true);
}

static bool
token_take_uuid(struct token_scan *t, struct uuid *u)
{
	if (t->len < UUID_TEXT_LEN ||
	    uuid_parse(t->s, UUID_TEXT_LEN, u) != ERR_OK)
		return (false);
	t->s += UUID_TEXT_LEN;
	t->len -= UUID_TEXT_LEN;
	return (true);
}

static bool
token_take_time(struct token_scan *t, int64_t *v)
{
	size_t	n = 0;

	while (n < t->len && n < TOKEN_TIME_DIGITS && t->s[n] >= '0' &&
	    t->s[n] <= '9')
		n++;
	if ((n > 1 && t->s[0] == '0') ||
	    str_int(t->s, n, 0, TOKEN_TIME_MAX, v) != ERR_OK)
		return (false);
	t->s += n;
	t->len -= n;
	return (true);
}
