/*
 * fuzz_csv - a file of people as anybody may upload it: the first byte says
 * where it is cut.  However it is cut, the same rows come out; each cell is
 * UTF-8 without NUL, and each list of problems is JSON.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "import_file.h"
#include "str.h"

struct fuzz_file {
	struct import_map	map;
	struct import_line	line;
	struct sha256		*hash;
	int			 n;
};

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static enum err	fuzz_row(void *arg, const struct csv_row *row);
static enum err	fuzz_read(const struct import_look *look,
		    const uint8_t *data, size_t len, size_t cut,
		    uint8_t hash[SHA256_LEN]);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct import_look	look;
	uint8_t			whole[SHA256_LEN], cut[SHA256_LEN];
	enum err		r;

	if (len < 2)
		return (0);
	r = import_look(data + 1, len - 1, NULL, 0, &look);
	if (r == ERR_OK) {
		r = fuzz_read(&look, data + 1, len - 1, len, whole);
		if (fuzz_read(&look, data + 1, len - 1,
		    (size_t)data[0] + 1, cut) != r)
			abort();
		if (r == ERR_OK && memcmp(whole, cut, sizeof(cut)) != 0)
			abort();
	}
	json_decref(look.preview);
	return (0);
}

static enum err
fuzz_read(const struct import_look *look, const uint8_t *data, size_t len,
    size_t cut, uint8_t hash[SHA256_LEN])
{
	struct fuzz_file	 f = { .map = look->map };
	struct csv_text		 text;
	struct csv_rows		*rows;
	struct buf		 utf8;
	size_t			 n;
	enum err		 r = ERR_OK;

	import_line_init(&f.line);
	csv_text_init(&text, look->encoding);
	if (sha256_new(&f.hash) != ERR_OK || csv_rows_new(look->delimiter,
	    fuzz_row, &f, &rows) != ERR_OK)
		abort();
	buf_init(&utf8, 3 * len + 16);
	for (; r == ERR_OK && len > 0; data += n, len -= n) {
		n = len < cut ? len : cut;
		buf_reset(&utf8);
		if (csv_text_feed(&text, data, n, n == len, &utf8) != ERR_OK)
			abort();
		r = csv_rows_feed(rows, utf8.len > 0 ? utf8.data : "",
		    utf8.len);
	}
	if (r == ERR_OK)
		r = csv_rows_end(rows);
	sha256_end(f.hash, hash);
	csv_rows_free(rows);
	sha256_free(f.hash);
	import_line_clear(&f.line);
	buf_clear(&utf8);
	return (r);
}

static enum err
fuzz_row(void *arg, const struct csv_row *row)
{
	struct fuzz_file	*f = arg;
	json_t			*o;
	size_t			 i;

	if (row->n > CSV_CELLS_MAX || row->no != ++f->n)
		abort();
	for (i = 0; i < row->n; i++) {
		if (!str_is_utf8(row->cells[i].s, row->cells[i].len))
			abort();
		sha256_add(f->hash, row->cells[i].s, row->cells[i].len);
		sha256_add(f->hash, "|", 1);
	}
	sha256_add(f->hash, "\n", 1);
	import_line_read(&f->map, "91", row, &f->line);
	if (f->line.problems.len > 0) {
		if ((o = json_loadb(f->line.problems.data,
		    f->line.problems.len, 0, NULL)) == NULL)
			abort();
		json_decref(o);
	}
	return (ERR_OK);
}
