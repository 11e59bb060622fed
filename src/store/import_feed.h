/*
 * import_feed - from the bytes of a CSV file to batches of staged rows
 * (statement import_stage).  Memory is bounded by what is fed at once.
 */
#ifndef IMPORT_FEED_H
#define IMPORT_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "db_param.h"
#include "digest.h"
#include "err.h"
#include "import_file.h"
#include "uuid.h"

/* What may be fed at once, so that no batch takes long to make. */
#define IMPORT_FEED_BYTES	65536
#define IMPORT_FEED_ROWS_MAX	2000000
#define IMPORT_FEED_WHY_LEN	200

/* What a file is read with. */
struct import_feed_how {
	const struct import_map	*map;		/* copied */
	enum csv_encoding	 encoding;
	char			 delimiter;
	const char		*cc;		/* default country code */
};

struct import_feed;

enum err	import_feed_new(const struct import_feed_how *how,
		    struct import_feed **out) MUSTCHECK;
void		import_feed_free(struct import_feed *f);
/* At most IMPORT_FEED_BYTES more bytes; |is_last|: the file ends with them.
 * On an error import_feed_why() has a sentence for a person. */
enum err	import_feed_bytes(struct import_feed *f, const void *p,
		    size_t len, bool is_last) MUSTCHECK;
/* Rows that wait to be staged. */
size_t		import_feed_waiting(const struct import_feed *f);
/* Appends the parameters of import_stage for them, and forgets them. */
void		import_feed_stage(struct import_feed *f,
		    const struct uuid *import, const struct uuid *run,
		    struct db_params *p);
/* SHA-256 of all that was fed. */
void		import_feed_hash(struct import_feed *f,
		    uint8_t out[SHA256_LEN]);
void		import_feed_why(const struct import_feed *f, enum err e,
		    char out[IMPORT_FEED_WHY_LEN + 1]);

#endif
