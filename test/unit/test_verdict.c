/*
 * test_verdict - classes, their reasons, and what SMTP replies mean.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "str.h"
#include "verdict.h"

static void	verdict_names_table(void **state);
static void	verdict_reasons(void **state);
static void	verdict_faults_table(void **state);
static void	verdict_smtp_table(void **state);

static void
verdict_names_table(void **state)
{
	static const struct {
		const char		*s;
		enum verdict_kind	 kind;
	} t[] = {
		{ "retry", VERDICT_RETRY }, { "user", VERDICT_USER },
		{ "config", VERDICT_CONFIG }, { "balance", VERDICT_BALANCE },
		{ "throttled", VERDICT_THROTTLED },
	};
	enum verdict_kind	k;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(verdict_parse(t[i].s, &k), ERR_OK);
		assert_int_equal(k, t[i].kind);
		assert_string_equal(verdict_name(k), t[i].s);
	}
	assert_string_equal(verdict_name(VERDICT_OK), "ok");
	assert_int_equal(verdict_parse("ok", &k), ERR_NOT_FOUND);
	assert_int_equal(verdict_parse("", &k), ERR_NOT_FOUND);
}

static void
verdict_reasons(void **state)
{
	struct verdict	v;
	char		s[1000];
	size_t		i;

	(void)state;
	verdict_set(&v, VERDICT_RETRY, "a\r\nb\tc\x7f%s", "d");
	assert_string_equal(v.reason, "a  b c d");
	assert_string_equal(v.ref, "");
	/* Cut, but not within a character; whatever the bytes are. */
	for (i = 0; i + 2 < sizeof(s); i += 2)
		memcpy(s + i, "\xc3\xa9", 2);
	s[i] = '\0';
	verdict_set(&v, VERDICT_RETRY, "x%s", s);
	assert_true(strlen(v.reason) >= VERDICT_REASON_MAX - 1);
	assert_true(str_is_utf8(v.reason, strlen(v.reason)));
	verdict_set(&v, VERDICT_RETRY, "a\xff\xc3z\xe2\x82");
	assert_true(str_is_utf8(v.reason, strlen(v.reason)));
	assert_true(strncmp(v.reason, "a??z", 4) == 0);
}

static void
verdict_faults_table(void **state)
{
	static const struct {
		enum verdict_fault	f;
		enum verdict_kind	kind;
	} t[] = {
		{ FAULT_RESOLVE, VERDICT_RETRY },
		{ FAULT_BLOCKED, VERDICT_CONFIG },
		{ FAULT_CONNECT, VERDICT_RETRY },
		{ FAULT_TLS, VERDICT_CONFIG },
		{ FAULT_HANDSHAKE, VERDICT_RETRY },
		{ FAULT_TIMEOUT, VERDICT_RETRY }, { FAULT_CUT, VERDICT_RETRY },
		{ FAULT_TOO_LARGE, VERDICT_RETRY },
		{ FAULT_REDIRECT, VERDICT_CONFIG },
		{ FAULT_LOGIN, VERDICT_CONFIG },
		{ FAULT_OTHER, VERDICT_RETRY }, { FAULT_NONE, VERDICT_RETRY },
	};
	struct verdict	v;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		verdict_fault(&v, t[i].f, NULL);
		assert_int_equal(v.kind, t[i].kind);
		assert_true(v.reason[0] != '\0');
		verdict_fault(&v, t[i].f, "why so");
		assert_non_null(strstr(v.reason, ": why so"));
	}
}

static void
verdict_smtp_table(void **state)
{
	static const struct {
		int			 code;
		const char		*line;
		bool			 is_rcpt;
		enum verdict_kind	 kind;
	} t[] = {
		{ 250, "2.0.0 queued as 1", true, VERDICT_OK },
		{ 421, "4.3.2 shutting down", false, VERDICT_RETRY },
		{ 450, "4.2.0 greylisted", true, VERDICT_RETRY },
		{ 452, "4.5.3 too many", true, VERDICT_RETRY },
		{ 0, NULL, false, VERDICT_RETRY },
		{ 550, "5.1.1 no such user", true, VERDICT_USER },
		{ 552, "5.2.2 mailbox full", true, VERDICT_USER },
		{ 550, "no such user", true, VERDICT_USER },
		{ 553, NULL, true, VERDICT_USER },
		{ 550, "5.7.1 relaying denied", true, VERDICT_CONFIG },
		{ 554, "5.7.1 spam", true, VERDICT_CONFIG },
		{ 550, "5.1.8 bad sender", true, VERDICT_CONFIG },
		{ 550, "5.1.1 no such user", false, VERDICT_CONFIG },
		{ 535, "5.7.8 bad credentials", false, VERDICT_CONFIG },
		{ 530, "authentication required", true, VERDICT_CONFIG },
		{ 500, "what?", false, VERDICT_CONFIG },
	};
	struct verdict	v;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		verdict_smtp(&v, t[i].code, t[i].line, t[i].is_rcpt);
		if (v.kind != t[i].kind)
			fail_msg("%d %s: %s", t[i].code, t[i].line,
			    verdict_name(v.kind));
		assert_int_equal(v.reason[0] == '\0', v.kind == VERDICT_OK);
	}
	verdict_smtp(&v, 550, "5.1.1 no such user", true);
	assert_string_equal(v.reason,
	    "the mail server said 550 5.1.1 no such user");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(verdict_names_table),
		cmocka_unit_test(verdict_reasons),
		cmocka_unit_test(verdict_faults_table),
		cmocka_unit_test(verdict_smtp_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
