/*
 * kore_config - Kore's configuration, made from the embedded kore.conf and the
 * settings.  Stands in for Kore's own kore_parse_config (link wrap), which
 * would write the text to /tmp and knows no variables.  Ref: docs/kore.md, T3.
 */
#ifndef KORE_CONFIG_H
#define KORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

/* What ${NAME} becomes; |value| NULL ends an array of them. */
struct kore_var {
	const char	*name;
	const char	*value;		/* "" makes @if NAME false */
};

/*
 * Expands |text| (|len| bytes) with |vars| (ended by .name NULL) into |out|.
 * ERR_FORMAT: an unknown ${NAME}, @-line, list, or a missing @end; |*line| is
 * where.  ERR_SPACE.
 */
enum err	kore_config_expand(const char *text, size_t len,
		    const struct kore_var *vars, struct buf *out, int *line)
		    MUSTCHECK;
/*
 * Keeps |vars| (borrowed, also during the whole start) for the moment when
 * Kore reads its configuration.
 */
void		kore_config_set(const struct kore_var *vars);

/* Called by Kore's main() in place of its own. */
void		__wrap_kore_parse_config(void);

#endif
