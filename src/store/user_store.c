/*
 * user_store - see user_store.h.
 */
#include "user_store.h"

void
user_store_row(struct db_row *r, struct user *u)
{
	db_row_uuid(r, "user_id", &u->id);
	db_row_text(r, "name", u->name, sizeof(u->name));
	db_row_text(r, "email", u->email, sizeof(u->email));
	db_row_text(r, "mobile_number", u->mobile_number,
	    sizeof(u->mobile_number));
	db_row_text(r, "emp_id", u->emp_id, sizeof(u->emp_id));
	u->is_active = db_row_bool(r, "is_active");
	u->mfa_enabled = db_row_bool(r, "mfa_enabled");
	u->updated_us = db_row_time(r, "updated_at");
	db_row_text(r, "sync_hash", u->sync_hash, sizeof(u->sync_hash));
}

enum err
user_store_found(const struct db_result *res, struct user_found *out)
{
	struct db_row	r;

	out->is_found = db_result_rows(res) > 0;
	if (!out->is_found)
		return (ERR_OK);
	r = db_row_at(res, 0);
	user_store_row(&r, &out->user);
	out->is_assigned = db_row_bool(&r, "is_assigned");
	return (r.err);
}
