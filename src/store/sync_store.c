/*
 * sync_store - see sync_store.h.
 */
#include "sync_store.h"

#include <string.h>

static void	sync_next(struct db_row *r, const struct sync_cursor *cur,
		    struct sync_found *out);

void
sync_store_page_params(struct db_params *p, const struct sync_cursor *cur,
    const struct uuid *app, int32_t limit, bool with_hash)
{
	static const struct uuid	none;
	bool				is_first;

	is_first = uuid_cmp(&cur->epoch, &none) == 0;
	db_uuid(p, app);
	db_uuid(p, is_first ? NULL : &cur->epoch);
	if (is_first)
		db_null(p);
	else
		db_i64(p, cur->xid);
	db_uuid(p, is_first ? NULL : &cur->id);
	db_i32(p, limit);
	db_bool(p, with_hash);
}

enum err
sync_store_page(const struct db_result *res, const struct sync_cursor *cur,
    struct sync_found *out)
{
	struct db_row	r = db_row_at(res, 0);
	const char	*outcome;
	size_t		 len = 0;

	memset(out, 0, sizeof(*out));
	outcome = db_row_str(&r, "outcome", &len);
	if (r.err != ERR_OK || outcome == NULL)
		return (ERR_DB);
	if (len != 2 || memcmp(outcome, "ok", 2) != 0) {
		out->is_resync = true;
		return (ERR_OK);
	}
	out->users = db_row_str(&r, "users", &out->users_len);
	out->n_users = (int32_t)db_row_i64(&r, "n_users");
	out->removed = db_row_str(&r, "removed", &out->removed_len);
	out->n_removed = (int32_t)db_row_i64(&r, "n_removed");
	out->has_more = db_row_bool(&r, "has_more");
	if (!db_row_is_null(&r, "waits_for"))
		out->waits_for = db_row_i64(&r, "waits_for");
	db_row_text(&r, "set_hash", out->set_hash, sizeof(out->set_hash));
	sync_next(&r, cur, out);
	return (r.err);
}

/* A snapshot goes on by id to its end, then as a delta from where it began. */
static void
sync_next(struct db_row *r, const struct sync_cursor *cur,
    struct sync_found *out)
{
	struct sync_cursor	*n = &out->next;

	db_row_uuid(r, "epoch", &n->epoch);
	n->xid = db_row_i64(r, "next_xid");
	n->made_s = cur->made_s;
	n->kind = cur->kind;
	if (cur->kind == SYNC_SNAPSHOT && db_row_bool(r, "is_end")) {
		n->kind = SYNC_CATCH_UP;
		memset(n->id.b, 0xff, sizeof(n->id.b));
	} else
		db_row_uuid(r, "next_id", &n->id);
	if (!out->has_more)
		n->kind = SYNC_DELTA;
}
