/*
 * test_db_row - parameters and columns in PostgreSQL's binary form: byte by
 * byte, and each way in which a column can be wrong.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <libpq-fe.h>

#include <string.h>

#include "db_param.h"
#include "db_result.h"
#include "db_row.h"
#include "db_wire.h"

static void	params_bytes(void **state);
static void	params_null(void **state);
static void	params_refused(void **state);
static void	params_clear_twice(void **state);
static void	row_reads(void **state);
static void	row_ends_of_time(void **state);
static void	row_nulls(void **state);
static void	row_wrong(void **state);
static void	row_keeps_its_error(void **state);
static void	row_out_of_range(void **state);
static void	row_text_too_long(void **state);

struct cell {
	const char	*name;
	Oid		 type;
	const void	*data;		/* NULL: SQL null */
	int		 len;
	int		 format;
};

/* A result of one row, as libpq would make it. */
static struct db_result
result_of(const struct cell *cells, int n)
{
	struct db_result	 r;
	PGresAttDesc		 att[16];
	char			 name[16][32];
	char			*value;
	int			 i;

	r.pg = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	assert_non_null(r.pg);
	memset(att, 0, sizeof(att));
	for (i = 0; i < n; i++) {
		snprintf(name[i], sizeof(name[i]), "%s", cells[i].name);
		att[i].name = name[i];
		att[i].typid = cells[i].type;
		att[i].format = cells[i].format;
	}
	assert_int_equal(PQsetResultAttrs(r.pg, n, att), 1);
	for (i = 0; i < n; i++) {
		value = (char *)(uintptr_t)cells[i].data;
		assert_int_equal(PQsetvalue(r.pg, 0, i, value,
		    value == NULL ? -1 : cells[i].len), 1);
	}
	return (r);
}

static void
params_bytes(void **state)
{
	static const struct uuid	 u = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
					    11, 12, 13, 14, 15, 16 } };
	struct db_params		 p = DB_PARAMS_INIT;

	(void)state;
	db_text(&p, "abc");
	db_text_len(&p, "abcdef", 2);
	db_uuid(&p, &u);
	db_i64(&p, INT64_C(-2));
	db_i64(&p, INT64_C(0x0102030405060708));
	db_i32(&p, -1);
	db_bool(&p, true);
	db_bytes(&p, "a\0b", 3);
	db_time(&p, INT64_C(946684800000001));
	db_text_opt(&p, "x");
	assert_int_equal(p.err, ERR_OK);
	assert_int_equal(p.n, 10);
	assert_string_equal(p.value[0], "abc");
	assert_int_equal(p.format[0], 0);
	assert_string_equal(p.value[1], "ab");
	assert_int_equal(p.len[2], 16);
	assert_memory_equal(p.value[2], u.b, 16);
	assert_memory_equal(p.value[3], "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
	assert_memory_equal(p.value[4], "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(p.len[5], 4);
	assert_memory_equal(p.value[5], "\xff\xff\xff\xff", 4);
	assert_int_equal(p.len[6], 1);
	assert_int_equal(p.value[6][0], 1);
	assert_int_equal(p.len[7], 3);
	assert_memory_equal(p.value[7], "a\0b", 3);
	/* one microsecond after 2000-01-01 */
	assert_memory_equal(p.value[8], "\0\0\0\0\0\0\0\1", 8);
	assert_int_equal(p.format[8], 1);
	assert_string_equal(p.value[9], "x");
	db_params_clear(&p);
}

static void
params_null(void **state)
{
	struct db_params	 p = DB_PARAMS_INIT;
	int			 i;

	(void)state;
	db_text(&p, NULL);
	db_text_len(&p, NULL, 0);
	db_text_opt(&p, "");
	db_text_opt(&p, NULL);
	db_uuid(&p, NULL);
	db_bytes(&p, NULL, 0);
	db_time(&p, 0);
	db_null(&p);
	assert_int_equal(p.err, ERR_OK);
	assert_int_equal(p.n, 8);
	for (i = 0; i < p.n; i++)
		assert_null(p.value[i]);
	db_text(&p, "");			/* empty, not null */
	db_bytes(&p, "", 0);
	assert_non_null(p.value[8]);
	assert_non_null(p.value[9]);
	db_params_clear(&p);
}

static void
params_refused(void **state)
{
	struct db_params	 p = DB_PARAMS_INIT;
	int			 i;

	(void)state;
	db_text_len(&p, "a\0b", 3);
	assert_int_equal(p.err, ERR_FORMAT);
	db_i32(&p, 1);				/* the first error stays */
	assert_int_equal(p.err, ERR_FORMAT);
	db_params_clear(&p);
	assert_int_equal(p.err, ERR_OK);

	for (i = 0; i < DB_PARAMS_MAX; i++)
		db_i32(&p, i);
	assert_int_equal(p.err, ERR_OK);
	db_i32(&p, i);
	assert_int_equal(p.err, ERR_RANGE);
	assert_int_equal(p.n, DB_PARAMS_MAX);
	db_params_clear(&p);

	db_bytes(&p, "x", DB_WIRE_VALUE_MAX + 1);	/* is not read */
	assert_int_equal(p.err, ERR_TOO_LONG);
	db_params_clear(&p);
}

static void
params_clear_twice(void **state)
{
	struct db_params	 p = DB_PARAMS_INIT;

	(void)state;
	db_text(&p, "secret");
	db_params_clear(&p);
	assert_int_equal(p.n, 0);
	assert_null(p.value[0]);
	db_params_clear(&p);
}

static const struct cell	good[] = {
	{ "t", DB_OID_TEXT, "text", 4, 1 },
	{ "v", DB_OID_VARCHAR, "", 0, 1 },
	{ "i2", DB_OID_INT2, "\xff\xfe", 2, 1 },
	{ "i4", DB_OID_INT4, "\x80\0\0\0", 4, 1 },
	{ "i8", DB_OID_INT8, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8, 1 },
	{ "yes", DB_OID_BOOL, "\1", 1, 1 },
	{ "no", DB_OID_BOOL, "\0", 1, 1 },
	{ "u", DB_OID_UUID, "0123456789abcdef", 16, 1 },
	{ "b", DB_OID_BYTEA, "\0\1\2", 3, 1 },
	{ "at", DB_OID_TIMESTAMPTZ, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1 },
	{ "null", DB_OID_TEXT, NULL, 0, 1 },
};

static void
row_reads(void **state)
{
	struct db_result	 res = result_of(good, (int)COUNT(good));
	struct db_row		 r;
	struct uuid		 u;
	uint8_t			 b[3];
	char			 text[5];
	size_t			 len;

	(void)state;
	assert_int_equal(db_result_rows(&res), 1);
	assert_false(db_row_first(NULL, &r));
	assert_int_equal(r.err, ERR_DB);
	assert_true(db_row_first(&res, &r));
	assert_int_equal(r.err, ERR_OK);
	db_row_text(&r, "t", text, sizeof(text));
	assert_string_equal(text, "text");
	assert_string_equal(db_row_str(&r, "t", &len), "text");
	assert_int_equal(len, 4);
	assert_string_equal(db_row_str(&r, "v", NULL), "");
	assert_true(db_row_i64(&r, "i2") == -2);
	assert_true(db_row_i64(&r, "i4") == INT32_MIN);
	assert_true(db_row_i64(&r, "i8") == INT64_MAX);
	assert_true(db_row_bool(&r, "yes"));
	assert_false(db_row_bool(&r, "no"));
	db_row_uuid(&r, "u", &u);
	assert_memory_equal(u.b, "0123456789abcdef", 16);
	db_row_bytes(&r, "b", b, sizeof(b));
	assert_memory_equal(b, "\0\1\2", 3);
	assert_true(db_row_time(&r, "at") == DB_WIRE_EPOCH_US - 1);
	assert_true(db_row_is_null(&r, "null"));
	assert_false(db_row_is_null(&r, "t"));
	assert_int_equal(r.err, ERR_OK);
	PQclear(res.pg);
}

static void
row_ends_of_time(void **state)
{
	static const struct cell	 cells[] = {
		{ "max", DB_OID_TIMESTAMPTZ, "\x7f\xff\xff\xff\xff\xff\xff\xff",
		    8, 1 },
		{ "min", DB_OID_TIMESTAMPTZ, "\x80\0\0\0\0\0\0\0", 8, 1 },
	};
	struct db_result		 res = result_of(cells, 2);
	struct db_row			 r = db_row_at(&res, 0);

	(void)state;
	assert_true(db_row_time(&r, "max") == INT64_MAX);
	assert_true(db_row_time(&r, "min") == INT64_MIN);
	assert_int_equal(r.err, ERR_OK);
	PQclear(res.pg);
}

static void
row_nulls(void **state)
{
	static const struct cell	 cells[] = {
		{ "t", DB_OID_TEXT, NULL, 0, 1 },
		{ "i", DB_OID_INT8, NULL, 0, 1 },
		{ "at", DB_OID_TIMESTAMPTZ, NULL, 0, 1 },
		{ "u", DB_OID_UUID, NULL, 0, 1 },
		{ "b", DB_OID_BOOL, NULL, 0, 1 },
		{ "y", DB_OID_BYTEA, NULL, 0, 1 },
	};
	struct db_result		 res = result_of(cells, 6);
	struct db_row			 r = db_row_at(&res, 0);
	struct uuid			 u;
	uint8_t				 y[2] = { 7, 7 };
	char				 text[4] = "xyz";
	size_t				 len = 9;

	(void)state;
	/* may be null */
	db_row_text(&r, "t", text, sizeof(text));
	assert_string_equal(text, "");
	assert_null(db_row_str(&r, "t", &len));
	assert_int_equal(len, 0);
	assert_true(db_row_time(&r, "at") == 0);
	assert_int_equal(r.err, ERR_OK);

	/* may not */
	assert_true(db_row_i64(&r, "i") == 0);
	assert_int_equal(r.err, ERR_DB);
	r = db_row_at(&res, 0);
	memset(&u, 7, sizeof(u));
	db_row_uuid(&r, "u", &u);
	assert_int_equal(r.err, ERR_DB);
	assert_int_equal(u.b[0], 0);
	r = db_row_at(&res, 0);
	assert_false(db_row_bool(&r, "b"));
	assert_int_equal(r.err, ERR_DB);
	r = db_row_at(&res, 0);
	db_row_bytes(&r, "y", y, sizeof(y));
	assert_int_equal(r.err, ERR_DB);
	assert_int_equal(y[0], 0);
	PQclear(res.pg);
}

static void
row_wrong(void **state)
{
	static const struct cell	 cells[] = {
		{ "text_form", DB_OID_INT8, "12", 2, 0 },
		{ "short", DB_OID_INT8, "\0\0\0\1", 4, 1 },
		{ "t", DB_OID_TEXT, "\0\0\0\0\0\0\0\1", 8, 1 },
		{ "y", DB_OID_BYTEA, "abc", 3, 1 },
		{ "jsonb", 3802, "\1{}", 3, 1 },
	};
	static const char *const	 ints[] = {
		"text_form", "short", "t", "y", "missing", "T", ""
	};
	struct db_result		 res = result_of(cells, 5);
	struct db_row			 r;
	struct uuid			 u;
	uint8_t				 b[4];
	size_t				 i;

	(void)state;
	for (i = 0; i < COUNT(ints); i++) {
		r = db_row_at(&res, 0);
		assert_true(db_row_i64(&r, ints[i]) == 0);
		assert_int_equal(r.err, ERR_DB);
	}
	r = db_row_at(&res, 0);
	db_row_bytes(&r, "y", b, 4);		/* three bytes */
	assert_int_equal(r.err, ERR_DB);
	r = db_row_at(&res, 0);
	db_row_uuid(&r, "t", &u);
	assert_int_equal(r.err, ERR_DB);
	r = db_row_at(&res, 0);
	assert_null(db_row_str(&r, "jsonb", NULL));
	assert_int_equal(r.err, ERR_DB);
	r = db_row_at(&res, 0);
	assert_true(db_row_time(&r, "t") == 0);
	assert_int_equal(r.err, ERR_DB);
	PQclear(res.pg);
}

static void
row_keeps_its_error(void **state)
{
	struct db_result	 res = result_of(good, (int)COUNT(good));
	struct db_row		 r = db_row_at(&res, 0);

	(void)state;
	(void)db_row_i64(&r, "missing");
	assert_int_equal(r.err, ERR_DB);
	(void)db_row_i64(&r, "i8");
	assert_int_equal(r.err, ERR_DB);
	PQclear(res.pg);
}

static void
row_out_of_range(void **state)
{
	struct db_result	 res = result_of(good, (int)COUNT(good));
	static const int	 rows[] = { -1, 1, 1000 };
	struct db_row		 r;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = db_row_at(&res, rows[i]);
		assert_int_equal(r.err, ERR_DB);
		assert_null(db_row_str(&r, "t", NULL));
	}
	r = db_row_at(NULL, 0);
	assert_int_equal(r.err, ERR_DB);
	assert_null(db_row_str(&r, "t", NULL));
	PQclear(res.pg);
}

static void
row_text_too_long(void **state)
{
	struct db_result	 res = result_of(good, (int)COUNT(good));
	struct db_row		 r = db_row_at(&res, 0);
	char			 text[4];

	(void)state;
	db_row_text(&r, "t", text, sizeof(text));
	assert_int_equal(r.err, ERR_DB);
	assert_string_equal(text, "");
	PQclear(res.pg);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(params_bytes),
		cmocka_unit_test(params_null),
		cmocka_unit_test(params_refused),
		cmocka_unit_test(params_clear_twice),
		cmocka_unit_test(row_reads),
		cmocka_unit_test(row_ends_of_time),
		cmocka_unit_test(row_nulls),
		cmocka_unit_test(row_wrong),
		cmocka_unit_test(row_keeps_its_error),
		cmocka_unit_test(row_out_of_range),
		cmocka_unit_test(row_text_too_long),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
