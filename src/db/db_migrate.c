/*
 * db_migrate - applies sql/migrations in order, each in a transaction of its
 * own under one advisory lock, and records them in schema_migration.
 * Must not be used in a worker.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "db_connect.h"
#include "db_error.h"
#include "db_migrate.h"
#include "sql.h"
#include "str.h"

/* Any number that nothing else locks; "identity" in ASCII. */
#define MIGRATE_LOCK	"7594862598195180665"

#define MIGRATE_TABLE							\
	"create table schema_migration ("				\
	"num int4 primary key, "					\
	"name text not null, "						\
	"sha256 text not null, "					\
	"at timestamptz not null default now())"

static enum err	db_migrate_check(PGconn *pg, struct db_migrate_result *out);
static enum err	db_migrate_step(PGconn *pg, struct db_migrate_result *out,
		    bool *is_done);
static enum err	db_migrate_apply(PGconn *pg, const struct sql_migration *m,
		    struct db_migrate_result *out);
static enum err	db_migrate_exists(PGconn *pg, bool *exists,
		    struct db_migrate_result *out);
static enum err	db_migrate_applied(PGconn *pg, int *n,
		    struct db_migrate_result *out);
static enum err	db_migrate_verify(const PGresult *res, int *n,
		    struct db_migrate_result *out);
static enum err	db_migrate_exec(PGconn *pg, const char *sql,
		    PGresult **res, struct db_migrate_result *out);
static enum err	db_migrate_run(PGconn *pg, const char *sql,
		    struct db_migrate_result *out);
static void	db_migrate_where(const struct sql_migration *m,
		    const PGresult *res, struct db_migrate_result *out);
static int	db_migrate_line(const char *text, const PGresult *res);
static void	db_migrate_say(struct db_migrate_result *out, const char *fmt,
		    ...) __attribute__((format(printf, 2, 3)));

enum err
db_migrate(const char *conninfo, bool check_only,
    struct db_migrate_result *out)
{
	PGconn		*pg = NULL;
	bool		 is_done = false;
	enum err	 r;

	memset(out, 0, sizeof(*out));
	out->from = -1;
	out->to = db_migrate_version();
	if ((r = db_connect(conninfo, &pg, out->why)) != ERR_OK)
		goto done;
	if (check_only)
		r = db_migrate_check(pg, out);
	while (!check_only && r == ERR_OK && !is_done)
		r = db_migrate_step(pg, out, &is_done);
done:
	if (out->from < 0)
		out->from = 0;
	PQfinish(pg);
	return (r);
}

int
db_migrate_version(void)
{
	return (sql_migration_count());
}

static enum err
db_migrate_check(PGconn *pg, struct db_migrate_result *out)
{
	bool		 exists;
	enum err	 r;

	out->from = 0;
	if ((r = db_migrate_exists(pg, &exists, out)) != ERR_OK)
		return (r);
	if (exists && (r = db_migrate_applied(pg, &out->from, out)) != ERR_OK)
		return (r);
	if (out->from == out->to)
		return (ERR_OK);
	db_migrate_say(out, "the database is at version %d, this program "
	    "needs %d: run \"identityd migrate\"", out->from, out->to);
	return (ERR_SCHEMA);
}

/*
 * One transaction: the lock, then a look at what others have done, then the
 * next migration.  "read committed" matters: the look must see what was
 * committed while this one waited for the lock.
 */
static enum err
db_migrate_step(PGconn *pg, struct db_migrate_result *out, bool *is_done)
{
	const struct sql_migration	*m = NULL;
	bool				 exists;
	enum err			 r;
	int				 n = 0;

	if ((r = db_migrate_run(pg, "begin isolation level read committed",
	    out)) != ERR_OK ||
	    (r = db_migrate_run(pg, "select pg_advisory_xact_lock("
	    MIGRATE_LOCK ")", out)) != ERR_OK ||
	    (r = db_migrate_exists(pg, &exists, out)) != ERR_OK)
		return (r);
	if (!exists)
		r = db_migrate_run(pg, MIGRATE_TABLE, out);
	else
		r = db_migrate_applied(pg, &n, out);
	if (r != ERR_OK)
		return (r);
	if (out->from < 0)
		out->from = n;
	*is_done = n == out->to;
	if (!*is_done) {
		m = sql_migration_get(n);
		if ((r = db_migrate_apply(pg, m, out)) != ERR_OK)
			return (r);
	}
	if ((r = db_migrate_run(pg, "commit", out)) != ERR_OK)
		return (r);
	if (m != NULL) {
		out->applied++;
		fprintf(stderr, "migration %04d_%s applied\n", m->num, m->name);
	}
	return (ERR_OK);
}

static enum err
db_migrate_apply(PGconn *pg, const struct sql_migration *m,
    struct db_migrate_result *out)
{
	const char	*value[3];
	PGresult	*res = NULL;
	char		 num[16];
	enum err	 r;

	/* Behind the advisory lock, which waits for as long as it takes. */
	if ((r = db_migrate_run(pg, "set local lock_timeout = '30s'",
	    out)) != ERR_OK)
		return (r);
	if ((r = db_migrate_exec(pg, m->text, &res, out)) != ERR_OK) {
		db_migrate_where(m, res, out);
		goto done;
	}
	PQclear(res);
	if ((r = str_printf(num, sizeof(num), "%d", m->num)) != ERR_OK) {
		res = NULL;
		goto done;
	}
	value[0] = num;
	value[1] = m->name;
	value[2] = m->sha256;
	res = PQexecParams(pg, "insert into schema_migration "
	    "(num, name, sha256) values ($1, $2, $3)", 3, NULL, value, NULL,
	    NULL, 0);
	if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		r = PQstatus(pg) == CONNECTION_OK ? ERR_DB : ERR_DB_DOWN;
		db_migrate_say(out, "%s", PQerrorMessage(pg));
	}
done:
	PQclear(res);
	return (r);
}

static enum err
db_migrate_exists(PGconn *pg, bool *exists, struct db_migrate_result *out)
{
	PGresult	*res;
	enum err	 r;

	r = db_migrate_exec(pg, "select to_regclass('schema_migration')", &res,
	    out);
	*exists = r == ERR_OK && PQntuples(res) == 1 &&
	    !PQgetisnull(res, 0, 0);
	PQclear(res);
	return (r);
}

/* |*n|: how many migrations the database has, all of them ours. */
static enum err
db_migrate_applied(PGconn *pg, int *n, struct db_migrate_result *out)
{
	PGresult	*res;
	enum err	 r;

	if ((r = db_migrate_exec(pg, "select num, name, sha256 "
	    "from schema_migration order by num", &res, out)) == ERR_OK)
		r = db_migrate_verify(res, n, out);
	PQclear(res);
	return (r);
}

static enum err
db_migrate_verify(const PGresult *res, int *n, struct db_migrate_result *out)
{
	const struct sql_migration	*m;
	int64_t				 num;
	int				 i;

	*n = PQntuples(res);
	for (i = 0; i < *n && i < out->to; i++) {
		m = sql_migration_get(i);
		if (str_int(PQgetvalue(res, i, 0),
		    (size_t)PQgetlength(res, i, 0), 0, INT32_MAX,
		    &num) != ERR_OK || num != m->num) {
			db_migrate_say(out, "schema_migration lacks number %d",
			    m->num);
			return (ERR_SCHEMA);
		}
		if (strcmp(PQgetvalue(res, i, 2), m->sha256) != 0) {
			db_migrate_say(out, "migration %04d_%s was applied "
			    "with another content than this program has",
			    m->num, m->name);
			return (ERR_SCHEMA);
		}
	}
	if (*n > out->to) {
		db_migrate_say(out, "the database is at version %d, newer than "
		    "this program, which knows %d", *n, out->to);
		return (ERR_SCHEMA);
	}
	return (ERR_OK);
}

static enum err
db_migrate_run(PGconn *pg, const char *sql, struct db_migrate_result *out)
{
	PGresult	*res;
	enum err	 r;

	r = db_migrate_exec(pg, sql, &res, out);
	PQclear(res);
	return (r);
}

/* |*res| is the caller's to clear, on failure too. */
static enum err
db_migrate_exec(PGconn *pg, const char *sql, PGresult **res,
    struct db_migrate_result *out)
{
	ExecStatusType	 status;

	*res = PQexec(pg, sql);
	status = PQresultStatus(*res);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return (ERR_OK);
	db_migrate_say(out, "%s", PQerrorMessage(pg));
	return (PQstatus(pg) == CONNECTION_OK ? ERR_DB : ERR_DB_DOWN);
}

/* What is wrong is said already; this adds where. */
static void
db_migrate_where(const struct sql_migration *m, const PGresult *res,
    struct db_migrate_result *out)
{
	char	why[sizeof(out->why)];
	int	line;

	db_error_line(why, sizeof(why), out->why);
	if ((line = db_migrate_line(m->text, res)) > 0)
		db_migrate_say(out, "migration %04d_%s, line %d: %s", m->num,
		    m->name, line, why);
	else
		db_migrate_say(out, "migration %04d_%s: %s", m->num, m->name,
		    why);
}

/* Line of |text| that the server points at; 0 if at none. */
static int
db_migrate_line(const char *text, const PGresult *res)
{
	const char	*pos;
	int64_t		 n;
	int		 line = 1;

	pos = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	if (pos == NULL ||
	    str_int(pos, strlen(pos), 1, INT32_MAX, &n) != ERR_OK)
		return (0);
	/* It counts characters from 1: bytes that continue one do not count. */
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80 && --n == 0)
			break;
		line += *text == '\n';
	}
	return (line);
}

static void
db_migrate_say(struct db_migrate_result *out, const char *fmt, ...)
{
	char	 text[1024];
	va_list	 ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	db_error_line(out->why, sizeof(out->why), text);
}
