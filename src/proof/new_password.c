/*
 * new_password - see new_password.h.
 */
#include <string.h>

#include "api.h"
#include "new_password.h"
#include "platform.h"
#include "str.h"

void
new_password_rule(struct http_request *req, const struct user *u,
    struct password_rule *out)
{
	const struct platform_values	*v = platform_values();
	const char			*name = api_caller(req)->app_name;

	memset(out, 0, sizeof(*out));
	out->min_len = u->mfa_enabled ?
	    v->password_min_len_mfa : v->password_min_len;
	out->user = *u;
	/* Longer than it may be: then it is no word to guess with. */
	if (str_copy(out->service, sizeof(out->service), name,
	    strlen(name)) != ERR_OK)
		out->service[0] = '\0';
}

bool
new_password_got(struct http_request *req, const struct password_rule *rule,
    const char **hash, int *ret)
{
	enum password_fault	fault;
	enum err		e;
	char			text[PASSWORD_RULE_TEXT_LEN + 1];

	if (!api_hashed(req, ret, &e, hash))
		return (false);
	fault = api_hash_fault(req);
	if (e == ERR_OK && fault == PASSWORD_GOOD && *hash != NULL)
		return (true);
	if (fault == PASSWORD_GOOD)
		*ret = api_fail(req, PROBLEM_INTERNAL);
	else {
		password_rule_text(rule, fault, text);
		*ret = api_fail_field(req, "new_password", text);
	}
	return (false);
}

enum err
new_password_notice(struct http_request *req, struct outbox_message *out)
{
	const struct message_var	vars[] = {
		{ "app_name", api_caller(req)->app_name },
	};
	const struct message		m = { MESSAGE_PASSWORD_CHANGED, vars,
	    COUNT(vars) };

	uuid_make(&out->id);
	return (message_seal(platform_sealer(), &out->id, &m, out->payload,
	    &out->len));
}
