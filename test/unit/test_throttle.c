/*
 * test_throttle - so many at once, then one each step; kinds and subjects
 * apart; given back; a flood of others frees nobody; parallel takers do not
 * outrun the count.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "throttle.h"

static void	throttle_burst_then_steps(void **state);
static void	throttle_apart(void **state);
static void	throttle_given_back(void **state);
static void	throttle_no_limit(void **state);
static void	throttle_flood(void **state);
static void	throttle_parallel(void **state);
static void	throttle_addresses(void **state);

static struct throttle_subject
subject(const char *id, int32_t max)
{
	struct throttle_subject	s = { THROTTLE_SIGN_IN_ADDRESS, id,
				    strlen(id), max };

	return (s);
}

static void
throttle_burst_then_steps(void **state)
{
	struct throttle		*t = *state;
	struct throttle_subject	 s = subject("a", 20);
	int64_t			 now = clock_mono_us();
	int			 i;

	for (i = 0; i < 20; i++)
		assert_int_equal(throttle_take(t, &s, now), 0);
	/* 300 s / 20. */
	assert_int_equal(throttle_take(t, &s, now), 15);
	assert_int_equal(throttle_take(t, &s, now), 15);
	/* What was told holds: then one passes, and only one. */
	now += 15 * US_PER_S;
	assert_int_equal(throttle_take(t, &s, now), 0);
	assert_int_equal(throttle_take(t, &s, now), 15);
	/* Silence brings all of it back, and no more. */
	now += 2 * THROTTLE_WINDOW_US;
	for (i = 0; i < 20; i++)
		assert_int_equal(throttle_take(t, &s, now), 0);
	assert_true(throttle_take(t, &s, now) > 0);
}

static void
throttle_apart(void **state)
{
	struct throttle		*t = *state;
	struct throttle_subject	 a = subject("a", 1), b = subject("b", 1);
	struct throttle_subject	 other = a;
	int64_t			 now = clock_mono_us();

	other.kind = THROTTLE_SIGN_IN_APP;
	assert_int_equal(throttle_take(t, &a, now), 0);
	assert_int_equal(throttle_take(t, &a, now), 300);
	assert_int_equal(throttle_take(t, &b, now), 0);
	assert_int_equal(throttle_take(t, &other, now), 0);
}

static void
throttle_given_back(void **state)
{
	struct throttle		*t = *state;
	struct throttle_subject	 s = subject("a", 3), none = subject("z", 3);
	int64_t			 now = clock_mono_us();
	int			 i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(throttle_take(t, &s, now), 0);
		throttle_give(t, &s);
	}
	/* More than was taken brings no credit. */
	for (i = 0; i < 100; i++) {
		throttle_give(t, &s);
		throttle_give(t, &none);
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(throttle_take(t, &s, now), 0);
		assert_int_equal(throttle_take(t, &none, now), 0);
	}
	assert_true(throttle_take(t, &s, now) > 0);
	assert_true(throttle_take(t, &none, now) > 0);
}

static void
throttle_no_limit(void **state)
{
	struct throttle		*t = *state;
	struct throttle_subject	 s = subject("a", 0);
	int			 i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(throttle_take(t, &s, clock_mono_us()), 0);
	throttle_give(t, &s);
}

/* Half a million addresses with one failure each: the worst offenders stay
 * counted, and newcomers are still counted, too. */
static void
throttle_flood(void **state)
{
	struct throttle		*t = *state;
	char			 worst[64][4], id[4];
	struct throttle_subject	 s, f = { THROTTLE_SIGN_IN_ADDRESS, id,
				    sizeof(id), 20 };
	int64_t			 now = clock_mono_us();
	uint32_t		 n;
	int			 i, k;

	for (k = 0; k < 64; k++) {
		memcpy(worst[k], "W...", 4);
		worst[k][1] = (char)k;
		s = f;
		s.id = worst[k];
		for (i = 0; i < 20; i++)
			assert_int_equal(throttle_take(t, &s, now), 0);
	}
	for (n = 0; n < 500000; n++) {
		memcpy(id, &n, sizeof(id));
		assert_int_equal(throttle_take(t, &f, now), 0);
	}
	for (k = 0; k < 64; k++) {
		s = f;
		s.id = worst[k];
		assert_true(throttle_take(t, &s, now) > 0);
	}
	s = subject("newcomer", 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(throttle_take(t, &s, now), 0);
	assert_true(throttle_take(t, &s, now) > 0);
}

static void
throttle_parallel(void **state)
{
	struct throttle		*t = *state;
	struct throttle_subject	 s = subject("shared", 100);
	int64_t			 now = clock_mono_us();
	int			 i, k, n, status, total = 0;
	pid_t			 pid[4];

	for (k = 0; k < 4; k++) {
		if ((pid[k] = fork()) == 0) {
			for (i = n = 0; i < 1000; i++)
				n += throttle_take(t, &s, now) == 0;
			_exit(n);
		}
		assert_true(pid[k] > 0);
	}
	for (k = 0; k < 4; k++) {
		assert_int_equal(waitpid(pid[k], &status, 0), pid[k]);
		assert_true(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	assert_int_equal(total, 100);
}

static void
throttle_addresses(void **state)
{
	static const struct {
		const char	*a, *b;
		int		 is_same;
	}		 cases[] = {
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "::ffff:192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:1", 1 },
		{ "2001:db8:0:1::1", "2001:db8:0:2::1", 0 },
	};
	uint8_t		 a[16], b[16];
	struct ip	 ip;
	size_t		 i, la, lb;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		assert_int_equal(ip_parse(cases[i].a, strlen(cases[i].a),
		    &ip), ERR_OK);
		la = throttle_address(&ip, a);
		assert_int_equal(ip_parse(cases[i].b, strlen(cases[i].b),
		    &ip), ERR_OK);
		lb = throttle_address(&ip, b);
		assert_int_equal(la == lb && memcmp(a, b, la) == 0,
		    cases[i].is_same);
	}
}

static int
setup(void **state)
{
	return (throttle_new((struct throttle **)state) == ERR_OK ? 0 : -1);
}

static int
teardown(void **state)
{
	throttle_free(*state);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(throttle_burst_then_steps,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(throttle_apart, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(throttle_given_back, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(throttle_no_limit, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(throttle_flood, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(throttle_parallel, setup,
		    teardown),
		cmocka_unit_test(throttle_addresses),
	};

	return (cmocka_run_group_tests_name("throttle", tests, NULL, NULL));
}
