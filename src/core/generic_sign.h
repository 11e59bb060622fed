/*
 * generic_sign - the signature that a generic provider's document asks for:
 * HMAC-SHA-256 over the body, by which a gateway knows who sent it.
 */
#ifndef GENERIC_SIGN_H
#define GENERIC_SIGN_H

#include <stdint.h>

#include "http_call.h"
#include "provider.h"

#define SIGNATURE_HEADER	"X-Signature"	/* unless the document says */
#define SIGNATURE_SECRET_MIN	8		/* bytes */

/*
 * Adds the header to |c|, whose body is complete.  The key is the secret's
 * bytes as they are written.  Signed is the body, byte for byte; with a
 * timestamp header, which is added too: |at_s| in decimal, a dot, the body.
 * The value is the prefix and the MAC in lower-case hex or base64.
 * ERR_SPACE, ERR_FORMAT, ERR_NOMEM, ERR_CRYPTO.
 */
enum err	generic_sign(const struct provider_signature *s, int64_t at_s,
		    struct http_call *c) MUSTCHECK;

#endif
