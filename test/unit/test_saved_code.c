/*
 * test_saved_code - codes differ, every spelling of one is the same, and a MAC
 * binds code and person.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "saved_code.h"

static void	saved_code_made(void **state);
static void	saved_code_spellings(void **state);
static void	saved_code_binds(void **state);

static void
saved_code_made(void **state)
{
	char	a[SAVED_CODE_TEXT_LEN + 1], b[SAVED_CODE_TEXT_LEN + 1];
	char	text[SAVED_CODE_LEN + 1];
	int	i, seen[128] = { 0 };

	(void)state;
	saved_code_make(a);
	saved_code_make(b);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), SAVED_CODE_TEXT_LEN);
	assert_true(a[4] == '-' && a[9] == '-' && a[14] == '-');
	for (i = 0; i < 8000; i++) {
		saved_code_make(a);
		assert_int_equal(saved_code_parse(a, strlen(a), text), ERR_OK);
		seen[(unsigned char)text[i % SAVED_CODE_LEN]]++;
	}
	/* 250 expected each; eight standard deviations. */
	for (i = 0; i < 32; i++)
		assert_in_range(seen[(unsigned char)
		    "0123456789abcdefghjkmnpqrstvwxyz"[i]], 125, 375);
}

static void
saved_code_spellings(void **state)
{
	static const char	*same[] = {
		"0123-4567-89ab-cde1", "0123456789abcde1",
		"O123 4567 89AB CDEI", "-o123-4567-89ab-cdel-",
	};
	static const char	*bad[] = {
		"", "0123-4567-89ab-cde", "0123-4567-89ab-cde12",
		"0123-4567-89ab-cdeu", "0123-4567-89ab-cd\xc3\xa9", "0123_",
	};
	char			 text[SAVED_CODE_LEN + 1];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(same); i++) {
		assert_int_equal(saved_code_parse(same[i], strlen(same[i]),
		    text), ERR_OK);
		assert_string_equal(text, "0123456789abcde1");
	}
	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(saved_code_parse(bad[i], strlen(bad[i]), text),
		    ERR_FORMAT);
	assert_int_equal(saved_code_parse("0123456789abcde\0", 16, text),
	    ERR_FORMAT);
}

static void
saved_code_binds(void **state)
{
	struct hmac_key	*k;
	struct uuid	 a, b;
	uint8_t		 one[SAVED_CODE_MAC_LEN], two[SAVED_CODE_MAC_LEN];

	(void)state;
	assert_int_equal(hmac_key_new("key", 3, &k), ERR_OK);
	uuid_make(&a);
	uuid_make(&b);
	assert_int_equal(saved_code_mac(k, &a, "0123456789abcdef", one),
	    ERR_OK);
	assert_int_equal(saved_code_mac(k, &a, "0123456789abcdef", two),
	    ERR_OK);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(saved_code_mac(k, &b, "0123456789abcdef", two),
	    ERR_OK);
	assert_memory_not_equal(one, two, sizeof(one));
	assert_int_equal(saved_code_mac(k, &a, "0123456789abcdeg", two),
	    ERR_OK);
	assert_memory_not_equal(one, two, sizeof(one));
	hmac_key_free(k);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(saved_code_made),
		cmocka_unit_test(saved_code_spellings),
		cmocka_unit_test(saved_code_binds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
