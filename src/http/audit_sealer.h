/*
 * audit_sealer - seals the audit log while the service runs, begins the purge
 * that the settings ask for, and removes what a purge has to remove.  Worker 1
 * of each node does it; of several nodes that make the same seal one wins.
 */
#ifndef AUDIT_SEALER_H
#define AUDIT_SEALER_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Rows of one seal. */
#define AUDIT_SEALER_ROWS	1000

/* Derives the key of the chain.  ERR_NOMEM, ERR_CRYPTO. */
enum err	audit_sealer_init(const uint8_t *master, size_t len) MUSTCHECK;
/* Every second. */
void		audit_sealer_tick(int64_t mono_us);

#endif
