/*
 * mem - the only caller of malloc and free, and the only comparison and
 * erasure of secrets.  Must not know what the bytes mean.
 */
#include "mem.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MEM_HUGE_PAGE	((size_t)2 << 20)

static size_t	mem_large_len(size_t len);

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

/*
 * A page of 2 MiB must begin at a multiple of it.  The mapping is made larger
 * by one, and what stands before and behind the block is given back.
 */
void *
mem_new_large(size_t len)
{
	uint8_t	*map, *p;
	size_t	 room, before;

	if (len == 0 || len > SIZE_MAX / 2)
		return (NULL);
	room = mem_large_len(len) + MEM_HUGE_PAGE;
	map = mmap(NULL, room, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return (NULL);
	before = (MEM_HUGE_PAGE - (uintptr_t)map % MEM_HUGE_PAGE) %
	    MEM_HUGE_PAGE;
	p = map + before;
	if (before > 0)
		(void)munmap(map, before);
	if (MEM_HUGE_PAGE - before > 0)
		(void)munmap(p + mem_large_len(len), MEM_HUGE_PAGE - before);
	/* A hint: without it the block is as good, only slower. */
	(void)madvise(p, mem_large_len(len), MADV_HUGEPAGE);
	return (p);
}

void
mem_free_large(void *p, size_t len)
{
	if (p != NULL)
		(void)munmap(p, mem_large_len(len));
}

/* In whole huge pages. */
static size_t
mem_large_len(size_t len)
{
	return ((len + MEM_HUGE_PAGE - 1) / MEM_HUGE_PAGE * MEM_HUGE_PAGE);
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
