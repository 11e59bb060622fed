/*
 * logo - an uploaded picture is what it says, and holds nothing else: PNG is
 * decoded and written anew; of JPEG and WebP the structure is walked and what
 * is no picture (EXIF, XMP, comments, bytes behind the end) is left out.  SVG
 * and everything else is refused.  Knows no request.
 */
#ifndef LOGO_H
#define LOGO_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

#define LOGO_BYTES_MAX	524288	/* as uploaded, and as kept */
#define LOGO_SIDE_MAX	1024	/* pixels */

/* The media type that the first bytes tell, or NULL. */
const char	*logo_type(const void *p, size_t len);
/*
 * Appends the clean picture.  ERR_FORMAT: damaged, or not one of the three;
 * ERR_RANGE: more than LOGO_SIDE_MAX pixels a side, or none; ERR_TOO_LONG:
 * more than LOGO_BYTES_MAX; ERR_NOMEM, ERR_SPACE.
 */
enum err	logo_clean(const void *p, size_t len, struct buf *out)
		    MUSTCHECK;

#endif
