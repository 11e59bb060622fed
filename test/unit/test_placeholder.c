/*
 * test_placeholder - placeholders where they may stand, escaped for there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "placeholder.h"

static void	placeholder_expands(void **state);
static void	placeholder_refuses(void **state);
static void	placeholder_uses(void **state);
static void	placeholder_json_is_json(void **state);

static const struct placeholder_values	placeholder_v = { {
	[PH_TO_E164] = "+919876543210", [PH_TO_NATIONAL] = "9876543210",
	[PH_COUNTRY_CODE] = "91", [PH_CODE] = "012345",
	[PH_MESSAGE] = "a\"b\\<c>&'d\r\n\x01 \xc3\xa9",
	[PH_TTL_MINUTES] = "5", [PH_APP_NAME] = "A&B",
	[PH_TO] = "00919876543210", [PH_TEMPLATE_ID] = "1107",
	[PH_LOCALE] = "hi",
}, NULL };

static void
placeholder_expands(void **state)
{
	static const struct {
		enum placeholder_context	 ctx;
		const char			*s, *out;
	} t[] = {
		{ PH_IN_URL, "https://x/?to={to_e164}&m={message}",
		    "https://x/?to=%2B919876543210&m=a%22b%5C%3Cc%3E%26%27d"
		    "%0D%0A%01%20%C3%A9" },
		{ PH_IN_FORM, "a={app_name}&b={code}", "a=A%26B&b=012345" },
		{ PH_IN_JSON, "{\"m\":\"{message}\",\"t\":{ttl_minutes}}",
		    "{\"m\":\"a\\\"b\\\\<c>&'d\\r\\n\\u0001 \xc3\xa9\","
		    "\"t\":5}" },
		{ PH_IN_XML, "<m a='{app_name}'>{message}</m>",
		    "<m a='A&amp;B'>a&quot;b\\&lt;c&gt;&amp;&#39;d&#13;&#10;"
		    "  \xc3\xa9</m>" },
		{ PH_IN_HEADER, "x {message}", "x a\"b\\<c>&'d    \xc3\xa9" },
		{ PH_IN_TEXT, "{code} {sender}.", "012345 ." },
		{ PH_IN_TEXT, "{otp} {cc} {ttl_min}", "012345 91 5" },
		{ PH_IN_JSON, "{\"t\":{ttl_min},\"c\":{cc}}",
		    "{\"t\":5,\"c\":91}" },
		{ PH_IN_TEXT, "{to} {template_id} {locale}", "00919876543210 "
		    "1107 hi" },
		{ PH_IN_TEXT, "{ code} {} {{code}} {", "{ code} {} {012345} {" },
		{ PH_IN_TEXT, "", "" },
	};
	char		why[PH_WHY_MAX];
	struct buf	b;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		buf_init(&b, 512);
		buf_str(&b, "");
		assert_int_equal(placeholder_check(t[i].s, t[i].ctx, NULL,
		    NULL, why), ERR_OK);
		assert_int_equal(placeholder_expand(t[i].s, t[i].ctx,
		    &placeholder_v, &b), ERR_OK);
		assert_string_equal(b.data, t[i].out);
		buf_clear(&b);
	}
}

static void
placeholder_refuses(void **state)
{
	static const struct {
		enum placeholder_context	 ctx;
		const char			*s, *why;
	} t[] = {
		{ PH_IN_URL, "x{nope}", "unknown placeholder: {nope}" },
		{ PH_IN_URL, "x{TO_E164}", "unknown placeholder: {TO_E164}" },
		{ PH_IN_JSON, "{\"c\":{code}}",
		    "must stand within a JSON string: {code}" },
		{ PH_IN_JSON, "{\"a\\\"\":{message}}",
		    "must stand within a JSON string: {message}" },
		{ PH_IN_JSON, "{\"a\":\"\\{nope}\"}",
		    "unknown placeholder: {nope}" },
		{ PH_IN_TEXT, "say \"\\{nope}\"", "unknown placeholder: {nope}" },
		{ PH_IN_JSON, "{\"a\":\"{secret.k}\"}",
		    "not among the secrets: {secret.k}" },
	};
	char		why[PH_WHY_MAX];
	struct buf	b;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(placeholder_check(t[i].s, t[i].ctx, NULL,
		    NULL, why), ERR_FORMAT);
		assert_string_equal(why, t[i].why);
	}
	buf_init(&b, 64);
	assert_int_equal(placeholder_expand("{nope}", PH_IN_TEXT,
	    &placeholder_v, &b), ERR_FORMAT);
	buf_clear(&b);
	buf_init(&b, 8);
	assert_int_equal(placeholder_expand("{message}", PH_IN_JSON,
	    &placeholder_v, &b), ERR_OK);
	assert_int_equal(buf_err(&b), ERR_SPACE);
	buf_clear(&b);
}

static void
placeholder_uses(void **state)
{
	struct placeholder_values	v = placeholder_v;
	json_t				*secrets;
	unsigned int			 used;
	char				 why[PH_WHY_MAX];
	struct buf			 b;

	(void)state;
	secrets = json_pack("{s:s}", "k", "a/b");
	assert_int_equal(placeholder_check("{code}{to_e164}{secret.k}",
	    PH_IN_URL, secrets, &used, why), ERR_OK);
	assert_int_equal(used, PH_BIT(PH_CODE) | PH_BIT(PH_TO_E164));
	buf_init(&b, 64);
	v.secrets = secrets;
	assert_int_equal(placeholder_expand("k={secret.k}", PH_IN_URL, &v,
	    &b), ERR_OK);
	assert_string_equal(b.data, "k=a%2Fb");
	buf_clear(&b);
	json_decref(secrets);
}

/* Whatever the values are, the body stays one object with the same members. */
static void
placeholder_json_is_json(void **state)
{
	static const char *const	hostile[] = {
		"\",\"admin\":true,\"x\":\"", "\\", "\\\"", "\x01\x1f", "{code}",
	};
	struct placeholder_values	v = placeholder_v;
	json_error_t			why;
	json_t				*j;
	struct buf			 b;
	size_t				 i;

	(void)state;
	for (i = 0; i < COUNT(hostile); i++) {
		v.v[PH_MESSAGE] = hostile[i];
		buf_init(&b, 512);
		assert_int_equal(placeholder_expand("{\"m\":\"{message}\"}",
		    PH_IN_JSON, &v, &b), ERR_OK);
		j = json_loadb(b.data, b.len, 0, &why);
		assert_int_equal(json_object_size(j), 1);
		assert_string_equal(json_string_value(json_object_get(j,
		    "m")), hostile[i]);
		json_decref(j);
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(placeholder_expands),
		cmocka_unit_test(placeholder_refuses),
		cmocka_unit_test(placeholder_uses),
		cmocka_unit_test(placeholder_json_is_json),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
