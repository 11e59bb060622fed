/*
 * provider_view - see provider_view.h.
 */
#include "provider_view.h"

#include <string.h>

void
provider_view_json(const struct provider *p, const char *about,
    struct buf *out)
{
	size_t	len;

	provider_export_json(p, out);
	len = strlen(about);
	/* {..} and {..} become one object. */
	if (buf_err(out) != ERR_OK || out->len == 0 || len <= 2)
		return;
	out->len--;
	buf_char(out, ',');
	buf_add(out, about + 1, len - 1);
}
