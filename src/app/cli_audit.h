/*
 * cli_audit - the check of the audit log, for other commands too.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "audit_chain.h"
#include "cli_db.h"

/*
 * Checks the whole log in the database of |d|.  EXIT_STATUS_OK: it is whole.
 * |c->why| is not empty when something is wrong with the log; otherwise another
 * failure was told.
 */
int	cli_audit_check(struct cli_db *d, struct audit_check *c) MUSTCHECK;

#endif
