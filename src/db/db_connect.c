/*
 * db_connect - connects and waits.  Must not be called in a worker.
 */
#include "db_connect.h"
#include "db_conninfo.h"
#include "db_error.h"

static void	db_connect_notice(void *arg, const PGresult *res);

enum err
db_connect(const char *conninfo, PGconn **out, char why[256])
{
	struct db_conninfo	 info;
	PGconn			*pg;
	enum err		 r;

	*out = NULL;
	r = db_conninfo_parse(&info, conninfo, DB_USE_TOOL, 0, why);
	if (r != ERR_OK)
		return (r);
	pg = PQconnectdbParams((const char *const *)info.key,
	    (const char *const *)info.value, 0);
	db_conninfo_clear(&info);
	if (pg == NULL || PQstatus(pg) != CONNECTION_OK) {
		db_error_line(why, 256, PQerrorMessage(pg));
		PQfinish(pg);
		return (ERR_DB_DOWN);
	}
	(void)PQsetNoticeReceiver(pg, db_connect_notice, NULL);
	*out = pg;
	return (ERR_OK);
}

/* "Relation exists already, skipping" and the like are no news. */
static void
db_connect_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}
