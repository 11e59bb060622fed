/*
 * gzfile - a gzip file that is written or read from its beginning to its end.
 * Blocks: for command line tools.  The format's own checksum is verified.
 */
#ifndef GZFILE_H
#define GZFILE_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

struct gzfile;

/*
 * A new file of mode 0600 beside |path| ("path.new"); it takes the name when
 * gzfile_finish() says that all of it is there.  ERR_IO: errno.
 */
enum err	gzfile_create(const char *path, struct gzfile **out) MUSTCHECK;
enum err	gzfile_open(const char *path, struct gzfile **out) MUSTCHECK;
enum err	gzfile_add(struct gzfile *f, const void *p, size_t len)
		    MUSTCHECK;
/*
 * The next line, with its line end, into |line| (emptied first).
 * ERR_NOT_FOUND: the end; ERR_FORMAT: damaged or cut off; ERR_SPACE.
 */
enum err	gzfile_line(struct gzfile *f, struct buf *line) MUSTCHECK;
/* On disk, under its name.  |*bytes|: its size. */
enum err	gzfile_finish(struct gzfile *f, long long *bytes) MUSTCHECK;
/* Closes; a new file that was not finished is removed.  |f| may be NULL. */
void		gzfile_close(struct gzfile *f);

#endif
