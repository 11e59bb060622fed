/*
 * db_param - typed parameters of one statement, in binary or text form.
 * Values are copied, so a query may outlive its caller.
 */
#ifndef DB_PARAM_H
#define DB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

#define DB_PARAMS_MAX	32

struct db_params {
	int		 n;
	enum err	 err;			/* first failure, checked on send */
	int		 ms;			/* 0: as long as its statement may */
	char		*value[DB_PARAMS_MAX];	/* NULL = SQL null */
	int		 len[DB_PARAMS_MAX];
	int		 format[DB_PARAMS_MAX];	/* 0 text, 1 binary */
};

#define DB_PARAMS_INIT	{ .n = 0 }

/* Each appends $n+1; |s| NULL (or |is_null|) is SQL null. */
void	db_text(struct db_params *p, const char *s);
void	db_text_len(struct db_params *p, const char *s, size_t len);
/* As db_text, but "" is null too: for optional fields of fixed size. */
void	db_text_opt(struct db_params *p, const char *s);
void	db_uuid(struct db_params *p, const struct uuid *u);	/* NULL = null */
void	db_i64(struct db_params *p, int64_t v);
void	db_i32(struct db_params *p, int32_t v);
void	db_bool(struct db_params *p, bool v);
void	db_bytes(struct db_params *p, const void *b, size_t len);
/* timestamptz from microseconds since 1970; 0 = null. */
void	db_time(struct db_params *p, int64_t us);
void	db_null(struct db_params *p);
/* Wipes and frees the values. */
void	db_params_clear(struct db_params *p);

#endif
