/*
 * test_auth_flow - every combination of what is known, against the rule said
 * in other words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth_flow.h"

static void	auth_flow_all(void **state);

static void
auth_flow_all(void **state)
{
	struct auth_attempt	a;
	enum auth_step		step;
	int			bits, granted = 0;

	(void)state;
	for (bits = 0; bits < 64; bits++) {
		a.is_known = bits & 1;
		a.has_password = bits & 2;
		a.is_match = bits & 4;
		a.is_active = bits & 8;
		a.is_assigned = bits & 16;
		a.needs_mfa = bits & 32;
		step = auth_flow_next(&a);
		/* Nothing is told, let alone granted, without the password. */
		if ((bits & 7) != 7)
			assert_int_equal(step, AUTH_REFUSE_CREDENTIALS);
		else
			assert_int_not_equal(step, AUTH_REFUSE_CREDENTIALS);
		if (step == AUTH_GRANT) {
			granted++;
			assert_int_equal(bits, 1 | 2 | 4 | 8 | 16);
			assert_string_equal(auth_flow_reason(&a), "ok");
		} else
			assert_string_not_equal(auth_flow_reason(&a), "ok");
		if (step == AUTH_SECOND_FACTOR)
			assert_int_equal(bits, 63);
		if (step == AUTH_REFUSE_DISABLED)
			assert_false(a.is_active);
		if (step == AUTH_REFUSE_UNASSIGNED)
			assert_true(a.is_active && !a.is_assigned);
	}
	assert_int_equal(granted, 1);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(auth_flow_all),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
