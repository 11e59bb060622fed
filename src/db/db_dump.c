/*
 * db_dump - see db_dump.h.  Transaction numbers mean nothing in another
 * cluster: columns that hold one are left to their defaults, but for those of
 * the audit log, whose order they are.
 */
#include <string.h>

#include "db_dump.h"
#include "db_error.h"
#include "db_sync_pg.h"
#include "json_in.h"

#define DUMP_LINE_MAX	(256 * 1024 * 1024)	/* one row; PostgreSQL: 1 GB */

/*
 * What does not outlast a restore is left out: sessions of the console, places
 * of clients in a feed that begins anew, what can be counted again.
 */
#define DUMP_TABLES							\
	"select c.oid, c.relname from pg_class c "			\
	"where c.relnamespace = current_schema()::regnamespace "	\
	"and c.relkind = 'r' and c.relname not in ('schema_migration')"
#define DUMP_LASTING							\
	"select c.oid, c.relname from pg_class c "			\
	"where c.relnamespace = current_schema()::regnamespace "	\
	"and c.relkind = 'r' and c.relpersistence = 'p' "		\
	"and c.relname not in ('schema_migration', 'sync_client', "	\
	"'sync_feed', 'console_session', 'setup_token', 'overview_count')"

static const char	dump_list[] =
    "with recursive t as (" DUMP_LASTING "), d (oid, depth) as ("
    "select oid, 0 from t union select c.conrelid, d.depth + 1 "
    "from pg_constraint c join d on d.oid = c.confrelid "
    "where c.contype = 'f' and c.conrelid <> c.confrelid) "
    "select t.relname, string_agg(quote_ident(a.attname), ',' "
    "order by a.attnum), json_build_object('table', t.relname, 'columns', "
    "string_agg(quote_ident(a.attname), ',' order by a.attnum))::text "
    "from t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 "
    "and not a.attisdropped and a.attgenerated = '' "
    "and (a.atttypid <> 'xid8'::regtype or t.relname like 'audit%') "
    "group by t.oid, t.relname order by (select max(depth) from d "
    "where d.oid = t.oid), t.relname";

/* Everything of ours, seeds included, which the backup has too. */
static const char	dump_begin[] =
    "do $$ declare t record; begin "
    "for t in " DUMP_TABLES " loop "
    "execute format('alter table %I disable trigger user', t.relname); "
    "end loop; "
    "execute (select 'truncate ' || string_agg(quote_ident(relname), ',') "
    "from (" DUMP_TABLES " and c.relname <> 'sync_feed') x); end $$";

static const char	dump_done[] =
    "do $$ declare t record; begin "
    "for t in select a.attrelid::regclass as rel, a.attname "
    "from pg_attribute a join (" DUMP_TABLES ") x on x.oid = a.attrelid "
    "where a.attidentity <> '' loop "
    "execute format('select setval(pg_get_serial_sequence(%L, %L), "
    "coalesce(max(%I), 0) + 1, false) from %s', t.rel, t.attname, "
    "t.attname, t.rel); end loop; "
    "for t in " DUMP_TABLES " loop "
    "execute format('alter table %I enable trigger user', t.relname); "
    "end loop; end $$";

static enum err	dump_run(struct db_sync *d, const char *sql,
		    ExecStatusType want, PGresult **out);
static enum err	dump_do(struct db_sync *d, const char *sql);
static enum err	dump_table(struct db_sync *d, const PGresult *list, int i,
		    struct gzfile *f, struct db_dump_total *t);
static enum err	dump_copy(struct db_sync *d, const char *table,
		    const char *columns, const char *how, struct buf *out);
static enum err	dump_rows(struct db_sync *d, struct gzfile *f,
		    struct db_dump_total *t);
static enum err	dump_end(struct db_sync *d, enum err r);

enum err
db_dump_write(struct db_sync *d, struct gzfile *f, struct db_dump_total *t)
{
	PGresult	*list = NULL;
	enum err	 r;
	int		 i;

	if ((r = dump_do(d, "begin isolation level repeatable read, "
	    "read only")) != ERR_OK ||
	    (r = dump_run(d, dump_list, PGRES_TUPLES_OK, &list)) != ERR_OK)
		return (r);
	for (i = 0; i < PQntuples(list) && r == ERR_OK; i++)
		r = dump_table(d, list, i, f, t);
	PQclear(list);
	return (r == ERR_OK ? dump_do(d, "commit") : r);
}

enum err
db_dump_is_empty(struct db_sync *d, bool *is_empty)
{
	PGresult	*res = NULL;
	enum err	 r;

	r = dump_run(d, "select not exists (select from person) and "
	    "not exists (select from application) and "
	    "not exists (select from provider)", PGRES_TUPLES_OK, &res);
	*is_empty = r == ERR_OK && PQgetvalue(res, 0, 0)[0] == 't';
	PQclear(res);
	return (r);
}

enum err
db_dump_begin(struct db_sync *d)
{
	enum err	r;

	if ((r = dump_do(d, "begin")) != ERR_OK ||
	    (r = dump_do(d, "set local lock_timeout = '10s'")) != ERR_OK)
		return (r);
	return (dump_do(d, dump_begin));
}

enum err
db_dump_read(struct db_sync *d, const char *line, size_t len,
    struct gzfile *f, struct db_dump_total *t)
{
	const char	*table, *columns;
	struct buf	 sql;
	json_t		*o = NULL;
	enum err	 r;

	if ((r = json_in_object(line, len, &o)) != ERR_OK)
		return (r);
	table = json_string_value(json_object_get(o, "table"));
	columns = json_string_value(json_object_get(o, "columns"));
	buf_init(&sql, 65536);
	if (table == NULL || columns == NULL)
		r = ERR_FORMAT;
	else if ((r = dump_copy(d, table, columns, "from stdin", &sql)) ==
	    ERR_OK && (r = dump_run(d, sql.data, PGRES_COPY_IN, NULL)) ==
	    ERR_OK)
		r = dump_end(d, dump_rows(d, f, t));
	t->tables++;
	buf_clear(&sql);
	json_decref(o);
	return (r);
}

enum err
db_dump_done(struct db_sync *d)
{
	return (dump_do(d, dump_done));
}

enum err
db_dump_commit(struct db_sync *d)
{
	return (dump_do(d, "commit"));
}

static enum err
dump_table(struct db_sync *d, const PGresult *list, int i, struct gzfile *f,
    struct db_dump_total *t)
{
	const char	*head = PQgetvalue(list, i, 2);
	struct buf	 sql;
	char		*row = NULL;
	enum err	 r;
	int		 n;

	buf_init(&sql, 65536);
	if ((r = dump_copy(d, PQgetvalue(list, i, 0), PQgetvalue(list, i, 1),
	    "to stdout", &sql)) != ERR_OK ||
	    (r = dump_run(d, sql.data, PGRES_COPY_OUT, NULL)) != ERR_OK ||
	    (r = gzfile_add(f, head, strlen(head))) != ERR_OK ||
	    (r = gzfile_add(f, "\n", 1)) != ERR_OK)
		goto done;
	t->tables++;
	while (r == ERR_OK && (n = PQgetCopyData(db_sync_pg(d), &row, 0)) > 0) {
		r = gzfile_add(f, row, (size_t)n);
		t->rows++;
		PQfreemem(row);
	}
	if (r == ERR_OK)
		r = dump_end(d, n == -1 ? ERR_OK : ERR_DB);
	if (r == ERR_OK)
		r = gzfile_add(f, "\\.\n", 3);
done:
	buf_clear(&sql);
	return (r);
}

/* Names come from a file: the table's is quoted, the columns' are looked at. */
static enum err
dump_copy(struct db_sync *d, const char *table, const char *columns,
    const char *how, struct buf *out)
{
	char	*name;

	if (strspn(columns, "abcdefghijklmnopqrstuvwxyz0123456789_,\"") !=
	    strlen(columns))
		return (ERR_FORMAT);
	if ((name = PQescapeIdentifier(db_sync_pg(d), table,
	    strlen(table))) == NULL)
		return (ERR_FORMAT);
	buf_printf(out, "copy %s (%s) %s", name, columns, how);
	PQfreemem(name);
	return (buf_err(out));
}

static enum err
dump_rows(struct db_sync *d, struct gzfile *f, struct db_dump_total *t)
{
	struct buf	line;
	enum err	r;

	buf_init(&line, DUMP_LINE_MAX);
	while ((r = gzfile_line(f, &line)) == ERR_OK) {
		if (line.len == 3 && memcmp(line.data, "\\.\n", 3) == 0)
			break;
		if (PQputCopyData(db_sync_pg(d), line.data,
		    (int)line.len) != 1) {
			r = ERR_DB;
			break;
		}
		t->rows++;
	}
	buf_clear(&line);
	return (r == ERR_NOT_FOUND ? ERR_FORMAT : r);
}

/* Ends a COPY in either direction; |r|: how it went so far. */
static enum err
dump_end(struct db_sync *d, enum err r)
{
	PGconn		*pg = db_sync_pg(d);
	PGresult	*res;

	/* Without effect after a COPY to us. */
	(void)PQputCopyEnd(pg, r == ERR_OK ? NULL : "the file is damaged");
	while ((res = PQgetResult(pg)) != NULL) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK && r == ERR_OK) {
			db_sync_say(d, PQerrorMessage(pg));
			r = ERR_DB;
		}
		PQclear(res);
	}
	return (r);
}

static enum err
dump_do(struct db_sync *d, const char *sql)
{
	return (dump_run(d, sql, PGRES_COMMAND_OK, NULL));
}

/* |*out| (may be NULL) is the caller's when ERR_OK. */
static enum err
dump_run(struct db_sync *d, const char *sql, ExecStatusType want,
    PGresult **out)
{
	PGresult	*res = PQexec(db_sync_pg(d), sql);
	enum err	 r = ERR_OK;

	if (PQresultStatus(res) != want) {
		db_sync_say(d, PQerrorMessage(db_sync_pg(d)));
		r = PQstatus(db_sync_pg(d)) == CONNECTION_OK ? ERR_DB :
		    ERR_DB_DOWN;
	}
	if (out != NULL && r == ERR_OK)
		*out = res;
	else
		PQclear(res);
	return (r);
}
