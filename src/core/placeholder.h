/*
 * placeholder - {to_e164} and its like in a provider's URL, headers and body:
 * which there are, where they may stand, and their values escaped for there.
 * Ref: api.md s.6.
 */
#ifndef PLACEHOLDER_H
#define PLACEHOLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

enum placeholder {
	PH_TO_E164,		/* +919876543210 */
	PH_TO_NATIONAL,		/* 9876543210 */
	PH_COUNTRY_CODE,	/* 91 */
	PH_CODE,		/* the code; empty in a notice */
	PH_MESSAGE,		/* the whole text */
	PH_SENDER,		/* the document's sender */
	PH_TTL_MINUTES,		/* whole minutes, rounded up */
	PH_APP_NAME,
	PH_REQUEST_ID,		/* the outbox id: the same in every attempt */
	PH_TO,			/* as the document's number_format says */
	PH_TEMPLATE_ID,		/* the gateway's id of the message's template */
	PH_LOCALE,		/* "en", "hi", "en-IN" */
	PH_MAX
};

/* Where the value goes, and so how it is escaped. */
enum placeholder_context {
	PH_IN_URL,		/* percent-encoding, all but RFC 3986 unreserved */
	PH_IN_FORM,		/* the same */
	PH_IN_JSON,		/* string escapes; outside a string numbers only */
	PH_IN_XML,		/* the five entities; no control characters */
	PH_IN_HEADER,		/* control characters become blanks */
	PH_IN_TEXT		/* as it is */
};

struct placeholder_values {
	const char	*v[PH_MAX];	/* UTF-8; NULL is "" */
	const json_t	*secrets;	/* {secret.NAME}: name to string; or NULL */
};

#define PH_BIT(p)	(1u << (p))
#define PH_WHY_MAX	160

/* "to_e164" ..; {cc}, {otp} and {ttl_min} are read too, and mean
 * {country_code}, {code} and {ttl_minutes}. */
const char	*placeholder_name(enum placeholder p);
/*
 * Is |s| a template for |ctx|?  A '{' followed by a name and '}' is a
 * placeholder, any other '{' stands for itself.  |*used| (may be NULL) gets
 * PH_BIT() of each.  {secret.NAME} has to be in |secrets| (may be NULL).
 * ERR_FORMAT: |why| says what is wrong, a sentence without the field's name.
 */
enum err	 placeholder_check(const char *s, enum placeholder_context ctx,
		    const json_t *secrets, unsigned int *used,
		    char why[PH_WHY_MAX]) MUSTCHECK;
/* Appends |s|, which passed the check, with the values put in.  ERR_FORMAT
 * (did not pass); errors of |out| are left in it. */
enum err	 placeholder_expand(const char *s, enum placeholder_context ctx,
		    const struct placeholder_values *v, struct buf *out)
		    MUSTCHECK;
/* Appends |s| escaped for |ctx| (PH_IN_JSON: as within a string). */
void		 placeholder_escape(const char *s, enum placeholder_context ctx,
		    struct buf *out);

#endif
