/*
 * session_store - the SESSION columns of docs/queries.md and the statements
 * about sign-ins.
 */
#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include "audit.h"
#include "contact.h"
#include "db_param.h"
#include "db_row.h"
#include "message.h"
#include "password.h"
#include "session.h"
#include "token.h"
#include "user.h"

#define APP_NAME_MAX_LEN	200

/* A session with its person and application: what answers are made of. */
struct session_view {
	bool		is_found;
	bool		is_revoked;
	bool		is_assigned;
	struct session	session;
	struct user	user;
	char		app_name[APP_NAME_MAX_LEN + 1];
	int64_t		refresh_expires_us;	/* login_succeed only */
};

/* A try at a password. */
struct login_try {
	const struct contact	*who;
	const struct uuid	*app;
	const char		*device_id;	/* "" = none told */
	const char		*nobody;	/* where it counts otherwise */
	bool			 is_braked;	/* only a known device may */
};

/* What login_begin found. */
struct login_candidate {
	bool		is_found;
	struct uuid	user;
	char		hash[PASSWORD_HASH_MAX_LEN + 1];	/* "" = none */
	bool		is_active, is_assigned, mfa_enabled;
	int64_t		retry_after_s;		/* 0: may try */
};

/* An outbox row that may come of a sign-in. */
struct session_notice {
	struct uuid	id;
	uint8_t		payload[MESSAGE_SEALED_MAX];
	size_t		len;
	bool		is_dev;		/* no provider is needed */
};

/* A session to be opened; |new_hash| NULL unless the password was rehashed. */
struct session_opening {
	const struct uuid		*user;
	const struct uuid		*app;
	const char			*device_id, *device_name;
	const struct token_hash		*refresh;
	int32_t				 session_ttl_s;
	int32_t				 refresh_ttl_s;
	int32_t				 absolute_s;
	const char			*method;	/* "password" */
	const char			*new_hash;
	/* What the password was compared with: changed since, no session. */
	const char			*checked_hash;	/* NULL: not looked at */
	/* To be sent if the device turns out to be new; NULL: never. */
	const struct session_notice	*notice;
};

#define SESSION_LIST_MAX	100

/* The live sessions of a person at one application. */
struct session_list {
	size_t		n;
	int64_t		total;		/* also those beyond the bound */
	struct session	v[SESSION_LIST_MAX];
};

/* What a logout did. */
struct session_revoked {
	int64_t		n;
	bool		has_user;
	struct uuid	user;
};

void		session_store_begin_params(struct db_params *p,
		    const struct login_try *t, const struct audit_origin *o);
enum err	session_store_candidate(const struct db_result *res,
		    struct login_candidate *out) MUSTCHECK;
void		session_store_open_params(struct db_params *p,
		    const struct session_opening *s,
		    const struct audit_origin *o);
/* A notice's three parameters; |n| NULL: none. */
void		session_store_notice_params(struct db_params *p,
		    const struct session_notice *n);
/* Rows of session_check. */
enum err	session_store_view(const struct db_result *res,
		    struct session_view *out) MUSTCHECK;
/* Rows of login_succeed; not is_found: disabled or unassigned meanwhile. */
enum err	session_store_opened(const struct db_result *res,
		    struct session_view *out) MUSTCHECK;
enum err	session_store_list(const struct db_result *res,
		    struct session_list *out) MUSTCHECK;
enum err	session_store_revoked(const struct db_result *res,
		    struct session_revoked *out) MUSTCHECK;

#endif
