/*
 * json_in - strict reading of a JSON object from outside, on jansson.
 * Owns the limits that jansson does not have: nesting, and an object at the
 * top.  Must not interpret members: that is the caller's.  Ref: RFC 8259.
 */
#include "json_in.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "rnd.h"

#define JSON_IN_DEPTH_MAX	32

/* Guards the seeding, once for the process. */
static pthread_once_t	json_in_once = PTHREAD_ONCE_INIT;

static void	json_in_seed(void);
static bool	json_in_is_shallow(const char *s, size_t len);

enum err
json_in_object(const char *s, size_t len, json_t **out)
{
	json_t		*j;
	enum err	 r;

	if ((r = json_in_any(s, len, &j)) != ERR_OK)
		return (r);
	if (!json_is_object(j)) {
		json_decref(j);
		return (ERR_FORMAT);
	}
	*out = j;
	return (ERR_OK);
}

enum err
json_in_any(const char *s, size_t len, json_t **out)
{
	json_error_t	 why;
	json_t		*j;

	if (pthread_once(&json_in_once, json_in_seed) != 0)
		return (ERR_NOMEM);
	/* jansson 2.14 passes over a NUL that stands behind a number. */
	if (!json_in_is_shallow(s, len) ||
	    (len > 0 && memchr(s, '\0', len) != NULL))
		return (ERR_FORMAT);
	j = json_loadb(s, len, JSON_REJECT_DUPLICATES, &why);
	if (j == NULL)
		return (ERR_FORMAT);
	*out = j;
	return (ERR_OK);
}

const char *
json_in_why(const char *s, size_t len)
{
	json_error_t	 why;
	json_t		*j;

	if (len > 0 && memchr(s, '\0', len) != NULL)
		return ("The body has a NUL character in it.");
	if (!json_in_is_shallow(s, len))
		return ("The body is nested too deeply.");
	if ((j = json_loadb(s, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	    &why)) != NULL) {
		json_decref(j);
		return ("The body must be one JSON object.");
	}
	switch (json_error_code(&why)) {
	case json_error_duplicate_key:
		return ("The body has a member twice.");
	case json_error_invalid_utf8:
		return ("The body is not valid UTF-8.");
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return ("The body has a NUL character in it.");
	case json_error_end_of_input_expected:
		return ("There is something behind the JSON object.");
	case json_error_numeric_overflow:
		return ("The body has a number that is too large.");
	default:
		return ("The body is not valid JSON.");
	}
}

/*
 * Keys the hash tables, so that nobody can choose members that collide.  Left
 * alone, jansson would open /dev/urandom: not there in the workers' chroot,
 * and then it takes the time of day.
 */
static void
json_in_seed(void)
{
	uint32_t	seed;

	do {
		rnd_bytes(&seed, sizeof(seed));
	} while (seed == 0);		/* 0 means "find one yourself" */
	json_object_seed(seed);
}

/* Nested no deeper than the limit, as far as brackets outside strings say? */
static bool
json_in_is_shallow(const char *s, size_t len)
{
	bool	is_string = false;
	size_t	depth = 0, i;

	for (i = 0; i < len; i++) {
		if (is_string) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				is_string = false;
			continue;
		}
		switch (s[i]) {
		case '"':
			is_string = true;
			break;
		case '[':
		case '{':
			if (++depth > JSON_IN_DEPTH_MAX)
				return (false);
			break;
		case ']':
		case '}':
			/* Unbalanced: the parser will say so. */
			if (depth > 0)
				depth--;
			break;
		}
	}
	return (true);
}
