/*
 * reset_token - the token that sets a forgotten password anew, as it goes out
 * by e-mail: "irt_" and 256 random bits.  Ref: security.md 3.4.
 */
#ifndef RESET_TOKEN_H
#define RESET_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"

#define RESET_TOKEN_LEN	(4 + 43)	/* 32 bytes as base64url */

/* New token with a NUL and what is stored of it.  The caller wipes |text|. */
void		reset_token_make(char text[RESET_TOKEN_LEN + 1],
		    uint8_t hash[SHA256_LEN]);
/* Shape, then hash.  ERR_FORMAT. */
enum err	reset_token_parse(const char *s, size_t len,
		    uint8_t hash[SHA256_LEN]) MUSTCHECK;

#endif
