/*
 * housekeep - what the database should forget, a little at a time.  One worker
 * of a node does it; several nodes do not disturb each other.
 */
#ifndef HOUSEKEEP_H
#define HOUSEKEEP_H

#include <stdint.h>

/* When something is due at |mono_us|, asks for it; every second. */
void	housekeep_tick(int64_t mono_us);

#endif
