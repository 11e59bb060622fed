/*
 * tls_pair - a certificate chain and its private key: reading, checking, making
 * a self-signed one.
 */
#ifndef TLS_PAIR_H
#define TLS_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "err.h"

#define TLS_PAIR_MAX_LEN	65536	/* of either file */

struct tls_pair {
	struct buf	 cert;		/* PEM as read: the chain, leaf first */
	struct buf	 key;		/* PEM, secret */
	X509		*leaf;
};

void		tls_pair_init(struct tls_pair *p);
/* Wipes and frees. */
void		tls_pair_clear(struct tls_pair *p);
/*
 * Reads both files and checks all that would end Kore's key manager or leave it
 * without TLS: PEM throughout, no passphrase, RSA of 2048-8192 bits or ECDSA
 * on P-256, P-384, P-521, key and certificate belong together.  On an error
 * |why| (|cap| bytes) is one line.  ERR_IO, ERR_FORMAT, ERR_CRYPTO.
 */
enum err	tls_pair_read(struct tls_pair *p, const char *cert_path,
		    const char *key_path, char *why, size_t cap) MUSTCHECK;
/*
 * New ECDSA P-256 pair for localhost, 127.0.0.1, ::1 and |host| (name or
 * address, may be NULL), valid for 397 days.  ERR_CRYPTO.
 */
enum err	tls_pair_make(struct tls_pair *p, const char *host) MUSTCHECK;
/* Does the leaf name |host| (may be NULL) and outlive |days| from now? */
bool		tls_pair_fits(const struct tls_pair *p, const char *host,
		    int days);
/* One line for the operator into |why| (|cap| bytes), cut to fit. */
void		tls_why(char *why, size_t cap, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* Finite-field parameters of RFC 7919 as PEM.  ERR_CRYPTO. */
enum err	tls_pair_ffdhe2048(struct buf *out) MUSTCHECK;

#endif
