/*
 * carrier - mobile carriers that take an e-mail for a text message: shipped
 * as data, changed by documents.  Ref: providers.md 4.3.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contact.h"
#include "err.h"

#define CARRIER_ID_MAX		40
#define CARRIER_DOMAIN_MAX	253
#define CARRIER_TEXT_MAX	140	/* characters of a message */
#define CARRIERS_MAX		64	/* shipped and added ones */

enum carrier_status {
	CARRIER_ACTIVE,
	CARRIER_UNVERIFIED,	/* nobody knows; used, with a warning */
	CARRIER_SUNSET,		/* works until |sunset|; a warning until then */
	CARRIER_DEAD		/* refused */
};

/* Everything is static or borrowed from the overrides. */
struct carrier {
	const char		*id;		/* "verizon"; person.carrier */
	const char		*name;		/* "Verizon" */
	const char		*country_code;	/* "1" */
	const char		*domain;
	enum carrier_status	 status;
	const char		*sunset;	/* "2027-03-31", or "" */
	const char		*verified;	/* when that was looked up */
	const char		*source;
};

struct carriers {
	struct carrier	v[CARRIERS_MAX];
	size_t		n;
};

/* "active", "unverified", "sunset", "dead"; the other way: ERR_NOT_FOUND. */
const char	*carrier_status_name(enum carrier_status s);
enum err	 carrier_status_parse(const char *s, enum carrier_status *out)
		    MUSTCHECK;
/*
 * The shipped table with |overrides| (a document's "carriers", which
 * provider_parse() accepted; may be NULL) over it.  ERR_SPACE.
 */
enum err	 carriers_make(const json_t *overrides, struct carriers *out)
		    MUSTCHECK;
const struct carrier *carriers_find(const struct carriers *c, const char *id);
/* Is |id| in the table as shipped? */
bool		 carrier_is_shipped(const char *id);
/* The end of the UTC day "2027-03-31"; false: no such date. */
bool		 carrier_date_us(const char *s, int64_t *out);
/* Its status at |now_us|: a sunset that is over is dead. */
enum carrier_status carrier_status_at(const struct carrier *c, int64_t now_us);
/*
 * National number of |e164| at the carrier's domain.  ERR_EXPIRED: dead;
 * ERR_RANGE: a number of another country; ERR_FORMAT.
 */
enum err	 carrier_address(const struct carrier *c, const char *e164,
		    int64_t now_us, char out[EMAIL_MAX_LEN + 1]) MUSTCHECK;
/* What an administrator should know, or NULL when it is active. */
const char	*carrier_warning(const struct carrier *c, int64_t now_us);
/*
 * The text as a gateway takes it, at most CARRIER_TEXT_MAX characters of one
 * plain line: the domain-bound last line goes, line ends become blanks, and
 * links are refused.  ERR_TOO_LONG, ERR_FORMAT (a link), ERR_SPACE.
 */
enum err	 carrier_text(const char *text, char *out, size_t cap)
		    MUSTCHECK;

#endif
