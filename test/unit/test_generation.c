/*
 * test_generation - a bump is seen, by another process too; nothing else is
 * mistaken for it; the lease ends.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

#include "generation.h"

static void	generation_bumps(void **state);
static void	generation_notifications(void **state);
static void	generation_across_processes(void **state);
static void	generation_lease(void **state);

static void
generation_bumps(void **state)
{
	struct generations	*g = *state;
	struct uuid		 a, b;
	uint64_t		 a0, b0, all0;

	uuid_make(&a);
	uuid_make(&b);
	a0 = generation_of(g, GENERATION_USER, a.b, sizeof(a.b));
	b0 = generation_of(g, GENERATION_SESSION, a.b, sizeof(a.b));
	all0 = generation_all(g);
	generation_bump(g, GENERATION_USER, a.b, sizeof(a.b));
	assert_int_equal(generation_of(g, GENERATION_USER, a.b, sizeof(a.b)),
	    a0 + 1);
	/* The same id of another kind is another thing. */
	assert_int_equal(generation_of(g, GENERATION_SESSION, a.b,
	    sizeof(a.b)), b0);
	assert_int_equal(generation_all(g), all0);
	generation_bump_all(g);
	assert_int_equal(generation_all(g), all0 + 1);
}

static void
generation_notifications(void **state)
{
	static const char	*bad[] = { "", "*", "x", "u:", "u:zz", "k:",
				    "u:01890a5d-ac96-774b-bcce-b302099a805",
				    ":" };
	struct generations	*g = *state;
	struct uuid		 u;
	char			 text[2 + UUID_TEXT_LEN + 1];
	const char		*kinds = "usa";
	uint64_t		 before, all;
	size_t			 i;

	uuid_make(&u);
	text[1] = ':';
	uuid_format(&u, text + 2);
	for (i = 0; i < 3; i++) {
		text[0] = kinds[i];
		before = generation_of(g, (enum generation_kind)kinds[i], u.b,
		    sizeof(u.b));
		all = generation_all(g);
		generation_notified(g, text);
		assert_int_equal(generation_of(g,
		    (enum generation_kind)kinds[i], u.b, sizeof(u.b)),
		    before + 1);
		assert_int_equal(generation_all(g), all);
	}
	before = generation_of(g, GENERATION_KEY, "AbCdEf012345", 12);
	generation_notified(g, "k:AbCdEf012345");
	assert_int_equal(generation_of(g, GENERATION_KEY, "AbCdEf012345", 12),
	    before + 1);
	before = generation_of(g, GENERATION_PLATFORM, NULL, 0);
	generation_notified(g, "g");
	assert_int_equal(generation_of(g, GENERATION_PLATFORM, NULL, 0),
	    before + 1);
	/* What is not understood must not be taken for nothing. */
	for (i = 0; i < COUNT(bad); i++) {
		all = generation_all(g);
		generation_notified(g, bad[i]);
		assert_int_equal(generation_all(g), all + 1);
	}
}

static void
generation_across_processes(void **state)
{
	struct generations	*g = *state;
	struct uuid		 u;
	uint64_t		 before;
	int			 status;
	pid_t			 pid;

	uuid_make(&u);
	before = generation_of(g, GENERATION_APP, u.b, sizeof(u.b));
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		generation_bump(g, GENERATION_APP, u.b, sizeof(u.b));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(generation_of(g, GENERATION_APP, u.b, sizeof(u.b)),
	    before + 1);
}

static void
generation_lease(void **state)
{
	struct generations	*g = *state;

	assert_false(generation_is_fresh(g, 1));	/* never heard */
	generation_heard(g, 5000000);
	assert_true(generation_is_fresh(g, 5000000));
	assert_true(generation_is_fresh(g, 5000000 + GENERATION_LEASE_US - 1));
	assert_false(generation_is_fresh(g, 5000000 + GENERATION_LEASE_US));
}

static int
generation_setup(void **state)
{
	struct generations	*g;

	if (generations_new(&g) != ERR_OK)
		return (-1);
	*state = g;
	return (0);
}

static int
generation_teardown(void **state)
{
	generations_free(*state);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(generation_bumps,
		    generation_setup, generation_teardown),
		cmocka_unit_test_setup_teardown(generation_notifications,
		    generation_setup, generation_teardown),
		cmocka_unit_test_setup_teardown(generation_across_processes,
		    generation_setup, generation_teardown),
		cmocka_unit_test_setup_teardown(generation_lease,
		    generation_setup, generation_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
