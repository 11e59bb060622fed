/*
 * housekeep - what the database should forget, a little at a time.  One worker
 * of a node does it; several nodes do not disturb each other.
 *
 * A statement of housekeeping has one parameter, the rows it may take, and
 * returns "n int8", how many it took; as many as it may: there are more.  Add
 * it to the table in housekeep.c.
 */
#ifndef HOUSEKEEP_H
#define HOUSEKEEP_H

#include <stdint.h>

/* When something is due at |mono_us|, asks for it; every second. */
void	housekeep_tick(int64_t mono_us);

#endif
