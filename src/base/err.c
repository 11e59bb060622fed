/*
 * err - text of each error, for logs and command line tools.
 * Says nothing to clients: public texts are http/problem.c's.
 */
#include "err.h"

#include <stddef.h>

/* One text per code, in the order of the enum. */
static const char *const	err_texts[ERR_MAX] = {
	[ERR_OK] = "ok",
	[ERR_NOMEM] = "out of memory",
	[ERR_SPACE] = "does not fit",
	[ERR_FORMAT] = "malformed",
	[ERR_RANGE] = "out of range",
	[ERR_TOO_LONG] = "too long",
	[ERR_NOT_FOUND] = "not found",
	[ERR_EXISTS] = "exists already",
	[ERR_CONSTRAINT] = "violates a constraint",
	[ERR_CONFLICT] = "changed meanwhile",
	[ERR_EXPIRED] = "expired",
	[ERR_SIGNATURE] = "signature or checksum mismatch",
	[ERR_CRYPTO] = "cryptographic library failure",
	[ERR_IO] = "input or output error",
	[ERR_BUSY] = "queue is full",
	[ERR_TIMEOUT] = "timed out",
	[ERR_DB_DOWN] = "no connection to the database",
	[ERR_DB] = "database error",
	[ERR_SCHEMA] = "schema version mismatch",
	[ERR_USAGE] = "wrong usage",
};

const char *
err_text(enum err e)
{
	unsigned int	i = (unsigned int)e;

	if (i >= ERR_MAX || err_texts[i] == NULL)
		return ("unknown error");
	return (err_texts[i]);
}
