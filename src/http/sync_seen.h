/*
 * sync_seen - how far each application has come with the feed: gathered in
 * this worker, written once a second for all together.
 */
#ifndef SYNC_SEEN_H
#define SYNC_SEEN_H

#include "sync_cursor.h"
#include "uuid.h"

/* |app| came with |cur|, or without one (NULL). */
void	sync_seen_add(const struct uuid *app, const struct sync_cursor *cur);
/* It was given a full snapshot to its end. */
void	sync_seen_full(const struct uuid *app);
/* Every second. */
void	sync_seen_flush(int64_t mono_us);

#endif
