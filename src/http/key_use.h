/*
 * key_use - when, from where and how often keys are used: written in batches,
 * once a minute for each key at most.  Of this worker.
 */
#ifndef KEY_USE_H
#define KEY_USE_H

#include "err.h"
#include "ip.h"

/* Once per worker.  ERR_NOMEM. */
enum err	key_use_init(void) MUSTCHECK;
/* A request with the key |id| (APIKEY_ID_LEN letters) was let through. */
void		key_use_add(const char *id, const struct ip *from);
/* Every second. */
void		key_use_flush(void);

#endif
