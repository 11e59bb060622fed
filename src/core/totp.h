/*
 * totp - time-based codes of an authenticator app: 6 digits, 30 s, SHA-1, as
 * every app knows them.  That a step counts once is the store's business.
 * Ref: RFC 6238, RFC 4226, RFC 4648 s.6.
 */
#ifndef TOTP_H
#define TOTP_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

#define TOTP_SECRET_LEN	20	/* 160 bits: RFC 4226 s.4, R6 */
#define TOTP_BASE32_LEN	32	/* 20 bytes, 5 bits a character */
#define TOTP_DIGITS	6
#define TOTP_PERIOD_S	30
#define TOTP_WINDOW	1	/* steps before and after: clocks differ */

/* Code of step |step| (>= 0) and a NUL.  ERR_CRYPTO. */
enum err	totp_code(const uint8_t secret[TOTP_SECRET_LEN], int64_t step,
		    char out[TOTP_DIGITS + 1]) MUSTCHECK;
/*
 * The step around |now_s| (s since 1970), later than |last_step|, that |code|
 * belongs to.  ERR_SIGNATURE: none; ERR_CRYPTO.
 */
enum err	totp_check(const uint8_t secret[TOTP_SECRET_LEN],
		    const char *code, int64_t now_s, int64_t last_step,
		    int64_t *step) MUSTCHECK;
/* Base32 of the secret and a NUL, as a person types it into an app. */
void		totp_base32(const uint8_t secret[TOTP_SECRET_LEN],
		    char out[TOTP_BASE32_LEN + 1]);
/*
 * Appends "otpauth://totp/ISSUER:ACCOUNT?..." (the key URI format that apps
 * scan); |issuer| and |account| are UTF-8 and are percent-encoded.
 */
void		totp_uri(const uint8_t secret[TOTP_SECRET_LEN],
		    const char *issuer, const char *account, struct buf *out);

#endif
