/*
 * test_json_pointer - RFC 6901, with the examples of its section 5; values as
 * text; JSON out and wiped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "err.h"
#include "json_in.h"
#include "json_out.h"
#include "json_pointer.h"

static void	pointer_rfc(void **state);
static void	pointer_malformed(void **state);
static void	pointer_scalars(void **state);
static void	pointer_out(void **state);

static void
pointer_rfc(void **state)
{
	static const char	doc[] =
	    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,"
	    "\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,"
	    "\"m~n\":8,\"~1\":9,\"o\":{\"p\":[[10]]}}";
	static const struct {
		const char	*p;
		const char	*text;	/* NULL: nothing there */
	} t[] = {
		{ "/foo/0", "bar" }, { "/foo/1", "baz" }, { "/", "0" },
		{ "/a~1b", "1" }, { "/c%d", "2" }, { "/e^f", "3" },
		{ "/g|h", "4" }, { "/i\\j", "5" }, { "/k\"l", "6" },
		{ "/ ", "7" }, { "/m~0n", "8" }, { "/~01", "9" },
		{ "/o/p/0/0", "10" },
		{ "/foo/2", NULL }, { "/foo/-", NULL }, { "/foo/00", NULL },
		{ "/foo/01", NULL }, { "/foo/-1", NULL }, { "/foo/+1", NULL },
		{ "/foo/99999999999999999999", NULL }, { "/foo/", NULL },
		{ "/foo/0/x", NULL }, { "/no", NULL }, { "/o/p/0", NULL },
	};
	struct buf	b;
	json_t		*j;
	size_t		 i;

	(void)state;
	assert_int_equal(json_in_object(doc, strlen(doc), &j), ERR_OK);
	assert_ptr_equal(json_pointer_get(j, ""), j);
	for (i = 0; i < COUNT(t); i++) {
		buf_init(&b, 64);
		assert_true(json_pointer_check(t[i].p));
		assert_int_equal(json_scalar_text(json_pointer_get(j, t[i].p),
		    &b), t[i].text != NULL);
		if (t[i].text != NULL)
			assert_string_equal(b.data, t[i].text);
		buf_clear(&b);
	}
	json_decref(j);
}

static void
pointer_malformed(void **state)
{
	static const char *const	bad[] = {
		"a", "a/b", "/~", "/~2", "/a~", "/a/~x", " /a", "/\xff"
	};
	char	 longest[JSON_POINTER_MAX + 2];
	json_t	*j = json_pack("{s:i}", "a", 1);
	size_t	 i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_false(json_pointer_check(bad[i]));
		assert_null(json_pointer_get(j, bad[i]));
	}
	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(json_pointer_check(longest));
	longest[JSON_POINTER_MAX] = '\0';
	assert_true(json_pointer_check(longest));
	assert_null(json_pointer_get(NULL, "/a"));
	json_decref(j);
}

static void
pointer_scalars(void **state)
{
	static const struct {
		const char	*json, *text;
	} t[] = {
		{ "{\"v\":true}", "true" }, { "{\"v\":false}", "false" },
		{ "{\"v\":-12}", "-12" }, { "{\"v\":1.5}", "1.5" },
		{ "{\"v\":\"x y\"}", "x y" }, { "{\"v\":\"\"}", "" },
		{ "{\"v\":null}", NULL }, { "{\"v\":[]}", NULL },
		{ "{\"v\":{}}", NULL },
	};
	struct buf	b;
	json_t		*j;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		buf_init(&b, 64);
		assert_int_equal(json_in_object(t[i].json,
		    strlen(t[i].json), &j), ERR_OK);
		assert_int_equal(json_scalar_text(json_pointer_get(j, "/v"),
		    &b), t[i].text != NULL);
		if (t[i].text != NULL)
			assert_string_equal(b.data, t[i].text);
		buf_clear(&b);
		json_decref(j);
	}
}

static void
pointer_out(void **state)
{
	static const char	doc[] =
	    "{\"a\":\"secret\",\"b\":[\"more\",{\"c\":\"x\"}],\"d\":1}";
	struct buf	b;
	json_t		*j, *held;

	(void)state;
	assert_int_equal(json_in_object(doc, strlen(doc), &j), ERR_OK);
	buf_init(&b, 1024);
	json_out(j, &b);
	assert_string_equal(b.data, doc);
	buf_clear(&b);
	buf_init(&b, 10);
	json_out(j, &b);
	assert_int_equal(buf_err(&b), ERR_SPACE);
	buf_clear(&b);
	held = json_incref(json_object_get(j, "a"));
	json_wipe(j);
	assert_int_equal(json_string_length(held), 6);
	assert_memory_equal(json_string_value(held), "\0\0\0\0\0\0", 6);
	json_decref(held);
	json_wipe(NULL);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(pointer_rfc),
		cmocka_unit_test(pointer_malformed),
		cmocka_unit_test(pointer_scalars),
		cmocka_unit_test(pointer_out),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
