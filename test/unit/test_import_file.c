/*
 * test_import_file - columns by their names, values in their one form, and
 * what is said of those that are not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "import_file.h"

static void	head_guesses(void **state);
static void	map_set(void **state);
static void	field_table(void **state);
static void	line_table(void **state);
static void	look(void **state);
static void	test_row(struct csv_row *row, const char *text);

/* "a|b" as a row; borrowed. */
static void
test_row(struct csv_row *row, const char *text)
{
	const char	*bar;

	memset(row, 0, sizeof(*row));
	row->no = 2;
	for (;;) {
		bar = strchr(text, '|');
		row->cells[row->n].s = text;
		row->cells[row->n++].len = bar != NULL ? (size_t)(bar - text) :
		    strlen(text);
		if (bar == NULL)
			return;
		text = bar + 1;
	}
}

static void
head_guesses(void **state)
{
	struct import_map	m, again;
	struct csv_row		row;
	json_t			*names, *o;

	(void)state;
	test_row(&row, "Full Name|E-MAIL|Phone|Mobile||emp_id|Notes|Notes|MFA");
	import_map_head(&m, &row);
	assert_int_equal(m.n, 9);
	assert_int_equal(m.field[0], PERSON_NAME);
	assert_int_equal(m.field[1], PERSON_EMAIL);
	assert_int_equal(m.field[2], PERSON_MOBILE);
	assert_int_equal(m.field[3], IMPORT_SKIP);	/* the second one */
	assert_string_equal(m.name[4], "Column 5");
	assert_int_equal(m.field[5], PERSON_EMP_ID);
	assert_string_equal(m.name[7], "Notes (2)");
	assert_int_equal(m.field[8], PERSON_MFA);
	names = import_map_names(&m);
	o = import_map_json(&m);
	assert_int_equal(import_map_load(&again, names, o), ERR_OK);
	assert_memory_equal(&m, &again, sizeof(m));
	assert_int_equal(import_map_load(&again, o, names), ERR_FORMAT);
	json_decref(names);
	json_decref(o);
}

static void
map_set(void **state)
{
	static const struct {
		const char	*in;
		enum err	 want;
	} t[] = {
		{ "{}", ERR_OK }, { "{\"b\":\"name\"}", ERR_FORMAT },
		{ "{\"b\":\"email\"}", ERR_OK },
		{ "{\"b\":\"name\",\"name\":null}", ERR_OK },
		{ "{\"c\":\"email\"}", ERR_FORMAT },
		{ "{\"b\":\"is_admin\"}", ERR_FORMAT },
		{ "{\"b\":1}", ERR_FORMAT },
	};
	struct import_map	m;
	struct csv_row		row;
	const char		*why;
	json_t			*o;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		test_row(&row, "name|b");
		import_map_head(&m, &row);
		o = json_loads(t[i].in, 0, NULL);
		why = NULL;
		if (import_map_set(&m, o, &why) != t[i].want ||
		    (why == NULL) != (t[i].want == ERR_OK))
			fail_msg("%s", t[i].in);
		json_decref(o);
	}
}

static void
field_table(void **state)
{
	static const struct {
		enum person_field	 f;
		const char		*in;
		const char		*want;		/* NULL: refused */
	} t[] = {
		{ PERSON_NAME, "  Asha \t", "Asha" },
		{ PERSON_NAME, "\xef\xbc\xa1sha", "Asha" },	/* wide A */
		{ PERSON_NAME, "\xe3\x80\x80", NULL },		/* wide blank */
		{ PERSON_NAME, "a\x01", NULL },
		{ PERSON_NAME, "a\xc2\x85", NULL },
		{ PERSON_NAME, "a\xff", NULL },
		{ PERSON_EMAIL, " A@B.c ", "a@b.c" },
		{ PERSON_EMAIL, "a", NULL },
		{ PERSON_MOBILE, "098765 43210", "+919876543210" },
		{ PERSON_EMP_ID, " 007 ", "007" },
		{ PERSON_LANGUAGE, "hi-IN", "hi-IN" },
		{ PERSON_LANGUAGE, "h", NULL }, { PERSON_LANGUAGE, "h1", NULL },
		{ PERSON_LANGUAGE, "en-", NULL },
		{ PERSON_LANGUAGE, "a-b-c-d-e-f", NULL },
		{ PERSON_CARRIER, "ATT_1.x-", "att_1.x-" },
		{ PERSON_CARRIER, "a b", NULL },
		{ PERSON_STATUS, "Active", "active" },
		{ PERSON_STATUS, "0", "disabled" },
		{ PERSON_STATUS, "maybe", NULL },
		{ PERSON_MFA, "YES", "true" }, { PERSON_MFA, "off", "false" },
		{ PERSON_MFA, "2", NULL },
		{ PERSON_MFA, "", "" }, { PERSON_NAME, "   ", "" },
	};
	char	out[PERSON_FIELD_MAX + 1];
	size_t	i;
	enum err r;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		r = person_field_normalise(t[i].f, t[i].in, strlen(t[i].in),
		    "91", out);
		if ((r == ERR_OK) != (t[i].want != NULL) ||
		    (r == ERR_OK && strcmp(out, t[i].want) != 0))
			fail_msg("%zu: %s", i, out);
	}
}

static void
line_table(void **state)
{
	static const struct {
		const char	*in;		/* name|mobile|emp_id */
		const char	*mobile;
		bool		 is_error;
		const char	*says;		/* in the problems; NULL: none */
	} t[] = {
		{ "A|+919876543210|1", "+919876543210", false, NULL },
		{ "A|9876543210|1", "+919876543210", false, NULL },
		{ "A|919876543210|1", "+919876543210", false, "was lost" },
		{ "A|9.19E+11|1", "", true, "rounded" },
		{ "A|9,19e+11|1", "", true, "rounded" },
		{ "A|98765432|1", "+9198765432", false, "zeros in" },
		{ "A|'+919876543210|1", "+919876543210", false, NULL },
		{ "A|12|1", "", true, "not a mobile number" },
		{ "A||12E5", "", false, NULL },
		{ "A||1.2E+05", "", true, "rounded" },
		{ "A||" CSV_UNREADABLE, "", true, "cannot be read" },
		{ "A||1|", "", false, NULL },
		{ "A||1|x", "", true, "more values" },
		{ "A", "", false, NULL },
		{ "A\x01|x|", "", true, "not what the field takes" },
	};
	struct import_map	m;
	struct import_line	line;
	struct csv_row		row;
	json_t			*o;
	size_t			i;

	(void)state;
	test_row(&row, "name|mobile|emp_id");
	import_map_head(&m, &row);
	import_line_init(&line);
	for (i = 0; i < COUNT(t); i++) {
		test_row(&row, t[i].in);
		import_line_read(&m, "91", &row, &line);
		if (strcmp(line.field[PERSON_MOBILE], t[i].mobile) != 0 ||
		    line.is_error != t[i].is_error ||
		    (line.problems.len > 0) != (t[i].says != NULL) ||
		    (t[i].says != NULL &&
		    strstr(line.problems.data, t[i].says) == NULL))
			fail_msg("%s: %s %s", t[i].in,
			    line.field[PERSON_MOBILE], line.problems.data);
		if (line.problems.len == 0)
			continue;
		o = json_loads(line.problems.data, 0, NULL);
		assert_true(json_is_array(o));
		json_decref(o);
	}
	import_line_clear(&line);
}

static void
look(void **state)
{
	static const char	 csv[] = "\xef\xbb\xbfname;mail\nA;a@b.c\nB;\n";
	struct import_look	 l;

	(void)state;
	assert_int_equal(import_look(csv, sizeof(csv) - 1, NULL, 0, &l),
	    ERR_OK);
	assert_int_equal(l.delimiter, ';');
	assert_int_equal(l.map.n, 2);
	assert_string_equal(l.map.name[0], "name");
	assert_int_equal(json_array_size(l.preview), 2);
	json_decref(l.preview);
	assert_int_equal(import_look("\n\n", 2, NULL, 0, &l), ERR_FORMAT);
	json_decref(l.preview);
	assert_int_equal(import_look("\"x", 2, NULL, 0, &l), ERR_TOO_LONG);
	json_decref(l.preview);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(head_guesses),
		cmocka_unit_test(map_set),
		cmocka_unit_test(field_table),
		cmocka_unit_test(line_table),
		cmocka_unit_test(look),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
