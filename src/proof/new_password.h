/*
 * new_password - what every endpoint that sets a password shares: the rule for
 * this person, its sentence as a 422, and the notice that goes out.
 */
#ifndef NEW_PASSWORD_H
#define NEW_PASSWORD_H

#include <stdbool.h>

#include "password_rule.h"
#include "password_store.h"

struct http_request;

/* The rule in force for |u| at the calling application. */
void	new_password_rule(struct http_request *req, const struct user *u,
	    struct password_rule *out);
/*
 * After api_hash_make(): true with the new hash, which is borrowed.  Else
 * |*ret|: waiting, or 422 (field new_password) or 503 was replied.
 */
bool	new_password_got(struct http_request *req,
	    const struct password_rule *rule, const char **hash, int *ret);
/* "Your password was changed", sealed.  Errors of message_seal(). */
enum err	new_password_notice(struct http_request *req,
		    struct outbox_message *out) MUSTCHECK;

#endif
