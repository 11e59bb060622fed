/*
 * csv_text - the bytes of a file that a spreadsheet wrote, as UTF-8: which
 * encoding and which delimiter it has, and its text piece by piece.
 */
#ifndef CSV_TEXT_H
#define CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

enum csv_encoding {
	CSV_UTF8,
	CSV_UTF16LE,
	CSV_UTF16BE,
	CSV_WINDOWS_1252,
	CSV_ENCODINGS
};

/* What stands for a byte that is no character, and for NUL: U+FFFD. */
#define CSV_UNREADABLE	"\xef\xbf\xbd"

/* One UTF-8 character and a UTF-16 pair are four bytes. */
struct csv_text {
	enum csv_encoding	encoding;
	uint8_t			carry[4];	/* a character's first bytes */
	size_t			n_carry;
	bool			has_begun;	/* past the byte order mark */
};

/* "utf-8", "utf-16le", "utf-16be", "windows-1252"; static. */
const char	*csv_encoding_name(enum csv_encoding e);
/* ERR_NOT_FOUND. */
enum err	 csv_encoding_parse(const char *s, enum csv_encoding *out)
		    MUSTCHECK;
/* By the byte order mark, by zeros between, by what is well-formed UTF-8; the
 * end of |p| may lie within a character. */
enum csv_encoding	csv_encoding_detect(const void *p, size_t len);
/* Of ",", ";", tab and "|" the one that the first lines of |s| (UTF-8) have
 * most, outside of quotes; "," when there is none. */
char		 csv_delimiter_detect(const char *s, size_t len);

void		 csv_text_init(struct csv_text *t, enum csv_encoding e);
/*
 * Appends the text of |len| more bytes to |out|, at most three times as long
 * and six; |is_last|: nothing comes after them.  Errors of |out|.
 */
enum err	 csv_text_feed(struct csv_text *t, const void *p, size_t len,
		    bool is_last, struct buf *out) MUSTCHECK;

#endif
