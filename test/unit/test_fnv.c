/*
 * test_fnv - the published values of FNV-1a, and a fair spread.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "err.h"
#include "fnv.h"

/* draft-eastlake-fnv, test vectors of 32 bits. */
static void
test_values(void **state)
{
	(void)state;
	assert_int_equal(fnv1a("", 0), 0x811c9dc5u);
	assert_int_equal(fnv1a("a", 1), 0xe40c292cu);
	assert_int_equal(fnv1a("foobar", 6), 0xbf9cf968u);
}

static void
test_spread(void **state)
{
	unsigned int	n[64] = { 0 };
	char		id[16];
	int		i, len;

	(void)state;
	for (i = 0; i < 64000; i++) {
		len = snprintf(id, sizeof(id), "%08d", i);
		n[fnv1a(id, (size_t)len) % COUNT(n)]++;
	}
	for (i = 0; i < (int)COUNT(n); i++)
		assert_in_range(n[i], 800, 1200);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_spread),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
