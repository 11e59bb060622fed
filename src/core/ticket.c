/*
 * ticket - see ticket.h.
 */
#include "ticket.h"

#include <string.h>

#include "codec.h"
#include "mem.h"
#include "rnd.h"

#define TICKET_PREFIX		"ism_"
#define TICKET_PREFIX_LEN	(sizeof(TICKET_PREFIX) - 1)
#define TICKET_SECRET_LEN	32

void
ticket_make(char text[TICKET_LEN + 1], struct ticket_hash *h)
{
	uint8_t	secret[TICKET_SECRET_LEN];

	rnd_bytes(secret, sizeof(secret));
	memcpy(text, TICKET_PREFIX, TICKET_PREFIX_LEN);
	b64url_encode(secret, sizeof(secret), text + TICKET_PREFIX_LEN);
	sha256_of(text, TICKET_LEN, h->b);
	mem_wipe(secret, sizeof(secret));
}

enum err
ticket_parse(const char *s, size_t len, struct ticket_hash *h)
{
	uint8_t		secret[TICKET_SECRET_LEN];
	size_t		n = sizeof(secret);
	enum err	r;

	if (len != TICKET_LEN ||
	    memcmp(s, TICKET_PREFIX, TICKET_PREFIX_LEN) != 0)
		return (ERR_FORMAT);
	r = b64url_decode(s + TICKET_PREFIX_LEN, len - TICKET_PREFIX_LEN,
	    secret, &n);
	mem_wipe(secret, sizeof(secret));
	if (r != ERR_OK)
		return (ERR_FORMAT);
	sha256_of(s, len, h->b);
	return (ERR_OK);
}
