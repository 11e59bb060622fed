/*
 * test_pattern - patterns within their bounds, and hard ones end in time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "clock.h"
#include "pattern.h"

static void	pattern_good(void **state);
static void	pattern_bad(void **state);
static void	pattern_bounds(void **state);
static void	pattern_hard(void **state);

static void
pattern_good(void **state)
{
	static const struct {
		const char	*re, *s;
		bool		 is_match;
	} t[] = {
		{ "^ok$", "ok", true }, { "^ok$", "OK", false },
		{ "^(OK|SENT)", "SENT: 12", true },
		{ "[0-9]{6,10}", "id 1234567", true },
		{ "[0-9]{6}", "12345", false },
		{ "a{2,}b", "aab", true }, { "a{,2}", "b", true },
		{ "[]x]+", "]", true }, { "[^]]", "]", false },
		{ "[[:digit:]]+", "x7", true }, { "\\{", "{", true },
		{ "(a|b)*c", "ababc", true }, { "a?b+c*", "b", true },
		{ "[a-z]+(\\.[a-z]+)*", "a.b", true },
	};
	char	why[PATTERN_WHY_MAX];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(pattern_check(t[i].re, why), ERR_OK);
		assert_int_equal(pattern_matches(t[i].re, t[i].s,
		    strlen(t[i].s)), t[i].is_match);
	}
}

static void
pattern_bad(void **state)
{
	static const char *const	bad[] = {
		"", "(a)\\1", "(", "[", "[[:digit:]", "[a", "a{65}",
		"a{1,99}", "a{x}", "a{", "(a){2}", "(a|b){2,3}", "a**", "a+*",
		"a{2}{3}", "a+?", "((((( a )))))", "[z-a]", "*{2}",
		"[[:nope:]]",
	};
	char	why[PATTERN_WHY_MAX];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		why[0] = '\0';
		if (pattern_check(bad[i], why) == ERR_OK)
			fail_msg("accepted: %s", bad[i]);
		assert_true(why[0] != '\0');
		assert_int_equal(pattern_check(bad[i], NULL), ERR_FORMAT);
		assert_false(pattern_matches(bad[i], "a", 1));
	}
}

static void
pattern_bounds(void **state)
{
	char	re[PATTERN_MAX + 2], s[PATTERN_SUBJECT_MAX + 2];

	(void)state;
	memset(re, 'a', sizeof(re));
	re[PATTERN_MAX + 1] = '\0';
	assert_int_equal(pattern_check(re, NULL), ERR_FORMAT);
	re[PATTERN_MAX] = '\0';
	assert_int_equal(pattern_check(re, NULL), ERR_OK);
	memset(s, 'x', sizeof(s));
	s[PATTERN_SUBJECT_MAX - 1] = 'y';
	s[PATTERN_SUBJECT_MAX] = 'z';
	assert_true(pattern_matches("y", s, sizeof(s)));
	assert_false(pattern_matches("z", s, sizeof(s)));
	assert_true(pattern_matches("^a$", "a\0b", 3));
	assert_false(pattern_matches("b", "a\0b", 3));
	assert_true(pattern_matches("^$", "", 0));
}

/* Each doubles something; none may take long against the longest subject. */
static void
pattern_hard(void **state)
{
	static const char *const	hard[] = {
		"((((a+)+)+)+)b", "(a|a)*(a|a)*(a|a)*b", "(a*)*b",
		"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[x]",
		"(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)x",
		"a{64}a{64}a{64}a{64}a{64}a{64}a{64}a{64}b",
		"((((a{64}+)+)+)+)",
		"(((([a-z]{1,64})+)+)+)x",
	};
	char	s[PATTERN_SUBJECT_MAX];
	int64_t	start;
	size_t	i;

	(void)state;
	memset(s, 'a', sizeof(s));
	for (i = 0; i < COUNT(hard); i++) {
		start = clock_mono_us();
		if (pattern_check(hard[i], NULL) == ERR_OK)
			assert_false(pattern_matches(hard[i], s, sizeof(s)));
		if (clock_mono_us() - start > 5 * US_PER_S)
			fail_msg("%s took %lld ms", hard[i],
			    (long long)((clock_mono_us() - start) / 1000));
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(pattern_good),
		cmocka_unit_test(pattern_bad),
		cmocka_unit_test(pattern_bounds),
		cmocka_unit_test(pattern_hard),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
