/*
 * password - argon2id hashing and its text form.
 * Owns preparation (pepper), parameters and comparison; rules for good
 * passwords, counting of failures and queueing are others'.  Everything that
 * is derived from a password is wiped here.
 * Ref: RFC 9106, the PHC string format, security.md 3.1.
 */
#include "password.h"

#include <argon2.h>
#include <string.h>

#include "codec.h"
#include "digest.h"
#include "mem.h"
#include "nfkc.h"
#include "rnd.h"
#include "str.h"

#define PASSWORD_SALT_LEN	16	/* RFC 9106 s.3.1: 128 bits */
#define PASSWORD_TAG_LEN	32
#define PASSWORD_BYTES_MIN	8	/* of a salt or tag in a stored hash */
#define PASSWORD_BYTES_MAX	64
#define PASSWORD_M_MAX		(UINT32_C(1) << 20)	/* KiB: 1 GiB */
#define PASSWORD_T_MAX		64
#define PASSWORD_P_MAX		16
#define PASSWORD_PEPPER_INFO	"identity/password-pepper-id/v1"

struct password_phc {
	struct password_params	params;
	uint8_t			salt[PASSWORD_BYTES_MAX];
	size_t			salt_len;
	uint8_t			tag[PASSWORD_BYTES_MAX];
	size_t			tag_len;
};

/* A stored hash being read: what is left of it. */
struct password_scan {
	const char	*s;
	size_t		 len;
};

static enum err	password_policy_check(const struct password_policy *p);
static enum err	password_pepper(const struct password_policy *p,
		    struct nfkc *s);
static enum err	password_prepare(const struct password_policy *p,
		    bool with_pepper, const char *pw, size_t len,
		    struct nfkc *out);
static int	password_memory_new(uint8_t **p, size_t len);
static void	password_memory_free(uint8_t *p, size_t len);
static enum err	password_derive(const struct password_phc *h,
		    const struct nfkc *s, uint8_t *tag);
static void	password_fake(const struct password_policy *p,
		    struct password_phc *out);
static bool	password_is_below(const struct password_phc *h,
		    const struct password_policy *p);
static enum err	password_phc_format(const struct password_phc *h,
		    char out[PASSWORD_HASH_MAX_LEN + 1]);
static enum err	password_phc_parse(const char *s, struct password_phc *out);
static bool	password_take(struct password_scan *t, const char *s);
static bool	password_take_u32(struct password_scan *t, uint32_t max,
		    uint32_t *out);
static bool	password_take_keyid(struct password_scan *t, char out[9]);
static bool	password_take_b64(struct password_scan *t, uint8_t *out,
		    size_t *n);

enum err
password_policy_pepper(struct password_policy *p,
    const uint8_t pepper[PASSWORD_PEPPER_LEN])
{
	uint8_t		id[4];
	enum err	r;

	if ((r = hkdf_sha256(pepper, PASSWORD_PEPPER_LEN, PASSWORD_PEPPER_INFO,
	    id, sizeof(id))) != ERR_OK)
		return (r);
	hex_encode(id, sizeof(id), p->pepper_id);
	memcpy(p->pepper, pepper, PASSWORD_PEPPER_LEN);
	p->has_pepper = true;
	return (ERR_OK);
}

enum err
password_params_parse(const char *hash, struct password_params *out)
{
	struct password_phc	h;
	enum err		r;

	r = password_phc_parse(hash, &h);
	*out = h.params;
	mem_wipe(&h, sizeof(h));
	return (r);
}

enum err
password_hash(const struct password_policy *p, const char *pw, size_t len,
    char out[PASSWORD_HASH_MAX_LEN + 1])
{
	struct nfkc		s = { NULL, 0, 0 };
	struct password_phc	h;
	enum err		r;

	out[0] = '\0';
	memset(&h, 0, sizeof(h));
	h.params.m_kib = p->m_kib;
	h.params.t = p->t;
	h.params.p = p->p;
	h.salt_len = PASSWORD_SALT_LEN;
	h.tag_len = PASSWORD_TAG_LEN;
	rnd_bytes(h.salt, h.salt_len);
	if (p->has_pepper)
		memcpy(h.params.pepper_id, p->pepper_id,
		    sizeof(h.params.pepper_id));
	if ((r = password_policy_check(p)) != ERR_OK ||
	    (r = password_prepare(p, p->has_pepper, pw, len, &s)) != ERR_OK ||
	    (r = password_derive(&h, &s, h.tag)) != ERR_OK)
		goto done;
	r = password_phc_format(&h, out);
done:
	nfkc_clear(&s);
	mem_wipe(&h, sizeof(h));
	return (r);
}

enum err
password_verify(const struct password_policy *p, const char *hash,
    const char *pw, size_t len, bool *rehash)
{
	struct nfkc		s = { NULL, 0, 0 };
	struct password_phc	h;
	uint8_t			tag[PASSWORD_BYTES_MAX] = { 0 };
	bool			is_fake, has_pepper;
	enum err		r;

	*rehash = false;
	is_fake = hash == NULL || password_phc_parse(hash, &h) != ERR_OK;
	has_pepper = !is_fake && h.params.pepper_id[0] != '\0';
	if (has_pepper && (!p->has_pepper ||
	    strcmp(h.params.pepper_id, p->pepper_id) != 0))
		is_fake = true;
	if (is_fake) {
		password_fake(p, &h);
		has_pepper = p->has_pepper;
	}
	if ((r = password_policy_check(p)) != ERR_OK ||
	    (r = password_prepare(p, has_pepper, pw, len, &s)) != ERR_OK ||
	    (r = password_derive(&h, &s, tag)) != ERR_OK)
		goto done;
	/* The comparison is part of the work, also where it cannot succeed. */
	if (!mem_eq_ct(tag, h.tag, h.tag_len) || is_fake)
		r = ERR_SIGNATURE;
	else
		*rehash = password_is_below(&h, p);
done:
	nfkc_clear(&s);
	mem_wipe(tag, sizeof(tag));
	mem_wipe(&h, sizeof(h));
	return (r);
}

static enum err
password_policy_check(const struct password_policy *p)
{
	/* RFC 9106 s.3.1: at least eight blocks a lane. */
	if (p->p == 0 || p->p > PASSWORD_P_MAX || p->t == 0 ||
	    p->t > PASSWORD_T_MAX || p->m_kib < 8 * p->p ||
	    p->m_kib > PASSWORD_M_MAX)
		return (ERR_RANGE);
	return (ERR_OK);
}

/* Replaces |s| by its MAC under the pepper, which is not in the database. */
static enum err
password_pepper(const struct password_policy *p, struct nfkc *s)
{
	struct hmac_key	*k = NULL;
	uint8_t		*mac;
	enum err	 r;

	if ((mac = mem_new(SHA256_LEN)) == NULL)
		return (ERR_NOMEM);
	if ((r = hmac_key_new(p->pepper, sizeof(p->pepper), &k)) != ERR_OK ||
	    (r = hmac_sha256(k, s->b, s->len, mac)) != ERR_OK)
		goto done;
	nfkc_clear(s);
	s->b = mac;
	s->len = s->cap = SHA256_LEN;
	mac = NULL;			/* transferred */
done:
	hmac_key_free(k);
	mem_free_secret(mac, SHA256_LEN);
	return (r);
}

static enum err
password_prepare(const struct password_policy *p, bool with_pepper,
    const char *pw, size_t len, struct nfkc *out)
{
	enum err	r;

	if (len > PASSWORD_MAX_LEN)
		return (ERR_TOO_LONG);
	if ((r = nfkc_make(pw, len, out)) == ERR_OK && with_pepper)
		r = password_pepper(p, out);
	return (r);
}

static int
password_memory_new(uint8_t **p, size_t len)
{
	*p = mem_new_large(len);
	return (*p == NULL ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK);
}

static void
password_memory_free(uint8_t *p, size_t len)
{
	mem_free_large(p, len);
}

/* |tag| holds h->tag_len bytes. */
static enum err
password_derive(const struct password_phc *h, const struct nfkc *s,
    uint8_t *tag)
{
	uint8_t		salt[PASSWORD_BYTES_MAX];
	argon2_context	c;

	memcpy(salt, h->salt, h->salt_len);
	memset(&c, 0, sizeof(c));
	c.out = tag;
	c.outlen = (uint32_t)h->tag_len;
	c.pwd = s->b;
	c.pwdlen = (uint32_t)s->len;
	c.salt = salt;
	c.saltlen = (uint32_t)h->salt_len;
	c.t_cost = h->params.t;
	c.m_cost = h->params.m_kib;
	c.lanes = h->params.p;
	/*
	 * One thread whatever the lanes: a hash takes one core of its hashing
	 * lane, and the library starts none (seccomp has no clone for it).
	 */
	c.threads = 1;
	c.version = ARGON2_VERSION_13;
	/*
	 * From malloc the blocks of each thread that ever hashed would stay in
	 * its arena; a mapping of small pages costs a third of the hash.
	 */
	c.allocate_cbk = password_memory_new;
	c.free_cbk = password_memory_free;
	switch (argon2id_ctx(&c)) {
	case ARGON2_OK:
		return (ERR_OK);
	case ARGON2_MEMORY_ALLOCATION_ERROR:
		return (ERR_NOMEM);
	default:
		return (ERR_CRYPTO);
	}
}

/* The hash of nobody: costs what one of the policy costs, never equals. */
static void
password_fake(const struct password_policy *p, struct password_phc *out)
{
	memset(out, 0, sizeof(*out));
	out->params.m_kib = p->m_kib;
	out->params.t = p->t;
	out->params.p = p->p;
	out->salt_len = PASSWORD_SALT_LEN;
	out->tag_len = PASSWORD_TAG_LEN;
}

static bool
password_is_below(const struct password_phc *h,
    const struct password_policy *p)
{
	return (h->params.m_kib < p->m_kib || h->params.t < p->t ||
	    h->params.p < p->p || h->salt_len < PASSWORD_SALT_LEN ||
	    h->tag_len < PASSWORD_TAG_LEN ||
	    (p->has_pepper && h->params.pepper_id[0] == '\0'));
}

static enum err
password_phc_format(const struct password_phc *h,
    char out[PASSWORD_HASH_MAX_LEN + 1])
{
	char	salt[CODEC_B64URL_LEN(PASSWORD_SALT_LEN) + 1];
	char	tag[CODEC_B64URL_LEN(PASSWORD_TAG_LEN) + 1];

	b64_encode_bare(h->salt, h->salt_len, salt);
	b64_encode_bare(h->tag, h->tag_len, tag);
	return (str_printf(out, PASSWORD_HASH_MAX_LEN + 1,
	    "$argon2id$v=19$m=%u,t=%u,p=%u%s%s$%s$%s", h->params.m_kib,
	    h->params.t, h->params.p,
	    h->params.pepper_id[0] == '\0' ? "" : ",keyid=",
	    h->params.pepper_id, salt, tag));
}

static enum err
password_phc_parse(const char *s, struct password_phc *out)
{
	struct password_params	*p = &out->params;
	struct password_scan	 t;

	t.s = s;
	t.len = strnlen(s, PASSWORD_HASH_MAX_LEN + 1);
	memset(out, 0, sizeof(*out));
	if (t.len > PASSWORD_HASH_MAX_LEN ||
	    !password_take(&t, "$argon2id$v=19$m=") ||
	    !password_take_u32(&t, PASSWORD_M_MAX, &p->m_kib) ||
	    !password_take(&t, ",t=") ||
	    !password_take_u32(&t, PASSWORD_T_MAX, &p->t) ||
	    !password_take(&t, ",p=") ||
	    !password_take_u32(&t, PASSWORD_P_MAX, &p->p) ||
	    (password_take(&t, ",keyid=") &&
	    !password_take_keyid(&t, p->pepper_id)) ||
	    !password_take(&t, "$") ||
	    !password_take_b64(&t, out->salt, &out->salt_len) ||
	    !password_take(&t, "$") ||
	    !password_take_b64(&t, out->tag, &out->tag_len) || t.len != 0 ||
	    p->m_kib < 8 * p->p) {
		memset(out, 0, sizeof(*out));
		return (ERR_FORMAT);
	}
	return (ERR_OK);
}

static bool
password_take(struct password_scan *t, const char *s)
{
	size_t	len = strlen(s);

	if (t->len < len || memcmp(t->s, s, len) != 0)
		return (false);
	t->s += len;
	t->len -= len;
	return (true);
}

/* 1..|max|, without needless zeros. */
static bool
password_take_u32(struct password_scan *t, uint32_t max, uint32_t *out)
{
	int64_t	v;
	size_t	n = 0;

	while (n < t->len && t->s[n] >= '0' && t->s[n] <= '9')
		n++;
	if (n == 0 || t->s[0] == '0' ||
	    str_int(t->s, n, 1, (int64_t)max, &v) != ERR_OK)
		return (false);
	*out = (uint32_t)v;
	t->s += n;
	t->len -= n;
	return (true);
}

static bool
password_take_keyid(struct password_scan *t, char out[9])
{
	size_t	i;

	if (t->len < 8)
		return (false);
	for (i = 0; i < 8; i++) {
		if ((t->s[i] < '0' || t->s[i] > '9') &&
		    (t->s[i] < 'a' || t->s[i] > 'f'))
			return (false);
		out[i] = t->s[i];
	}
	out[8] = '\0';
	t->s += 8;
	t->len -= 8;
	return (true);
}

/* Standard alphabet without padding, as PHC wants; up to '$' or the end. */
static bool
password_take_b64(struct password_scan *t, uint8_t *out, size_t *n)
{
	char	url[CODEC_B64URL_LEN(PASSWORD_BYTES_MAX)];
	size_t	i;

	for (i = 0; i < t->len && t->s[i] != '$'; i++) {
		if (i == sizeof(url) || t->s[i] == '-' || t->s[i] == '_')
			return (false);
		url[i] = t->s[i] == '+' ? '-' : t->s[i] == '/' ? '_' : t->s[i];
	}
	*n = PASSWORD_BYTES_MAX;
	if (b64url_decode(url, i, out, n) != ERR_OK || *n < PASSWORD_BYTES_MIN)
		return (false);
	t->s += i;
	t->len -= i;
	return (true);
}
