/*
 * provider_view - a provider as the console and `provider list` show it.
 */
#ifndef PROVIDER_VIEW_H
#define PROVIDER_VIEW_H

#include "buf.h"
#include "db_row.h"
#include "provider.h"

/* Appends |p|'s document, with the members of |about| (a JSON object). */
void	provider_view_json(const struct provider *p, const char *about,
	    struct buf *out);

#endif
