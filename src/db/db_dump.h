/*
 * db_dump - the tables of a database into lines and back, for backups.
 * Blocks: for command line tools alone.
 */
#ifndef DB_DUMP_H
#define DB_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "db_sync.h"
#include "err.h"
#include "gzfile.h"

struct db_dump_total {
	int64_t	tables, rows;
};

/*
 * All lasting tables as they were at one moment, in an order in which each
 * comes after those it refers to: a line {"table","columns"}, its rows as COPY
 * writes them, and a line "\.".  db_sync_error() says what failed.
 */
enum err	db_dump_write(struct db_sync *d, struct gzfile *f,
		    struct db_dump_total *t) MUSTCHECK;

/* Is nothing in the database that somebody made? */
enum err	db_dump_is_empty(struct db_sync *d, bool *is_empty) MUSTCHECK;
/*
 * Begins a transaction in which all tables are empty and have no triggers of
 * ours; db_dump_read() for each table; then db_dump_done() or a rollback by
 * closing the connection.
 */
enum err	db_dump_begin(struct db_sync *d) MUSTCHECK;
/* |line|: what db_dump_write() began the table with.  ERR_FORMAT. */
enum err	db_dump_read(struct db_sync *d, const char *line, size_t len,
		    struct gzfile *f, struct db_dump_total *t) MUSTCHECK;
/* Sequences and triggers; still in the transaction. */
enum err	db_dump_done(struct db_sync *d) MUSTCHECK;
enum err	db_dump_commit(struct db_sync *d) MUSTCHECK;

#endif
