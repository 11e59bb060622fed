/*
 * test_conf_text - variables, conditions and lists of kore.conf.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "conf_text.h"

static void	conf_table(void **state);
static void	conf_bad_table(void **state);
static void	conf_too_long(void **state);

static const struct conf_var	conf_vars[] = {
	{ "A", "alpha" }, { "B", "b" }, { "ON", "on" }, { "OFF", "" },
	{ NULL, NULL }
};

struct conf_case {
	const char	*text;
	const char	*want;
};

static void
conf_table(void **state)
{
	static const struct conf_case	table[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "plain", "plain\n" },
		{ "plain\n", "plain\n" },
		{ "\t  indented x\n", "indented x\n" },
		{ "# comment ${NOPE}\n  # another\nx\n", "x\n" },
		{ "${A}", "alpha\n" },
		{ "a${A}b${B}c", "aalphabbc\n" },
		{ "x ${OFF}y", "x y\n" },
		/* A regular expression's end, and a lone dollar. */
		{ "route ^/a$ f\n", "route ^/a$ f\n" },
		{ "v ^.{1,2}$\n", "v ^.{1,2}$\n" },
		{ "$", "$\n" },
		{ "@if ON\nx\n@end\ny\n", "x\ny\n" },
		{ "@if OFF\nx\n@end\ny\n", "y\n" },
		/* What is left out is not looked up. */
		{ "@if OFF\n${NOPE}\n@use nope\n@end\n", "" },
		{ "@if ON\n@if OFF\nx\n@end\ny\n@end\n", "y\n" },
		{ "@if OFF\n@if ON\nx\n@end\ny\n@end\nz", "z\n" },
		{ "@list l\na ${A}\nb\n@end\n@use l\n-\n@use l\n",
		    "a alpha\nb\n-\na alpha\nb\n" },
		{ "@list l\n@end\n@use l\n", "" },
		{ "@list l\nx\n@end\n@if ON\n\t@use l\n@end\n", "x\n" },
		{ "@list l\nx\n@end\n@list m\ny\n@end\n@use m\n@use l\n",
		    "y\nx\n" },
	};
	struct buf	out;
	size_t		i;
	int		line;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		buf_init(&out, CONF_TEXT_MAX_LEN);
		assert_int_equal(conf_text_expand(table[i].text,
		    strlen(table[i].text), conf_vars, &out, &line), ERR_OK);
		assert_string_equal(out.len > 0 ? out.data : "",
		    table[i].want);
		buf_clear(&out);
	}
}

static void
conf_bad_table(void **state)
{
	static const struct {
		const char	*text;
		int		 line;
	} table[] = {
		{ "x\n${NOPE}\n", 2 },
		{ "${A", 1 },
		{ "${}", 1 },
		{ "${a}", 1 },
		{ "@", 1 },
		{ "@nope\n", 1 },
		{ "@end\n", 1 },
		{ "@end x\n", 1 },
		{ "@if\n@end\n", 1 },
		{ "@if NOPE\n@end\n", 1 },
		{ "@if ON ON\n@end\n", 1 },
		{ "@if ON\nx\n", 3 },
		{ "@list l\nx\n", 3 },
		{ "@list l\n@list m\n@end\n@end\n", 2 },
		{ "@if ON\n@list l\n@end\n@end\n", 2 },
		{ "@list l\n@if ON\n@end\n@end\n", 2 },
		{ "@list l\n@use l\n@end\n", 2 },
		{ "x\n@use l\n", 2 },
		{ "@if ON\n@if ON\n@if ON\n@if ON\n@if ON\n", 5 },
		{ "@list abcdefghijklmnopqrstuvwxyz0123456789\n@end\n", 1 },
	};
	struct buf	out;
	size_t		i;
	int		line;

	(void)state;
	for (i = 0; i < COUNT(table); i++) {
		buf_init(&out, CONF_TEXT_MAX_LEN);
		assert_int_equal(conf_text_expand(table[i].text,
		    strlen(table[i].text), conf_vars, &out, &line),
		    ERR_FORMAT);
		assert_int_equal(line, table[i].line);
		buf_clear(&out);
	}
}

static void
conf_too_long(void **state)
{
	struct buf	out;
	int		line;

	(void)state;
	buf_init(&out, 8);
	assert_int_equal(conf_text_expand("0123456789", 10, conf_vars, &out,
	    &line), ERR_SPACE);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(conf_table),
		cmocka_unit_test(conf_bad_table),
		cmocka_unit_test(conf_too_long),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
