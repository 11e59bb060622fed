/*
 * user - a person as applications see one, and the sync hash over it.
 */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "contact.h"
#include "err.h"
#include "uuid.h"

#define USER_NAME_MAX_LEN	400	/* bytes; 200 code points at most */
#define USER_EMP_ID_MAX_LEN	64
#define USER_SYNC_HASH_LEN	64	/* lower-case hex */

struct user {
	struct uuid	id;
	char		name[USER_NAME_MAX_LEN + 1];
	char		email[EMAIL_MAX_LEN + 1];		/* "" = null */
	char		mobile_number[PHONE_MAX_LEN + 1];	/* "" = null */
	char		emp_id[USER_EMP_ID_MAX_LEN + 1];	/* "" = null */
	bool		is_active;
	bool		mfa_enabled;
	int64_t		updated_us;
	char		sync_hash[USER_SYNC_HASH_LEN + 1];
};

/* Fills sync_hash: SHA-256 of the RFC 8785 JSON of five fields, api.md s.3. */
void	user_sync_hash(struct user *u);
/* Appends the User object of api.md s.3. */
void	user_json(const struct user *u, struct buf *out);

#endif
