/*
 * db_connect - a plain blocking connection for command line tools.  For
 * src/db alone; never in a worker.
 */
#ifndef DB_CONNECT_H
#define DB_CONNECT_H

#include <libpq-fe.h>

#include "err.h"

/*
 * ERR_USAGE (|conninfo| cannot be read), ERR_DB_DOWN; |why| is one line.
 * PQfinish() the result.
 */
enum err	db_connect(const char *conninfo, PGconn **out, char why[256])
		    MUSTCHECK;

#endif
