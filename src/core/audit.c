/*
 * audit - names and categories of the audit vocabulary, from audit_event.def.
 * Must not know columns (audit_store) or where an event is written.
 */
#include "audit.h"

#include <stddef.h>

/* Names as stored, by enum audit_event. */
static const char *const	audit_names[AUDIT_EVENT_MAX] = {
#define AUDIT(sym, name, category)	[AUDIT_##sym] = (name),
#include "audit_event.def"
#undef AUDIT
};

/* Categories as stored, by enum audit_event. */
static const char *const	audit_categories[AUDIT_EVENT_MAX] = {
#define AUDIT(sym, name, category)	[AUDIT_##sym] = (category),
#include "audit_event.def"
#undef AUDIT
};

const char *
audit_name(enum audit_event e)
{
	if ((size_t)e >= AUDIT_EVENT_MAX)
		return ("unknown");
	return (audit_names[e]);
}

const char *
audit_category(enum audit_event e)
{
	if ((size_t)e >= AUDIT_EVENT_MAX)
		return ("unknown");
	return (audit_categories[e]);
}
