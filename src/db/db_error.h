/*
 * db_error - the one place that knows SQLSTATEs.  For src/db alone.
 */
#ifndef DB_ERROR_H
#define DB_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include <libpq-fe.h>

#include "err.h"

#define DB_CONSTRAINT_LEN	63	/* an identifier's NAMEDATALEN - 1 */

/*
 * What |res| (may be NULL: the connection broke) means.  |constraint| gets the
 * constraint's name or P0001's message text, else "".
 */
enum err	db_error(const PGresult *res,
		    char constraint[DB_CONSTRAINT_LEN + 1]);
/* What SQLSTATE |state| (five letters) means; "" is a broken connection. */
enum err	db_error_state(const char *state);
/* The server closes the connection after this, or it must not be used on. */
bool		db_error_is_fatal(const PGresult *res);
/*
 * The server rolled the statement back for a reason that is gone: it ended the
 * session on request, or a deadlock.  Only if no rows came before: those are
 * sent before the commit, errors after it.
 */
bool		db_error_is_undone(const PGresult *res);
/* The statement never ran because its prepared form is gone or outdated. */
bool		db_error_is_stale(const PGresult *res);
/* One log line for an error of statement |name|, without its values. */
void		db_error_log(const char *name, const PGresult *res);
/* First line of libpq's text |s| into |dst|. */
void		db_error_line(char *dst, size_t cap, const char *s);

#endif
