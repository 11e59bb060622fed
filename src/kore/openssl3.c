/*
 * openssl3 - makes Kore 4.1.0's key manager work with OpenSSL 3, by link-time
 * wraps of the functions that it calls.  Owns no key: the private one stays
 * in the key manager's process, workers hold the public part and Kore's method
 * that asks the key manager.  Must not be used outside Kore's own calls.
 * Ref: docs/kore.md; Kore's domain.c:378-405, keymgr.c:698,727.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdint.h>

#include "openssl3.h"

/* The interface that Kore speaks is deprecated as a whole. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* Method of a key that OpenSSL must not export to a provider; made once. */
static RSA_METHOD	*openssl3_rsa_foreign;
static EC_KEY_METHOD	*openssl3_ec_foreign;

/*
 * In the key manager: EVP_PKEY_get0() is NULL for provider-made keys.  The
 * const is cast away through an integer, as Kore signs with it only.
 */
void *
__wrap_EVP_PKEY_get0(const EVP_PKEY *pkey)
{
	void	*key;

	if ((key = __real_EVP_PKEY_get0(pkey)) != NULL)
		return (key);
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_RSA:
		return ((void *)(uintptr_t)EVP_PKEY_get0_RSA(pkey));
	case EVP_PKEY_EC:
		return ((void *)(uintptr_t)EVP_PKEY_get0_EC_KEY(pkey));
	default:
		return (NULL);
	}
}

/*
 * In a worker: Kore keeps the reference of each certificate that it loads
 * (domain.c:375).  The certificate's own lives long enough.
 */
EVP_PKEY *
__wrap_X509_get_pubkey(X509 *x)
{
	return (X509_get0_pubkey(x));
}

/*
 * In a worker: get1 returns a detached copy, so that the method that Kore sets
 * on it would never be used.  Puts a legacy key with the same public part into
 * |pkey| and returns that one.
 */
RSA *
__wrap_EVP_PKEY_get1_RSA(EVP_PKEY *pkey)
{
	const BIGNUM	*n, *e;
	BIGNUM		*n_copy = NULL, *e_copy = NULL;
	const RSA	*public;
	RSA		*rsa = NULL;

	if (openssl3_rsa_foreign == NULL)
		openssl3_rsa_foreign = RSA_meth_new("key manager",
		    RSA_METHOD_FLAG_NO_CHECK);
	if (openssl3_rsa_foreign == NULL ||
	    (public = EVP_PKEY_get0_RSA(pkey)) == NULL)
		return (NULL);
	RSA_get0_key(public, &n, &e, NULL);
	if ((n_copy = BN_dup(n)) == NULL || (e_copy = BN_dup(e)) == NULL ||
	    (rsa = RSA_new()) == NULL)
		goto fail;
	/* Before the key is assigned: OpenSSL looks for a foreign key then. */
	if (!RSA_set_method(rsa, openssl3_rsa_foreign) ||
	    !RSA_set0_key(rsa, n_copy, e_copy, NULL))
		goto fail;
	n_copy = e_copy = NULL;			/* transferred */
	if (!EVP_PKEY_set1_RSA(pkey, rsa))
		goto fail;
	RSA_free(rsa);		/* |pkey| has it; Kore frees nothing */
	return (rsa);
fail:
	BN_free(n_copy);
	BN_free(e_copy);
	RSA_free(rsa);
	return (NULL);
}

/* As above for ECDSA. */
EC_KEY *
__wrap_EVP_PKEY_get1_EC_KEY(EVP_PKEY *pkey)
{
	const EC_KEY	*public;
	EC_KEY		*ec = NULL;

	if (openssl3_ec_foreign == NULL)
		openssl3_ec_foreign = EC_KEY_METHOD_new(NULL);
	if (openssl3_ec_foreign == NULL ||
	    (public = EVP_PKEY_get0_EC_KEY(pkey)) == NULL ||
	    (ec = EC_KEY_new()) == NULL)
		return (NULL);
	if (!EC_KEY_set_group(ec, EC_KEY_get0_group(public)) ||
	    !EC_KEY_set_public_key(ec, EC_KEY_get0_public_key(public)) ||
	    !EC_KEY_set_method(ec, openssl3_ec_foreign) ||
	    !EVP_PKEY_set1_EC_KEY(pkey, ec)) {
		EC_KEY_free(ec);
		return (NULL);
	}
	EC_KEY_free(ec);	/* |pkey| has it; Kore frees nothing */
	return (ec);
}

/* Kore passes NULL for the two functions that it does not replace. */
void
__wrap_EC_KEY_METHOD_set_sign(EC_KEY_METHOD *m, openssl3_sign_fn sign,
    openssl3_setup_fn setup, openssl3_sig_fn sig)
{
	openssl3_sign_fn	default_sign;
	openssl3_setup_fn	default_setup;
	openssl3_sig_fn		default_sig;

	EC_KEY_METHOD_get_sign(EC_KEY_OpenSSL(), &default_sign,
	    &default_setup, &default_sig);
	__real_EC_KEY_METHOD_set_sign(m,
	    sign != NULL ? sign : default_sign,
	    setup != NULL ? setup : default_setup,
	    sig != NULL ? sig : default_sig);
}
