/*
 * test_db_error - SQLSTATEs, and connection strings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <libpq-fe.h>

#include <stdlib.h>
#include <string.h>

#include "db_conninfo.h"
#include "db_error.h"

static void	error_states(void **state);
static void	error_without_server(void **state);
static void	error_line_cuts(void **state);
static void	conninfo_uri(void **state);
static void	conninfo_theirs_win(void **state);
static void	conninfo_ours_are_forced(void **state);
static void	conninfo_uses(void **state);
static void	conninfo_wrong(void **state);
static void	conninfo_environment(void **state);

static void
error_states(void **state)
{
	static const struct {
		const char	*state;
		enum err	 err;
	} table[] = {
		{ "23505", ERR_EXISTS },
		{ "23502", ERR_CONSTRAINT }, { "23503", ERR_CONSTRAINT },
		{ "23514", ERR_CONSTRAINT }, { "23P01", ERR_CONSTRAINT },
		{ "P0001", ERR_CONSTRAINT }, { "P0002", ERR_DB },
		{ "40001", ERR_CONFLICT }, { "40P01", ERR_CONFLICT },
		{ "55P03", ERR_CONFLICT }, { "40002", ERR_DB },
		{ "57014", ERR_TIMEOUT },
		{ "57P01", ERR_DB_DOWN }, { "57P02", ERR_DB_DOWN },
		{ "57P03", ERR_DB_DOWN }, { "57P05", ERR_DB_DOWN },
		{ "08000", ERR_DB_DOWN }, { "08006", ERR_DB_DOWN },
		{ "08P01", ERR_DB },
		{ "25P03", ERR_DB_DOWN }, { "25006", ERR_DB_DOWN },
		{ "22P02", ERR_DB }, { "42P01", ERR_DB }, { "53200", ERR_DB },
		{ "XX000", ERR_DB }, { "26000", ERR_DB }, { "0A000", ERR_DB },
		{ "", ERR_DB_DOWN },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(table); i++)
		assert_int_equal(db_error_state(table[i].state), table[i].err);
}

static void
error_without_server(void **state)
{
	PGresult	*res;
	char		 c[DB_CONSTRAINT_LEN + 1] = "x";

	(void)state;
	assert_int_equal(db_error(NULL, c), ERR_DB_DOWN);
	assert_string_equal(c, "");
	/* What libpq makes itself has no SQLSTATE: the line is gone. */
	res = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
	assert_int_equal(db_error(res, c), ERR_DB_DOWN);
	assert_false(db_error_is_fatal(res));
	assert_false(db_error_is_stale(res));
	assert_false(db_error_is_undone(res));
	PQclear(res);
}

static void
error_line_cuts(void **state)
{
	char	line[8];

	(void)state;
	db_error_line(line, sizeof(line), "one\ntwo");
	assert_string_equal(line, "one");
	db_error_line(line, sizeof(line), "1234567890");
	assert_string_equal(line, "1234567");
	db_error_line(line, sizeof(line), "");
	assert_string_equal(line, "");
}

static struct db_conninfo
parsed(const char *text, enum db_use use)
{
	struct db_conninfo	 c;
	char			 why[DB_WHY_LEN + 1];

	assert_int_equal(db_conninfo_parse(&c, text, use, 4321, why), ERR_OK);
	assert_string_equal(why, "");
	assert_null(c.key[c.n]);
	return (c);
}

static void
conninfo_uri(void **state)
{
	struct db_conninfo	c;

	(void)state;
	c = parsed("postgresql://me:p%40ss@db.example:5433/id?sslmode=require",
	    DB_USE_QUERY);
	assert_string_equal(db_conninfo_get(&c, "host"), "db.example");
	assert_string_equal(db_conninfo_get(&c, "port"), "5433");
	assert_string_equal(db_conninfo_get(&c, "user"), "me");
	assert_string_equal(db_conninfo_get(&c, "password"), "p@ss");
	assert_string_equal(db_conninfo_get(&c, "dbname"), "id");
	assert_string_equal(db_conninfo_get(&c, "sslmode"), "require");
	assert_string_equal(db_conninfo_get(&c, "client_encoding"), "UTF8");
	assert_null(db_conninfo_get(&c, "connect_timeout"));
	db_conninfo_clear(&c);
	assert_int_equal(c.n, 0);
	db_conninfo_clear(&c);
}

static void
conninfo_theirs_win(void **state)
{
	struct db_conninfo	 c;
	const char		*o;

	(void)state;
	c = parsed("host=/run/pg application_name=x keepalives_idle=7 "
	    "options='-c statement_timeout=5'", DB_USE_QUERY);
	assert_string_equal(db_conninfo_get(&c, "keepalives_idle"), "7");
	assert_string_equal(db_conninfo_get(&c, "application_name"), "x");
	o = db_conninfo_get(&c, "options");
	/* ours first, theirs last */
	assert_non_null(strstr(o, "statement_timeout=4321"));
	assert_string_equal(o + strlen(o) - strlen(" -c statement_timeout=5"),
	    " -c statement_timeout=5");
	db_conninfo_clear(&c);
}

static void
conninfo_ours_are_forced(void **state)
{
	struct db_conninfo	 c;
	int			 i, n = 0;

	(void)state;
	c = parsed("host=x gssencmode=prefer client_encoding=LATIN1",
	    DB_USE_QUERY);
	assert_string_equal(db_conninfo_get(&c, "gssencmode"), "disable");
	assert_string_equal(db_conninfo_get(&c, "client_encoding"), "UTF8");
	for (i = 0; i < c.n; i++)
		n += strcmp(c.key[i], "gssencmode") == 0;
	assert_int_equal(n, 1);
	db_conninfo_clear(&c);
}

static void
conninfo_uses(void **state)
{
	struct db_conninfo	 c;
	const char		*o;

	(void)state;
	c = parsed("host=x", DB_USE_QUERY);
	o = db_conninfo_get(&c, "options");
	assert_non_null(strstr(o, "client_connection_check_interval="));
	assert_non_null(strstr(o, "TimeZone=UTC"));
	db_conninfo_clear(&c);

	c = parsed("host=x", DB_USE_LISTEN);
	assert_null(strstr(db_conninfo_get(&c, "options"),
	    "statement_timeout"));
	db_conninfo_clear(&c);

	c = parsed("host=x", DB_USE_TOOL);
	assert_non_null(strstr(db_conninfo_get(&c, "options"),
	    "statement_timeout=0"));
	assert_string_equal(db_conninfo_get(&c, "connect_timeout"), "10");
	db_conninfo_clear(&c);
}

static void
conninfo_wrong(void **state)
{
	static const char *const	 bad[] = {
		"host", "nonsense=1", "postgresql://[::1", "host='x",
		"postgresql://h/db?nonsense=1",
	};
	struct db_conninfo		 c;
	char				 why[DB_WHY_LEN + 1];
	size_t				 i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_int_equal(db_conninfo_parse(&c, bad[i], DB_USE_QUERY,
		    1, why), ERR_USAGE);
		assert_true(why[0] != '\0');
		assert_null(strchr(why, '\n'));
		assert_int_equal(c.n, 0);
	}
}

static void
conninfo_environment(void **state)
{
	struct db_conninfo	c;

	(void)state;
	assert_int_equal(setenv("PGHOST", "db.internal", 1), 0);
	assert_int_equal(setenv("PGPORT", "6000", 1), 0);
	c = parsed("dbname=x", DB_USE_QUERY);
	assert_string_equal(db_conninfo_get(&c, "host"), "db.internal");
	assert_string_equal(db_conninfo_get(&c, "port"), "6000");
	db_conninfo_clear(&c);
	c = parsed("host=here dbname=x", DB_USE_QUERY);
	assert_string_equal(db_conninfo_get(&c, "host"), "here");
	db_conninfo_clear(&c);
	assert_int_equal(unsetenv("PGHOST"), 0);
	assert_int_equal(unsetenv("PGPORT"), 0);
	c = parsed("dbname=x", DB_USE_QUERY);
	assert_null(db_conninfo_get(&c, "host"));
	db_conninfo_clear(&c);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(error_states),
		cmocka_unit_test(error_without_server),
		cmocka_unit_test(error_line_cuts),
		cmocka_unit_test(conninfo_uri),
		cmocka_unit_test(conninfo_theirs_win),
		cmocka_unit_test(conninfo_ours_are_forced),
		cmocka_unit_test(conninfo_uses),
		cmocka_unit_test(conninfo_wrong),
		cmocka_unit_test(conninfo_environment),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
