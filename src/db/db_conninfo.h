/*
 * db_conninfo - the connection string with what this program insists on.
 * For src/db alone.
 */
#ifndef DB_CONNINFO_H
#define DB_CONNINFO_H

#include "err.h"

#define DB_CONNINFO_MAX	64
#define DB_WHY_LEN	255

enum db_use {
	DB_USE_QUERY,		/* a worker's statements, with time-outs */
	DB_USE_LISTEN,		/* LISTEN and pings */
	DB_USE_TOOL		/* command line: no time-outs but connecting */
};

/* NULL-terminated arrays as PQconnectStartParams() takes them. */
struct db_conninfo {
	char	*key[DB_CONNINFO_MAX + 1];	/* owned */
	char	*value[DB_CONNINFO_MAX + 1];	/* owned */
	int	 n;
};

/*
 * Parses |text| (URI or keywords).  |timeout_ms|: of a statement, for
 * DB_USE_QUERY.  ERR_USAGE: |why| says what is wrong in one line.
 */
enum err	db_conninfo_parse(struct db_conninfo *c, const char *text,
		    enum db_use use, int timeout_ms,
		    char why[DB_WHY_LEN + 1]) MUSTCHECK;
/* Wipes (there is a password in it) and frees. */
void		db_conninfo_clear(struct db_conninfo *c);
/* The value of |key|, or NULL. */
const char	*db_conninfo_get(const struct db_conninfo *c, const char *key);

#endif
