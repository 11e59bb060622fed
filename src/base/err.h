/*
 * err - the one error space of the program.
 * Every fallible function returns enum err; HTTP statuses and public texts
 * are chosen in http/problem.c alone.
 */
#ifndef ERR_H
#define ERR_H

#define MUSTCHECK	__attribute__((warn_unused_result))
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum err {
	ERR_OK = 0,
	ERR_NOMEM,		/* allocation failed */
	ERR_SPACE,		/* result does not fit the caller's buffer or cap */
	ERR_FORMAT,		/* malformed input */
	ERR_RANGE,		/* well-formed, but outside the allowed range */
	ERR_TOO_LONG,		/* input longer than its limit */
	ERR_NOT_FOUND,
	ERR_EXISTS,		/* unique constraint (SQLSTATE 23505) */
	ERR_CONSTRAINT,		/* another constraint (SQLSTATE 23xxx, P0001) */
	ERR_CONFLICT,		/* changed meanwhile (40001, 40P01, 55P03) */
	ERR_EXPIRED,
	ERR_SIGNATURE,		/* MAC, signature, checksum or hash mismatch */
	ERR_CRYPTO,		/* the library failed, not the input */
	ERR_IO,
	ERR_BUSY,		/* a bounded queue is full */
	ERR_TIMEOUT,		/* a deadline passed */
	ERR_DB_DOWN,		/* no connection to PostgreSQL */
	ERR_DB,			/* any other error of PostgreSQL */
	ERR_SCHEMA,		/* schema newer, older or changed by hand */
	ERR_USAGE,		/* command line or setting wrong */
	ERR_MAX
};

/* Lower-case text of |e| for logs, a static string; never NULL. */
const char	*err_text(enum err e);

#endif
