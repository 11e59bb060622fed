/*
 * second_factor - what a person typed, against what the person has: a sent
 * code, the code of an authenticator app, a recovery code.
 */
#ifndef SECOND_FACTOR_H
#define SECOND_FACTOR_H

#include <stdbool.h>

#include "audit.h"
#include "otp_store.h"
#include "saved_code.h"

/* As typed, blanks and dashes allowed. */
#define FACTOR_CODE_LEN	31

/* What it can only have been meant as. */
struct factor_code {
	bool	is_recovery;
	char	text[SAVED_CODE_LEN + 1];	/* digits, or the recovery code */
	size_t	len;
};

struct http_request;

/* Appends the fields to a table: "code" of |s|. */
#define FACTOR_CODE_F(s, r)						\
	DECODE_F(s, code, "v_typed_code", (r),				\
	    "Send the digits of a code, or a recovery code.")

/* Reads |typed|; neither a code nor a recovery code: |*ret|, 422. */
bool		second_factor_read(struct http_request *req,
		    const char *typed, struct factor_code *out, int *ret);
/* As second_factor_read, but replies nothing. */
bool		second_factor_typed(const char *typed,
		    struct factor_code *out);
/*
 * Compares with the sealed secret of |user| (NULL: none is enrolled) and makes
 * the MAC of a recovery code.  ERR_SIGNATURE, ERR_FORMAT: the secret cannot be
 * opened; ERR_CRYPTO.
 */
enum err	second_factor_match(const struct factor_code *c,
		    const struct uuid *user,
		    const uint8_t sealed[TOTP_SEALED_LEN], int64_t last_step,
		    struct otp_factor *out) MUSTCHECK;
/* Seals a secret for |user|, or opens it. */
enum err	second_factor_seal(const struct uuid *user,
		    const uint8_t secret[TOTP_SECRET_LEN],
		    uint8_t sealed[TOTP_SEALED_LEN]) MUSTCHECK;
enum err	second_factor_open(const struct uuid *user,
		    const uint8_t sealed[TOTP_SEALED_LEN],
		    uint8_t secret[TOTP_SECRET_LEN]) MUSTCHECK;
/*
 * Replies for an outcome other than 'ok' of the statements that try codes, and
 * counts it for the audit log as |event|; |user| may be NULL.
 */
int		second_factor_refuse(struct http_request *req,
		    const struct otp_tried *t, enum audit_event event,
		    const struct uuid *user);

#endif
