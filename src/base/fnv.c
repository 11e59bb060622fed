/*
 * fnv - see fnv.h.
 */
#include "fnv.h"

uint32_t
fnv1a(const void *p, size_t len)
{
	const uint8_t	*b = p;
	uint32_t	 h = 2166136261u;
	size_t		 i;

	for (i = 0; i < len; i++)
		h = (h ^ b[i]) * 16777619u;
	return (h);
}
