/*
 * conf_text - a configuration text with variables, conditions and lists:
 *	${NAME}			value of a variable, anywhere in a line
 *	@if NAME ... @end	kept when that value is not empty; may be nested
 *	@list NAME ... @end	kept aside
 *	@use NAME		the lines of that list
 * Lines that start with # are left out.
 */
#ifndef CONF_TEXT_H
#define CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

#define CONF_TEXT_MAX_LEN	65536	/* of the result */

struct conf_var {
	const char	*name;		/* NULL ends an array of them */
	const char	*value;		/* "" makes @if NAME false */
};

/*
 * Expands |text| (|len| bytes) with |vars| into |out|.  ERR_FORMAT: an unknown
 * name, an @-line that is none of these, a missing @end; |*line|, from 1, is
 * where.  ERR_SPACE.
 */
enum err	conf_text_expand(const char *text, size_t len,
		    const struct conf_var *vars, struct buf *out, int *line)
		    MUSTCHECK;

#endif
