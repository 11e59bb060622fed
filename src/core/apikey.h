/*
 * apikey - text form of service keys: isk_<id>_<secret><check>, api.md s.2.
 */
#ifndef APIKEY_H
#define APIKEY_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define APIKEY_ID_LEN		12
#define APIKEY_SECRET_LEN	43
#define APIKEY_CHECK_LEN	6
#define APIKEY_TEXT_LEN		(4 + APIKEY_ID_LEN + 1 + APIKEY_SECRET_LEN + \
				    APIKEY_CHECK_LEN)
#define APIKEY_HASH_LEN		32

struct apikey {
	char	id[APIKEY_ID_LEN + 1];
	uint8_t	hash[APIKEY_HASH_LEN];	/* SHA-256 of the 43 characters */
	char	last4[5];		/* of the secret */
};

/* New key; |text| gets it with a NUL and is the caller's to wipe. */
void		apikey_make(struct apikey *k, char text[APIKEY_TEXT_LEN + 1]);
/* Shape and checksum, no look-up.  ERR_FORMAT, ERR_SIGNATURE. */
enum err	apikey_parse(const char *s, size_t len, struct apikey *out)
		    MUSTCHECK;

#endif
