/*
 * db_migrate - brings the schema to this binary's version, once, whatever runs
 * concurrently (advisory lock), and refuses a newer or altered one.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>

#include "err.h"

struct db_migrate_result {
	int	from;		/* version found, 0 = empty database */
	int	to;		/* version of this binary */
	int	applied;
	char	why[256];	/* one line on failure */
};

/*
 * Applies what is missing, each migration in a transaction of its own.
 * |check_only|: changes nothing; ERR_SCHEMA if something is missing.
 * ERR_SCHEMA: newer than this binary, or a checksum differs.  ERR_DB_DOWN,
 * ERR_DB.
 */
enum err	db_migrate(const char *conninfo, bool check_only,
		    struct db_migrate_result *out) MUSTCHECK;
/* The version that this binary needs. */
int		db_migrate_version(void);

#endif
