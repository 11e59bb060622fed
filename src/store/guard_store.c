/*
 * guard_store - see guard_store.h.
 */
#include "guard_store.h"

#include <string.h>

enum err
guard_store_key(const struct db_result *res, struct guard_key *out)
{
	struct db_row	r;
	const char	*allow;
	size_t		 len = 0;
	enum err	 e;

	memset(out, 0, sizeof(*out));
	if (!db_row_first(res, &r))
		return (ERR_OK);
	out->is_found = true;
	db_row_bytes(&r, "key_hash", out->hash, sizeof(out->hash));
	out->is_key_enabled = db_row_bool(&r, "key_enabled");
	out->expires_us = db_row_time(&r, "key_expires_at");
	db_row_uuid(&r, "app_id", &out->app);
	db_row_text(&r, "app_name", out->app_name, sizeof(out->app_name));
	out->is_app_enabled = db_row_bool(&r, "app_enabled");
	if (!db_row_is_null(&r, "rate_per_minute"))
		out->per_minute = (int32_t)db_row_i64(&r, "rate_per_minute");
	allow = db_row_str(&r, "allow", &len);
	if (r.err != ERR_OK)
		return (r.err);
	e = cidr_list_parse(allow == NULL ? "" : allow, len, &out->allow,
	    NULL, NULL);
	return (e);
}

void
guard_key_clear(struct guard_key *k)
{
	cidr_list_clear(&k->allow);
	memset(k, 0, sizeof(*k));
}
