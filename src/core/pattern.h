/*
 * pattern - an administrator's regular expression (POSIX extended) held
 * against what a stranger's server says, with bounds on both.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define PATTERN_MAX		200	/* bytes */
#define PATTERN_SUBJECT_MAX	1024	/* bytes looked at */
#define PATTERN_WHY_MAX		120

/*
 * No back-reference (they make matching exponential); counts of at most 64
 * and behind a single character or a bracket expression only, no repetition
 * of a repetition, groups nested at most 4 deep (each multiplies the compiled
 * size).  ERR_FORMAT: |why| (may be NULL) says what is wrong.
 */
enum err	pattern_check(const char *re, char why[PATTERN_WHY_MAX])
		    MUSTCHECK;
/* Does |re|, which passed, match within the first PATTERN_SUBJECT_MAX bytes of
 * |s|?  A NUL ends the subject. */
bool		pattern_matches(const char *re, const char *s, size_t len);

#endif
