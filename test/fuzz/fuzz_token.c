/*
 * fuzz_token - four ways in, by the first byte: the text of an access token,
 * a payload that is well signed with either kind of key, the text of a refresh
 * token.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "digest.h"
#include "ed25519.h"
#include "token.h"

#define KID_MAC	"0123456789abcdef"
#define KID_ED	"ed25519-ed25519-"
#define HEADER(alg, kid)	"{\"alg\":\"" alg "\",\"kid\":\"" kid	\
				"\",\"typ\":\"at+jwt\"}"
#define TEXT_ED	"eyJhbGciOiJFZERTQSIs"	/* {"alg":"EdDSA", */
#define PAYLOAD_MAX	700
#define NOW	1795464900

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The keys of all runs; the first run makes them.  Both sets hold both. */
static struct token_keys	*keys, *keys_ed;	/* HS256, EdDSA signs */
/* The same secrets, for forging. */
static struct hmac_key		*mac_key;
static struct ed25519_key	*ed_key;

static void
set_up(void)
{
	uint8_t	secret[TOKEN_SECRET_LEN], seed[TOKEN_SECRET_LEN];

	if (keys != NULL)
		return;
	memset(secret, 's', sizeof(secret));
	memset(seed, 'e', sizeof(seed));
	if (token_keys_new("https://auth.example.com", &keys) != ERR_OK ||
	    token_keys_add_hs256(keys, KID_MAC, secret) != ERR_OK ||
	    token_keys_add_eddsa(keys, KID_ED, seed) != ERR_OK ||
	    token_keys_new("https://auth.example.com", &keys_ed) != ERR_OK ||
	    token_keys_add_eddsa(keys_ed, KID_ED, seed) != ERR_OK ||
	    token_keys_add_hs256(keys_ed, KID_MAC, secret) != ERR_OK ||
	    hmac_key_new(secret, sizeof(secret), &mac_key) != ERR_OK ||
	    ed25519_key_new(seed, &ed_key) != ERR_OK)
		abort();
}

/* What was accepted can be said again, and means the same. */
static void
check_claims(const struct token_claims *c, const char *text, size_t len)
{
	struct token_claims	again;
	struct token_keys	*k;
	char			made[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			made_len;

	k = memcmp(text, TEXT_ED, sizeof(TEXT_ED) - 1) == 0 ? keys_ed : keys;
	if (token_access_sign(k, c, made, &made_len) != ERR_OK)
		abort();
	/* Ids are read in either case, so only the length must be equal. */
	if (made_len != len || memcmp(made, text, 40) != 0)
		abort();
	/* Read at the year 1970: not expired, unless its exp is 0. */
	switch (token_access_verify(keys, made, made_len, 0, &again)) {
	case ERR_OK:
	case ERR_EXPIRED:
		break;
	default:
		abort();
	}
	if (memcmp(c, &again, sizeof(again)) != 0)
		abort();
}

static void
check_access(const char *text, size_t len)
{
	struct token_claims	c, zero;

	memset(&zero, 0, sizeof(zero));
	switch (token_access_verify(keys, text, len, NOW, &c)) {
	case ERR_OK:
		if (c.exp_s <= NOW)
			abort();
		check_claims(&c, text, len);
		break;
	case ERR_EXPIRED:
		if (c.exp_s > NOW)
			abort();
		check_claims(&c, text, len);
		break;
	case ERR_FORMAT:
	case ERR_SIGNATURE:
		if (memcmp(&c, &zero, sizeof(c)) != 0)
			abort();
		break;
	default:
		abort();
	}
}

static void
check_payload(const uint8_t *data, size_t len, int is_ed)
{
	const char	*header = is_ed ? HEADER("EdDSA", KID_ED) :
			    HEADER("HS256", KID_MAC);
	char		text[2 * PAYLOAD_MAX];
	uint8_t		sig[ED25519_SIG_LEN];
	size_t		n, sig_len;

	if (len > PAYLOAD_MAX)
		return;
	b64url_encode(header, strlen(header), text);
	n = strlen(text);
	text[n++] = '.';
	b64url_encode(data, len, text + n);
	n += CODEC_B64URL_LEN(len);
	sig_len = is_ed ? ED25519_SIG_LEN : SHA256_LEN;
	if ((is_ed ? ed25519_sign(ed_key, text, n, sig) :
	    hmac_sha256(mac_key, text, n, sig)) != ERR_OK)
		abort();
	text[n++] = '.';
	b64url_encode(sig, sig_len, text + n);
	check_access(text, n + CODEC_B64URL_LEN(sig_len));
}

static void
check_refresh(const char *text, size_t len)
{
	struct token_hash	h;
	uint8_t			want[SHA256_LEN];

	if (token_refresh_parse(text, len, &h) != ERR_OK)
		return;
	sha256_of(text, len, want);
	if (len != TOKEN_REFRESH_LEN || memcmp(text, "isr_", 4) != 0 ||
	    memcmp(want, h.b, sizeof(want)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	set_up();
	if (len == 0)
		return (0);
	switch (data[0]) {
	case 'p':
		check_payload(data + 1, len - 1, 0);
		break;
	case 'e':
		check_payload(data + 1, len - 1, 1);
		break;
	case 'r':
		check_refresh((const char *)data + 1, len - 1);
		break;
	default:
		check_access((const char *)data + 1, len - 1);
		break;
	}
	return (0);
}
