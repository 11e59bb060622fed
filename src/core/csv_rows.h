/*
 * csv_rows - rows of a CSV text, however it is cut into pieces: RFC 4180 by
 * libcsv, with bounds.  Blank lines are no rows.
 */
#ifndef CSV_ROWS_H
#define CSV_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define CSV_CELLS_MAX	64		/* columns */
#define CSV_CELL_MAX	32768		/* bytes of one value */
#define CSV_ROW_MAX	(256 * 1024)	/* bytes of one row */

struct csv_cell {
	const char	*s;		/* not ended by NUL */
	size_t		 len;
};

struct csv_row {
	int32_t			 no;		/* from 1, the head included */
	size_t			 n;
	struct csv_cell		 cells[CSV_CELLS_MAX];
};

/* A row, valid during the call; anything but ERR_OK ends the reading. */
typedef enum err	(*csv_row_fn)(void *arg, const struct csv_row *row);

struct csv_rows;

enum err	csv_rows_new(char delimiter, csv_row_fn fn, void *arg,
		    struct csv_rows **out) MUSTCHECK;
void		csv_rows_free(struct csv_rows *r);
/*
 * Reads |len| more bytes of UTF-8.  ERR_TOO_LONG: a value or a row beyond the
 * bounds, or a quoted value without an end (also at the end); ERR_SPACE: too
 * many columns; ERR_NOMEM; or what the row function returned.
 */
enum err	csv_rows_feed(struct csv_rows *r, const char *s, size_t len)
		    MUSTCHECK;
/* The text is at its end: the last row, if its line has none. */
enum err	csv_rows_end(struct csv_rows *r) MUSTCHECK;
/* The row that is being read, for messages. */
int32_t		csv_rows_no(const struct csv_rows *r);

#endif
