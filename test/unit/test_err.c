/*
 * test_err - every code has its own text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "err.h"

static void	err_texts_differ(void **state);
static void	err_unknown(void **state);

static void
err_texts_differ(void **state)
{
	int	i, j;

	(void)state;
	for (i = 0; i < ERR_MAX; i++) {
		const char	*t = err_text((enum err)i);

		assert_true(strlen(t) > 0);
		assert_string_not_equal(t, "unknown error");
		for (j = 0; j < i; j++)
			assert_string_not_equal(t, err_text((enum err)j));
	}
	assert_string_equal(err_text(ERR_OK), "ok");
}

static void
err_unknown(void **state)
{
	(void)state;
	assert_string_equal(err_text(ERR_MAX), "unknown error");
	assert_string_equal(err_text((enum err)-1), "unknown error");
	assert_string_equal(err_text((enum err)1000), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(err_texts_differ),
		cmocka_unit_test(err_unknown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
