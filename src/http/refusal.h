/*
 * refusal - denied requests on their way to the audit log: equal ones are
 * counted together, so that an attack writes one row a second at most for each
 * kind of refusal, and a bounded number in all.
 */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "audit.h"
#include "err.h"
#include "uuid.h"

/* Distinct refusals kept between two flushes; more are counted under
 * "other sources" of their event. */
#define REFUSAL_MAX	256

struct refusal {
	enum audit_event		 event;
	const char			*reason;	/* static text */
	const struct uuid		*app;		/* may be NULL */
	const char			*key_id;	/* "" = none */
	const struct uuid		*user;		/* may be NULL */
	const struct audit_origin	*origin;
};

void	refusal_add(const struct refusal *r);
/* Writes what was counted as one statement; every second, and at the end. */
void	refusal_flush(void);
/* Statements under way or rows to be written. */
int	refusal_pending(void);

#endif
