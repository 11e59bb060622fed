/*
 * user_store - the USER columns of docs/queries.md.
 */
#ifndef USER_STORE_H
#define USER_STORE_H

#include "db_row.h"
#include "user.h"

/* What /auth/register and the sign-ins know of a person at an application. */
struct user_found {
	bool		is_found;
	bool		is_assigned;
	struct user	user;
};

/* Reads USER of |r|; errors stay in r->err. */
void		user_store_row(struct db_row *r, struct user *u);
/* Rows of register_check into struct user_found. */
enum err	user_store_found(const struct db_result *res,
		    struct user_found *out) MUSTCHECK;

#endif
