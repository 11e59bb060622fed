/*
 * person_field - what administrators may say of a person, each field in its
 * one form.  The same for the console's JSON and for a CSV file.
 */
#ifndef PERSON_FIELD_H
#define PERSON_FIELD_H

#include <stddef.h>

#include "err.h"

/* The text ones come first. */
enum person_field {
	PERSON_NAME,
	PERSON_EMAIL,
	PERSON_MOBILE,
	PERSON_EMP_ID,
	PERSON_LANGUAGE,
	PERSON_CARRIER,
	PERSON_STATUS,
	PERSON_MFA,
	PERSON_FIELDS
};

#define PERSON_FIELD_MAX	400	/* bytes of the longest, a name */

/* As columns and JSON members are called; a static string. */
const char	*person_field_name(enum person_field f);
/* What a value has to be, for a person; a static string. */
const char	*person_field_rule(enum person_field f);
/*
 * |len| bytes into |out|: blanks at the ends go; names and employee ids become
 * NFKC; addresses and numbers as core/contact.h (|cc| the default country
 * code); status "active" or "disabled", MFA "true" or "false", also from what
 * spreadsheets say instead.  "" stays "".  ERR_FORMAT, ERR_RANGE, ERR_TOO_LONG.
 */
enum err	 person_field_normalise(enum person_field f, const char *s,
		    size_t len, const char *cc,
		    char out[PERSON_FIELD_MAX + 1]) MUSTCHECK;

#endif
