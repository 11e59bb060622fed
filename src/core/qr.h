/*
 * qr - a text as a QR code, drawn as SVG: no image library, sharp at any size.
 */
#ifndef QR_H
#define QR_H

#include "buf.h"
#include "err.h"

#define QR_TEXT_MAX	1000	/* bytes */

/*
 * Appends an <svg> of |text| (UTF-8, at most QR_TEXT_MAX), with the quiet zone
 * that scanners want.  ERR_TOO_LONG, ERR_NOMEM.
 */
enum err	qr_svg(const char *text, struct buf *out) MUSTCHECK;

#endif
