/*
 * refresh_store - the statements about refresh tokens.
 */
#ifndef REFRESH_STORE_H
#define REFRESH_STORE_H

#include "session_store.h"

#define REFRESH_VERDICT_MAX	32

/* A refresh token to be spent. */
struct refresh_spending {
	const struct token_hash	*token, *successor;
	const struct uuid	*app;
	int32_t			 session_ttl_s, refresh_ttl_s, grace_s;
};

/* What refresh_rotate did. */
struct refresh_rotated {
	char			verdict[REFRESH_VERDICT_MAX];	/* "ok", a code */
	bool			is_ended;	/* by this very call */
	bool			has_user;	/* user and sid are set */
	struct uuid		user, sid;
	struct session_view	view;		/* of "ok" */
};

/* A refresh token that could be used now. */
struct refresh_found {
	bool		is_found;
	struct uuid	user, sid;
	char		username[EMAIL_MAX_LEN + 1];	/* "" = none */
	int64_t		created_us, expires_us;
};

void		refresh_store_rotate_params(struct db_params *p,
		    const struct refresh_spending *s,
		    const struct audit_origin *o);
enum err	refresh_store_rotated(const struct db_result *res,
		    struct refresh_rotated *out) MUSTCHECK;
/* Rows of refresh_peek. */
enum err	refresh_store_found(const struct db_result *res,
		    struct refresh_found *out) MUSTCHECK;

#endif
