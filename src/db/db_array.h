/*
 * db_array - a one-dimensional array as one parameter, in binary form: a
 * column of many rows that go to the server together.
 */
#ifndef DB_ARRAY_H
#define DB_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "db_param.h"

enum db_array_of { DB_ARRAY_TEXT, DB_ARRAY_BOOL };

struct db_array {
	struct buf		b;
	enum db_array_of	of;
	int32_t			n;
	bool			has_null;
};

/* |max| bytes at most will be held. */
void	db_array_init(struct db_array *a, enum db_array_of of, size_t max);
void	db_array_clear(struct db_array *a);
/* Empties without freeing. */
void	db_array_reset(struct db_array *a);
/* One element; |s| NULL is null. */
void	db_array_text(struct db_array *a, const char *s, size_t len);
void	db_array_bool(struct db_array *a, bool v);
/* Appends the array, copied, as the next parameter. */
void	db_array_param(struct db_array *a, struct db_params *p);

#endif
