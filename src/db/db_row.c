/*
 * db_row - typed reading of results in binary form.
 * Owns the check of column name, type, length and null; must not convert
 * between types and must not know what a column means.
 */
#include <limits.h>
#include <string.h>

#include <libpq-fe.h>

#include "db_result.h"
#include "db_row.h"
#include "db_wire.h"
#include "str.h"

/* One value; |data| NULL is SQL null. */
struct db_row_value {
	Oid		 type;
	const uint8_t	*data;
	size_t		 len;
};

static struct db_row_value	db_row_find(struct db_row *r,
				    const char *col);
static const uint8_t	*db_row_fixed(struct db_row *r, const char *col,
			    Oid type, size_t len, bool is_null_ok);

int
db_result_rows(const struct db_result *r)
{
	return (r == NULL ? 0 : PQntuples(r->pg));
}

struct db_row
db_row_at(const struct db_result *r, int i)
{
	struct db_row	 row = { .res = r, .i = i, .err = ERR_OK };

	if (i < 0 || i >= db_result_rows(r))
		row.err = ERR_DB;
	return (row);
}

bool
db_row_first(const struct db_result *res, struct db_row *r)
{
	*r = db_row_at(res, 0);
	return (r->err == ERR_OK);
}

bool
db_row_is_null(struct db_row *r, const char *col)
{
	return (db_row_find(r, col).data == NULL);
}

void
db_row_text(struct db_row *r, const char *col, char *dst, size_t cap)
{
	const char	*s;
	size_t		 len;

	s = db_row_str(r, col, &len);
	if (str_copy(dst, cap, s == NULL ? "" : s, len) != ERR_OK) {
		dst[0] = '\0';
		r->err = ERR_DB;
	}
}

const char *
db_row_str(struct db_row *r, const char *col, size_t *len)
{
	struct db_row_value	 v;

	v = db_row_find(r, col);
	if (v.data != NULL && v.type != DB_OID_TEXT &&
	    v.type != DB_OID_VARCHAR) {
		r->err = ERR_DB;
		v.data = NULL;
	}
	if (len != NULL)
		*len = v.data == NULL ? 0 : v.len;
	/* libpq puts a NUL behind every value. */
	return ((const char *)v.data);
}

void
db_row_uuid(struct db_row *r, const char *col, struct uuid *u)
{
	const uint8_t	*b;

	memset(u, 0, sizeof(*u));
	if ((b = db_row_fixed(r, col, DB_OID_UUID, sizeof(u->b),
	    false)) != NULL)
		memcpy(u->b, b, sizeof(u->b));
}

int64_t
db_row_i64(struct db_row *r, const char *col)
{
	struct db_row_value	 v;

	v = db_row_find(r, col);
	if (v.data != NULL &&
	    ((v.type == DB_OID_INT2 && v.len == 2) ||
	    (v.type == DB_OID_INT4 && v.len == 4) ||
	    (v.type == DB_OID_INT8 && v.len == 8)))
		return (db_wire_get(v.data, v.len));
	r->err = ERR_DB;
	return (0);
}

bool
db_row_bool(struct db_row *r, const char *col)
{
	const uint8_t	*b;

	b = db_row_fixed(r, col, DB_OID_BOOL, 1, false);
	return (b != NULL && *b != 0);
}

int64_t
db_row_time(struct db_row *r, const char *col)
{
	const uint8_t	*b;
	int64_t		 us;

	if ((b = db_row_fixed(r, col, DB_OID_TIMESTAMPTZ, 8, true)) == NULL)
		return (0);
	us = db_wire_get(b, 8);
	/* 'infinity' and '-infinity' stay the ends of the range. */
	if (us == INT64_MIN || us > INT64_MAX - DB_WIRE_EPOCH_US)
		return (us);
	return (us + DB_WIRE_EPOCH_US);
}

void
db_row_bytes(struct db_row *r, const char *col, void *dst, size_t len)
{
	const uint8_t	*b;

	memset(dst, 0, len);
	if ((b = db_row_fixed(r, col, DB_OID_BYTEA, len, false)) != NULL)
		memcpy(dst, b, len);
}

const uint8_t *
db_row_blob(struct db_row *r, const char *col, size_t *len)
{
	struct db_row_value	v;

	v = db_row_find(r, col);
	if (v.data != NULL && v.type != DB_OID_BYTEA) {
		r->err = ERR_DB;
		v.data = NULL;
	}
	*len = v.data == NULL ? 0 : v.len;
	return (v.data);
}

/* Value of |type| with exactly |len| bytes, or NULL, which is an error
 * unless it is a null that may be. */
static const uint8_t *
db_row_fixed(struct db_row *r, const char *col, Oid type, size_t len,
    bool is_null_ok)
{
	struct db_row_value	 v;

	v = db_row_find(r, col);
	if (v.data == NULL && is_null_ok)
		return (NULL);
	if (v.data == NULL || v.type != type || v.len != len) {
		r->err = ERR_DB;
		return (NULL);
	}
	return (v.data);
}

/*
 * A loop over the names beats PQfnumber(), which looks at each letter of the
 * wanted name for its case first.
 */
static struct db_row_value
db_row_find(struct db_row *r, const char *col)
{
	struct db_row_value	 v = { .type = 0, .data = NULL, .len = 0 };
	const PGresult		*pg;
	int			 i, n;

	if (r->err != ERR_OK)
		return (v);
	pg = r->res->pg;
	n = PQnfields(pg);
	for (i = 0; i < n; i++)
		if (strcmp(PQfname(pg, i), col) == 0)
			break;
	if (i == n || PQfformat(pg, i) != 1) {
		r->err = ERR_DB;
		return (v);
	}
	v.type = PQftype(pg, i);
	if (!PQgetisnull(pg, r->i, i)) {
		v.data = (const uint8_t *)PQgetvalue(pg, r->i, i);
		v.len = (size_t)PQgetlength(pg, r->i, i);
	}
	return (v);
}
