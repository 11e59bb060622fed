/*
 * sync_cursor - how far a client of /users/sync has come, as text that only
 * this service makes: opaque, of one length, bound to its application by a
 * MAC, so that nobody can stand where he has not been.
 * Ref: docs/PROTOCOL.sync.md.
 */
#ifndef SYNC_CURSOR_H
#define SYNC_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"
#include "uuid.h"

/* Kind, epoch, transaction, id, time of making; 16 bytes of MAC. */
#define SYNC_CURSOR_BYTES	(1 + 16 + 8 + 16 + 8 + 16)
#define SYNC_CURSOR_LEN		87		/* of them as base64url */
#define SYNC_TAG_LEN		24		/* 16 bytes and two quotes */

enum sync_kind {
	SYNC_SNAPSHOT = 1,	/* people by id; |id| was the last one */
	SYNC_CATCH_UP = 2,	/* what changed while a snapshot was taken */
	SYNC_DELTA = 3		/* nothing but changes */
};

struct sync_cursor {
	enum sync_kind	kind;
	struct uuid	epoch;		/* life of the database */
	/*
	 * All up to the place (xid, id) is there.  Of a snapshot: all up to
	 * xid is there of those people whose id is not greater.
	 */
	int64_t		xid;
	struct uuid	id;
	int64_t		made_s;		/* seconds since 1970 */
};

/* Text and a NUL.  ERR_CRYPTO. */
enum err	sync_cursor_format(const struct sync_cursor *c,
		    const struct uuid *app, struct hmac_key *key,
		    char out[SYNC_CURSOR_LEN + 1]) MUSTCHECK;
/* ERR_FORMAT; ERR_SIGNATURE: another application's, or made up. */
enum err	sync_cursor_parse(const char *s, size_t len,
		    const struct uuid *app, struct hmac_key *key,
		    struct sync_cursor *out) MUSTCHECK;
/*
 * An entity tag, in quotes, for what a client that stands at |c| holds.  The
 * same place gives the same tag, whenever the cursor was made; |more| (may be
 * "") is whatever else the answer says.
 */
void		sync_cursor_tag(const struct sync_cursor *c,
		    const struct uuid *app, const char *more,
		    char out[SYNC_TAG_LEN + 1]);

#endif
