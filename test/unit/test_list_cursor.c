/*
 * test_list_cursor - cursors of lists: what statements make is read back, and
 * nothing else is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "list_cursor.h"

static void	cursor_read(void **state);
static void	cursor_refused(void **state);
static size_t	test_make(uint8_t kind, const uint8_t *bound, const char *key,
		    size_t len, char out[LIST_CURSOR_TEXT_MAX + 8]);

/* As list_cursor() of 0010_people makes it. */
static size_t
test_make(uint8_t kind, const uint8_t *bound, const char *key, size_t len,
    char out[LIST_CURSOR_TEXT_MAX + 8])
{
	uint8_t	raw[LIST_CURSOR_RAW_MAX + 1];
	size_t	i;

	raw[0] = kind;
	memcpy(raw + 1, bound, LIST_CURSOR_BOUND_LEN);
	for (i = 0; i < 16; i++)
		raw[9 + i] = (uint8_t)i;
	memcpy(raw + 25, key, len);
	b64url_encode(raw, 25 + len, out);
	return (strlen(out));
}

static void
cursor_read(void **state)
{
	uint8_t			bound[LIST_CURSOR_BOUND_LEN];
	struct list_cursor	c;
	char			text[LIST_CURSOR_TEXT_MAX + 8];
	size_t			n;

	(void)state;
	list_cursor_bind("users created", 13, bound);
	n = test_make(1, bound, "", 0, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_OK);
	assert_string_equal(c.key, "");
	assert_int_equal(c.id.b[15], 15);
	assert_false(c.is_cut);
	n = test_make(2, bound, "\xc3\xb6zil", 5, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_OK);
	assert_string_equal(c.key, "\xc3\xb6zil");
	assert_true(c.is_cut);
}

static void
cursor_refused(void **state)
{
	uint8_t			bound[LIST_CURSOR_BOUND_LEN];
	uint8_t			other[LIST_CURSOR_BOUND_LEN];
	struct list_cursor	c;
	char			text[LIST_CURSOR_TEXT_MAX + 8];
	size_t			n, i;

	(void)state;
	list_cursor_bind("a", 1, bound);
	list_cursor_bind("b", 1, other);
	n = test_make(1, other, "k", 1, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_CONFLICT);
	n = test_make(3, bound, "k", 1, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_FORMAT);
	n = test_make(1, bound, "\xff", 1, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_FORMAT);
	n = test_make(1, bound, "a\0b", 3, text);
	assert_int_equal(list_cursor_parse(text, n, bound, &c), ERR_FORMAT);
	n = test_make(1, bound, "key", 3, text);
	for (i = 0; i < 33; i++)
		assert_int_not_equal(list_cursor_parse(text, i, bound, &c),
		    ERR_OK);
	assert_int_equal(list_cursor_parse("", 0, bound, &c), ERR_FORMAT);
	assert_int_equal(list_cursor_parse("!!!!", 4, bound, &c), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(cursor_read),
		cmocka_unit_test(cursor_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
