/*
 * db_sync_pg - what db_dump needs of db_sync; for src/db alone.
 */
#ifndef DB_SYNC_PG_H
#define DB_SYNC_PG_H

#include <libpq-fe.h>

#include "db_sync.h"

PGconn	*db_sync_pg(struct db_sync *d);
/* Keeps the server's message for db_sync_error(). */
void	 db_sync_say(struct db_sync *d, const char *message);

#endif
