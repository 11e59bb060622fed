/*
 * import_run - the long part of an import: checking a file, committing and
 * undoing it, disabling who is missing from it, statement by statement, while
 * nobody waits for an answer.
 * A run belongs to this worker; the ticket in the database says that it is the
 * only one.  Whoever asks for an import whose run has died takes it up.
 */
#ifndef IMPORT_RUN_H
#define IMPORT_RUN_H

#include "audit.h"
#include "uuid.h"

/*
 * Does what the import asks for, if it asks for something and nobody is at it.
 * |o|: who asked, for the audit row; copied.  Nothing is told: the import's
 * own state says how it went.
 */
void	import_run_kick(const struct uuid *import,
	    const struct audit_origin *o);

#endif
