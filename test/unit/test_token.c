/*
 * test_token - access tokens: one made by another program, round trips,
 * rotation, and every way to be wrong.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "digest.h"
#include "token.h"

#define ISS	"https://auth.example.com"
#define KID	"AbCdEfGhIjKl_-90"
#define KID2	"ZZZZZZZZZZZZZZZZ"
#define HEADER	"{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}"
#define APP	"01890a5d-ac96-774b-bcce-b302099a8057"
#define SUB	"01890a5d-ac96-774b-bcce-b302099a8058"
#define SID	"01890a5d-ac96-774b-bcce-b302099a8059"
#define JTI	"01890a5d-ac96-774b-bcce-b302099a805a"
#define IAT	1795464900
#define EXP	1795465800

/* Made with Node's crypto from the values above and the secret 0, 1, .. 31. */
#define TOKEN	\
	"eyJhbGciOiJIUzI1NiIsImtpZCI6IkFiQ2RFZkdoSWpLbF8tOTAiLCJ0eXAiOiJhdCtq"	\
	"d3QifQ.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiIwMTg5M"	\
	"GE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJjbGllbnRfaWQiOiIwMTg5M"	\
	"GE1ZC1hYzk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTciLCJzdWIiOiIwMTg5MGE1ZC1hY"	\
	"zk2LTc3NGItYmNjZS1iMzAyMDk5YTgwNTgiLCJzaWQiOiIwMTg5MGE1ZC1hYzk2LTc3N"	\
	"GItYmNjZS1iMzAyMDk5YTgwNTkiLCJqdGkiOiIwMTg5MGE1ZC1hYzk2LTc3NGItYmNjZ"	\
	"S1iMzAyMDk5YTgwNWEiLCJpYXQiOjE3OTU0NjQ5MDAsImV4cCI6MTc5NTQ2NTgwMH0.u"	\
	"JW_UrScH0kPt_TRe-eFuP6qPnKolD2cxkBM-f1Bzpk"

static void	token_of_others(void **state);
static void	token_round(void **state);
static void	token_forms(void **state);
static void	token_expiry_table(void **state);
static void	token_bad_header_table(void **state);
static void	token_bad_payload_table(void **state);
static void	token_bad_text_table(void **state);
static void	token_every_change(void **state);
static void	token_every_length(void **state);
static void	token_rotation(void **state);
static void	token_other_issuer(void **state);
static void	token_keys_table(void **state);
static void	token_limits(void **state);

static void
secret_of(uint8_t secret[TOKEN_SECRET_LEN], int first)
{
	int	i;

	for (i = 0; i < TOKEN_SECRET_LEN; i++)
		secret[i] = (uint8_t)(first + i);
}

static struct token_keys *
keys_of(const char *iss)
{
	struct token_keys	*k;
	uint8_t			 secret[TOKEN_SECRET_LEN];

	secret_of(secret, 0);
	assert_int_equal(token_keys_new(iss, &k), ERR_OK);
	assert_int_equal(token_keys_add_hs256(k, KID, secret), ERR_OK);
	return (k);
}

static struct uuid
id_of(const char *s)
{
	struct uuid	u;

	assert_int_equal(uuid_parse(s, strlen(s), &u), ERR_OK);
	return (u);
}

static struct token_claims
claims_of(void)
{
	struct token_claims	c = {
		id_of(APP), id_of(SUB), id_of(SID), id_of(JTI), IAT, EXP
	};

	return (c);
}

/* A well-signed token of any header and payload; the secret is ours. */
static size_t
forge(const char *header, const char *payload, char *out)
{
	struct hmac_key	*k;
	uint8_t		 secret[TOKEN_SECRET_LEN], mac[SHA256_LEN];
	size_t		 n;

	secret_of(secret, 0);
	b64url_encode(header, strlen(header), out);
	n = strlen(out);
	out[n++] = '.';
	b64url_encode(payload, strlen(payload), out + n);
	n += strlen(out + n);
	assert_int_equal(hmac_key_new(secret, sizeof(secret), &k), ERR_OK);
	assert_int_equal(hmac_sha256(k, out, n, mac), ERR_OK);
	hmac_key_free(k);
	out[n++] = '.';
	b64url_encode(mac, sizeof(mac), out + n);
	return (strlen(out));
}

static void
token_of_others(void **state)
{
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 c = claims_of(), got;
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_OK);
	assert_int_equal(uuid_cmp(&got.app, &c.app), 0);
	assert_int_equal(uuid_cmp(&got.sub, &c.sub), 0);
	assert_int_equal(uuid_cmp(&got.sid, &c.sid), 0);
	assert_int_equal(uuid_cmp(&got.jti, &c.jti), 0);
	assert_int_equal(got.iat_s, IAT);
	assert_int_equal(got.exp_s, EXP);
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_string_equal(text, TOKEN);
	assert_int_equal(len, strlen(TOKEN));
	token_keys_free(k);
}

static void
token_round(void **state)
{
	static const int64_t	times[] = {
		0, 1, 9, 10, 999999999, 1000000000, IAT, 253402300799
	};
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 c, got;
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 i, len;

	(void)state;
	for (i = 0; i < COUNT(times); i++) {
		uuid_make(&c.app);
		uuid_make(&c.sub);
		uuid_make(&c.sid);
		uuid_make(&c.jti);
		c.iat_s = times[i];
		c.exp_s = 253402300799;
		assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
		assert_int_equal(len, strlen(text));
		assert_int_equal(token_access_verify(k, text, len, 5, &got),
		    ERR_OK);
		assert_memory_equal(&c.app, &got.app, sizeof(c.app));
		assert_memory_equal(&c.sub, &got.sub, sizeof(c.sub));
		assert_memory_equal(&c.sid, &got.sid, sizeof(c.sid));
		assert_memory_equal(&c.jti, &got.jti, sizeof(c.jti));
		assert_int_equal(c.iat_s, got.iat_s);
		assert_int_equal(c.exp_s, got.exp_s);
	}
	token_keys_free(k);
}

/* What a JOSE library of an application sees. */
static void
token_forms(void **state)
{
	struct token_keys	*k = keys_of("http://a\"b\\c");
	struct token_claims	 c = claims_of();
	char			 text[TOKEN_ACCESS_MAX_LEN + 1], *dot;
	char			 raw[TOKEN_ACCESS_MAX_LEN];
	size_t			 len, n = sizeof(raw);
	json_t			*j;

	(void)state;
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	dot = strchr(text, '.');
	assert_int_equal(b64url_decode(text, (size_t)(dot - text), raw, &n),
	    ERR_OK);
	assert_int_equal(n, strlen(HEADER));
	assert_memory_equal(raw, HEADER, n);
	n = sizeof(raw);
	assert_int_equal(b64url_decode(dot + 1, strcspn(dot + 1, "."), raw,
	    &n), ERR_OK);
	j = json_loadb(raw, n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_int_equal(json_object_size(j), 8);
	assert_string_equal(json_string_value(json_object_get(j, "iss")),
	    "http://a\"b\\c");
	assert_string_equal(json_string_value(json_object_get(j, "aud")), APP);
	assert_string_equal(json_string_value(json_object_get(j,
	    "client_id")), APP);
	assert_string_equal(json_string_value(json_object_get(j, "sub")), SUB);
	assert_string_equal(json_string_value(json_object_get(j, "sid")), SID);
	assert_string_equal(json_string_value(json_object_get(j, "jti")), JTI);
	assert_int_equal(json_integer_value(json_object_get(j, "iat")), IAT);
	assert_int_equal(json_integer_value(json_object_get(j, "exp")), EXP);
	json_decref(j);
	assert_int_equal(token_access_verify(k, text, len, IAT, &c), ERR_OK);
	token_keys_free(k);
}

static void
token_expiry_table(void **state)
{
	static const struct {
		int64_t		now;
		enum err	want;
	} t[] = {
		{ 0, ERR_OK },
		{ IAT - 1, ERR_OK },
		{ IAT, ERR_OK },
		{ EXP - 1, ERR_OK },
		{ EXP, ERR_EXPIRED },
		{ EXP + 1, ERR_EXPIRED },
		{ INT64_MAX, ERR_EXPIRED },
	};
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		memset(&got, 0, sizeof(got));
		assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN),
		    t[i].now, &got), t[i].want);
		/* An expired one still tells whose it was. */
		assert_int_equal(got.exp_s, EXP);
	}
	token_keys_free(k);
}

#define PAYLOAD_IDS	"\"aud\":\"" APP "\",\"client_id\":\"" APP	\
			"\",\"sub\":\"" SUB "\",\"sid\":\"" SID		\
			"\",\"jti\":\"" JTI "\""
#define PAYLOAD		"{\"iss\":\"" ISS "\"," PAYLOAD_IDS		\
			",\"iat\":1795464900,\"exp\":1795465800}"

/* All of them signed with the right secret. */
static void
token_bad_header_table(void **state)
{
	static const char *const	t[] = {
		"", "{}", "null",
		"{\"alg\":\"none\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS512\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"RS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"EdDSA\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"hs256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"JWT\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID "\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID2 "\",\"typ\":\"at+jwt\"}",
		"{\"kid\":\"" KID "\",\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\","
		    "\"jku\":\"https://evil.example\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"} ",
		"{ \"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"kid\":\"" KID "\",\"typ\":\"AT+JWT\"}",
	};
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got;
	char			 text[2048];
	size_t			 i, len;

	(void)state;
	len = forge(HEADER, PAYLOAD, text);
	assert_string_equal(text, TOKEN);
	for (i = 0; i < COUNT(t); i++) {
		len = forge(t[i], PAYLOAD, text);
		if (token_access_verify(k, text, len, IAT, &got) !=
		    ERR_SIGNATURE)
			fail_msg("%s", t[i]);
		assert_int_equal(got.exp_s, 0);
	}
	token_keys_free(k);
}

/* Signed with the right secret, but not what this service writes. */
static void
token_bad_payload_table(void **state)
{
#define OF(iss, ids, rest)	"{\"iss\":\"" iss "\"," ids rest "}"
#define TIMES	",\"iat\":1795464900,\"exp\":1795465800"
	static const char *const	t[] = {
		"", "{}", "null", "x",
		OF("https://evil.example", PAYLOAD_IDS, TIMES),
		OF(ISS "/", PAYLOAD_IDS, TIMES),
		OF("https://auth.example.co", PAYLOAD_IDS, TIMES),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1795464900"),
		OF(ISS, PAYLOAD_IDS, ",\"exp\":1795465800,\"iat\":1795464900"),
		OF(ISS, PAYLOAD_IDS, TIMES ",\"admin\":true"),
		OF(ISS, PAYLOAD_IDS, TIMES " "),
		OF(ISS, PAYLOAD_IDS, TIMES) " ",
		OF(ISS, PAYLOAD_IDS, TIMES) "}",
		" " OF(ISS, PAYLOAD_IDS, TIMES),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":01,\"exp\":1795465800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":-1,\"exp\":1795465800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1e9,\"exp\":1795465800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1.5,\"exp\":1795465800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":,\"exp\":1795465800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1,\"exp\":253402300800"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1,\"exp\":1795465800000"),
		OF(ISS, PAYLOAD_IDS,
		    ",\"iat\":1,\"exp\":99999999999999999999999"),
		OF(ISS, PAYLOAD_IDS, ",\"iat\":1,\"exp\":\"1795465800\""),
		/* client_id is another application than aud */
		OF(ISS, "\"aud\":\"" APP "\",\"client_id\":\"" SUB
		    "\",\"sub\":\"" SUB "\",\"sid\":\"" SID "\",\"jti\":\"" JTI
		    "\"", TIMES),
		OF(ISS, "\"aud\":[\"" APP "\"],\"client_id\":\"" APP
		    "\",\"sub\":\"" SUB "\",\"sid\":\"" SID "\",\"jti\":\"" JTI
		    "\"", TIMES),
		OF(ISS, "\"aud\":\"" APP "\",\"client_id\":\"" APP
		    "\",\"sub\":\"ada\",\"sid\":\"" SID "\",\"jti\":\"" JTI
		    "\"", TIMES),
		OF(ISS, "\"aud\":\"" APP "\",\"client_id\":\"" APP
		    "\",\"sub\":\"" SUB "\",\"sid\":\"" SID "\",\"jti\":null",
		    TIMES),
		OF(ISS, "\"aud\":\"" APP "\",\"client_id\":\"" APP
		    "\",\"sub\":\"" SUB "\",\"jti\":\"" JTI "\"", TIMES),
	};
#undef OF
#undef TIMES
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got, zero;
	char			 text[2048];
	size_t			 i, len;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		len = forge(HEADER, t[i], text);
		if (token_access_verify(k, text, len, IAT, &got) != ERR_FORMAT)
			fail_msg("%s", t[i]);
		assert_memory_equal(&got, &zero, sizeof(zero));
	}
	token_keys_free(k);
}

static void
token_bad_text_table(void **state)
{
	static const struct {
		const char	*text;
		enum err	 want;
	} t[] = {
		{ "", ERR_FORMAT },
		{ ".", ERR_SIGNATURE },
		{ "..", ERR_SIGNATURE },
		{ "a.b.c", ERR_SIGNATURE },
		{ "isr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		    ERR_SIGNATURE },
		/* RFC 7515 A.1 */
		{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
		    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
		    "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
		    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		    ERR_SIGNATURE },
		/* RFC 7519 s.6.1: no signature at all */
		{ "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MT"
		    "kzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
		    ERR_SIGNATURE },
		{ " " TOKEN, ERR_SIGNATURE },
		{ TOKEN " ", ERR_FORMAT },
		{ TOKEN "A", ERR_FORMAT },
		{ TOKEN "=", ERR_FORMAT },
		{ TOKEN ".", ERR_FORMAT },
	};
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got;
	char			 long_text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(token_access_verify(k, t[i].text,
		    strlen(t[i].text), IAT, &got), t[i].want);
	memset(long_text, 'A', sizeof(long_text));
	assert_int_equal(token_access_verify(k, long_text, sizeof(long_text),
	    IAT, &got), ERR_FORMAT);
	token_keys_free(k);
}

/* Any change of any character, also of the spare bits of the last one. */
static void
token_every_change(void **state)
{
	static const char	alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	    "+/=. \n\x7f\xff";
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
	}
	assert_int_equal(token_access_verify(k, text, sizeof(text) - 1, IAT,
	    &got), ERR_OK);
	token_keys_free(k);
}

static void
token_every_length(void **state)
{
	struct token_keys	*k = keys_of(ISS);
	struct token_claims	 got;
	size_t			 len;

	(void)state;
	for (len = 0; len < strlen(TOKEN); len++)
		assert_int_not_equal(token_access_verify(k, TOKEN, len, IAT,
		    &got), ERR_OK);
	token_keys_free(k);
}

static void
token_rotation(void **state)
{
	struct token_keys	*k;
	struct token_claims	 c = claims_of(), got;
	uint8_t			 secret[TOKEN_SECRET_LEN];
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_NOT_FOUND);
	assert_int_equal(len, 0);
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_SIGNATURE);
	/* The new key signs, the old one still verifies. */
	secret_of(secret, 100);
	assert_int_equal(token_keys_add_hs256(k, KID2, secret), ERR_OK);
	secret_of(secret, 0);
	assert_int_equal(token_keys_add_hs256(k, KID, secret), ERR_OK);
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_string_not_equal(text, TOKEN);
	assert_int_equal(token_access_verify(k, text, len, IAT, &got), ERR_OK);
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_OK);
	token_keys_free(k);
	/* The old key is gone. */
	assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
	secret_of(secret, 100);
	assert_int_equal(token_keys_add_hs256(k, KID2, secret), ERR_OK);
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_SIGNATURE);
	/* The same kid with another secret. */
	assert_int_equal(token_keys_add_hs256(k, KID, secret), ERR_OK);
	assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN), IAT,
	    &got), ERR_SIGNATURE);
	token_keys_free(k);
	token_keys_free(NULL);
}

static void
token_other_issuer(void **state)
{
	static const char *const	t[] = {
		"", "https://auth.example.co", "https://auth.example.com/",
		"http://auth.example.com", "https://auth.example.comm",
	};
	struct token_keys	*k;
	struct token_claims	 got;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		k = keys_of(t[i]);
		assert_int_equal(token_access_verify(k, TOKEN, strlen(TOKEN),
		    IAT, &got), ERR_FORMAT);
		token_keys_free(k);
	}
}

static void
token_keys_table(void **state)
{
	static const char *const	bad[] = {
		"", "short", "AbCdEfGhIjKl_-9", "AbCdEfGhIjKl_-900",
		"AbCdEfGhIjKl_-9\"", "AbCdEfGhIjKl_-9 ", "AbCdEfGhIjKl_-9.",
		"AbCdEfGhIjKl_-9\xc3",
	};
	static const char *const	good[] = {
		"AbCdEfGhIjKl_-90", "0000000000000001", "0000000000000002",
		"0000000000000003",
	};
	struct token_keys	*k;
	uint8_t			 secret[TOKEN_SECRET_LEN];
	size_t			 i;

	(void)state;
	secret_of(secret, 0);
	assert_int_equal(token_keys_new(ISS, &k), ERR_OK);
	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(token_keys_add_hs256(k, bad[i], secret),
		    ERR_FORMAT);
	assert_int_equal(COUNT(good), TOKEN_KEYS_MAX);
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(token_keys_add_hs256(k, good[i], secret),
		    ERR_OK);
		assert_int_equal(token_keys_add_hs256(k, good[i], secret),
		    ERR_EXISTS);
	}
	assert_int_equal(token_keys_add_hs256(k, "0000000000000004", secret),
	    ERR_SPACE);
	token_keys_free(k);
}

static void
token_limits(void **state)
{
	struct token_keys	*k = NULL;
	struct token_claims	 c = claims_of(), got;
	char			 iss[TOKEN_ISS_MAX_LEN + 2];
	char			 text[TOKEN_ACCESS_MAX_LEN + 1];
	size_t			 len;

	(void)state;
	memset(iss, 'i', sizeof(iss));
	iss[TOKEN_ISS_MAX_LEN + 1] = '\0';
	assert_int_equal(token_keys_new(iss, &k), ERR_TOO_LONG);
	iss[TOKEN_ISS_MAX_LEN] = '\0';
	c.iat_s = c.exp_s = 253402300799;
	k = keys_of(iss);
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_OK);
	assert_true(len <= TOKEN_ACCESS_MAX_LEN);
	assert_int_equal(token_access_verify(k, text, len, IAT, &got), ERR_OK);
	c.exp_s = 253402300800;
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_RANGE);
	c.exp_s = -1;
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_RANGE);
	c.exp_s = EXP;
	c.iat_s = -1;
	assert_int_equal(token_access_sign(k, &c, text, &len), ERR_RANGE);
	assert_string_equal(text, "");
	token_keys_free(k);
	memset(iss, 1, TOKEN_ISS_MAX_LEN);
	assert_int_equal(token_keys_new(iss, &k), ERR_SPACE);
	assert_int_equal(token_keys_new("\xff", &k), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(token_of_others),
		cmocka_unit_test(token_round),
		cmocka_unit_test(token_forms),
		cmocka_unit_test(token_expiry_table),
		cmocka_unit_test(token_bad_header_table),
		cmocka_unit_test(token_bad_payload_table),
		cmocka_unit_test(token_bad_text_table),
		cmocka_unit_test(token_every_change),
		cmocka_unit_test(token_every_length),
		cmocka_unit_test(token_rotation),
		cmocka_unit_test(token_other_issuer),
		cmocka_unit_test(token_keys_table),
		cmocka_unit_test(token_limits),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
