/*
 * seen - when sessions were last used, written in batches: once a minute for
 * each session at most, one statement a second.
 */
#ifndef SEEN_H
#define SEEN_H

#include "uuid.h"

#define SEEN_MAX	1000	/* sessions kept between two flushes */

/* More than SEEN_MAX in a second are written with their next use. */
void	seen_add(const struct uuid *session);
void	seen_flush(void);

#endif
