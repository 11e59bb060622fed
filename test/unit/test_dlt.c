/*
 * test_dlt - approved texts: tags, values, and one wrong character.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dlt.h"

static void	dlt_parses(void **state);
static void	dlt_values_table(void **state);
static void	dlt_fills(void **state);
static void	dlt_one_wrong(void **state);
static void	dlt_extracts(void **state);
static void	dlt_hard(void **state);

static void
dlt_parses(void **state)
{
	static const struct {
		const char	*text;
		int		 n;	/* -1: refused */
	} t[] = {
		{ "Your OTP is {#var#}", 1 }, { "No variable", 0 },
		{ "{#numeric#} and {#alphanumeric#} {#url#} {#urlott#} {#email#} "
		    "{#cbn#}", 6 },
		{ "{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}", 8 },
		{ "{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}{#var#}"
		    "{#var#}", -1 },
		{ "{code} {ttl_minutes} {app_name} {brand} {request_id} {x} {", 5 },
		{ "{code}{code}{code}{code}{code}{code}{code}{code}{code}", -1 },
		{ "", -1 }, { "{#var}", -1 }, { "{#", -1 }, { "{#VAR#}", -1 },
		{ "{#number#}", -1 }, { "{var}", 0 }, { "\xff", -1 },
	};
	struct dlt_template	x;
	char			why[DLT_WHY_MAX];
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(dlt_parse(t[i].text, &x, why), t[i].n < 0 ?
		    ERR_FORMAT : ERR_OK);
		if (t[i].n >= 0)
			assert_int_equal(x.n, t[i].n);
		else
			assert_true(why[0] != '\0');
	}
}

static void
dlt_values_table(void **state)
{
	static const struct {
		enum dlt_kind	 kind;
		const char	*v;
		bool		 is_fine;
	} t[] = {
		{ DLT_ANY, "anything: 12 \xe0\xa4\x95!", true },
		{ DLT_ANY, "123456789012345678901234567890", true },
		{ DLT_ANY, "1234567890123456789012345678901", false },
		{ DLT_ANY, "", false }, { DLT_ANY, "a\nb", false },
		{ DLT_ANY, "\xff", false },
		{ DLT_NUMERIC, "012345", true }, { DLT_NUMERIC, "12a", false },
		{ DLT_NUMERIC, "1 2", false },
		{ DLT_ALPHANUMERIC, "Payroll 2", true },
		{ DLT_ALPHANUMERIC, "a@b", false },
		{ DLT_URL, "https://a.in/x?y=1", true },
		{ DLT_URL, "a b", false },
		{ DLT_EMAIL, "a.b@c.in", true }, { DLT_EMAIL, "abc", false },
		{ DLT_CALL, "+91 22-123", true }, { DLT_CALL, "12x", false },
	};
	char	why[DLT_WHY_MAX];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if ((dlt_value_check(t[i].kind, t[i].v, why) == ERR_OK) !=
		    t[i].is_fine)
			fail_msg("%d \"%s\"", t[i].kind, t[i].v);
	}
}

static void
dlt_fills(void **state)
{
	static const char	text[] =
	    "Dear user, {#numeric#} is your OTP for {#var#}. -ACME";
	const char *const	good[] = { "012345", "Payroll" };
	const char *const	wrong[] = { "01234x", "Payroll" };
	struct dlt_template	t;
	struct buf		b;
	char			why[DLT_WHY_MAX];

	(void)state;
	assert_int_equal(dlt_parse(text, &t, why), ERR_OK);
	buf_init(&b, 512);
	assert_int_equal(dlt_fill(&t, good, 2, &b, why), ERR_OK);
	assert_string_equal(b.data,
	    "Dear user, 012345 is your OTP for Payroll. -ACME");
	buf_reset(&b);
	assert_int_equal(dlt_fill(&t, good, 1, &b, why), ERR_FORMAT);
	assert_int_equal(dlt_fill(&t, wrong, 2, &b, why), ERR_FORMAT);
	assert_non_null(strstr(why, "tag"));
	buf_clear(&b);
}

/* Every character of the text, changed, dropped or doubled, is noticed. */
static void
dlt_one_wrong(void **state)
{
	static const char	text[] =
	    "OTP: {#numeric#}. Do not share. -ACME";
	static const char	sent[] = "OTP: 123456. Do not share. -ACME";
	struct dlt_template	t;
	char			s[64], why[DLT_WHY_MAX];
	size_t			i, len = strlen(sent);

	(void)state;
	assert_int_equal(dlt_parse(text, &t, why), ERR_OK);
	assert_true(dlt_matches(&t, sent));
	for (i = 0; i < len; i++) {
		memcpy(s, sent, len + 1);
		s[i] = '~';
		assert_false(dlt_matches(&t, s));
		if (i >= 5 && i < 11)
			continue;	/* fewer or more digits are fine */
		memmove(s + i, sent + i + 1, len - i);
		assert_false(dlt_matches(&t, s));
		memcpy(s, sent, i + 1);
		memcpy(s + i + 1, sent + i, len - i + 1);
		assert_false(dlt_matches(&t, s));
	}
	assert_false(dlt_matches(&t, ""));
	assert_false(dlt_matches(&t, "OTP: . Do not share. -ACME"));
}

static void
dlt_extracts(void **state)
{
	static const struct {
		const char	*text, *sent;
		const char	*v[2];	/* NULL: no match */
	} t[] = {
		{ "{#var#} and {#var#}", "a and b and c", { "a", "b and c" } },
		{ "{#numeric#}{#var#}", "12ab", { "1", "2ab" } },
		{ "{#var#}{#numeric#}", "ab12", { "ab", "12" } },
		{ "{#var#} {#numeric#}!", "a b 12!", { "a b", "12" } },
		{ "x{#var#}", "y1", { NULL, NULL } },
		{ "{#var#}x{#var#}", "\xe0\xa4\x95x\xc3\xa9",
		    { "\xe0\xa4\x95", "\xc3\xa9" } },
	};
	struct dlt_template	x;
	struct dlt_values	v;
	char			why[DLT_WHY_MAX];
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(dlt_parse(t[i].text, &x, why), ERR_OK);
		assert_int_equal(dlt_extract(&x, t[i].sent, &v),
		    t[i].v[1] == NULL ? ERR_FORMAT : ERR_OK);
		if (t[i].v[1] == NULL)
			continue;
		assert_string_equal(v.v[0], t[i].v[0]);
		assert_string_equal(v.v[1], t[i].v[1]);
	}
}

/* Ambiguous all over: without memory of dead ends 30^8 readings. */
static void
dlt_hard(void **state)
{
	static const char	text[] = "{#var#}{#var#}{#var#}{#var#}{#var#}"
	    "{#var#}{#var#}{#numeric#}!";
	char			s[DLT_TEXT_MAX + 1], why[DLT_WHY_MAX];
	struct dlt_template	t;
	int64_t			start = clock_mono_us();

	(void)state;
	memset(s, 'a', sizeof(s));
	s[DLT_TEXT_MAX] = '\0';
	assert_int_equal(dlt_parse(text, &t, why), ERR_OK);
	assert_false(dlt_matches(&t, s));
	s[220] = '\0';
	assert_false(dlt_matches(&t, s));
	assert_true(clock_mono_us() - start < 5 * US_PER_S);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(dlt_parses),
		cmocka_unit_test(dlt_values_table),
		cmocka_unit_test(dlt_fills),
		cmocka_unit_test(dlt_one_wrong),
		cmocka_unit_test(dlt_extracts),
		cmocka_unit_test(dlt_hard),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
