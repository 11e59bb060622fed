/*
 * mem - the only caller of malloc and free, and the only comparison and
 * erasure of secrets.  Must not know what the bytes mean.
 */
#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *
mem_new(size_t len)
{
	return (calloc(1, len));
}

void *
mem_resize(void *p, size_t len)
{
	return (realloc(p, len));
}

char *
mem_dup(const void *p, size_t len)
{
	char	*copy;

	if (len == SIZE_MAX)
		return (NULL);
	if ((copy = malloc(len + 1)) == NULL)
		return (NULL);
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return (copy);
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_free_secret(void *p, size_t len)
{
	if (p == NULL)
		return;
	mem_wipe(p, len);
	free(p);
}

void
mem_wipe(void *p, size_t len)
{
	if (len > 0)
		explicit_bzero(p, len);
}

bool
mem_eq_ct(const void *a, const void *b, size_t len)
{
	const uint8_t	*x = a, *y = b;
	volatile uint8_t diff = 0;	/* volatile: no early exit invented */
	size_t		 i;

	for (i = 0; i < len; i++)
		diff |= x[i] ^ y[i];
	return (diff == 0);
}
