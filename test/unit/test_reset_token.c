/*
 * test_reset_token - recovery tokens: shape, hash, one spelling.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "reset_token.h"

static void	reset_token_round(void **state);
static void	reset_token_bad_table(void **state);

static void
reset_token_round(void **state)
{
	char	a[RESET_TOKEN_LEN + 1], b[RESET_TOKEN_LEN + 1];
	uint8_t	ha[SHA256_LEN], hb[SHA256_LEN], parsed[SHA256_LEN];

	(void)state;
	reset_token_make(a, ha);
	reset_token_make(b, hb);
	assert_int_equal(strlen(a), RESET_TOKEN_LEN);
	assert_int_equal(strncmp(a, "irt_", 4), 0);
	assert_string_not_equal(a, b);
	assert_memory_not_equal(ha, hb, sizeof(ha));
	assert_int_equal(reset_token_parse(a, strlen(a), parsed), ERR_OK);
	assert_memory_equal(parsed, ha, sizeof(ha));
}

static void
reset_token_bad_table(void **state)
{
	static const char *const	bad[] = {
		"", "irt_", "irt_short",
		"isr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"IRT_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"irt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"irt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
		"irt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
	};
	uint8_t				h[SHA256_LEN];
	size_t				i;

	(void)state;
	assert_int_equal(reset_token_parse(
	    "irt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    RESET_TOKEN_LEN, h), ERR_OK);
	for (i = 0; i < COUNT(bad); i++)
		assert_int_equal(reset_token_parse(bad[i], strlen(bad[i]), h),
		    ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(reset_token_round),
		cmocka_unit_test(reset_token_bad_table),
	};

	return (cmocka_run_group_tests_name("reset_token", tests, NULL, NULL));
}
