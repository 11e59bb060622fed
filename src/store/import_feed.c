/*
 * import_feed - see import_feed.h.
 */
#include "import_feed.h"

#include <string.h>

#include "db_array.h"
#include "mem.h"
#include "str.h"

/* What 64 KiB of a file can become: each byte a cell of JSON. */
#define FEED_ARRAY_MAX	(64 * 1024 * 1024)

/* Columns of import_stage: cells, the fields, problems. */
enum feed_column {
	FEED_CELLS,
	FEED_FIELDS,
	FEED_PROBLEMS = FEED_FIELDS + PERSON_FIELDS,
	FEED_COLUMNS
};

struct import_feed {
	struct import_map	 map;
	struct csv_text		 text;
	struct csv_rows		*rows;
	struct import_line	 line;
	struct sha256		*hash;
	char			 cc[4];
	struct buf		 utf8;
	struct buf		 cells;			/* of one row */
	struct db_array		 column[FEED_COLUMNS];
	struct db_array		 is_error;
	int32_t			 first;			/* number of row 0 */
	size_t			 n;			/* rows waiting */
	int64_t			 done;			/* bytes fed */
};

static enum err	feed_row(void *arg, const struct csv_row *row);
static void	feed_cells(struct import_feed *f, const struct csv_row *row);

enum err
import_feed_new(const struct import_feed_how *how, struct import_feed **out)
{
	struct import_feed	*f;
	enum err		 r;
	int			 i;

	*out = NULL;
	if ((f = mem_new(sizeof(*f))) == NULL)
		return (ERR_NOMEM);
	f->map = *how->map;
	csv_text_init(&f->text, how->encoding);
	import_line_init(&f->line);
	buf_init(&f->utf8, 3 * IMPORT_FEED_BYTES + 16);
	buf_init(&f->cells, 8 * CSV_ROW_MAX);
	for (i = 0; i < FEED_COLUMNS; i++)
		db_array_init(&f->column[i], DB_ARRAY_TEXT, FEED_ARRAY_MAX);
	db_array_init(&f->is_error, DB_ARRAY_BOOL, FEED_ARRAY_MAX);
	if ((r = str_copy(f->cc, sizeof(f->cc), how->cc,
	    strlen(how->cc))) != ERR_OK ||
	    (r = sha256_new(&f->hash)) != ERR_OK ||
	    (r = csv_rows_new(how->delimiter, feed_row, f, &f->rows)) !=
	    ERR_OK) {
		import_feed_free(f);
		return (r);
	}
	*out = f;
	return (ERR_OK);
}

void
import_feed_free(struct import_feed *f)
{
	int	i;

	if (f == NULL)
		return;
	csv_rows_free(f->rows);
	import_line_clear(&f->line);
	sha256_free(f->hash);
	buf_clear(&f->utf8);
	buf_clear(&f->cells);
	for (i = 0; i < FEED_COLUMNS; i++)
		db_array_clear(&f->column[i]);
	db_array_clear(&f->is_error);
	mem_free(f);
}

enum err
import_feed_bytes(struct import_feed *f, const void *p, size_t len,
    bool is_last)
{
	enum err	r;

	if (len > IMPORT_FEED_BYTES)
		return (ERR_RANGE);
	sha256_add(f->hash, p, len);
	f->done += (int64_t)len;
	buf_reset(&f->utf8);
	if ((r = csv_text_feed(&f->text, p, len, is_last, &f->utf8)) !=
	    ERR_OK)
		return (r);
	if (f->utf8.len > 0 && (r = csv_rows_feed(f->rows, f->utf8.data,
	    f->utf8.len)) != ERR_OK)
		return (r);
	return (is_last ? csv_rows_end(f->rows) : ERR_OK);
}

size_t
import_feed_waiting(const struct import_feed *f)
{
	return (f->n);
}

void
import_feed_stage(struct import_feed *f, const struct uuid *import,
    const struct uuid *run, struct db_params *p)
{
	int	i;

	db_uuid(p, import);
	db_uuid(p, run);
	db_i32(p, f->first);
	for (i = 0; i < FEED_COLUMNS; i++) {
		db_array_param(&f->column[i], p);
		db_array_reset(&f->column[i]);
	}
	db_array_param(&f->is_error, p);
	db_array_reset(&f->is_error);
	db_i64(p, f->done);
	f->n = 0;
}

void
import_feed_hash(struct import_feed *f, uint8_t out[SHA256_LEN])
{
	sha256_end(f->hash, out);
}

void
import_feed_why(const struct import_feed *f, enum err e,
    char out[IMPORT_FEED_WHY_LEN + 1])
{
	const char	*what;
	enum err	 r;

	switch (e) {
	case ERR_TOO_LONG:
		what = "a value or the row is too long, or a quote is never "
		    "closed";
		break;
	case ERR_SPACE:
		what = "there are more than 64 columns";
		break;
	case ERR_RANGE:
		what = "a file has two million rows at most";
		break;
	default:
		what = err_text(e);
		break;
	}
	r = str_printf(out, IMPORT_FEED_WHY_LEN + 1, "Row %d: %s.",
	    (int)csv_rows_no(f->rows), what);
	if (r != ERR_OK)
		out[0] = '\0';
}

/* Row 1 is the head. */
static enum err
feed_row(void *arg, const struct csv_row *row)
{
	struct import_feed	*f = arg;
	struct import_line	*l = &f->line;
	int			 i;

	if (row->no == 1)
		return (ERR_OK);
	if (row->no > IMPORT_FEED_ROWS_MAX + 1)
		return (ERR_RANGE);
	import_line_read(&f->map, f->cc, row, l);
	if (f->n++ == 0)
		f->first = row->no;
	feed_cells(f, row);
	for (i = 0; i < PERSON_FIELDS; i++)
		db_array_text(&f->column[FEED_FIELDS + i],
		    l->field[i][0] != '\0' ? l->field[i] : NULL,
		    strlen(l->field[i]));
	db_array_text(&f->column[FEED_PROBLEMS],
	    l->problems.len > 0 ? l->problems.data : NULL, l->problems.len);
	db_array_bool(&f->is_error, l->is_error);
	return (buf_err(&f->cells));
}

static void
feed_cells(struct import_feed *f, const struct csv_row *row)
{
	size_t	i;

	buf_reset(&f->cells);
	for (i = 0; i < row->n; i++) {
		buf_char(&f->cells, i == 0 ? '[' : ',');
		buf_json(&f->cells, row->cells[i].s, row->cells[i].len);
	}
	buf_str(&f->cells, row->n == 0 ? "[]" : "]");
	db_array_text(&f->column[FEED_CELLS], f->cells.data, f->cells.len);
}
