/*
 * db_result - what struct db_result is, for src/db alone.
 */
#ifndef DB_RESULT_H
#define DB_RESULT_H

#include <libpq-fe.h>

struct db_result {
	PGresult	*pg;		/* PGRES_TUPLES_OK or PGRES_COMMAND_OK */
};

#endif
