/*
 * test_rnd - bounds, rough uniformity, and that a child does not repeat its
 * parent.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "err.h"
#include "rnd.h"

static void	rnd_fills_exactly(void **state);
static void	rnd_differs(void **state);
static void	rnd_fork_parts(void **state);
static void	rnd_below_bounds(void **state);
static void	rnd_below_is_uniform(void **state);

static void
rnd_fills_exactly(void **state)
{
	uint8_t	b[70], seen[70] = { 0 };
	size_t	len, i, round;

	(void)state;
	for (len = 0; len <= 66; len++) {
		memset(seen, 0, sizeof(seen));
		for (round = 0; round < 64; round++) {
			memset(b, 0, sizeof(b));
			rnd_bytes(b + 2, len);
			for (i = 0; i < sizeof(b); i++)
				seen[i] |= b[i];
		}
		/* All of it is written (or 64 zeros), nothing around it. */
		for (i = 0; i < sizeof(b); i++)
			assert_int_equal(seen[i] != 0,
			    i >= 2 && i < 2 + len);
	}
}

static void
rnd_differs(void **state)
{
	uint8_t	a[16], b[16];
	int	i;

	(void)state;
	rnd_bytes(a, sizeof(a));
	for (i = 0; i < 1000; i++) {
		rnd_bytes(b, sizeof(b));
		assert_memory_not_equal(a, b, sizeof(a));
		memcpy(a, b, sizeof(a));
	}
}

static void
rnd_fork_parts(void **state)
{
	uint8_t	ours[16], theirs[2][16];
	int	p[2], i, status;
	pid_t	pid;

	(void)state;
	rnd_bytes(ours, sizeof(ours));	/* there is a pool now */
	for (i = 0; i < 2; i++) {
		assert_int_equal(pipe(p), 0);
		pid = fork();
		if (pid == 0) {
			rnd_bytes(ours, sizeof(ours));
			_exit(write(p[1], ours, 16) != 16);
		}
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(read(p[0], theirs[i], 16), 16);
		assert_int_equal(close(p[0]) + close(p[1]), 0);
	}
	rnd_bytes(ours, sizeof(ours));
	assert_memory_not_equal(ours, theirs[0], 16);
	assert_memory_not_equal(ours, theirs[1], 16);
	assert_memory_not_equal(theirs[0], theirs[1], 16);
}

static void
rnd_below_bounds(void **state)
{
	static const uint32_t	n[] = { 1, 2, 3, 10, 62, 1000000, 0x80000000U,
	    0x80000001U, UINT32_MAX };
	size_t			i;
	int			j;

	(void)state;
	for (i = 0; i < COUNT(n); i++) {
		for (j = 0; j < 500; j++)
			assert_true(rnd_below(n[i]) < n[i]);
	}
}

static void
rnd_below_is_uniform(void **state)
{
	unsigned int	few[3] = { 0 }, upper = 0;
	int		i;

	(void)state;
	for (i = 0; i < 30000; i++)
		few[rnd_below(3)]++;
	/* Mean 10000, deviation 82: twelve deviations either way. */
	for (i = 0; i < 3; i++)
		assert_in_range(few[i], 9000, 11000);
	/*
	 * Without rejection, values under a third of 3 * 2^30 would come twice
	 * as often: a half instead of a third.  Mean 10000 again.
	 */
	for (i = 0; i < 30000; i++)
		upper += rnd_below(0xc0000000U) < 0x40000000U;
	assert_in_range(upper, 9000, 11000);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(rnd_fills_exactly),
		cmocka_unit_test(rnd_differs),
		cmocka_unit_test(rnd_fork_parts),
		cmocka_unit_test(rnd_below_bounds),
		cmocka_unit_test(rnd_below_is_uniform),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
