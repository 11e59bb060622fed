/*
 * import_look - what a file looks like by its beginning; see import_file.h.
 */
#include <string.h>

#include "import_file.h"

/* The first rows of any sensible file lie in this. */
#define LOOK_BYTES	65536

static enum err	import_look_row(void *arg, const struct csv_row *row);

enum err
import_look(const void *p, size_t len, const enum csv_encoding *encoding,
    char delimiter, struct import_look *out)
{
	struct csv_text	 text;
	struct csv_rows	*rows = NULL;
	struct buf	 utf8;
	enum err	 r;
	bool		 is_whole = len <= LOOK_BYTES;

	memset(out, 0, sizeof(*out));
	if (!is_whole)
		len = LOOK_BYTES;
	out->encoding = encoding != NULL ? *encoding :
	    csv_encoding_detect(p, len);
	buf_init(&utf8, 3 * LOOK_BYTES + 16);
	csv_text_init(&text, out->encoding);
	if ((out->preview = json_array()) == NULL)
		return (ERR_NOMEM);
	if ((r = csv_text_feed(&text, p, len, is_whole, &utf8)) != ERR_OK)
		goto done;
	out->delimiter = delimiter != 0 ? delimiter :
	    csv_delimiter_detect(utf8.data, utf8.len);
	if ((r = csv_rows_new(out->delimiter, import_look_row, out, &rows)) !=
	    ERR_OK)
		goto done;
	r = csv_rows_feed(rows, utf8.data != NULL ? utf8.data : "", utf8.len);
	if (r == ERR_OK && is_whole)
		r = csv_rows_end(rows);
	if (r == ERR_EXISTS)		/* seen enough */
		r = ERR_OK;
	if (r == ERR_OK && out->map.n == 0)
		r = ERR_FORMAT;
done:
	csv_rows_free(rows);
	buf_clear(&utf8);
	return (r);
}

static enum err
import_look_row(void *arg, const struct csv_row *row)
{
	struct import_look	*look = arg;
	json_t			*a;
	size_t			 i;

	if (row->no == 1) {
		import_map_head(&look->map, row);
		return (ERR_OK);
	}
	if ((a = json_array()) == NULL)
		return (ERR_NOMEM);
	for (i = 0; i < row->n; i++)
		(void)json_array_append_new(a, json_stringn(row->cells[i].s,
		    row->cells[i].len < 300 ? row->cells[i].len : 0));
	if (json_array_append_new(look->preview, a) != 0)
		return (ERR_NOMEM);
	return (json_array_size(look->preview) == IMPORT_PREVIEW_ROWS ?
	    ERR_EXISTS : ERR_OK);
}
