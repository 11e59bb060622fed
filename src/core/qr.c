/*
 * qr - see qr.h.  The matrix is libqrencode's.
 */
#include "qr.h"

#include <qrencode.h>
#include <string.h>

#define QR_QUIET	4	/* modules: ISO/IEC 18004 */

static void	qr_row(const unsigned char *row, int width, int y,
		    struct buf *out);

enum err
qr_svg(const char *text, struct buf *out)
{
	QRcode	*q;
	int	 y, side;

	if (strlen(text) > QR_TEXT_MAX)
		return (ERR_TOO_LONG);
	if ((q = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1)) ==
	    NULL)
		return (ERR_NOMEM);
	side = q->width + 2 * QR_QUIET;
	buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
	    "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", side, side,
	    side, side);
	for (y = 0; y < q->width; y++)
		qr_row(q->data + y * q->width, q->width, y + QR_QUIET, out);
	buf_str(out, "\"/></svg>");
	QRcode_free(q);
	return (buf_err(out));
}

/* One rectangle for each run of dark modules. */
static void
qr_row(const unsigned char *row, int width, int y, struct buf *out)
{
	int	x, end;

	for (x = 0; x < width; x = end + 1) {
		for (end = x; end < width && (row[end] & 1) != 0; end++)
			continue;
		if (end > x)
			buf_printf(out, "M%d %dh%dv1h-%dz", x + QR_QUIET, y,
			    end - x, end - x);
	}
}
