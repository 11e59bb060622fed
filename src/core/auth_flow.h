/*
 * auth_flow - what follows a password that was checked: decided here, and only
 * here.  Pure.
 */
#ifndef AUTH_FLOW_H
#define AUTH_FLOW_H

#include <stdbool.h>

/* What is known once the hash has been compared. */
struct auth_attempt {
	bool	is_known;	/* the person exists */
	bool	has_password;
	bool	is_match;	/* the password was right */
	bool	is_active;
	bool	is_assigned;	/* to the calling application */
	bool	needs_mfa;
};

enum auth_step {
	AUTH_REFUSE_CREDENTIALS,	/* one answer for three reasons */
	AUTH_REFUSE_DISABLED,
	AUTH_REFUSE_UNASSIGNED,
	AUTH_SECOND_FACTOR,
	AUTH_GRANT
};

/*
 * The next step.  Nothing about the person shows before the right password
 * (api.md s.4, ASVS 6.3.8).
 */
enum auth_step	auth_flow_next(const struct auth_attempt *a);
/* Why, for the audit log; a static string. */
const char	*auth_flow_reason(const struct auth_attempt *a);

#endif
