/*
 * test_token_eddsa - access tokens signed with Ed25519: one made by another
 * program, every way to be wrong, both kinds side by side, the JWK set, and
 * keys as the database keeps them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "digest.h"
#include "ed25519.h"
#include "token.h"
#include "token_key.h"

#define ISS	"https://auth.example.com"
#define KID	"AbCdEfGhIjKl_-90"
#define KID2	"ZZZZZZZZZZZZZZZZ"
#define IAT	1795464900
#define EXP	1795465800
#define ID(n)	"01890a5d-ac96-774b-bcce-b302099a80" n

/* Made with Node's crypto from the seed 0, 1, .. 31. */
#define HEAD	"eyJhbGciOiJFZERTQSIsImtpZCI6IkFiQ2RFZkdoSWpLbF8tOTAiLCJ0eXAi" \
		"OiJhdCtqd3QifQ"
#define BODY	"eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiIwMTg5" \
		"MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJjbGllbnRfaWQi" \
		"OiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJzdWIi" \
		"OiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTgiLCJzaWQi" \
		"OiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTkiLCJqdGki" \
		"OiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNWEiLCJpYXQi" \
		"OjE3OTU0NjQ5MDAsImV4cCI6MTc5NTQ2NTgwMH0"
#define SIG	"qyrV6K09kv_r6O3eRwP6DU_XyQVjPUtPtxNfJt7u-vWyWAwXGD1MEO3CMsn4" \
		"M9yZGfVbwsOQVrnrcmyAPzPVDQ"
#define TOKEN	HEAD "." BODY "." SIG
#define PUBLIC	"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"

#define JWK	"{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","	\
		"\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"" KID	\
		"\",\"x\":\"" PUBLIC "\"},{"

static void	eddsa_of_others(void **state);
static void	eddsa_every_change(void **state);
static void	eddsa_confusion(void **state);
static void	eddsa_rotation(void **state);
static void	eddsa_longest(void **state);
static void	eddsa_jwks(void **state);
static void	eddsa_stored(void **state);

static void
seed_of(uint8_t seed[TOKEN_SECRET_LEN], int first)
{
	int	i;

	for (i = 0; i < TOKEN_SECRET_LEN; i++)
		seed[i] = (uint8_t)(first + i);
}

static struct token_keys *
keys_of(const char *iss)
{
	struct token_keys	*k;
	uint8_t			 seed[TOKEN_SECRET_LEN];

	seed_of(seed, 0);
	assert_int_equal(token_keys_new(iss, &k), ERR_OK);
	assert_int_equal(token_keys_add_eddsa(k, KID, seed), ERR_OK);
	return (k);
}

static struct token_claims
claims_of(void)
{
	struct token_claims	c = { .iat_s = IAT, .exp_s = EXP };

	assert_int_equal(uuid_parse(ID("57"), 36, &c.app), ERR_OK);
	assert_int_equal(uuid_parse(ID("58"), 36, &c.sub), ERR_OK);
	assert_int_equal(uuid_parse(ID("59"), 36, &c.sid), ERR_OK);
	assert_int_equal(uuid_parse(ID("5a"), 36, &c.jti), ERR_OK);
	return (c);
}

static void
eddsa_of_others(void **state)
{
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 c = claims_of(), got;
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_OK);
	assert_memory_equal(&got, &c, sizeof(c));
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), EXP,
	    &got), ERR_EXPIRED);
	assert_memory_equal(&got, &c, sizeof(c));
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_string_equal(text, TOKEN);
	assert_int_equal(len, strlen(TOKEN));
	token_keys_free(k);
}

/* Any change of any character, also of the spare bits of the last one. */
static void
eddsa_every_change(void **state)
{
	static const char	alphabet[] = "AB_w9=. \n\xff";
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got;
	char			 text[] = TOKEN;
	size_t			 at, c;

	(void)state;
	for (at = 0; at < sizeof(text) - 1; at++) {
		for (c = 0; c < sizeof(alphabet); c++) {
			if (alphabet[c] == TOKEN[at])
				continue;
			text[at] = alphabet[c];
			assert_int_not_equal(token_access_verify(k, text,
			    sizeof(text) - 1, IAT, &got), ERR_OK);
		}
		text[at] = TOKEN[at];
		assert_int_not_equal(token_access_verify(k, text, at, IAT,
		    &got), ERR_OK);
	}
	token_keys_free(k);
}

/* The key's own alg decides: a MAC under the public key is no signature. */
static void
eddsa_confusion(void **state)
{
	static const char	head[] =
	    "{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}";
	struct token_keys	*k = keys_of(ISS), *h;
	struct token_claims	 got;
	struct hmac_key		*m;
	uint8_t			 public[ED25519_PUBLIC_LEN], mac[SHA256_LEN];
	uint8_t			 seed[TOKEN_SECRET_LEN];
	char			 text[2048];
	size_t			 n = sizeof(public);

	(void)state;
	assert_int_equal(b64url_decode(PUBLIC, strlen(PUBLIC), public, &n),
	    ERR_OK);
	assert_int_equal(hmac_key_new(public, n, &m), ERR_OK);
	b64url_encode(head, strlen(head), text);
	memcpy(text + strlen(text), "." BODY, sizeof("." BODY));
	n = strlen(text);
	assert_int_equal(hmac_sha256(m, text, n, mac), ERR_OK);
	text[n++] = '.';
	b64url_encode(mac, sizeof(mac), text + n);
	assert_int_equal(token_access_verify(k, text, strlen(text), IAT,
	    &got), ERR_SIGNATURE);
	/* Under the right header such a MAC is too short. */
	memcpy(text, HEAD "." BODY, sizeof(HEAD "." BODY));
	n = strlen(text);
	assert_int_equal(hmac_sha256(m, text, n, mac), ERR_OK);
	text[n++] = '.';
	b64url_encode(mac, sizeof(mac), text + n);
	assert_int_not_equal(token_access_verify(k, text, strlen(text), IAT,
	    &got), ERR_OK);
	hmac_key_free(m);
	/* The same secret and kid as an HS256 key takes no EdDSA token. */
	seed_of(seed, 0);
	assert_int_equal(token_keys_new(ISS, &h), ERR_OK);
	assert_int_equal(token_keys_add_hs256(h, KID, seed), ERR_OK);
	assert_int_equal(token_access_verify(h, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_SIGNATURE);
	token_keys_free(h);
	token_keys_free(k);
}

/* From HS256 to EdDSA and back: the first signs, all verify. */
static void
eddsa_rotation(void **state)
{
	struct token_keys	*k, *only = keys_of(ISS);
	struct token_claims	 c = claims_of(), got;
	uint8_t			 seed[TOKEN_SECRET_LEN];
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
	seed_of(seed, 100);
	assert_int_equal(token_keys_add_hs256(k, KID2, seed), ERR_OK);
	seed_of(seed, 0);
	assert_int_equal(token_keys_add_eddsa(k, KID, seed), ERR_OK);
	assert_int_equal(token_keys_add_eddsa(k, KID2, seed), ERR_EXISTS);
	assert_int_equal(token_keys_add_eddsa(k, "short", seed), ERR_FORMAT);
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_int_equal(token_access_verify(k, text, len, IAT, &got), ERR_OK);
	assert_int_equal(token_access_verify(only, text, len, IAT, &got),
	    ERR_SIGNATURE);
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_OK);
	token_keys_free(only);
	/* The same kid with another seed. */
	seed_of(seed, 1);
	assert_int_equal(token_keys_new(ISS, &only), ERR_OK);
	assert_int_equal(token_keys_add_eddsa(only, KID, seed), ERR_OK);
	assert_int_equal(token_access_verify(only, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_SIGNATURE);
	token_keys_free(only);
	token_keys_free(k);
}

static void
eddsa_longest(void **state)
{
	struct token_keys	*k;
	struct token_claims	 c = claims_of(), got;
	char			 iss[TOKEN_ISS_MAX_LEN + 1];
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	memset(iss, 'i', TOKEN_ISS_MAX_LEN);
	iss[TOKEN_ISS_MAX_LEN] = '\0';
	k = keys_of(iss);
	c.iat_s = c.exp_s = 253402300799;
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_int_equal(len, strlen(text));
	assert_int_equal(token_access_verify(k, text, len, IAT, &got), ERR_OK);
	token_keys_free(k);
}

static void
eddsa_jwks(void **state)
{
	struct token_keys	*k;
	uint8_t			 seed[TOKEN_SECRET_LEN];
	struct buf		 b;

	(void)state;
	buf_init(&b, 4096);
	seed_of(seed, 0);
	assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
	assert_int_equal(token_keys_add_hs256(k, KID2, seed), ERR_OK);
	token_keys_jwks(k, &b);
	assert_string_equal(b.data, "{\"keys\":[]}");
	assert_int_equal(token_keys_add_eddsa(k, KID, seed), ERR_OK);
	seed_of(seed, 1);
	assert_int_equal(token_keys_add_eddsa(k, "0000000000000001", seed),
	    ERR_OK);
	buf_reset(&b);
	token_keys_jwks(k, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_memory_equal(b.data, JWK, strlen(JWK));
	assert_non_null(strstr(b.data, "\"kid\":\"0000000000000001\""));
	assert_null(strstr(b.data, KID2));
	assert_null(strstr(b.data, "\"d\""));
	buf_clear(&b);
	token_keys_free(k);
}

/* Sealed under the name of its row, for either alg. */
static void
eddsa_stored(void **state)
{
	static const uint8_t	master[32] = { 1, 2, 3 };
	static const char	*const algs[] = { "HS256", "EdDSA" };
	struct token_keys	*k;
	struct token_claims	 c = claims_of(), got;
	struct sealer		*s;
	uint8_t			 sealed[TOKEN_KEY_SEALED_LEN];
	char			 kid[TOKEN_KID_LEN + 1];
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 i, len;

	(void)state;
	assert_int_equal(sealer_new(master, &s), ERR_OK);
	for (i = 0; i < COUNT(algs); i++) {
		assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
		assert_int_equal(token_key_make(s, kid, sealed), ERR_OK);
		assert_int_equal(strlen(kid), TOKEN_KID_LEN);
		assert_int_equal(token_key_add(k, s, "none", kid, sealed),
		    ERR_RANGE);
		assert_int_equal(token_key_add(k, s, algs[i], KID, sealed),
		    ERR_SIGNATURE);
		assert_int_equal(token_key_add(k, s, algs[i], kid, sealed),
		    ERR_OK);
		assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
		assert_int_equal(token_access_verify(k, text, len, IAT, &got),
		    ERR_OK);
		token_keys_free(k);
	}
	sealer_free(s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(eddsa_of_others),
		cmocka_unit_test(eddsa_every_change),
		cmocka_unit_test(eddsa_confusion),
		cmocka_unit_test(eddsa_rotation),
		cmocka_unit_test(eddsa_longest),
		cmocka_unit_test(eddsa_jwks),
		cmocka_unit_test(eddsa_stored),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
