/*
 * etag - see etag.h.
 */
#include "etag.h"

#include <string.h>

bool
etag_matches(const char *if_none_match, const char *etag)
{
	const char	*p = if_none_match, *end;
	size_t		 len = strlen(etag);

	if (p == NULL)
		return (false);
	p += strspn(p, " \t");
	if (p[0] == '*')
		return (p[1 + strspn(p + 1, " \t")] == '\0');
	for (;;) {
		p += strspn(p, " \t,");
		if (strncmp(p, "W/", 2) == 0)
			p += 2;
		/* A comma may stand inside the quotes. */
		if (p[0] != '"' || (end = strchr(p + 1, '"')) == NULL)
			return (false);
		end++;
		if ((size_t)(end - p) == len && memcmp(p, etag, len) == 0)
			return (true);
		p = end;
	}
}
