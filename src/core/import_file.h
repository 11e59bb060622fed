/*
 * import_file - a CSV file of people: what its columns mean, and what each
 * row says, field by field, with words for what is wrong.  No I/O: rows come
 * from core/csv_rows, and go to whoever stages them.
 */
#ifndef IMPORT_FILE_H
#define IMPORT_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "csv_rows.h"
#include "csv_text.h"
#include "err.h"
#include "person_field.h"

#define IMPORT_PREVIEW_ROWS	5
#define IMPORT_NAME_MAX		200	/* bytes of a column's name */
#define IMPORT_SKIP		(-1)	/* a column that nobody wants */
/* Problems of one row, as JSON. */
#define IMPORT_PROBLEMS_MAX	65536

/* Names as the head has them ("Column 3" where it has none), and what each
 * column is: an enum person_field or IMPORT_SKIP. */
struct import_map {
	size_t	n;
	char	name[CSV_CELLS_MAX][IMPORT_NAME_MAX + 1];
	int8_t	field[CSV_CELLS_MAX];
};

/* What a row says. */
struct import_line {
	char		field[PERSON_FIELDS][PERSON_FIELD_MAX + 1];
	bool		is_error;
	struct buf	problems;	/* JSON array, or empty */
};

/* What a file looks like; see import_look(). */
struct import_look {
	enum csv_encoding	encoding;
	char			delimiter;
	struct import_map	map;
	json_t			*preview;	/* rows behind the head; owned */
};

/* The head row: names, and fields by what the names usually mean. */
void		import_map_head(struct import_map *m,
		    const struct csv_row *row);
/*
 * {"column": "field" or null}: columns that are not named keep what they are.
 * ERR_FORMAT: |*why| (static) says what is wrong.
 */
enum err	import_map_set(struct import_map *m, const json_t *o,
		    const char **why) MUSTCHECK;
/* {"column": "field" or null} of all; NULL: no memory.  The caller's. */
json_t		*import_map_json(const struct import_map *m);
/* ["column", ...]; as above. */
json_t		*import_map_names(const struct import_map *m);
/* Back from both; ERR_FORMAT. */
enum err	import_map_load(struct import_map *m, const json_t *names,
		    const json_t *mapping) MUSTCHECK;

/* |out| is initialised once and used for row after row. */
void		import_line_init(struct import_line *out);
void		import_line_clear(struct import_line *out);
/* |cc|: the default country code. */
void		import_line_read(const struct import_map *m, const char *cc,
		    const struct csv_row *row, struct import_line *out);

/*
 * Encoding, delimiter, columns and first rows by the beginning |p| of a file;
 * |encoding| and |delimiter| (NULL, 0: as it looks) are believed.  ERR_FORMAT:
 * there is no head row; those of csv_rows.  The caller frees |out->preview|.
 */
enum err	import_look(const void *p, size_t len,
		    const enum csv_encoding *encoding, char delimiter,
		    struct import_look *out) MUSTCHECK;

#endif
