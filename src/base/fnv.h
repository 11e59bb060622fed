/*
 * fnv - FNV-1a, 32 bits: spreads ids over slots.  Nobody outside chooses what
 * is hashed with it; it is no defence against who does.
 */
#ifndef FNV_H
#define FNV_H

#include <stddef.h>
#include <stdint.h>

/* Of |len| bytes. */
uint32_t	fnv1a(const void *p, size_t len);

#endif
