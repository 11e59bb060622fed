/*
 * audit_export - an exported log, line by line: which lines are rows, which
 * are seals, and whether all of it is there.  Ref: docs/PROTOCOL.audit.md.
 */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "audit_chain.h"

/* A seal with the marks of AUDIT_SEAL_ROWS_MAX rows in base64, and a bit. */
#define AUDIT_EXPORT_LINE_MAX	(8 * 1024 * 1024)

struct audit_export {
	struct audit_check	*check;
	bool			 has_head, has_end;
	/* First reading: only looks for the newest purge. */
	bool			 is_looking;
	int64_t			 gone;
};

/*
 * Reads one line without its line end.  ERR_FORMAT, ERR_SIGNATURE: what is
 * wrong is in |e->check->why|.
 */
enum err	audit_export_line(struct audit_export *e, const char *line,
		    size_t len) MUSTCHECK;
/* After the last line. */
enum err	audit_export_end(struct audit_export *e) MUSTCHECK;

#endif
