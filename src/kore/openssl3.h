/*
 * openssl3 - link-time wraps (T1 of docs/kore.md) of the OpenSSL functions that
 * Kore 4.1.0 calls with the assumptions of OpenSSL 1.1.  Nobody calls these by
 * name.
 */
#ifndef OPENSSL3_H
#define OPENSSL3_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

typedef int (*openssl3_sign_fn)(int type, const unsigned char *dgst, int len,
    unsigned char *sig, unsigned int *sig_len, const BIGNUM *kinv,
    const BIGNUM *r, EC_KEY *key);
typedef int (*openssl3_setup_fn)(EC_KEY *key, BN_CTX *ctx, BIGNUM **kinv,
    BIGNUM **r);
typedef ECDSA_SIG *(*openssl3_sig_fn)(const unsigned char *dgst, int len,
    const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key);

void	*__real_EVP_PKEY_get0(const EVP_PKEY *pkey);
void	*__wrap_EVP_PKEY_get0(const EVP_PKEY *pkey);
EVP_PKEY	*__wrap_X509_get_pubkey(X509 *x);
RSA	*__wrap_EVP_PKEY_get1_RSA(EVP_PKEY *pkey);
EC_KEY	*__wrap_EVP_PKEY_get1_EC_KEY(EVP_PKEY *pkey);
void	 __real_EC_KEY_METHOD_set_sign(EC_KEY_METHOD *m, openssl3_sign_fn sign,
	    openssl3_setup_fn setup, openssl3_sig_fn sig);
void	 __wrap_EC_KEY_METHOD_set_sign(EC_KEY_METHOD *m, openssl3_sign_fn sign,
	    openssl3_setup_fn setup, openssl3_sig_fn sig);

#endif
