/*
 * test_dialling - where the country calling code ends.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dialling.h"
#include "err.h"

static void	dialling_table(void **state);
static void	dialling_codes(void **state);
static void	dialling_prefix_free(void **state);

static void
dialling_table(void **state)
{
	static const struct {
		const char	*e164, *code, *national;
	} t[] = {
		{ "+919876543210", "91", "9876543210" },
		{ "919876543210", "91", "9876543210" },
		{ "+12125550100", "1", "2125550100" },
		{ "+12425550100", "1", "2425550100" },
		{ "+77012345678", "7", "7012345678" },
		{ "+442079460000", "44", "2079460000" },
		{ "+971501234567", "971", "501234567" },
		{ "+2348012345678", "234", "8012345678" },
		{ "+9989012345678", "998", "9012345678" },
		{ "+3581234567", "358", "1234567" },
		{ "+2101234567", "", "2101234567" },
		{ "+0123456789", "", "0123456789" },
		{ "+9", "", "9" },
		{ "+97", "", "97" },
		{ "", "", "" },
		{ "+", "", "" },
	};
	char	code[4];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		dialling_code(t[i].e164, code);
		assert_string_equal(code, t[i].code);
		assert_string_equal(dialling_national(t[i].e164),
		    t[i].national);
		assert_int_equal(dialling_len(t[i].e164), strlen(t[i].code));
	}
}

static void
dialling_codes(void **state)
{
	static const char *const	good[] = {
		"1", "7", "20", "44", "91", "212", "971", "998"
	};
	static const char *const	bad[] = {
		"", "0", "2", "9", "21", "210", "911", "1234", "+91", "9 1",
		"12", "x", "999"
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_true(dialling_is_code(good[i]));
	for (i = 0; i < COUNT(bad); i++)
		assert_false(dialling_is_code(bad[i]));
}

/* E.164 codes are prefix-free, so that a number has one reading. */
static void
dialling_prefix_free(void **state)
{
	char	code[12], front[4];
	int	n, len;

	(void)state;
	for (n = 10; n < 1000; n++) {
		(void)snprintf(code, sizeof(code), "%d", n);
		if (!dialling_is_code(code))
			continue;
		for (len = 1; len < (int)strlen(code); len++) {
			(void)snprintf(front, sizeof(front), "%.*s", len,
			    code);
			assert_false(dialling_is_code(front));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(dialling_table),
		cmocka_unit_test(dialling_codes),
		cmocka_unit_test(dialling_prefix_free),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
