/*
 * ticket - the token that a sign-in holds while its second factor is missing:
 * "ism_" and 256 random bits; only its hash is stored.
 */
#ifndef TICKET_H
#define TICKET_H

#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"

#define TICKET_LEN	(4 + 43)	/* 32 bytes as base64url */

struct ticket_hash {
	uint8_t	b[SHA256_LEN];		/* SHA-256 of the whole text */
};

/* New ticket and what is stored of it.  The caller wipes |text|. */
void		ticket_make(char text[TICKET_LEN + 1], struct ticket_hash *h);
/* Shape, then hash.  ERR_FORMAT. */
enum err	ticket_parse(const char *s, size_t len, struct ticket_hash *h)
		    MUSTCHECK;

#endif
