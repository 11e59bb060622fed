/*
 * sync_store - the statements about the feed of changes.
 */
#ifndef SYNC_STORE_H
#define SYNC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db_param.h"
#include "db_row.h"
#include "err.h"
#include "sync_cursor.h"

#define SYNC_HASH_LEN	64		/* of a set, lower-case hex */

/* What sync_snapshot and sync_delta found. */
struct sync_found {
	bool		is_resync;	/* the cursor is of no use any more */
	const char	*users;		/* JSON, comma between; borrowed */
	size_t		 users_len;
	int32_t		 n_users;
	const char	*removed;
	size_t		 removed_len;
	int32_t		 n_removed;
	bool		 has_more;
	struct sync_cursor	next;	/* where the next page begins */
	int64_t		 waits_for;	/* 0: nothing */
	char		 set_hash[SYNC_HASH_LEN + 1];	/* "" = none */
};

/*
 * Parameters of the page behind |cur|; of the first page of a snapshot when
 * its epoch is nil.
 */
void		sync_store_page_params(struct db_params *p,
		    const struct sync_cursor *cur, const struct uuid *app,
		    int32_t limit, bool with_hash);
/* The row of it.  |cur| as above. */
enum err	sync_store_page(const struct db_result *res,
		    const struct sync_cursor *cur, struct sync_found *out)
		    MUSTCHECK;

#endif
