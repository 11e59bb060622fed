/*
 * test_password_rule - the table of what is refused and why, the person's own
 * words, length in code points after NFKC, long passwords, the time it takes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "password_rule.h"

static void	password_rule_table(void **state);
static void	password_rule_own_words(void **state);
static void	password_rule_lengths(void **state);
static void	password_rule_both_ends(void **state);
static void	password_rule_sentences(void **state);
static void	password_rule_is_bounded(void **state);

static enum password_fault
check(const struct password_rule *r, const char *pw)
{
	enum password_fault	f;

	assert_int_equal(password_rule_check(r, pw, strlen(pw), &f), ERR_OK);
	return (f);
}

static void
password_rule_table(void **state)
{
	static const struct {
		const char		*pw;
		enum password_fault	 fault;
	}				 cases[] = {
		{ "correct horse battery staple", PASSWORD_GOOD },
		{ "violet kettle marching", PASSWORD_GOOD },
		{ "kX9#mQ2p", PASSWORD_GOOD },
		{ "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d"
		    "\xe0\xa4\xa4\xe0\xa5\x87 \xe0\xa4\xa6\xe0\xa5\x81",
		    PASSWORD_GOOD },
		{ "", PASSWORD_SHORT },
		{ "kX9#mQ2", PASSWORD_SHORT },
		{ "password", PASSWORD_LISTED },
		{ "PASSWORD", PASSWORD_LISTED },
		{ "p4ssw0rd", PASSWORD_LISTED },
		{ "iloveyou", PASSWORD_LISTED },
		{ "aaaaaaaaaaaaaaaaaaaaaaaa", PASSWORD_WEAK },
		{ "1234567890123456", PASSWORD_WEAK },
		{ "abcdefghijklmnop", PASSWORD_WEAK },
		{ "asdfasdfasdfasdf", PASSWORD_WEAK },
		{ "letmeinletmein1", PASSWORD_WEAK },
		{ "Password123!Password", PASSWORD_WEAK },
		{ "1984-11-23", PASSWORD_WEAK },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
		    PASSWORD_WEAK },
		{ "long enough \xff but no text", PASSWORD_NOT_TEXT },
	};
	struct password_rule		 r;
	size_t				 i;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (i = 0; i < COUNT(cases); i++) {
		if (check(&r, cases[i].pw) != cases[i].fault)
			fail_msg("%s: %d", cases[i].pw,
			    (int)check(&r, cases[i].pw));
	}
}

static void
password_rule_own_words(void **state)
{
	static const char *const	bad[] = {
		"AshaRaoAshaRao", "asha.rao@example.org", "Asha-Rao-2024",
		"ASHA.RAO@EXAMPLE.ORG!", "+919876543210", "9876543210rao",
		"E77312-Rao", "payroll-asha-1", "@sh@r@0@sh@",
	};
	struct password_rule		 r, nobody;
	size_t				 i;

	(void)state;
	memset(&r, 0, sizeof(r));
	memset(&nobody, 0, sizeof(nobody));
	memcpy(r.user.name, "Asha Rao", 9);
	memcpy(r.user.email, "asha.rao@example.org", 21);
	memcpy(r.user.mobile_number, "+919876543210", 14);
	memcpy(r.user.emp_id, "E77312", 7);
	memcpy(r.service, "Payroll", 8);
	for (i = 0; i < COUNT(bad); i++) {
		if (check(&r, bad[i]) != PASSWORD_PERSONAL)
			fail_msg("%s: %d", bad[i], (int)check(&r, bad[i]));
	}
	assert_int_equal(check(&nobody, "AshaRaoAshaRao"), PASSWORD_GOOD);
	/* Among enough else one's name does no harm. */
	assert_int_equal(check(&r, "asha keeps violet kettles"),
	    PASSWORD_GOOD);
}

static void
password_rule_lengths(void **state)
{
	char			long_pw[1100];
	struct password_rule	r;
	enum password_fault	f;
	size_t			i;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.min_len = 15;
	assert_int_equal(check(&r, "kX9#mQ2pTz!4wB"), PASSWORD_SHORT);
	assert_int_equal(check(&r, "kX9#mQ2pTz!4wB7"), PASSWORD_GOOD);
	/* e and a combining accent are one code point once composed. */
	assert_int_equal(check(&r, "kX9#mQ2pTz!4wBe\xcc\x81"), PASSWORD_GOOD);
	assert_int_equal(check(&r, "kX9#mQ2pTz!4we\xcc\x81"), PASSWORD_SHORT);
	/* The ligature is two letters (NFKC). */
	assert_int_equal(check(&r, "kX9#mQ2pTz!4w\xef\xac\x81"),
	    PASSWORD_GOOD);
	/* Whatever a setting says, eight. */
	r.min_len = 1;
	assert_int_equal(check(&r, "kX9#mQ2"), PASSWORD_SHORT);
	for (i = 0; i < 1025; i++)
		long_pw[i] = (char)('!' + i * i % 89);
	assert_int_equal(password_rule_check(&r, long_pw, 1024, &f), ERR_OK);
	assert_int_equal(f, PASSWORD_GOOD);
	assert_int_equal(password_rule_check(&r, long_pw, 1025, &f), ERR_OK);
	assert_int_equal(f, PASSWORD_LONG);
}

static void
password_rule_both_ends(void **state)
{
	char			pw[400];
	struct password_rule	r;

	(void)state;
	memset(&r, 0, sizeof(r));
	memset(pw, 'a', sizeof(pw));
	pw[399] = '\0';
	assert_int_equal(check(&r, pw), PASSWORD_WEAK);
	memcpy(pw + 399 - 22, "violet kettle marching", 22);
	assert_int_equal(check(&r, pw), PASSWORD_GOOD);
	memset(pw, 'a', 399);
	memcpy(pw, "violet kettle marching", 22);
	assert_int_equal(check(&r, pw), PASSWORD_GOOD);
}

static void
password_rule_sentences(void **state)
{
	char			text[PASSWORD_RULE_TEXT_LEN + 1];
	char			other[PASSWORD_RULE_TEXT_LEN + 1];
	struct password_rule	r;
	int			f, g;

	(void)state;
	memset(&r, 0, sizeof(r));
	r.min_len = 15;
	for (f = PASSWORD_SHORT; f <= PASSWORD_WEAK; f++) {
		password_rule_text(&r, (enum password_fault)f, text);
		assert_true(strlen(text) > 10);
		for (g = PASSWORD_SHORT; g < f; g++) {
			password_rule_text(&r, (enum password_fault)g, other);
			assert_string_not_equal(text, other);
		}
	}
	password_rule_text(&r, PASSWORD_SHORT, text);
	assert_non_null(strstr(text, "15 characters"));
	r.min_len = 0;
	password_rule_text(&r, PASSWORD_SHORT, text);
	assert_non_null(strstr(text, "8 characters"));
	password_rule_text(&r, PASSWORD_GOOD, text);
	assert_string_equal(text, "");
}

/* The worst inputs known cost a bounded time, however long they are. */
static void
password_rule_is_bounded(void **state)
{
	static const char *const	cycles[] = {
		"a", "1", "ab", "19870123", "1l!i|7", "s5$z2", "asdf",
		"password",
	};
	char				pw[1025];
	struct password_rule		r;
	struct timespec			a, b;
	size_t				i, k, n;
	double				ms;

	(void)state;
	memset(&r, 0, sizeof(r));
	memcpy(r.user.name, "A1L Password", 13);
	for (k = 0; k < COUNT(cycles); k++) {
		n = strlen(cycles[k]);
		for (i = 0; i < 1024; i++)
			pw[i] = cycles[k][i % n];
		pw[1024] = '\0';
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
		assert_int_not_equal(check(&r, pw), PASSWORD_LONG);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
		ms = (double)(b.tv_sec - a.tv_sec) * 1e3 +
		    (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		/* Of processor time, under sanitizers: not a benchmark. */
		if (ms > 5000)
			fail_msg("%s: %f ms", cycles[k], ms);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(password_rule_table),
		cmocka_unit_test(password_rule_own_words),
		cmocka_unit_test(password_rule_lengths),
		cmocka_unit_test(password_rule_both_ends),
		cmocka_unit_test(password_rule_sentences),
		cmocka_unit_test(password_rule_is_bounded),
	};

	return (cmocka_run_group_tests_name("password_rule", tests, NULL,
	    NULL));
}
