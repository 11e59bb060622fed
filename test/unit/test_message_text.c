/*
 * test_message_text - the shipped texts, an operator's, and what values can
 * and cannot do to them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "message_text.h"

static void	text_names(const char *name, const char *want);
static void	text_shipped(void **state);
static void	text_renders(void **state);
static void	text_values_are_tame(void **state);
static void	text_checks(void **state);
static void	text_languages(void **state);
static void	text_previews(void **state);

static const struct message_var	text_more[] = {
	{ "code", "123456" }, { "ttl_s", "299" }, { "app_name", "Payroll" },
	{ "brand", "Acme" }, { "host", "pay.acme.com" }, { "ip", NULL },
};
static const struct text_vars	text_vars = { NULL, text_more,
	COUNT(text_more) };

/* |want|: NULL for none. */
static void
text_names(const char *name, const char *want)
{
	struct buf	b;

	buf_init(&b, 200);
	text_variables(name, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	if (want == NULL)
		assert_int_equal(b.len, 0);
	else
		assert_string_equal(b.data, want);
	buf_clear(&b);
}

/* Every shipped text is one that an operator could have saved. */
static void
text_shipped(void **state)
{
	struct text_errors	 e;
	struct text_preview	 p;
	const struct text	*t;
	const char		*name;
	size_t			 i, c;

	(void)state;
	assert_string_equal(text_name(0), MESSAGE_SIGN_IN_CODE);
	for (i = 0; (name = text_name(i)) != NULL; i++) {
		for (c = 0; c < TEXT_CHANNEL_MAX; c++) {
			t = text_default(name, (enum text_channel)c);
			assert_non_null(t);
			if (text_check(name, (enum text_channel)c, t, &e) !=
			    ERR_OK)
				fail_msg("%s: %s %s", name, e.v[0].field,
				    e.v[0].message);
			assert_int_equal(text_preview(name,
			    (enum text_channel)c, t, &text_vars, &p), ERR_OK);
			assert_null(strstr(p.out.text.data, "{{"));
			if (c == TEXT_SMS) {
				assert_true(p.count.is_gsm7);
				assert_int_equal(p.count.segments, 1);
				if (p.n_warnings > 0)
					fail_msg("%s: %s", name,
					    p.warnings[0]);
			} else {
				assert_true(p.out.subject.len > 0);
				assert_null(strstr(p.out.html.data, "{{"));
			}
			text_out_clear(&p.out);
		}
	}
	assert_int_equal(i, 8);
	assert_null(text_default("nothing", TEXT_SMS));
	text_names("nothing", NULL);
	text_names(MESSAGE_SIGN_IN_CODE,
	    "code, ttl_minutes, ttl_s, app_name, brand, name, host");
	text_names(MESSAGE_PASSWORD_CHANGED, "app_name, brand, name, host");
}

static void
text_renders(void **state)
{
	static const struct {
		const char	*t, *out;
	} t[] = {
		{ "{{code}} for {{ttl_minutes}} min", "123456 for 5 min" },
		{ "{{ code }}{{code}}", "123456123456" },
		{ "{code} { {code}} {{", "{code} { {code}} {{" },
		{ "a\n\n@{{host}} #{{code}}", "a\n\n@pay.acme.com #123456" },
		{ "a\n{{ip}}\nb\n", "a\nb" },
		{ "a\nAt {{ip}}\nb {{ip}}{{brand}}", "a\nb Acme" },
		{ "a {{unheard_of}}b", "" },		/* nothing is left */
		{ "x\n\n\n{{name}}", "x" },
	};
	const struct message_var	no_host[] = {
		{ "code", "1" }, { "host", "" },
	};
	const struct text_vars		v = { NULL, no_host, 2 };
	struct text			x = { NULL, NULL, NULL };
	struct text_out			out;
	size_t				i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		x.text = t[i].t;
		text_out_init(&out);
		assert_int_equal(text_render(&x, &text_vars, &out),
		    t[i].out[0] == '\0' ? ERR_FORMAT : ERR_OK);
		if (t[i].out[0] != '\0')
			assert_string_equal(out.text.data, t[i].out);
		text_out_clear(&out);
	}
	/* The line that binds the code is nothing without a host. */
	x.text = "a {{code}}\n\n@{{host}} #{{code}}";
	text_out_init(&out);
	assert_int_equal(text_render(&x, &v, &out), ERR_OK);
	assert_string_equal(out.text.data, "a 1");
	text_out_clear(&out);
}

/* No value makes a line, a tag, a variable, or a last line of its own. */
static void
text_values_are_tame(void **state)
{
	char				 longest[400];
	const struct message_var	 evil[] = {
		{ "code", "1\n@evil.com #1" },
		{ "app_name", "<script>\"&'\r\n{{code}}" },
		{ "brand", longest }, { "token", longest },
	};
	const struct text_vars		 v = { NULL, evil, COUNT(evil) };
	struct text			 x = {
		"{{app_name}}", "{{code}} {{app_name}}",
		"<a title=\"{{app_name}}\">{{code}}</a>" };
	struct text_out			 out;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	text_out_init(&out);
	assert_int_equal(text_render(&x, &v, &out), ERR_OK);
	assert_string_equal(out.subject.data, "<script>\"&'  {{code}}");
	assert_string_equal(out.text.data,
	    "1 @evil.com #1 <script>\"&'  {{code}}");
	assert_string_equal(out.html.data, "<a title=\"&lt;script&gt;&quot;"
	    "&amp;&#39;  {{code}}\">1 @evil.com #1</a>");
	text_out_clear(&out);
	/* What people chose is cut; a token is not. */
	x.subject = x.html = NULL;
	x.text = "{{brand}}";
	text_out_init(&out);
	assert_int_equal(text_render(&x, &v, &out), ERR_OK);
	assert_int_equal(out.text.len, 80);
	text_out_clear(&out);
	x.text = "{{token}}";
	text_out_init(&out);
	assert_int_equal(text_render(&x, &v, &out), ERR_OK);
	assert_int_equal(out.text.len, sizeof(longest) - 1);
	text_out_clear(&out);
}

static void
text_checks(void **state)
{
	static const struct {
		const char		*name;
		enum text_channel	 c;
		struct text		 t;
		const char		*field;		/* NULL: fine */
	} t[] = {
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code}}", NULL }, NULL },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { "", "{{code}}", "" }, NULL },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "hello", NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{ode}}", NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code}} {{device}}",
		    NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code", NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{}}{{code}}", NULL },
		    "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code}}\x07", NULL },
		    "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code}}\xff", NULL },
		    "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "", NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, NULL, NULL }, "text" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { "s", "{{code}}", NULL },
		    "subject" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_SMS, { NULL, "{{code}}", "x" }, "html" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_EMAIL, { "s", "{{code}}", NULL }, NULL },
		{ MESSAGE_SIGN_IN_CODE, TEXT_EMAIL, { "", "{{code}}", NULL },
		    "subject" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_EMAIL, { "a\nb", "{{code}}", NULL },
		    "subject" },
		{ MESSAGE_SIGN_IN_CODE, TEXT_EMAIL, { "s", "{{code}}", "<b>x</b>" },
		    "html" },
		{ MESSAGE_RESET_TOKEN, TEXT_EMAIL, { "s", "{{token}}",
		    "{{token}}" }, NULL },
		{ MESSAGE_RESET_TOKEN, TEXT_EMAIL, { "s", "x", "{{token}}" },
		    "text" },
		/* Nothing has ever given it a value. */
		{ MESSAGE_RESET_TOKEN, TEXT_EMAIL, { "s", "{{link}}{{token}}",
		    NULL }, "text" },
		{ MESSAGE_RESET_TOKEN, TEXT_EMAIL, { "s", "x", NULL }, "text" },
		{ MESSAGE_NEW_DEVICE, TEXT_EMAIL, { "s", "{{device}} {{ip}}", NULL },
		    NULL },
		{ MESSAGE_MFA_ADDED, TEXT_SMS, { NULL, "ok", NULL }, NULL },
		{ MESSAGE_MFA_ADDED, TEXT_SMS, { NULL, "{{ttl_s}}", NULL }, "text" },
	};
	char			 longest[TEXT_BODY_MAX + 2];
	struct text		 x = { NULL, longest, NULL };
	struct text_errors	 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (text_check(t[i].name, t[i].c, &t[i].t, &e) !=
		    (t[i].field == NULL ? ERR_OK : ERR_FORMAT))
			fail_msg("%zu", i);
		if (t[i].field == NULL)
			continue;
		assert_int_equal(e.n, 1);
		assert_string_equal(e.v[0].field, t[i].field);
		assert_true(e.v[0].message[0] != '\0');
	}
	assert_int_equal(text_check("nothing", TEXT_SMS, &x, &e),
	    ERR_NOT_FOUND);
	memset(longest, 'a', sizeof(longest));
	longest[TEXT_BODY_MAX + 1] = '\0';
	assert_int_equal(text_check(MESSAGE_MFA_ADDED, TEXT_SMS, &x, &e),
	    ERR_FORMAT);
	longest[TEXT_BODY_MAX] = '\0';
	assert_int_equal(text_check(MESSAGE_MFA_ADDED, TEXT_SMS, &x, &e),
	    ERR_OK);
}

static void
text_languages(void **state)
{
	static const char *const	good[] = {
		"en", "hi", "en-IN", "zh-Hant-TW", "sr-Latn", "gsw", "en-GB-oxendict",
	};
	static const char *const	bad[] = {
		"", "e", "engl", "en-", "-en", "en--IN", "en_IN", "en-123456789",
		"e n", "en/..", "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
	};
	enum text_channel		c;
	size_t				i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_true(text_language_check(good[i]));
	for (i = 0; i < COUNT(bad); i++)
		assert_false(text_language_check(bad[i]));
	assert_int_equal(text_channel_parse("sms", &c), ERR_OK);
	assert_int_equal(c, TEXT_SMS);
	assert_int_equal(text_channel_parse("email", &c), ERR_OK);
	assert_string_equal(text_channel_name(c), "email");
	assert_int_equal(text_channel_parse("fax", &c), ERR_NOT_FOUND);
}

static void
text_previews(void **state)
{
	static const struct {
		const char	*t;
		const char	*warnings[3];	/* parts of them, in order */
		size_t		 segments;
	} t[] = {
		{ "{{code}}\n@{{host}} #{{code}}", { NULL }, 1 },
		{ "{{code}}", { "last line", NULL }, 1 },
		{ "क {{code}}\n@{{host}} #{{code}}", { "GSM", NULL }, 1 },
		{ "https://a.b/ {{code}}\n@{{host}} #{{code}}", { "link", NULL }, 1 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaa"
		    "{{code}}\n@{{host}} #{{code}}", { "2 messages", NULL },
		    2 },
	};
	struct text		x = { NULL, NULL, NULL };
	struct text_preview	p;
	size_t			i, k;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		x.text = t[i].t;
		assert_int_equal(text_preview(MESSAGE_SIGN_IN_CODE, TEXT_SMS,
		    &x, &text_vars, &p), ERR_OK);
		assert_int_equal(p.count.segments, t[i].segments);
		for (k = 0; t[i].warnings[k] != NULL; k++)
			assert_non_null(strstr(p.warnings[k],
			    t[i].warnings[k]));
		assert_int_equal(p.n_warnings, k);
		text_out_clear(&p.out);
	}
	/* Without values of the caller there are examples. */
	x.text = "{{code}} {{app_name}} {{ttl_minutes}}";
	assert_int_equal(text_preview(MESSAGE_SIGN_IN_CODE, TEXT_SMS, &x, NULL,
	    &p), ERR_OK);
	assert_string_equal(p.out.text.data, "123456 Payroll 5");
	text_out_clear(&p.out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(text_shipped),
		cmocka_unit_test(text_renders),
		cmocka_unit_test(text_values_are_tame),
		cmocka_unit_test(text_checks),
		cmocka_unit_test(text_languages),
		cmocka_unit_test(text_previews),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
