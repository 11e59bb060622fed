/*
 * db_error - from SQLSTATE (PostgreSQL documentation, appendix A) to enum err.
 * Must never log a parameter's value.
 */
#include <string.h>

#include "db_error.h"
#include "log.h"
#include "str.h"

static bool	db_error_is(const char *state, const char *prefix);
static const char	*db_error_field(const PGresult *res, int code);

/* First match wins; a prefix of two is a whole class. */
static const struct {
	const char	*state;
	enum err	 err;
} db_error_states[] = {
	{ "23505", ERR_EXISTS },
	{ "23", ERR_CONSTRAINT },
	{ "P0001", ERR_CONSTRAINT },
	{ "40001", ERR_CONFLICT },
	{ "40P01", ERR_CONFLICT },
	{ "55P03", ERR_CONFLICT },
	{ "57014", ERR_TIMEOUT },
	{ "08P01", ERR_DB },		/* protocol: our fault, not the line's */
	{ "08", ERR_DB_DOWN },
	{ "57P0", ERR_DB_DOWN },
	{ "25P03", ERR_DB_DOWN },	/* ended while idle in a transaction */
	{ "25006", ERR_DB_DOWN },	/* became a read-only standby */
};

enum err
db_error(const PGresult *res, char constraint[DB_CONSTRAINT_LEN + 1])
{
	const char	*state, *name;
	size_t		 len;
	enum err	 e;

	constraint[0] = '\0';
	if (res == NULL)
		return (ERR_DB_DOWN);
	state = db_error_field(res, PG_DIAG_SQLSTATE);
	e = db_error_state(state);
	if (e != ERR_EXISTS && e != ERR_CONSTRAINT)
		return (e);
	name = db_error_field(res, db_error_is(state, "P0001") ?
	    PG_DIAG_MESSAGE_PRIMARY : PG_DIAG_CONSTRAINT_NAME);
	if ((len = strlen(name)) > DB_CONSTRAINT_LEN)
		len = DB_CONSTRAINT_LEN;
	memcpy(constraint, name, len);
	constraint[len] = '\0';
	return (e);
}

enum err
db_error_state(const char *state)
{
	size_t	 i;

	if (state[0] == '\0')		/* libpq's own: nothing came back */
		return (ERR_DB_DOWN);
	for (i = 0; i < COUNT(db_error_states); i++)
		if (db_error_is(state, db_error_states[i].state))
			return (db_error_states[i].err);
	return (ERR_DB);
}

bool
db_error_is_fatal(const PGresult *res)
{
	const char	*severity, *state;

	severity = db_error_field(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	state = db_error_field(res, PG_DIAG_SQLSTATE);
	return (strcmp(severity, "FATAL") == 0 ||
	    strcmp(severity, "PANIC") == 0 || db_error_is(state, "25006"));
}

bool
db_error_is_undone(const PGresult *res)
{
	const char	*state;

	state = db_error_field(res, PG_DIAG_SQLSTATE);
	return (db_error_is(state, "57P01") || db_error_is(state, "40P01"));
}

bool
db_error_is_stale(const PGresult *res)
{
	const char	*state, *where;

	state = db_error_field(res, PG_DIAG_SQLSTATE);
	where = db_error_field(res, PG_DIAG_SOURCE_FUNCTION);
	/*
	 * 0A000 has many meanings.  "cached plan must not change result type"
	 * is the one from this function (plancache.c); its text is translated.
	 */
	return (db_error_is(state, "26000") || (db_error_is(state, "0A000") &&
	    strcmp(where, "RevalidateCachedQuery") == 0));
}

void
db_error_log(const char *name, const PGresult *res)
{
	const char		*state;
	struct log_field	 f[3];

	state = db_error_field(res, PG_DIAG_SQLSTATE);
	f[0] = (struct log_field)LOG_S("statement", name);
	f[1] = (struct log_field)LOG_S("sqlstate", state);
	/* Messages of class 22 (data exception) quote the value. */
	f[2] = (struct log_field)LOG_S("message", db_error_is(state, "22") ?
	    NULL : db_error_field(res, PG_DIAG_MESSAGE_PRIMARY));
	log_line(LOG_LEVEL_ERROR, "db_error", f, COUNT(f));
	log_flush();
}

void
db_error_line(char *dst, size_t cap, const char *s)
{
	size_t	 len;

	len = strcspn(s, "\n");
	if (len >= cap)
		len = cap - 1;
	memcpy(dst, s, len);
	dst[len] = '\0';
}

static bool
db_error_is(const char *state, const char *prefix)
{
	return (strncmp(state, prefix, strlen(prefix)) == 0);
}

static const char *
db_error_field(const PGresult *res, int code)
{
	const char	*s;

	s = PQresultErrorField(res, code);
	return (s == NULL ? "" : s);
}
