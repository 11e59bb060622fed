/*
 * db_sync - runs the statements of sql/queries and waits for each.
 * Must not be used in a worker.
 */
#include <string.h>

#include "db_connect.h"
#include "db_error.h"
#include "db_result.h"
#include "db_sync.h"
#include "db_sync_pg.h"
#include "mem.h"

struct db_sync {
	PGconn	*pg;
	char	 error[256];		/* of the last statement, one line */
};

static enum err	db_sync_result(struct db_sync *d, PGresult *pg,
		    struct db_result **res, char constraint[64]);

enum err
db_sync_open(const char *conninfo, struct db_sync **out, char why[256])
{
	struct db_sync	*d;
	enum err	 r;

	*out = NULL;
	why[0] = '\0';
	if ((d = mem_new(sizeof(*d))) == NULL)
		return (ERR_NOMEM);
	if ((r = db_connect(conninfo, &d->pg, why)) != ERR_OK) {
		mem_free(d);
		return (r);
	}
	*out = d;
	return (ERR_OK);
}

void
db_sync_close(struct db_sync *d)
{
	if (d == NULL)
		return;
	PQfinish(d->pg);
	mem_free(d);
}

enum err
db_sync_run(struct db_sync *d, enum sql_id id, struct db_params *p,
    struct db_result **res, char constraint[64])
{
	PGresult	*pg;
	enum err	 r;

	*res = NULL;
	constraint[0] = '\0';
	d->error[0] = '\0';
	if (p->err != ERR_OK)
		r = p->err;
	else if ((int)id < 0 || id >= SQL_MAX || p->n != sql_get(id)->n_params)
		r = ERR_RANGE;
	else {
		pg = PQexecParams(d->pg, sql_get(id)->text, p->n, NULL,
		    (const char *const *)p->value, p->len, p->format, 1);
		r = db_sync_result(d, pg, res, constraint);
	}
	db_params_clear(p);
	return (r);
}

void
db_result_free(struct db_result *r)
{
	if (r == NULL)
		return;
	PQclear(r->pg);
	mem_free(r);
}

const char *
db_sync_error(const struct db_sync *d)
{
	return (d->error);
}

PGconn *
db_sync_pg(struct db_sync *d)
{
	return (d->pg);
}

void
db_sync_say(struct db_sync *d, const char *message)
{
	db_error_line(d->error, sizeof(d->error), message);
}

/* Takes |pg| over. */
static enum err
db_sync_result(struct db_sync *d, PGresult *pg, struct db_result **res,
    char constraint[64])
{
	ExecStatusType	 status = PQresultStatus(pg);
	enum err	 r = ERR_OK;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		db_error_line(d->error, sizeof(d->error),
		    PQerrorMessage(d->pg));
		r = db_error(pg, constraint);
	} else if ((*res = mem_new(sizeof(**res))) == NULL)
		r = ERR_NOMEM;
	if (r == ERR_OK)
		(*res)->pg = pg;
	else
		PQclear(pg);
	return (r);
}
