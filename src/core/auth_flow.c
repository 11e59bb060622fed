/*
 * auth_flow - see auth_flow.h.
 */
#include "auth_flow.h"

enum auth_step
auth_flow_next(const struct auth_attempt *a)
{
	if (!a->is_known || !a->has_password || !a->is_match)
		return (AUTH_REFUSE_CREDENTIALS);
	if (!a->is_active)
		return (AUTH_REFUSE_DISABLED);
	if (!a->is_assigned)
		return (AUTH_REFUSE_UNASSIGNED);
	if (a->needs_mfa)
		return (AUTH_SECOND_FACTOR);
	return (AUTH_GRANT);
}

const char *
auth_flow_reason(const struct auth_attempt *a)
{
	if (!a->is_known)
		return ("unknown_person");
	if (!a->has_password)
		return ("no_password");
	if (!a->is_match)
		return ("wrong_password");
	if (!a->is_active)
		return ("user_disabled");
	if (!a->is_assigned)
		return ("not_assigned");
	return (a->needs_mfa ? "mfa_required" : "ok");
}
