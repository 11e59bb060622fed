/*
 * saved_code - recovery codes: what a person keeps on paper for the day the
 * phone is gone.  80 random bits each, in Crockford's base32, which survives
 * being read aloud.
 * Ref: NIST SP 800-63B-4 (saved recovery codes), security.md 3.3.
 */
#ifndef SAVED_CODE_H
#define SAVED_CODE_H

#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"
#include "uuid.h"

#define SAVED_CODE_SET		10	/* codes made at once */
#define SAVED_CODE_LEN		16	/* characters that count */
#define SAVED_CODE_TEXT_LEN	19	/* "xxxx-xxxx-xxxx-xxxx" */
#define SAVED_CODE_MAC_LEN	SHA256_LEN

/* A new code as it is shown, and a NUL; the caller wipes. */
void		saved_code_make(char out[SAVED_CODE_TEXT_LEN + 1]);
/*
 * What was typed, in the one spelling that is compared: dashes and blanks go,
 * case and the letters that look like digits do not matter.  ERR_FORMAT.
 */
enum err	saved_code_parse(const char *s, size_t len,
		    char out[SAVED_CODE_LEN + 1]) MUSTCHECK;
/* HMAC-SHA-256 of person and parsed code.  ERR_CRYPTO. */
enum err	saved_code_mac(struct hmac_key *k, const struct uuid *user,
		    const char code[SAVED_CODE_LEN + 1],
		    uint8_t out[SAVED_CODE_MAC_LEN]) MUSTCHECK;

#endif
