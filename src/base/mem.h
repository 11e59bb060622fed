/*
 * mem - the only file that calls malloc and free, and the only comparison
 * and erasure of secrets.
 */
#ifndef MEM_H
#define MEM_H

#include <stdbool.h>
#include <stddef.h>

/* |len| zeroed bytes (len > 0), or NULL.  Free with mem_free(). */
void	*mem_new(size_t len);

/* Grows or shrinks |p| (may be NULL) to |len| > 0; on NULL |p| is untouched. */
void	*mem_resize(void *p, size_t len);

/* Copy of |len| bytes with a NUL behind them, or NULL. */
char	*mem_dup(const void *p, size_t len);

/* Frees |p| (may be NULL). */
void	 mem_free(void *p);

/* Wipes |len| bytes and frees; for secrets.  |p| may be NULL. */
void	 mem_free_secret(void *p, size_t len);

/*
 * |len| zeroed bytes (len > 0) of their own mapping, or NULL: for a block of
 * many MiB that lives for a moment.  It goes back to the system when it is
 * freed, and is of huge pages where the system has them, so that taking it
 * costs nothing to speak of.  |len| to mem_free_large() is that of the start.
 */
void	*mem_new_large(size_t len);
void	 mem_free_large(void *p, size_t len);

/* Overwrites in a way that the compiler keeps. */
void	 mem_wipe(void *p, size_t len);

/* Equality in time that depends on |len| only. */
bool	 mem_eq_ct(const void *a, const void *b, size_t len);

#endif
