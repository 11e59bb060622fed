/*
 * tls_pair - certificates and keys in memory, on OpenSSL.
 * Must not write files and must not leave key bytes behind: the parent's
 * memory is copied into every worker.
 */
#include "tls_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/dh.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ip.h"
#include "rnd.h"
#include "str.h"

/* DH_new_by_nid and PEM_write_bio_DHparams: what Kore reads it with. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define PAIR_DAYS	397	/* CA/Browser Forum's limit; browsers warn beyond */
#define PAIR_RSA_MIN	2048
#define PAIR_RSA_MAX	8192	/* Kore's key manager has 1024 bytes to answer */
#define S_PER_DAY	86400L

static enum err	pair_read_file(const char *path, const char *what,
		    struct buf *out, char *why, size_t cap);
static enum err	pair_check_chain(struct tls_pair *p, const char *path,
		    char *why, size_t cap);
static enum err	pair_check_key(struct tls_pair *p, const char *cert_path,
		    const char *key_path, char *why, size_t cap);
static bool	pair_is_supported(EVP_PKEY *key);
static int	pair_no_passphrase(char *out, int size, int rw, void *arg);
static enum err	pair_fill_leaf(X509 *x, EVP_PKEY *key, const char *host);
static bool	pair_add_ext(X509 *x, int nid, const char *value);
static enum err	pair_to_buf(BIO *bio, struct buf *out);
static bool	pair_is_ip(const char *host);
static void	pair_why(char *why, size_t cap, const char *path,
		    const char *text);

void
tls_pair_init(struct tls_pair *p)
{
	buf_init(&p->cert, TLS_PAIR_MAX_LEN);
	buf_init(&p->key, TLS_PAIR_MAX_LEN);
	p->leaf = NULL;
}

void
tls_pair_clear(struct tls_pair *p)
{
	buf_clear(&p->cert);
	buf_clear(&p->key);
	X509_free(p->leaf);
	p->leaf = NULL;
}

enum err
tls_pair_read(struct tls_pair *p, const char *cert_path, const char *key_path,
    char *why, size_t cap)
{
	enum err	r;

	tls_pair_clear(p);
	if ((r = pair_read_file(cert_path, "certificate", &p->cert, why,
	    cap)) != ERR_OK ||
	    (r = pair_read_file(key_path, "key", &p->key, why,
	    cap)) != ERR_OK ||
	    (r = pair_check_chain(p, cert_path, why, cap)) != ERR_OK ||
	    (r = pair_check_key(p, cert_path, key_path, why, cap)) != ERR_OK)
		tls_pair_clear(p);
	return (r);
}

static enum err
pair_read_file(const char *path, const char *what, struct buf *out, char *why,
    size_t cap)
{
	char		chunk[4096];
	ssize_t		n;
	enum err	r = ERR_IO;
	int		fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		tls_why(why, cap, "cannot read the %s file %s: %s",
		    what, path, strerror(errno));
		return (ERR_IO);
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	if (n < 0)
		tls_why(why, cap, "cannot read the %s file %s: %s",
		    what, path, strerror(errno));
	else if ((r = buf_err(out)) != ERR_OK)
		pair_why(why, cap, path, "larger than 64 KiB");
	else if (out->len == 0) {
		r = ERR_FORMAT;
		pair_why(why, cap, path, "empty");
	}
	OPENSSL_cleanse(chunk, sizeof(chunk));
	(void)close(fd);
	return (r);
}

/* Kore refuses a chain that ends in anything but the end of the file. */
static enum err
pair_check_chain(struct tls_pair *p, const char *path, char *why, size_t cap)
{
	BIO		*bio;
	X509		*x;
	unsigned long	 e;
	enum err	 r = ERR_FORMAT;

	ERR_clear_error();
	if ((bio = BIO_new_mem_buf(p->cert.data, (int)p->cert.len)) == NULL)
		return (ERR_NOMEM);
	if ((p->leaf = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) == NULL) {
		pair_why(why, cap, path, "no PEM certificate in it");
		goto done;
	}
	ERR_clear_error();
	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		X509_free(x);
	e = ERR_peek_last_error();
	if (ERR_GET_LIB(e) != ERR_LIB_PEM ||
	    ERR_GET_REASON(e) != PEM_R_NO_START_LINE) {
		pair_why(why, cap, path,
		    "a certificate of the chain is damaged");
		goto done;
	}
	r = ERR_OK;
done:
	ERR_clear_error();
	BIO_free(bio);
	return (r);
}

static enum err
pair_check_key(struct tls_pair *p, const char *cert_path, const char *key_path,
    char *why, size_t cap)
{
	BIO		*bio;
	EVP_PKEY	*key;
	enum err	 r = ERR_FORMAT;

	if ((bio = BIO_new_mem_buf(p->key.data, (int)p->key.len)) == NULL)
		return (ERR_NOMEM);
	key = PEM_read_bio_PrivateKey(bio, NULL, pair_no_passphrase, NULL);
	if (key == NULL)
		pair_why(why, cap, key_path,
		    "no PEM private key in it, or one with a passphrase");
	else if (!pair_is_supported(key))
		pair_why(why, cap, key_path, "not RSA of 2048 to 8192 bits or "
		    "ECDSA on P-256, P-384 or P-521");
	else if (X509_check_private_key(p->leaf, key) != 1)
		tls_why(why, cap,
		    "the key %s does not belong to the certificate %s",
		    key_path, cert_path);
	else
		r = ERR_OK;
	ERR_clear_error();
	EVP_PKEY_free(key);
	BIO_free(bio);
	return (r);
}

static bool
pair_is_supported(EVP_PKEY *key)
{
	char	group[32];
	int	bits;

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		bits = EVP_PKEY_get_bits(key);
		return (bits >= PAIR_RSA_MIN && bits <= PAIR_RSA_MAX);
	case EVP_PKEY_EC:
		return (EVP_PKEY_get_group_name(key, group, sizeof(group),
		    NULL) == 1 && (strcmp(group, "prime256v1") == 0 ||
		    strcmp(group, "secp384r1") == 0 ||
		    strcmp(group, "secp521r1") == 0));
	default:
		return (false);
	}
}

/* OpenSSL's default would ask on the terminal and wait. */
static int
pair_no_passphrase(char *out, int size, int rw, void *arg)
{
	(void)out;
	(void)size;
	(void)rw;
	(void)arg;
	return (-1);
}

enum err
tls_pair_make(struct tls_pair *p, const char *host)
{
	BIO		*cert = NULL, *key_out = NULL;
	EVP_PKEY	*key;
	enum err	 r = ERR_CRYPTO;

	tls_pair_clear(p);
	if ((key = EVP_EC_gen("P-256")) == NULL ||
	    (p->leaf = X509_new()) == NULL ||
	    (cert = BIO_new(BIO_s_mem())) == NULL ||
	    (key_out = BIO_new(BIO_s_secmem())) == NULL)
		goto done;
	if ((r = pair_fill_leaf(p->leaf, key, host)) != ERR_OK)
		goto done;
	r = ERR_CRYPTO;
	if (PEM_write_bio_X509(cert, p->leaf) != 1 ||
	    PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL,
	    NULL) != 1)
		goto done;
	if ((r = pair_to_buf(cert, &p->cert)) == ERR_OK)
		r = pair_to_buf(key_out, &p->key);
done:
	BIO_free(cert);
	BIO_free(key_out);
	EVP_PKEY_free(key);
	if (r != ERR_OK)
		tls_pair_clear(p);
	return (r);
}

static enum err
pair_fill_leaf(X509 *x, EVP_PKEY *key, const char *host)
{
	unsigned char	 serial[16];
	char		 names[512];
	BIGNUM		*bn;
	X509_NAME	*name;
	bool		 is_ok;

	if (host == NULL || strcmp(host, "localhost") == 0)
		host = "localhost";
	if (str_printf(names, sizeof(names),
	    "DNS:localhost,IP:127.0.0.1,IP:::1,%s:%s",
	    pair_is_ip(host) ? "IP" : "DNS", host) != ERR_OK)
		return (ERR_CRYPTO);

	/* 127 random bits: positive and unique (RFC 5280 s.4.1.2.2). */
	rnd_bytes(serial, sizeof(serial));
	serial[0] &= 0x7f;
	if ((bn = BN_bin2bn(serial, sizeof(serial), NULL)) == NULL)
		return (ERR_CRYPTO);
	is_ok = BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL;
	BN_free(bn);

	name = X509_get_subject_name(x);
	is_ok = is_ok && X509_set_version(x, 2) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -300) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(x),
	    PAIR_DAYS * S_PER_DAY - 300) != NULL &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"Identity Services (self-signed)", -1, -1,
	    0) == 1 &&
	    X509_set_issuer_name(x, name) == 1 &&
	    X509_set_pubkey(x, key) == 1 &&
	    pair_add_ext(x, NID_subject_alt_name, names) &&
	    pair_add_ext(x, NID_basic_constraints, "critical,CA:FALSE") &&
	    pair_add_ext(x, NID_key_usage, "critical,digitalSignature") &&
	    pair_add_ext(x, NID_ext_key_usage, "serverAuth") &&
	    X509_sign(x, key, EVP_sha256()) > 0;
	return (is_ok ? ERR_OK : ERR_CRYPTO);
}

static bool
pair_add_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION	*ext;
	X509V3_CTX	 ctx;
	bool		 is_ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	if ((ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value)) == NULL)
		return (false);
	is_ok = X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return (is_ok);
}

bool
tls_pair_fits(const struct tls_pair *p, const char *host, int days)
{
	int	day = 0, sec = 0;

	if (ASN1_TIME_diff(&day, &sec, NULL,
	    X509_get0_notAfter(p->leaf)) != 1 || day < days || sec < 0)
		return (false);
	if (host == NULL)
		return (true);
	if (pair_is_ip(host))
		return (X509_check_ip_asc(p->leaf, host, 0) == 1);
	return (X509_check_host(p->leaf, host, 0, 0, NULL) == 1);
}

enum err
tls_pair_ffdhe2048(struct buf *out)
{
	BIO		*bio;
	DH		*dh;
	enum err	 r = ERR_CRYPTO;

	dh = DH_new_by_nid(NID_ffdhe2048);
	bio = BIO_new(BIO_s_mem());
	if (dh != NULL && bio != NULL && PEM_write_bio_DHparams(bio, dh) == 1)
		r = pair_to_buf(bio, out);
	BIO_free(bio);
	DH_free(dh);
	return (r);
}

static enum err
pair_to_buf(BIO *bio, struct buf *out)
{
	char	*data;
	long	 len;

	if ((len = BIO_get_mem_data(bio, &data)) <= 0)
		return (ERR_CRYPTO);
	buf_add(out, data, (size_t)len);
	return (buf_err(out));
}

static bool
pair_is_ip(const char *host)
{
	struct ip	ip;

	return (ip_parse(host, strlen(host), &ip) == ERR_OK);
}

void
tls_why(char *why, size_t cap, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	if (vsnprintf(why, cap, fmt, ap) < 0)
		why[0] = '\0';
	va_end(ap);
}

static void
pair_why(char *why, size_t cap, const char *path, const char *text)
{
	tls_why(why, cap, "%s: %s", path, text);
}
