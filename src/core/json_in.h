/*
 * json_in - strict reading of a JSON object from outside, on jansson.
 */
#ifndef JSON_IN_H
#define JSON_IN_H

#include <jansson.h>
#include <stddef.h>

#include "err.h"

/*
 * Whole |s| must be one JSON object: UTF-8, no duplicate keys (at any depth),
 * no NUL, no trailing bytes, nesting of at most 32 (checked before parsing, so
 * that the parser's recursion is bounded).  Owned by the caller: json_decref.
 * ERR_FORMAT.
 */
enum err	json_in_object(const char *s, size_t len, json_t **out)
		    MUSTCHECK;
/* As json_in_object, but an array may be at the top as well. */
enum err	json_in_any(const char *s, size_t len, json_t **out)
		    MUSTCHECK;
/* What is wrong with a body that json_in_object() refused: a sentence for a
 * person, static.  Parses it again. */
const char	*json_in_why(const char *s, size_t len);

#endif
