/*
 * contact - e-mail addresses, mobile numbers and the identifier that may be
 * either.
 */
#ifndef CONTACT_H
#define CONTACT_H

#include <stddef.h>

#include "err.h"

#define EMAIL_MAX_LEN	254	/* RFC 5321 s.4.5.3.1.3, erratum 1690 */
#define PHONE_MAX_LEN	16	/* E.164: '+' and 15 digits */
#define IDENTIFIER_MAX_LEN	254

enum contact_kind { CONTACT_EMAIL, CONTACT_PHONE };

struct contact {
	enum contact_kind	kind;
	char			text[EMAIL_MAX_LEN + 1];	/* normalised */
};

/*
 * Trims ASCII blanks, checks dot-atom@domain (UTF-8 allowed in the local
 * part, RFC 6531; domain LDH labels), lower-cases ASCII.  ERR_FORMAT,
 * ERR_TOO_LONG.
 */
enum err	email_normalise(const char *s, size_t len,
		    char out[EMAIL_MAX_LEN + 1]) MUSTCHECK;
/*
 * To E.164: drops blanks, dashes, dots, brackets; "+" or "00" starts an
 * international number; otherwise one leading trunk 0 goes and |cc| (digits,
 * "91") is put before.  8..15 digits, first not 0.  ERR_FORMAT, ERR_RANGE.
 */
enum err	phone_normalise(const char *s, size_t len, const char *cc,
		    char out[PHONE_MAX_LEN + 1]) MUSTCHECK;
/* An '@' makes it an e-mail address, else a number.  Errors as above. */
enum err	contact_parse(const char *s, size_t len, const char *cc,
		    struct contact *out) MUSTCHECK;

/* "a***@example.org", "+91*******10": enough for the owner to know it. */
#define CONTACT_MASK_LEN	(EMAIL_MAX_LEN + 3)
void		contact_mask(const char *contact,
		    char out[CONTACT_MASK_LEN + 1]);

#endif
