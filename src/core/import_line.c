/*
 * import_line - what a row says of a person; see import_file.h.  Owns the
 * words about what spreadsheets do to numbers.
 */
#include <string.h>

#include "import_file.h"
#include "str.h"

/* A value is shown as far as this in a problem. */
#define IMPORT_SHOWN_MAX	100
/* Digits of a number with its country code but without "+". */
#define IMPORT_LOST_PLUS_MIN	11
#define IMPORT_NATIONAL_MIN	10

/* A problem that is about to be written down. */
struct import_trouble {
	const char	*column;
	struct csv_cell	 value;
	const char	*problem;
	const char	*fix;
	bool		 is_warning;
};

static void	import_cell(const struct import_map *m, size_t i,
		    const char *cc, struct csv_cell c,
		    struct import_line *out);
static void	import_mobile(const char *column, const char *cc,
		    struct csv_cell c, struct import_line *out);
static void	import_say(struct import_line *out,
		    const struct import_trouble *t);
static bool	import_is_float(struct csv_cell c);
static bool	import_is_unreadable(struct csv_cell c);
static size_t	import_digits(struct csv_cell c);

void
import_line_init(struct import_line *out)
{
	memset(out, 0, sizeof(*out));
	buf_init(&out->problems, IMPORT_PROBLEMS_MAX);
}

void
import_line_clear(struct import_line *out)
{
	buf_clear(&out->problems);
}

void
import_line_read(const struct import_map *m, const char *cc,
    const struct csv_row *row, struct import_line *out)
{
	const struct import_trouble	more = { .column = "",
	    .problem = "The row has more values than there are columns.",
	    .fix = "Put a value with the delimiter in it between quotes." };
	size_t				i;
	int				f;

	for (f = 0; f < PERSON_FIELDS; f++)
		out->field[f][0] = '\0';
	buf_reset(&out->problems);
	out->is_error = false;
	for (i = 0; i < row->n && i < m->n; i++)
		if (m->field[i] != IMPORT_SKIP && row->cells[i].len > 0)
			import_cell(m, i, cc, row->cells[i], out);
	for (i = m->n; i < row->n; i++)
		if (row->cells[i].len > 0) {
			import_say(out, &more);
			break;
		}
	if (out->problems.len > 0)
		buf_char(&out->problems, ']');
	/* Too much to say: what was said is not JSON any more. */
	if (buf_err(&out->problems) != ERR_OK) {
		buf_reset(&out->problems);
		out->is_error = true;
	}
}

static void
import_cell(const struct import_map *m, size_t i, const char *cc,
    struct csv_cell c, struct import_line *out)
{
	enum person_field	f = (enum person_field)m->field[i];
	struct import_trouble	t = { .column = m->name[i], .value = c };

	/* What makes a formula harmless, in an export of ours too. */
	if (c.len > 1 && c.s[0] == '\'' && c.s[1] != '\0' &&
	    strchr("=+-@\t\r", c.s[1]) != NULL) {
		c.s++;
		c.len--;
	}
	if (import_is_unreadable(c)) {
		t.problem = "There are characters that cannot be read.";
		t.fix = "Save the file as UTF-8, or choose its encoding.";
		import_say(out, &t);
	} else if ((f == PERSON_MOBILE || f == PERSON_EMP_ID) &&
	    import_is_float(c)) {
		t.problem = "A spreadsheet has rounded this number.";
		t.fix = "Format the column as text, and enter the number "
		    "again.";
		import_say(out, &t);
	} else if (f == PERSON_MOBILE)
		import_mobile(m->name[i], cc, c, out);
	else if (person_field_normalise(f, c.s, c.len, cc, out->field[f]) !=
	    ERR_OK) {
		out->field[f][0] = '\0';
		t.problem = "This is not what the field takes.";
		t.fix = person_field_rule(f);
		import_say(out, &t);
	}
}

/* A spreadsheet takes a number for a number: "+" and zeros in front go. */
static void
import_mobile(const char *column, const char *cc, struct csv_cell c,
    struct import_line *out)
{
	struct import_trouble	t = { .column = column, .value = c };
	char			text[32] = "+";
	char			*to = out->field[PERSON_MOBILE];
	size_t			n = import_digits(c), cc_len = strlen(cc);

	if (n >= IMPORT_LOST_PLUS_MIN && n == c.len && n < sizeof(text) - 2 &&
	    c.s[0] != '0' && strncmp(c.s, cc, cc_len) == 0) {
		memcpy(text + 1, c.s, n);
		if (person_field_normalise(PERSON_MOBILE, text, n + 1, cc,
		    to) == ERR_OK) {
			t.problem = "The + in front was lost; read with it.";
			t.fix = "Format the column as text.";
			t.is_warning = true;
			import_say(out, &t);
			return;
		}
	}
	if (person_field_normalise(PERSON_MOBILE, c.s, c.len, cc, to) !=
	    ERR_OK) {
		to[0] = '\0';
		t.problem = "This is not a mobile number.";
		t.fix = "Write it with + and the country code, as text.";
		import_say(out, &t);
	} else if (n == c.len && n < IMPORT_NATIONAL_MIN) {
		t.problem = "This is short for a mobile number; zeros in "
		    "front may have been lost.";
		t.fix = "Format the column as text, and look at the number.";
		t.is_warning = true;
		import_say(out, &t);
	}
}

static void
import_say(struct import_line *out, const struct import_trouble *t)
{
	struct buf	*b = &out->problems;
	size_t		 len = t->value.len;

	if (len > IMPORT_SHOWN_MAX)
		for (len = IMPORT_SHOWN_MAX; len > 0 &&
		    ((uint8_t)t->value.s[len] & 0xc0) == 0x80; len--)
			;
	out->is_error |= !t->is_warning;
	buf_str(b, b->len == 0 ? "[{\"column\":" : ",{\"column\":");
	buf_json(b, t->column, strlen(t->column));
	buf_str(b, ",\"value\":");
	buf_json(b, len > 0 ? t->value.s : "", len);
	buf_str(b, ",\"problem\":");
	buf_json(b, t->problem, strlen(t->problem));
	buf_str(b, ",\"fix\":");
	buf_json(b, t->fix, strlen(t->fix));
	buf_str(b, t->is_warning ? ",\"severity\":\"warning\"}" :
	    ",\"severity\":\"error\"}");
}

/* 9.19E+11 */
static bool
import_is_float(struct csv_cell c)
{
	size_t	i, e = 0;

	for (i = 0; i < c.len; i++) {
		if ((c.s[i] == 'E' || c.s[i] == 'e') && e == 0 && i > 0)
			e = i;
		else if (c.s[i] == '+' && e != 0 && i == e + 1)
			continue;
		else if (c.s[i] == '.' || c.s[i] == ',') {
			if (e != 0)
				return (false);
		} else if (c.s[i] < '0' || c.s[i] > '9')
			return (false);
	}
	/* 12E5 may well be an employee's. */
	return (e != 0 && e + 2 < c.len && c.s[e + 1] == '+');
}

static bool
import_is_unreadable(struct csv_cell c)
{
	size_t	i;

	for (i = 0; i + 2 < c.len; i++)
		if (memcmp(c.s + i, CSV_UNREADABLE, 3) == 0)
			return (true);
	return (false);
}

static size_t
import_digits(struct csv_cell c)
{
	size_t	n = 0;

	while (n < c.len && c.s[n] >= '0' && c.s[n] <= '9')
		n++;
	return (n);
}
