/*
 * test_proc - what this process uses, held against what it does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "proc.h"

#define BLOCK	(64 * 1024 * 1024)

static void
test_usage(void **state)
{
	struct proc_usage	 a, b;
	char			*block;
	int			 fds[2];

	(void)state;
	assert_int_equal(proc_usage(&a), ERR_OK);
	assert_true(a.private_bytes > 0);
	assert_true(a.shared_bytes > 0);
	assert_true(a.fds >= 3);

	assert_non_null(block = mem_new(BLOCK));
	memset(block, 1, BLOCK);
	assert_int_equal(pipe(fds), 0);
	while (clock_cpu_us() < a.cpu_us + 20 * US_PER_MS)
		;
	assert_int_equal(proc_usage(&b), ERR_OK);
	assert_true(b.private_bytes >= a.private_bytes + BLOCK * 9 / 10);
	assert_true(b.cpu_us >= a.cpu_us + 20 * US_PER_MS);
	assert_int_equal(b.fds, a.fds + 2);
	assert_int_equal(block[BLOCK / 2], 1);
	mem_free(block);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_usage),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
