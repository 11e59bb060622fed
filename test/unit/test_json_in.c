/*
 * test_json_in - what is a JSON object and what is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "json_in.h"
#include "mem.h"

#define JSON_TEST_DEPTH	32

static void	json_in_good_table(void **state);
static void	json_in_bad_table(void **state);
static void	json_in_depth(void **state);
static void	json_in_very_deep(void **state);
static enum err	json_in_exact(const char *s, size_t len, json_t **out);
static size_t	json_in_nest(char *s, size_t depth, char open, char close);

/* From a heap copy without a NUL, so that ASan sees a read beyond |len|. */
static enum err
json_in_exact(const char *s, size_t len, json_t **out)
{
	char		*copy = mem_new(len > 0 ? len : 1);
	enum err	 r;

	assert_non_null(copy);
	memcpy(copy, s, len);
	r = json_in_object(copy, len, out);
	mem_free(copy);
	return (r);
}

static void
json_in_good_table(void **state)
{
	static const struct {
		const char	*s;
		const char	*k;	/* of member "k", NULL: not a string */
	} t[] = {
		{ "{}", NULL },
		{ " \t\r\n{ } \n", NULL },
		{ "{\"k\":\"v\"}", "v" },
		{ "{\"k\":\"\\u00e9\\ud83d\\ude00\"}",
		    "\xc3\xa9\xf0\x9f\x98\x80" },
		{ "{\"k\":\"a\\n\\t\\\"\\\\\\/\"}", "a\n\t\"\\/" },
		{ "{\"k\":\"[[[{{{\"}", "[[[{{{" },
		{ "{\"k\":\"\\\"[\"}", "\"[" },
		{ "{\"k\":\"\\\\\",\"l\":[[]]}", "\\" },
		{ "{\"k\":1,\"K\":2}", NULL },
		{ "{\"k\":{\"k\":1},\"l\":{\"k\":1}}", NULL },
		{ "{\"k\":-9223372036854775808,\"l\":1.5e300}", NULL },
		{ "{\"k\":[true,false,null]}", NULL },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		json_t	*j = NULL;

		assert_int_equal(json_in_exact(t[i].s, strlen(t[i].s), &j),
		    ERR_OK);
		assert_true(json_is_object(j));
		if (t[i].k != NULL)
			assert_string_equal(json_string_value(
			    json_object_get(j, "k")), t[i].k);
		json_decref(j);
	}
}

static void
json_in_bad_table(void **state)
{
	static const struct {
		const char	*s;
		size_t		 len;	/* 0: strlen */
	} t[] = {
		{ "", 0 }, { " ", 0 }, { "[]", 0 }, { "1", 0 }, { "\"a\"", 0 },
		{ "null", 0 }, { "{", 0 }, { "}", 0 }, { "{}}", 0 },
		{ "{} {}", 0 }, { "{}x", 0 }, { "{},", 0 },
		{ "{}\0", 3 }, { "\0{}", 3 }, { "{\0}", 3 },
		{ "{\"k\":1\0}", 8 }, { "{\"k\":[1\0]}", 10 },
		{ "{\"k\":1.5\0}", 10 }, { "{\"k\":true\0}", 11 },
		{ "{\"k\":\"a\0b\"}", 11 }, { "{\"k\":\"\\u0000\"}", 0 },
		{ "{\"\\u0000\":1}", 0 },
		{ "{\"k\":1,\"k\":2}", 0 }, { "{\"k\":1,\"\\u006b\":2}", 0 },
		{ "{\"a\":{\"k\":1,\"k\":1}}", 0 },
		{ "{\"a\":[{\"k\":1,\"k\":1}]}", 0 },
		{ "{'k':1}", 0 }, { "{k:1}", 0 }, { "{\"k\"}", 0 },
		{ "{\"k\":}", 0 }, { "{\"k\":1,}", 0 }, { "{,}", 0 },
		{ "{\"k\":01}", 0 }, { "{\"k\":+1}", 0 }, { "{\"k\":.5}", 0 },
		{ "{\"k\":1.}", 0 }, { "{\"k\":NaN}", 0 },
		{ "{\"k\":Infinity}", 0 }, { "{\"k\":1e999}", 0 },
		{ "{\"k\":9223372036854775808}", 0 }, { "{\"k\":0x1}", 0 },
		{ "{\"k\":\"\xff\"}", 0 }, { "{\"k\":\"\xc3\"}", 0 },
		{ "{\"k\":\"\xc0\x80\"}", 0 }, { "{\"\xed\xa0\x80\":1}", 0 },
		{ "{\"k\":\"\\ud800\"}", 0 }, { "{\"k\":\"\\udc00\"}", 0 },
		{ "{\"k\":\"\\ud800\\u0041\"}", 0 },
		{ "{\"k\":\"\n\"}", 0 }, { "{\"k\":\"\\x41\"}", 0 },
		{ "{\"k\":\"\\u00g0\"}", 0 }, { "{\"k\":\"", 0 },
		{ "{\"k\":\"\\", 0 }, { "{\"k\":tru", 0 },
		{ "{/**/}", 0 }, { "{}//", 0 }, { "\xef\xbb\xbf{}", 0 },
		{ "{]", 0 }, { "{[}]", 0 },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		size_t	 len = t[i].len > 0 ? t[i].len : strlen(t[i].s);
		json_t	*j = NULL;

		assert_int_equal(json_in_exact(t[i].s, len, &j), ERR_FORMAT);
		assert_null(j);
	}
	assert_int_equal(json_in_object(NULL, 0, &(json_t *){ NULL }),
	    ERR_FORMAT);
}

/* {"k": with |depth| - 1 brackets around nothing}; its length. */
static size_t
json_in_nest(char *s, size_t depth, char open, char close)
{
	size_t	i, len = 0;

	memcpy(s, "{\"k\":", 5);
	len = 5;
	for (i = 1; i < depth; i++) {
		s[len++] = open;
		if (open == '{' && i + 1 < depth) {
			memcpy(s + len, "\"k\":", 4);
			len += 4;
		}
	}
	for (i = 1; i < depth; i++)
		s[len++] = close;
	if (depth == 1)
		s[len++] = '1';
	s[len++] = '}';
	return (len);
}

static void
json_in_depth(void **state)
{
	char	s[1024];
	size_t	depth, len;
	int	kind;

	(void)state;
	for (depth = 1; depth <= JSON_TEST_DEPTH + 2; depth++) {
		for (kind = 0; kind < 2; kind++) {
			json_t		*j = NULL;
			enum err	 r;

			len = json_in_nest(s, depth, kind ? '{' : '[',
			    kind ? '}' : ']');
			r = json_in_exact(s, len, &j);
			assert_int_equal(r, depth <= JSON_TEST_DEPTH ?
			    ERR_OK : ERR_FORMAT);
			json_decref(j);
		}
	}
}

/* Without the check before, the parser's recursion would end the stack. */
static void
json_in_very_deep(void **state)
{
	enum { N = 4 << 20 };
	char	*s = mem_new(N);
	json_t	*j = NULL;

	(void)state;
	assert_non_null(s);
	memset(s, '[', N);
	assert_int_equal(json_in_object(s, N, &j), ERR_FORMAT);
	s[0] = '{';
	assert_int_equal(json_in_object(s, N, &j), ERR_FORMAT);
	assert_null(j);
	mem_free(s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(json_in_good_table),
		cmocka_unit_test(json_in_bad_table),
		cmocka_unit_test(json_in_depth),
		cmocka_unit_test(json_in_very_deep),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
