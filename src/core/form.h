/*
 * form - application/x-www-form-urlencoded and cookie parsing, bounded.
 */
#ifndef FORM_H
#define FORM_H

#include <stddef.h>

#include "err.h"

#define FORM_PAIRS_MAX	64

struct form_pair {
	const char	*name;		/* decoded in place, NUL behind */
	size_t		 name_len;
	const char	*value;
	size_t		 value_len;
};

struct form {
	struct form_pair	v[FORM_PAIRS_MAX];
	size_t			n;
};

/*
 * Splits and decodes |s| (changed in place; |s|[len] must be writable) into
 * |out|, which points into it.  ERR_FORMAT: bad %-escape, not UTF-8, NUL;
 * ERR_EXISTS: a name twice; ERR_SPACE: more than FORM_PAIRS_MAX pairs.
 */
enum err		 form_parse(char *s, size_t len, struct form *out)
			    MUSTCHECK;
/* The pair called |name|, or NULL. */
const struct form_pair	*form_find(const struct form *f, const char *name);

/*
 * Value of cookie |name| (case-sensitive, exact) in a Cookie header |s|: start
 * and length, borrowed.  ERR_NOT_FOUND; ERR_EXISTS when sent twice.
 */
enum err		 cookie_find(const char *s, const char *name,
			    const char **value, size_t *len) MUSTCHECK;

#endif
