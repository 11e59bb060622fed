/*
 * db_row - reading typed columns of a result.  Columns are in binary form and
 * are addressed by name; a missing column, a wrong type or an unexpected null
 * sets the row's error, which is checked once at the end.
 */
#ifndef DB_ROW_H
#define DB_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

struct db_result;		/* rows of one statement */

struct db_row {
	const struct db_result	*res;
	int			 i;
	enum err		 err;	/* ERR_DB after the first bad read */
};

int		db_result_rows(const struct db_result *r);
struct db_row	db_row_at(const struct db_result *r, int i);
/* The first row; false: there is none, |r| is not to be used. */
bool		db_row_first(const struct db_result *res, struct db_row *r)
		    MUSTCHECK;
bool		db_row_is_null(struct db_row *r, const char *col);
/* text/varchar/citext/inet-as-text into |dst|; null gives "". */
void		db_row_text(struct db_row *r, const char *col, char *dst,
		    size_t cap);
/* Borrowed text (not NUL-safe for bytea), valid as long as the result; null
 * gives NULL. */
const char	*db_row_str(struct db_row *r, const char *col, size_t *len);
void		db_row_uuid(struct db_row *r, const char *col, struct uuid *u);
int64_t		db_row_i64(struct db_row *r, const char *col); /* int2, 4, 8 */
bool		db_row_bool(struct db_row *r, const char *col);
/* timestamptz in microseconds since 1970; null gives 0. */
int64_t		db_row_time(struct db_row *r, const char *col);
/* bytea of exactly |len| bytes. */
void		db_row_bytes(struct db_row *r, const char *col, void *dst,
		    size_t len);
/* Borrowed bytea of any length, valid as long as the result; null: NULL. */
const uint8_t	*db_row_blob(struct db_row *r, const char *col, size_t *len);

#endif
