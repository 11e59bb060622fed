/*
 * gzip - RFC 1952 in pieces: each piece of a long answer is packed as it
 * comes, in about 270 KiB whatever the length.
 */
#ifndef GZIP_H
#define GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

enum gzip_end {
	GZIP_MORE,		/* may be held back until more comes */
	GZIP_FLUSH,		/* all of it can be read by now */
	GZIP_LAST		/* and nothing comes behind it */
};

struct gzip;

/* ERR_NOMEM. */
enum err	gzip_new(struct gzip **out) MUSTCHECK;
void		gzip_free(struct gzip *z);
/* Packs |len| bytes behind what is in |out|, whose error is the caller's. */
enum err	gzip_add(struct gzip *z, const void *p, size_t len,
		    enum gzip_end end, struct buf *out) MUSTCHECK;

/*
 * Unpacks |p|, one gzip member of |len| bytes, into |out|.  ERR_FORMAT: it is
 * damaged, or what it holds is not |out_len| bytes; ERR_NOMEM.
 */
enum err	gzip_unpack(const void *p, size_t len, void *out,
		    size_t out_len) MUSTCHECK;

#endif
