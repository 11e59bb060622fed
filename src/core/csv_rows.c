/*
 * csv_rows - see csv_rows.h.  libcsv keeps one value and calls back for each;
 * here they become rows, and nothing grows beyond its bound.
 */
#include "csv_rows.h"

#include <csv.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

struct csv_rows {
	struct csv_parser	 parser;
	csv_row_fn		 fn;
	void			*arg;
	struct buf		 text;			/* values, one after
							 * the other */
	size_t			 at[CSV_CELLS_MAX + 1];	/* where each begins */
	size_t			 n;
	int32_t			 no;
	enum err		 err;			/* first one; sticks */
};

static void	csv_rows_cell(void *s, size_t len, void *arg);
static void	csv_rows_row(int c, void *arg);
static enum err	csv_rows_status(struct csv_rows *r);
static int	csv_rows_no_space(unsigned char c);
static void	*csv_rows_realloc(void *p, size_t len);

enum err
csv_rows_new(char delimiter, csv_row_fn fn, void *arg, struct csv_rows **out)
{
	struct csv_rows	*r;

	*out = NULL;
	if ((r = mem_new(sizeof(*r))) == NULL)
		return (ERR_NOMEM);
	/* Not strict: a quote within a value is a quote (6" pipe). */
	if (csv_init(&r->parser, 0) != 0) {
		mem_free(r);
		return (ERR_NOMEM);
	}
	csv_set_delim(&r->parser, (unsigned char)delimiter);
	csv_set_space_func(&r->parser, csv_rows_no_space);
	csv_set_realloc_func(&r->parser, csv_rows_realloc);
	csv_set_free_func(&r->parser, mem_free);
	r->fn = fn;
	r->arg = arg;
	r->no = 1;
	buf_init(&r->text, CSV_ROW_MAX);
	*out = r;
	return (ERR_OK);
}

void
csv_rows_free(struct csv_rows *r)
{
	if (r == NULL)
		return;
	csv_free(&r->parser);
	buf_clear(&r->text);
	mem_free(r);
}

enum err
csv_rows_feed(struct csv_rows *r, const char *s, size_t len)
{
	if (r->err == ERR_OK && csv_parse(&r->parser, s, len, csv_rows_cell,
	    csv_rows_row, r) != len)
		return (csv_rows_status(r));
	return (r->err);
}

enum err
csv_rows_end(struct csv_rows *r)
{
	/* A quote that is never closed has swallowed the rest of the file. */
	if (r->err == ERR_OK && (csv_set_opts(&r->parser, CSV_STRICT |
	    CSV_STRICT_FINI) != 0 || csv_fini(&r->parser, csv_rows_cell,
	    csv_rows_row, r) != 0))
		return (csv_rows_status(r));
	return (r->err);
}

int32_t
csv_rows_no(const struct csv_rows *r)
{
	return (r->no);
}

static void
csv_rows_cell(void *s, size_t len, void *arg)
{
	struct csv_rows	*r = arg;

	if (r->err != ERR_OK)
		return;
	if (r->n == CSV_CELLS_MAX) {
		r->err = ERR_SPACE;
		return;
	}
	r->at[r->n++] = r->text.len;
	buf_add(&r->text, s, len);
	if (buf_err(&r->text) != ERR_OK)
		r->err = buf_err(&r->text) == ERR_NOMEM ? ERR_NOMEM :
		    ERR_TOO_LONG;
}

static void
csv_rows_row(int c, void *arg)
{
	struct csv_rows	*r = arg;
	struct csv_row	 row;
	size_t		 i;

	(void)c;
	if (r->err != ERR_OK)
		return;
	row.no = r->no;
	row.n = r->n;
	r->at[r->n] = r->text.len;
	for (i = 0; i < r->n; i++) {
		row.cells[i].s = r->text.data != NULL ?
		    r->text.data + r->at[i] : "";
		row.cells[i].len = r->at[i + 1] - r->at[i];
	}
	r->err = r->no == INT32_MAX ? ERR_RANGE : r->fn(r->arg, &row);
	r->no++;
	r->n = 0;
	buf_reset(&r->text);
}

static enum err
csv_rows_status(struct csv_rows *r)
{
	if (r->err == ERR_OK)
		r->err = csv_error(&r->parser) == CSV_ENOMEM ||
		    csv_error(&r->parser) == CSV_EPARSE ? ERR_TOO_LONG :
		    ERR_FORMAT;
	return (r->err);
}

/* RFC 4180 s.2.4: spaces are part of a value. */
static int
csv_rows_no_space(unsigned char c)
{
	(void)c;
	return (0);
}

/* libcsv takes no for an answer, and says CSV_ENOMEM. */
static void *
csv_rows_realloc(void *p, size_t len)
{
	return (len > CSV_CELL_MAX ? NULL : mem_resize(p, len));
}
