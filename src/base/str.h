/*
 * str - bounded text primitives: numbers, UTF-8, trimming, copying.
 */
#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * Whole decimal number in |s| (|len| bytes), [min, max], no sign but '-', no
 * blanks.  ERR_FORMAT, ERR_RANGE.
 */
enum err	str_int(const char *s, size_t len, int64_t min, int64_t max,
		    int64_t *out) MUSTCHECK;
/* Well-formed UTF-8 without NUL (RFC 3629: no surrogates, no overlongs)? */
bool		str_is_utf8(const char *s, size_t len);
/* Code points of well-formed UTF-8. */
size_t		str_utf8_count(const char *s, size_t len);
/* Copies with a NUL into |dst| of |cap| bytes; ERR_SPACE copies nothing. */
enum err	str_copy(char *dst, size_t cap, const char *src, size_t len)
		    MUSTCHECK;
/*
 * Moves |*s| and |*len| past the ASCII blanks at both ends (isspace() in the C
 * locale); what is left may be empty.
 */
void		str_trim(const char **s, size_t *len);
/* ASCII case-insensitive equality. */
bool		str_caseeq(const char *a, const char *b);
/* printf into a fixed buffer; ERR_SPACE when cut (dst is then ""). */
enum err	str_printf(char *dst, size_t cap, const char *fmt, ...)
		    __attribute__((format(printf, 3, 4))) MUSTCHECK;

#endif
