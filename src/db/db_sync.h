/*
 * db_sync - the same statements for command line tools and the start-up of
 * the parent process, on plain blocking libpq.  Never in a worker.
 */
#ifndef DB_SYNC_H
#define DB_SYNC_H

#include "db_param.h"
#include "db_row.h"
#include "err.h"
#include "sql.h"

struct db_sync;

/* Connects (10 s at most).  On an error |why| says it in one line. */
enum err	db_sync_open(const char *conninfo, struct db_sync **out,
		    char why[256]) MUSTCHECK;
void		db_sync_close(struct db_sync *d);
/*
 * Runs |q| with |p| (cleared).  |*res| is the caller's: db_result_free().
 * |constraint| (64 bytes) as in db_done_fn.
 */
enum err	db_sync_run(struct db_sync *d, enum sql_id q,
		    struct db_params *p, struct db_result **res,
		    char constraint[64]) MUSTCHECK;
void		db_result_free(struct db_result *r);
/* Last error text of the server, for the operator's eyes. */
const char	*db_sync_error(const struct db_sync *d);

#endif
