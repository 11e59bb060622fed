/*
 * test_budget - a minute's worth at once, then one each step; applications do
 * not share.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "budget.h"

#define MINUTE_US	INT64_C(60000000)

static void	budget_burst_then_steps(void **state);
static void	budget_apart(void **state);
static void	budget_none(void **state);
static void	budget_table_full(void **state);

static void
budget_burst_then_steps(void **state)
{
	struct budgets		*b = *state;
	struct budget_answer	 a;
	struct uuid		 app;
	int64_t			 now = 1000 * MINUTE_US;
	int			 i;

	uuid_make(&app);
	for (i = 0; i < 60; i++) {
		budget_take(b, &app, 60, now, &a);
		assert_true(a.is_allowed);
		assert_int_equal(a.remaining, 59 - i);
	}
	budget_take(b, &app, 60, now, &a);
	assert_false(a.is_allowed);
	assert_int_equal(a.remaining, 0);
	assert_int_equal(a.retry_after_s, 1);
	/* What was told holds: a second later one passes, and only one. */
	now += 1000000;
	budget_take(b, &app, 60, now, &a);
	assert_true(a.is_allowed);
	budget_take(b, &app, 60, now, &a);
	assert_false(a.is_allowed);
	/* A minute of silence brings all of it back, and no more. */
	now += 2 * MINUTE_US;
	for (i = 0; i < 60; i++) {
		budget_take(b, &app, 60, now, &a);
		assert_true(a.is_allowed);
	}
	budget_take(b, &app, 60, now, &a);
	assert_false(a.is_allowed);
}

static void
budget_apart(void **state)
{
	struct budgets		*b = *state;
	struct budget_answer	 a;
	struct uuid		 one, two;

	uuid_make(&one);
	uuid_make(&two);
	budget_take(b, &one, 1, MINUTE_US, &a);
	assert_true(a.is_allowed);
	budget_take(b, &one, 1, MINUTE_US, &a);
	assert_false(a.is_allowed);
	assert_int_equal(a.retry_after_s, 60);
	budget_take(b, &two, 1, MINUTE_US, &a);
	assert_true(a.is_allowed);
}

static void
budget_none(void **state)
{
	struct budget_answer	 a;
	struct uuid		 app;
	int			 i;

	uuid_make(&app);
	for (i = 0; i < 1000; i++) {
		budget_take(*state, &app, 0, MINUTE_US, &a);
		assert_true(a.is_allowed);
	}
}

/* More applications than the table holds: unlimited, never mixed up. */
static void
budget_table_full(void **state)
{
	struct budget_answer	 a;
	struct uuid		 app;
	int			 i, refused = 0;

	for (i = 0; i < 20000; i++) {
		uuid_make(&app);
		budget_take(*state, &app, 1, MINUTE_US, &a);
		refused += !a.is_allowed;
	}
	assert_int_equal(refused, 0);
}

static int
budget_setup(void **state)
{
	struct budgets	*b;

	if (budgets_new(&b) != ERR_OK)
		return (-1);
	*state = b;
	return (0);
}

static int
budget_teardown(void **state)
{
	budgets_free(*state);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(budget_burst_then_steps,
		    budget_setup, budget_teardown),
		cmocka_unit_test_setup_teardown(budget_apart, budget_setup,
		    budget_teardown),
		cmocka_unit_test_setup_teardown(budget_none, budget_setup,
		    budget_teardown),
		cmocka_unit_test_setup_teardown(budget_table_full,
		    budget_setup, budget_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
