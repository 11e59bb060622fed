/*
 * test_audit - the vocabulary is complete, unique and of one form.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "audit.h"

static void	audit_is_complete(void **state);
static void	audit_names_differ(void **state);
static void	audit_known(void **state);
static void	audit_out_of_range(void **state);

static void
audit_is_complete(void **state)
{
	static const char *const	categories[] = {
		"sign_in", "api", "denied", "admin", "system",
	};
	const char	*name, *category;
	size_t		 e, i;

	(void)state;
	assert_true(AUDIT_EVENT_MAX > 0);
	for (e = 0; e < AUDIT_EVENT_MAX; e++) {
		name = audit_name((enum audit_event)e);
		category = audit_category((enum audit_event)e);
		assert_non_null(name);
		assert_non_null(category);
		assert_true(strlen(name) >= 4 && strlen(name) <= 40);
		assert_int_equal(strspn(name,
		    "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
		for (i = 0; i < COUNT(categories); i++) {
			if (strcmp(category, categories[i]) == 0)
				break;
		}
		if (i == COUNT(categories))
			fail_msg("%s: category %s", name, category);
	}
}

static void
audit_names_differ(void **state)
{
	size_t	a, b;

	(void)state;
	for (a = 0; a < AUDIT_EVENT_MAX; a++) {
		for (b = a + 1; b < AUDIT_EVENT_MAX; b++)
			assert_string_not_equal(
			    audit_name((enum audit_event)a),
			    audit_name((enum audit_event)b));
	}
}

/* Rows that exist carry these texts: they must not change by accident. */
static void
audit_known(void **state)
{
	(void)state;
	assert_string_equal(audit_name(AUDIT_LOGIN_OK), "login_succeeded");
	assert_string_equal(audit_category(AUDIT_LOGIN_OK), "sign_in");
	assert_string_equal(audit_name(AUDIT_IP_REFUSED), "ip_not_allowed");
	assert_string_equal(audit_category(AUDIT_IP_REFUSED), "denied");
	assert_string_equal(audit_name(AUDIT_SERVICE_STARTED),
	    "service_started");
	assert_string_equal(audit_category(AUDIT_SERVICE_STARTED), "system");
}

static void
audit_out_of_range(void **state)
{
	(void)state;
	assert_string_equal(audit_name(AUDIT_EVENT_MAX), "unknown");
	assert_string_equal(audit_category(AUDIT_EVENT_MAX), "unknown");
	assert_string_equal(audit_name((enum audit_event)-1), "unknown");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(audit_is_complete),
		cmocka_unit_test(audit_names_differ),
		cmocka_unit_test(audit_known),
		cmocka_unit_test(audit_out_of_range),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
