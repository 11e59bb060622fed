/*
 * webhook_secret - what an application checks its webhook's calls with: the
 * secret, and the signature over a call.
 */
#ifndef WEBHOOK_SECRET_H
#define WEBHOOK_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "seal.h"
#include "uuid.h"

#define WEBHOOK_URL_MAX		2000
#define WEBHOOK_SECRET_LEN	(6 + 43)	/* "whsec_", 256 random bits */
#define WEBHOOK_SEALED_LEN	(WEBHOOK_SECRET_LEN + SEAL_OVERHEAD)
/* "t=" seconds ",v1=" hex */
#define WEBHOOK_SIGNATURE_LEN	(2 + 20 + 4 + 64)

/* A new secret of |app|, and what is stored of it.  The caller wipes |text|. */
enum err	webhook_secret_make(struct sealer *s, const struct uuid *app,
		    char text[WEBHOOK_SECRET_LEN + 1],
		    uint8_t sealed[WEBHOOK_SEALED_LEN]) MUSTCHECK;
/* ERR_FORMAT, ERR_SIGNATURE. */
enum err	webhook_secret_open(struct sealer *s, const struct uuid *app,
		    const uint8_t *sealed, size_t len,
		    char text[WEBHOOK_SECRET_LEN + 1]) MUSTCHECK;
/*
 * "t=<at_s>,v1=<hex>": HMAC-SHA-256 under the secret's characters of at_s, a
 * dot and the body, so that an old call cannot be sent again.
 */
enum err	webhook_sign(const char *secret, int64_t at_s,
		    const char *body, size_t len,
		    char out[WEBHOOK_SIGNATURE_LEN + 1]) MUSTCHECK;

#endif
