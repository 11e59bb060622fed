/*
 * test_session_cache - what is put is got, bounded, and never torn while
 * other processes write the same entry.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "session_cache.h"

#define TORN_READS	200000

static void	cache_round(void **state);
static void	cache_is_bounded(void **state);
static void	cache_due_once(void **state);
static void	cache_stamps(void **state);
static void	cache_is_never_torn(void **state);
static void	cache_fill(struct session_entry *e, const struct uuid *sid,
		    char c);

static void
cache_round(void **state)
{
	struct session_cache	*c = *state;
	struct session_entry	 in, out;
	struct uuid		 sid, other;

	uuid_make(&sid);
	uuid_make(&other);
	assert_false(session_cache_get(c, &sid, &out));
	cache_fill(&in, &sid, 'a');
	session_cache_put(c, &in);
	assert_true(session_cache_get(c, &sid, &out));
	assert_memory_equal(&in, &out, sizeof(in));
	assert_false(session_cache_get(c, &other, &out));
	cache_fill(&in, &sid, 'b');		/* replaced, not doubled */
	session_cache_put(c, &in);
	assert_true(session_cache_get(c, &sid, &out));
	assert_int_equal(out.body[0], 'b');
}

static void
cache_is_bounded(void **state)
{
	struct session_cache	*c = *state;
	struct session_entry	 e;
	struct uuid		 sid[1000];
	int			 i, n = 0;

	for (i = 0; i < 1000; i++) {
		uuid_make(&sid[i]);
		cache_fill(&e, &sid[i], 'x');
		session_cache_put(c, &e);
		/* The newest is always there. */
		assert_true(session_cache_get(c, &sid[i], &e));
	}
	for (i = 0; i < 1000; i++)
		n += session_cache_get(c, &sid[i], &e);
	assert_in_range(n, 1, 64);
}

static void
cache_due_once(void **state)
{
	struct session_cache	*c = *state;
	struct session_entry	 e;
	struct uuid		 sid;

	uuid_make(&sid);
	assert_false(session_cache_due(c, &sid, 1000, 60));
	cache_fill(&e, &sid, 'a');
	session_cache_put(c, &e);
	assert_true(session_cache_due(c, &sid, 1000, 60));
	assert_false(session_cache_due(c, &sid, 1059, 60));
	assert_true(session_cache_due(c, &sid, 1060, 60));
}

static void
cache_stamps(void **state)
{
	struct generations	*g;
	struct session_stamp	 a, b;
	struct uuid		 sid, user, app;

	(void)state;
	assert_int_equal(generations_new(&g), ERR_OK);
	uuid_make(&sid);
	uuid_make(&user);
	uuid_make(&app);
	session_stamp_take(g, &sid, &user, &app, &a);
	session_stamp_take(g, &sid, &user, &app, &b);
	assert_true(session_stamp_eq(&a, &b));
	generation_bump(g, GENERATION_SESSION, sid.b, 16);
	session_stamp_take(g, &sid, &user, &app, &b);
	assert_false(session_stamp_eq(&a, &b));
	generation_bump(g, GENERATION_USER, user.b, 16);
	session_stamp_take(g, &sid, &user, &app, &a);
	assert_false(session_stamp_eq(&a, &b));
	generation_bump(g, GENERATION_APP, app.b, 16);
	session_stamp_take(g, &sid, &user, &app, &b);
	assert_false(session_stamp_eq(&a, &b));
	generation_bump_all(g);
	session_stamp_take(g, &sid, &user, &app, &a);
	assert_false(session_stamp_eq(&a, &b));
	generations_free(g);
}

/* Two processes write entries of one letter each; a mixture is a torn read. */
static void
cache_is_never_torn(void **state)
{
	struct session_cache	*c = *state;
	struct session_entry	 e;
	struct uuid		 sid;
	pid_t			 pid[2];
	int			 i, seen = 0, status;
	size_t			 k;

	uuid_make(&sid);
	for (i = 0; i < 2; i++) {
		pid[i] = fork();
		assert_int_not_equal(pid[i], -1);
		if (pid[i] == 0) {
			cache_fill(&e, &sid, (char)('a' + i));
			for (;;)
				session_cache_put(c, &e);
		}
	}
	for (i = 0; i < TORN_READS || seen == 0; i++) {
		if (!session_cache_get(c, &sid, &e))
			continue;
		seen++;
		for (k = 1; k < SESSION_CACHE_BODY_MAX; k++)
			assert_int_equal(e.body[k], e.body[0]);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(kill(pid[i], SIGKILL), 0);
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
	}
}

static void
cache_fill(struct session_entry *e, const struct uuid *sid, char c)
{
	memset(e, 0, sizeof(*e));
	e->sid = *sid;
	uuid_make(&e->user);
	uuid_make(&e->app);
	e->expires_us = 12345;
	e->body_len = SESSION_CACHE_BODY_MAX;
	memset(e->body, c, sizeof(e->body));
}

static int
cache_setup(void **state)
{
	struct session_cache	*c;

	if (session_cache_new(64, &c) != ERR_OK)
		return (-1);
	*state = c;
	return (0);
}

static int
cache_teardown(void **state)
{
	session_cache_free(*state);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_setup_teardown(cache_round, cache_setup,
		    cache_teardown),
		cmocka_unit_test_setup_teardown(cache_is_bounded, cache_setup,
		    cache_teardown),
		cmocka_unit_test_setup_teardown(cache_due_once, cache_setup,
		    cache_teardown),
		cmocka_unit_test(cache_stamps),
		cmocka_unit_test_setup_teardown(cache_is_never_torn,
		    cache_setup, cache_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
