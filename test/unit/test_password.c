/*
 * test_password - vectors of RFC 9106 and of the reference implementation,
 * preparation, pepper, rehash rules, malformed hashes, equal work.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <argon2.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"
#include "digest.h"
#include "password.h"

/* Fast; what is hashed with it protects nothing. */
static const struct password_policy	tiny = { .m_kib = 64, .t = 1, .p = 1 };

static void	password_rfc9106(void **state);
static void	password_reference_table(void **state);
static void	password_round(void **state);
static void	password_text(void **state);
static void	password_nfkc_table(void **state);
static void	password_bad_input(void **state);
static void	password_policy_table(void **state);
static void	password_bad_hash_table(void **state);
static void	password_params_table(void **state);
static void	password_rehash_table(void **state);
static void	password_pepper_round(void **state);
static void	password_pepper_example(void **state);
static void	password_equal_work(void **state);
static void	password_starts_no_thread(void **state);

static enum err
verify(const struct password_policy *p, const char *hash, const char *pw,
    bool *rehash)
{
	return (password_verify(p, hash, pw, strlen(pw), rehash));
}

/* RFC 9106 s.5.3: the library that is linked is the algorithm that is meant. */
static void
password_rfc9106(void **state)
{
	uint8_t		out[32], pwd[32], salt[16], secret[8], ad[12];
	argon2_context	c = {
		.out = out, .outlen = sizeof(out),
		.pwd = pwd, .pwdlen = sizeof(pwd),
		.salt = salt, .saltlen = sizeof(salt),
		.secret = secret, .secretlen = sizeof(secret),
		.ad = ad, .adlen = sizeof(ad),
		.t_cost = 3, .m_cost = 32, .lanes = 4, .threads = 1,
		.version = ARGON2_VERSION_13,
	};
	char		hex[CODEC_HEX_LEN(32) + 1];

	(void)state;
	memset(pwd, 1, sizeof(pwd));
	memset(salt, 2, sizeof(salt));
	memset(secret, 3, sizeof(secret));
	memset(ad, 4, sizeof(ad));
	assert_int_equal(argon2id_ctx(&c), ARGON2_OK);
	hex_encode(out, sizeof(out), hex);
	assert_string_equal(hex,
	    "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

/* test.c of the reference implementation (phc-winner-argon2). */
static void
password_reference_table(void **state)
{
	static const struct {
		const char	*hash;
		const char	*pw;
	} t[] = {
		{ "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
		    "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password" },
		{ "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$"
		    "bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password" },
		{ "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$"
		    "9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg", "password" },
		{ "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
		    "C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
		    "differentpassword" },
		{ "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$"
		    "vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw", "password" },
	};
	bool	rehash;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (verify(&tiny, t[i].hash, t[i].pw, &rehash) != ERR_OK)
			fail_msg("%s", t[i].hash);
		assert_int_equal(verify(&tiny, t[i].hash, "Password",
		    &rehash), ERR_SIGNATURE);
	}
}

static void
password_round(void **state)
{
	static const char *const	t[] = {
		"", "x", "correct horse battery staple", "tr\xc3\xa4um",
		"\xf0\x9f\x94\x91 key", "  blanks are kept  ",
	};
	char	a[PASSWORD_HASH_MAX_LEN + 1], b[PASSWORD_HASH_MAX_LEN + 1];
	char	longest[PASSWORD_MAX_LEN], wrong[PASSWORD_MAX_LEN];
	bool	rehash;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(password_hash(&tiny, t[i], strlen(t[i]), a),
		    ERR_OK);
		assert_int_equal(password_hash(&tiny, t[i], strlen(t[i]), b),
		    ERR_OK);
		assert_string_not_equal(a, b);
		rehash = true;
		assert_int_equal(verify(&tiny, a, t[i], &rehash), ERR_OK);
		assert_false(rehash);
		assert_int_equal(verify(&tiny, a, "other", &rehash),
		    ERR_SIGNATURE);
		assert_false(rehash);
	}
	/* Nothing is cut: the last of 1024 bytes counts. */
	memset(longest, 'a', sizeof(longest));
	memcpy(wrong, longest, sizeof(longest));
	wrong[sizeof(wrong) - 1] = 'b';
	assert_int_equal(password_hash(&tiny, longest, sizeof(longest), a),
	    ERR_OK);
	assert_int_equal(password_verify(&tiny, a, longest, sizeof(longest),
	    &rehash), ERR_OK);
	assert_int_equal(password_verify(&tiny, a, wrong, sizeof(wrong),
	    &rehash), ERR_SIGNATURE);
	assert_int_equal(password_verify(&tiny, a, longest,
	    sizeof(longest) - 1, &rehash), ERR_SIGNATURE);
}

/* The library's own verifier reads what is written here. */
static void
password_text(void **state)
{
	const struct password_policy	p = { .m_kib = 128, .t = 2, .p = 3 };
	char				a[PASSWORD_HASH_MAX_LEN + 1];

	(void)state;
	assert_int_equal(password_hash(&p, "secret", 6, a), ERR_OK);
	assert_memory_equal(a, "$argon2id$v=19$m=128,t=2,p=3$", 29);
	assert_int_equal(strlen(a), 29 + 22 + 1 + 43);
	assert_int_equal(argon2id_verify(a, "secret", 6), ARGON2_OK);
	assert_int_equal(argon2id_verify(a, "Secret", 6),
	    ARGON2_VERIFY_MISMATCH);
}

/* The same password, typed on different systems. */
static void
password_nfkc_table(void **state)
{
	static const struct {
		const char	*a;
		const char	*b;
		bool		 same;
	} t[] = {
		{ "caf\xc3\xa9", "cafe\xcc\x81", true },
		{ "\xef\xac\x81sh", "fish", true },
		{ "\xef\xbc\xa1\xef\xbc\xa2", "AB", true },
		{ "\xe2\x84\xab", "\xc3\x85", true },
		{ "x\xc2\xb2", "x2", true },
		{ "\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8",
		    true },
		{ "a\xcc\xa3\xcc\x87", "a\xcc\x87\xcc\xa3", true },
		{ "\xef\xb7\xba", "\xd8\xb5\xd9\x84\xd9\x89 \xd8\xa7\xd9\x84"
		    "\xd9\x84\xd9\x87 \xd8\xb9\xd9\x84\xd9\x8a\xd9\x87 "
		    "\xd9\x88\xd8\xb3\xd9\x84\xd9\x85", true },
		{ "cafe", "caf\xc3\xa9", false },
		{ "A", "a", false },
		{ "\xc3\x84", "\xc3\xa4", false },
		{ "a ", "a", false },
	};
	char	h[PASSWORD_HASH_MAX_LEN + 1];
	char	longest[PASSWORD_MAX_LEN];
	bool	rehash;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(password_hash(&tiny, t[i].a, strlen(t[i].a),
		    h), ERR_OK);
		if (verify(&tiny, h, t[i].b, &rehash) !=
		    (t[i].same ? ERR_OK : ERR_SIGNATURE))
			fail_msg("row %zu", i);
	}
	/* The longest expansion there is: 18 code points of 3 bytes. */
	for (i = 0; i + 3 <= sizeof(longest); i += 3)
		memcpy(longest + i, "\xef\xb7\xba", 3);
	assert_int_equal(password_hash(&tiny, longest, i, h), ERR_OK);
	assert_int_equal(password_verify(&tiny, h, longest, i, &rehash),
	    ERR_OK);
}

static void
password_bad_input(void **state)
{
	char	big[PASSWORD_MAX_LEN + 1], h[PASSWORD_HASH_MAX_LEN + 1];
	bool	rehash = true;

	(void)state;
	memset(big, 'a', sizeof(big));
	assert_int_equal(password_hash(&tiny, big, sizeof(big), h),
	    ERR_TOO_LONG);
	assert_string_equal(h, "");
	assert_int_equal(password_hash(&tiny, "\xff", 1, h), ERR_FORMAT);
	assert_int_equal(password_hash(&tiny, "a\0b", 3, h), ERR_FORMAT);
	assert_int_equal(password_hash(&tiny, "\xed\xa0\x80", 3, h),
	    ERR_FORMAT);
	assert_string_equal(h, "");
	assert_int_equal(password_verify(&tiny, NULL, big, sizeof(big),
	    &rehash), ERR_TOO_LONG);
	assert_int_equal(password_verify(&tiny, NULL, "\xff", 1, &rehash),
	    ERR_FORMAT);
	assert_false(rehash);
}

static void
password_policy_table(void **state)
{
	static const struct {
		uint32_t	m, t, p;
		enum err	want;
	} t[] = {
		{ 8, 1, 1, ERR_OK },
		{ 64, 1, 8, ERR_OK },
		{ 7, 1, 1, ERR_RANGE },
		{ 63, 1, 8, ERR_RANGE },
		{ 64, 0, 1, ERR_RANGE },
		{ 64, 65, 1, ERR_RANGE },
		{ 64, 1, 0, ERR_RANGE },
		{ 1024, 1, 17, ERR_RANGE },
		{ 0, 1, 1, ERR_RANGE },
		{ 1048577, 1, 1, ERR_RANGE },
	};
	struct password_policy	p;
	char			h[PASSWORD_HASH_MAX_LEN + 1];
	bool			rehash;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		memset(&p, 0, sizeof(p));
		p.m_kib = t[i].m;
		p.t = t[i].t;
		p.p = t[i].p;
		assert_int_equal(password_hash(&p, "x", 1, h), t[i].want);
		assert_int_equal(verify(&p, NULL, "x", &rehash),
		    t[i].want == ERR_OK ? ERR_SIGNATURE : t[i].want);
	}
}

#define SALT	"c29tZXNhbHQ"
#define TAG	"nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

/* None of them reads, none verifies, and none says more than "wrong". */
static void
password_bad_hash_table(void **state)
{
	static const char *const	t[] = {
		"", "$", "x", "plaintext",
		"$2b$12$abcdefghijklmnopqrstuv",
		"$argon2i$v=19$m=256,t=2,p=1$" SALT "$" TAG,
		"$argon2d$v=19$m=256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=16$m=256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$m=256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$t=2,m=256,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2$" SALT "$" TAG,
		"$argon2id$v=19$m=0256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=+256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=-256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m= 256,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=0,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=0$" SALT "$" TAG,
		"$argon2id$v=19$m=0,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=7,t=2,p=1$" SALT "$" TAG,
		/* too much work: 1 GiB, 64 passes, 16 lanes are the limits */
		"$argon2id$v=19$m=1048577,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=99999999999999999999,t=2,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=65,p=1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=17$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1,keyid=$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1,keyid=ABCDEF12$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1,keyid=abcdef1$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1,keyid=abcdef123$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1,data=abcdef12$" SALT "$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1$$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1$" SALT "$",
		"$argon2id$v=19$m=256,t=2,p=1$" SALT,
		"$argon2id$v=19$m=256,t=2,p=1$" SALT TAG,
		"$argon2id$v=19$m=256,t=2,p=1$c29t$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1$" SALT "$AAAA",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1$" SALT "$" TAG "$",
		"$argon2id$v=19$m=256,t=2,p=1$" SALT "$" TAG " ",
		"$argon2id$v=19$m=256,t=2,p=1$" SALT "$" TAG "\n",
		" $argon2id$v=19$m=256,t=2,p=1$" SALT "$" TAG,
		/* spare bits, the other alphabet */
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHR$" TAG,
		"$argon2id$v=19$m=256,t=2,p=1$" SALT
		    "$nf65EOgLrQMR_uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4",
	};
	struct password_params	params, zero;
	char			longest[PASSWORD_HASH_MAX_LEN + 2];
	bool			rehash;
	size_t			i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	for (i = 0; i < COUNT(t); i++) {
		memset(&params, 0, sizeof(params));
		params.t = 9;
		if (password_params_parse(t[i], &params) != ERR_FORMAT)
			fail_msg("%s", t[i]);
		assert_memory_equal(&params, &zero, sizeof(zero));
		rehash = true;
		assert_int_equal(verify(&tiny, t[i], "password", &rehash),
		    ERR_SIGNATURE);
		assert_false(rehash);
	}
	memset(longest, 'A', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "$argon2id$v=19$m=256,t=2,p=1$", 29);
	assert_int_equal(password_params_parse(longest, &params), ERR_FORMAT);
}

static void
password_params_table(void **state)
{
	static const struct {
		const char	*hash;
		uint32_t	 m, t, p;
		const char	*pepper_id;
	} t[] = {
		{ "$argon2id$v=19$m=256,t=2,p=1$" SALT "$" TAG, 256, 2, 1, "" },
		{ "$argon2id$v=19$m=1048576,t=64,p=16$" SALT "$" TAG, 1048576,
		    64, 16, "" },
		{ "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA", 8, 1, 1,
		    "" },
		{ "$argon2id$v=19$m=19456,t=2,p=1,keyid=0a1b2c3d$" SALT "$" TAG,
		    19456, 2, 1, "0a1b2c3d" },
	};
	struct password_params	params;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(password_params_parse(t[i].hash, &params),
		    ERR_OK);
		assert_int_equal(params.m_kib, t[i].m);
		assert_int_equal(params.t, t[i].t);
		assert_int_equal(params.p, t[i].p);
		assert_string_equal(params.pepper_id, t[i].pepper_id);
	}
}

static void
password_rehash_table(void **state)
{
	static const struct {
		uint32_t	m, t, p;
		bool		want;
	} t[] = {
		{ 64, 2, 2, false },
		{ 65, 2, 2, true },
		{ 64, 3, 2, true },
		{ 64, 2, 3, true },
		{ 63, 2, 2, false },
		{ 64, 1, 2, false },
		{ 64, 2, 1, false },
	};
	struct password_policy	p = { .m_kib = 64, .t = 2, .p = 2 };
	char			h[PASSWORD_HASH_MAX_LEN + 1];
	bool			rehash;
	size_t			i;

	(void)state;
	assert_int_equal(password_hash(&p, "pw", 2, h), ERR_OK);
	for (i = 0; i < COUNT(t); i++) {
		p.m_kib = t[i].m;
		p.t = t[i].t;
		p.p = t[i].p;
		assert_int_equal(verify(&p, h, "pw", &rehash), ERR_OK);
		assert_int_equal(rehash, t[i].want);
		assert_int_equal(verify(&p, h, "pW", &rehash), ERR_SIGNATURE);
		assert_false(rehash);
	}
	/* A short salt (8 bytes) is below any policy. */
	assert_int_equal(verify(&tiny, "$argon2id$v=19$m=256,t=2,p=1$" SALT
	    "$" TAG, "password", &rehash), ERR_OK);
	assert_true(rehash);
}

static void
password_pepper_round(void **state)
{
	struct password_policy	with = tiny, other = tiny;
	uint8_t			pepper[PASSWORD_PEPPER_LEN];
	char			plain[PASSWORD_HASH_MAX_LEN + 1];
	char			h[PASSWORD_HASH_MAX_LEN + 1];
	bool			rehash;

	(void)state;
	memset(pepper, 7, sizeof(pepper));
	assert_int_equal(password_policy_pepper(&with, pepper), ERR_OK);
	memset(pepper, 8, sizeof(pepper));
	assert_int_equal(password_policy_pepper(&other, pepper), ERR_OK);
	assert_string_not_equal(with.pepper_id, other.pepper_id);
	assert_int_equal(strlen(with.pepper_id), 8);

	assert_int_equal(password_hash(&with, "pw", 2, h), ERR_OK);
	assert_memory_equal(h, "$argon2id$v=19$m=64,t=1,p=1,keyid=", 34);
	assert_memory_equal(h + 34, with.pepper_id, 8);
	assert_int_equal(verify(&with, h, "pw", &rehash), ERR_OK);
	assert_false(rehash);
	assert_int_equal(verify(&with, h, "pW", &rehash), ERR_SIGNATURE);
	/* Without that pepper, nobody can tell. */
	assert_int_equal(verify(&tiny, h, "pw", &rehash), ERR_SIGNATURE);
	assert_int_equal(verify(&other, h, "pw", &rehash), ERR_SIGNATURE);
	assert_false(rehash);
	/* The right id and the wrong pepper. */
	memcpy(other.pepper_id, with.pepper_id, sizeof(other.pepper_id));
	assert_int_equal(verify(&other, h, "pw", &rehash), ERR_SIGNATURE);

	/* A hash from before the pepper verifies, and is to be replaced. */
	assert_int_equal(password_hash(&tiny, "pw", 2, plain), ERR_OK);
	assert_int_equal(verify(&with, plain, "pw", &rehash), ERR_OK);
	assert_true(rehash);
	assert_int_equal(verify(&with, NULL, "pw", &rehash), ERR_SIGNATURE);
}

/* What goes into argon2id is HMAC-SHA-256(pepper, NFKC of the password). */
static void
password_pepper_example(void **state)
{
	struct password_policy	 p = tiny;
	struct hmac_key		*k;
	uint8_t			 pepper[PASSWORD_PEPPER_LEN], mac[SHA256_LEN];
	char			 h[PASSWORD_HASH_MAX_LEN + 1];
	char			 plain[PASSWORD_HASH_MAX_LEN + 1];

	(void)state;
	memset(pepper, 9, sizeof(pepper));
	assert_int_equal(password_policy_pepper(&p, pepper), ERR_OK);
	assert_int_equal(password_hash(&p, "\xef\xac\x81sh", 5, h), ERR_OK);
	assert_int_equal(hmac_key_new(pepper, sizeof(pepper), &k), ERR_OK);
	assert_int_equal(hmac_sha256(k, "fish", 4, mac), ERR_OK);
	hmac_key_free(k);
	/* The library's verifier does not know keyid. */
	(void)snprintf(plain, sizeof(plain), "$argon2id$v=19$m=64,t=1,p=1%s",
	    h + 42);
	assert_int_equal(argon2id_verify(plain, mac, sizeof(mac)), ARGON2_OK);
}

static double
cpu_of(const struct password_policy *p, const char *hash, const char *pw)
{
	clock_t	start, best = 0, took;
	bool	rehash;
	int	i;

	for (i = 0; i < 5; i++) {
		start = clock();
		(void)verify(p, hash, pw, &rehash);
		took = clock() - start;
		if (i == 0 || took < best)
			best = took;
	}
	return ((double)best);
}

/* Nobody, a broken hash, an unknown pepper: as much work as a wrong one. */
static void
password_equal_work(void **state)
{
	const struct password_policy	p = { .m_kib = 4096, .t = 2, .p = 1 };
	static const char *const	t[] = {
		NULL, "", "rubbish",
		"$argon2id$v=19$m=64,t=1,p=1,keyid=0a1b2c3d$" SALT "$" TAG,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" SALT "$" TAG,
	};
	char	h[PASSWORD_HASH_MAX_LEN + 1];
	double	got, want;
	size_t	i;

	(void)state;
	assert_int_equal(password_hash(&p, "pw", 2, h), ERR_OK);
	want = cpu_of(&p, h, "wrong");
	assert_true(want > 0);
	for (i = 0; i < COUNT(t); i++) {
		got = cpu_of(&p, t[i], "wrong");
		if (got < want / 2 || got > want * 2)
			fail_msg("row %zu: %.0f, not about %.0f us", i, got,
			    want);
	}
}

/* In a process that may not start threads, as a worker under seccomp. */
static void
password_starts_no_thread(void **state)
{
	const struct password_policy	p = { .m_kib = 64, .t = 1, .p = 4 };
	struct sock_filter	f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog	prog = { COUNT(f), f };
	char			h[PASSWORD_HASH_MAX_LEN + 1];
	pid_t			pid;
	int			status;

	(void)state;
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == -1)
			_exit(2);
		if (fork() != -1)
			_exit(3);
		_exit(password_hash(&p, "pw", 2, h) == ERR_OK ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(password_rfc9106),
		cmocka_unit_test(password_reference_table),
		cmocka_unit_test(password_round),
		cmocka_unit_test(password_text),
		cmocka_unit_test(password_nfkc_table),
		cmocka_unit_test(password_bad_input),
		cmocka_unit_test(password_policy_table),
		cmocka_unit_test(password_bad_hash_table),
		cmocka_unit_test(password_params_table),
		cmocka_unit_test(password_rehash_table),
		cmocka_unit_test(password_pepper_round),
		cmocka_unit_test(password_pepper_example),
		cmocka_unit_test(password_equal_work),
		cmocka_unit_test(password_starts_no_thread),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
