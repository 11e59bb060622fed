/*
 * json_pointer - RFC 6901 pointers into a parsed document.
 */
#ifndef JSON_POINTER_H
#define JSON_POINTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define JSON_POINTER_MAX	256	/* bytes */

/* Well-formed ("" or /a/0/b~1c) and not too long? */
bool		 json_pointer_check(const char *p);
/* The value, borrowed; NULL when there is none or |p| is malformed. */
const json_t	*json_pointer_get(const json_t *j, const char *p);
/* Appends a scalar as text (true, 12, 1.5, string without quotes); false for
 * an object, an array or null: nothing is appended. */
bool		 json_scalar_text(const json_t *j, struct buf *out);

#endif
