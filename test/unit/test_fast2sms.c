/*
 * test_fast2sms - requests on each route, refusals before sending, and every
 * code of the provider.  Ref: providers.md 4.1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fast2sms.h"
#include "provider_docs.h"

static void	fast2sms_routes(void **state);
static void	fast2sms_text_found(void **state);
static void	fast2sms_refuses(void **state);
static void	fast2sms_codes(void **state);
static void	fast2sms_answers(void **state);
static void	fast2sms_wallet(void **state);

#define DLT	"\"route\":\"dlt\",\"sender_id\":\"ACMEIN\"," \
		"\"message_id\":\"111\""
#define MANUAL	"\"route\":\"dlt_manual\",\"sender_id\":\"ACMEIN\"," \
		"\"template_id\":\"11\",\"entity_id\":\"22\",\"template_text\":"

static const struct sms_send	fast2sms_send = {
	.to = "+919876543210", .code = "012345",
	.message = "012345 is your OTP for Payroll & Co. -ACME",
	.app_name = "Payroll & Co", .brand = "Acme",
	.request_id = "0190b1c2-0000-7000-8000-000000000001", .ttl_s = 300,
};

static struct provider *
fast2sms_of(const char *members)
{
	struct provider_errors	 e;
	struct provider		*p;
	char			 doc[2048];

	(void)snprintf(doc, sizeof(doc), "{\"name\":\"f\",\"type\":"
	    "\"fast2sms\",\"api_key\":\"the-key\",%s}", members);
	if (doc_parse(doc, NULL, &p, &e) != ERR_OK)
		fail_msg("%s: %s", e.v[0].field, e.v[0].message);
	return (p);
}

static void
fast2sms_routes(void **state)
{
	static const struct {
		const char	*members, *body;
	} t[] = {
		{ "\"route\":\"otp\"",
		    "route=otp&variables_values=012345&numbers=9876543210" },
		{ "\"route\":\"otp\",\"flash\":true", "route=otp&variables_values="
		    "012345&flash=1&numbers=9876543210" },
		{ DLT, "route=dlt&sender_id=ACMEIN&message=111&variables_values="
		    "012345&numbers=9876543210" },
		{ DLT ",\"variables\":[\"code\",\"app_name\",\"ttl_minutes\"]",
		    "route=dlt&sender_id=ACMEIN&message=111&variables_values="
		    "012345%7CPayroll%20%26%20Co%7C5&numbers=9876543210" },
		{ MANUAL "\"{#numeric#} is your OTP for {#var#}. -ACME\","
		    "\"variables\":[\"code\",\"app_name\"]",
		    "route=dlt_manual&sender_id=ACMEIN&template_id=11&entity"
		    "_id=22&"
		    "message=012345%20is%20your%20OTP%20for%20Payroll%20%26%"
		    "20Co."
		    "%20-ACME&numbers=9876543210" },
		{ MANUAL "\"{code} is your OTP for {app_name}. -ACME\"",
		    "route=dlt_manual&sender_id=ACMEIN&template_id=11&"
		    "entity_id=22&message=012345%20is%20your%20OTP%20for%20"
		    "Payroll%20%26%20Co.%20-ACME&numbers=9876543210" },
		{ "\"route\":\"q\"", "route=q&message=012345%20is%20your%20OTP%20"
		    "for%20Payroll%20%26%20Co.%20-ACME&language=english&"
		    "numbers=9876543210" },
	};
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	struct sms_send		 s = fast2sms_send;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		p = fast2sms_of(t[i].members);
		http_call_init(&c);
		if (provider_request(p, &fast2sms_send, &c, &why) != ERR_OK)
			fail_msg("%s", why.reason);
		assert_string_equal(c.method, "POST");
		assert_string_equal(c.url.data,
		    "https://www.fast2sms.com/dev/bulkV2");
		assert_int_equal(c.n_headers, 2);
		assert_string_equal(c.headers[0].data,
		    "authorization: the-key");
		assert_string_equal(c.body.data, t[i].body);
		http_call_clear(&c);
		provider_free(p);
	}
	p = fast2sms_of("\"route\":\"q\","
	    "\"base_url\":\"http://127.0.0.1:9//\"");
	s.message = "कोड 012345";
	http_call_init(&c);
	assert_int_equal(provider_request(p, &s, &c, &why), ERR_OK);
	assert_string_equal(c.url.data, "http://127.0.0.1:9/dev/bulkV2");
	assert_non_null(strstr(c.body.data, "&language=unicode&"));
	http_call_clear(&c);
	provider_free(p);
}

/* No "variables": the message is the template filled, or is not sent. */
static void
fast2sms_text_found(void **state)
{
	struct provider		*m = fast2sms_of(MANUAL
	    "\"{#numeric#} is your OTP for {#var#}. -ACME\"");
	struct provider		*d = fast2sms_of(DLT ",\"template_text\":"
	    "\"{#numeric#} is your OTP for {#var#}. -ACME\"");
	struct sms_send		 s = fast2sms_send;
	struct http_call	 c;
	struct verdict		 why;

	(void)state;
	http_call_init(&c);
	assert_int_equal(provider_request(m, &s, &c, &why), ERR_OK);
	assert_non_null(strstr(c.body.data, "message=012345%20is%20your%20OTP"
	    "%20for%20Payroll%20%26%20Co.%20-ACME&"));
	http_call_clear(&c);
	http_call_init(&c);
	assert_int_equal(provider_request(d, &s, &c, &why), ERR_OK);
	assert_non_null(strstr(c.body.data,
	    "variables_values=012345%7CPayroll%20%26%20Co&"));
	http_call_clear(&c);
	s.message = "012345 is your OTP for Payroll & Co.  -ACME";
	http_call_init(&c);
	assert_int_equal(provider_request(m, &s, &c, &why), ERR_FORMAT);
	assert_int_equal(why.kind, VERDICT_CONFIG);
	assert_non_null(strstr(why.reason, "approved template"));
	assert_int_equal(c.body.len, 0);
	http_call_clear(&c);
	provider_free(m);
	provider_free(d);
}

static void
fast2sms_refuses(void **state)
{
	static const struct {
		const char		*members;
		const char		*to, *code, *app_name;
		enum verdict_kind	 kind;
	} t[] = {
		{ "\"route\":\"otp\"", "+12125550100", "1", "A", VERDICT_USER },
		{ "\"route\":\"otp\"", "+9198765432", "1", "A", VERDICT_USER },
		{ "\"route\":\"otp\"", "+91987654321012", "1", "A", VERDICT_USER },
		{ "\"route\":\"otp\"", "+915876543210", "1", "A", VERDICT_USER },
		{ "\"route\":\"otp\"", "+919876543210", "12a", "A", VERDICT_CONFIG },
		{ "\"route\":\"otp\"", "+919876543210", "", "A", VERDICT_CONFIG },
		{ DLT, "+919876543210", "", "A", VERDICT_CONFIG },
		{ DLT ",\"variables\":[\"code\",\"app_name\"]", "+919876543210", "1",
		    "A|B", VERDICT_CONFIG },
		{ DLT ",\"variables\":[\"code\",\"app_name\"]", "+919876543210", "1",
		    "", VERDICT_CONFIG },
		{ DLT ",\"variables\":[\"code\",\"app_name\"]", "+919876543210", "1",
		    "An application with a long name", VERDICT_CONFIG },
		{ MANUAL "\"{#numeric#}: {#alphanumeric#}\",\"variables\":"
		    "[\"code\",\"app_name\"]", "+919876543210", "1", "A&B",
		    VERDICT_CONFIG },
	};
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	struct sms_send		 s = fast2sms_send;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		p = fast2sms_of(t[i].members);
		s.to = t[i].to;
		s.code = t[i].code;
		s.app_name = t[i].app_name;
		http_call_init(&c);
		assert_int_equal(provider_request(p, &s, &c, &why), ERR_FORMAT);
		if (why.kind != t[i].kind || why.reason[0] == '\0')
			fail_msg("%s %s: %s", t[i].members, t[i].to,
			    why.reason);
		http_call_clear(&c);
		provider_free(p);
	}
	p = fast2sms_of("\"route\":\"q\"");
	s = fast2sms_send;
	s.message = "";
	http_call_init(&c);
	assert_int_equal(provider_request(p, &s, &c, &why), ERR_FORMAT);
	http_call_clear(&c);
	provider_free(p);
}

static void
fast2sms_codes(void **state)
{
	static const int	config[] = {
		401, 402, 403, 404, 406, 407, 408, 409, 410, 412, 413, 414, 415,
		417, 424, 425, 426, 500, 990, 996, 997, 998, 999
	};
	const char		*text;
	struct provider		*p = fast2sms_of("\"route\":\"q\"");
	struct http_answer	 a = { .status = 400 };
	struct verdict		 v;
	char			 body[128];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(config); i++) {
		(void)snprintf(body, sizeof(body), "{\"return\":false,"
		    "\"status_code\":%d,\"message\":\"Some Words\"}",
		    config[i]);
		a.status = config[i] == 412 || config[i] == 413 ? 401 : 400;
		a.body = body;
		a.len = strlen(body);
		provider_judge(p, &a, &v);
		assert_int_equal(v.kind, VERDICT_CONFIG);
		assert_int_equal(fast2sms_code(config[i], &text),
		    VERDICT_CONFIG);
		assert_non_null(strstr(v.reason, text));
		assert_non_null(strstr(v.reason, "Some Words"));
	}
	assert_int_equal(fast2sms_code(405, &text), VERDICT_USER);
	assert_int_equal(fast2sms_code(411, &text), VERDICT_USER);
	assert_int_equal(fast2sms_code(416, &text), VERDICT_BALANCE);
	assert_int_equal(fast2sms_code(995, &text), VERDICT_THROTTLED);
	assert_int_equal(fast2sms_code(42, &text), VERDICT_RETRY);
	provider_free(p);
}

static void
fast2sms_answers(void **state)
{
	static const struct {
		int			 status;
		const char		*body;
		enum verdict_kind	 kind;
		const char		*ref;
	} t[] = {
		{ 200, "{\"return\":true,\"request_id\":\"lwdtp7cjyqxvfe9\","
		    "\"message\":[\"Message sent successfully\"]}", VERDICT_OK,
		    "lwdtp7cjyqxvfe9" },
		{ 200, "{\"return\":true}", VERDICT_OK, "" },
		{ 200, "{\"return\":\"true\"}", VERDICT_RETRY, "" },
		{ 200, "{\"return\":1}", VERDICT_RETRY, "" },
		{ 200, "{\"return\":false,\"status_code\":411,\"message\":"
		    "\"Invalid Numbers\"}", VERDICT_USER, "" },
		{ 400, "{\"return\":false,\"status_code\":\"411\",\"message\":"
		    "[\"Invalid Numbers\"]}", VERDICT_USER, "" },
		{ 400, "{\"return\":true,\"request_id\":\"x\"}", VERDICT_RETRY, "" },
		{ 401, "{\"return\":false,\"status_code\":412,\"message\":"
		    "\"Invalid Authentication\"}", VERDICT_CONFIG, "" },
		{ 400, "{\"return\":false,\"status_code\":416,\"message\":\"x\"}",
		    VERDICT_BALANCE, "" },
		{ 400, "{\"return\":false,\"status_code\":995,\"message\":\"x\"}",
		    VERDICT_THROTTLED, "" },
		{ 400, "{\"return\":false,\"status_code\":777}", VERDICT_RETRY, "" },
		{ 401, "<html>", VERDICT_CONFIG, "" },
		{ 404, "", VERDICT_CONFIG, "" },
		{ 302, "", VERDICT_CONFIG, "" },
		{ 429, "", VERDICT_RETRY, "" },
		{ 500, "oops", VERDICT_RETRY, "" },
		{ 200, "", VERDICT_RETRY, "" },
		{ 200, "{\"return\":tr", VERDICT_RETRY, "" },
		{ 200, "[]", VERDICT_RETRY, "" },
	};
	struct provider		*p = fast2sms_of("\"route\":\"q\"");
	struct http_answer	 a = { .status = 0 };
	struct verdict		 v;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		a.status = t[i].status;
		a.body = t[i].body;
		a.len = strlen(t[i].body);
		provider_judge(p, &a, &v);
		if (v.kind != t[i].kind || strcmp(v.ref, t[i].ref) != 0)
			fail_msg("%d %s: %s", t[i].status, t[i].body,
			    v.reason);
	}
	a.body = t[5].body;
	a.len = strlen(t[5].body);
	provider_judge(p, &a, &v);
	assert_string_equal(v.reason,
	    "Fast2SMS 411: the number is invalid (\"Invalid Numbers\")");
	provider_free(p);
}

static void
fast2sms_wallet(void **state)
{
	static const struct {
		int			 status;
		const char		*body;
		enum verdict_kind	 kind;
		int64_t			 paise, n_sms;
	} t[] = {
		{ 200, "{\"return\":true,\"wallet\":\"494.10\"}", VERDICT_OK,
		    49410, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"494.1\",\"sms_count\":12}",
		    VERDICT_OK, 49410, 12 },
		{ 200, "{\"return\":true,\"wallet\":494.1}", VERDICT_OK, 49410, -1 },
		{ 200, "{\"return\":true,\"wallet\":7}", VERDICT_OK, 700, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"0\"}", VERDICT_OK, 0, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"1.239\"}", VERDICT_OK, 123, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"x\"}", VERDICT_RETRY, 0, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"1.\"}", VERDICT_RETRY, 0, -1 },
		{ 200, "{\"return\":true,\"wallet\":\"-3\"}", VERDICT_RETRY, 0, -1 },
		{ 200, "{\"return\":true}", VERDICT_RETRY, 0, -1 },
		{ 401, "{\"return\":false,\"status_code\":412}", VERDICT_CONFIG, 0,
		    -1 },
		{ 0, "", VERDICT_RETRY, 0, -1 },
	};
	struct provider		*p = fast2sms_of("\"route\":\"q\"");
	struct http_answer	 a = { .status = 0 };
	struct fast2sms_wallet	 w;
	struct http_call	 c;
	struct verdict		 v;
	size_t			 i;

	(void)state;
	http_call_init(&c);
	assert_int_equal(fast2sms_wallet_request(p, &c), ERR_OK);
	assert_string_equal(c.url.data, "https://www.fast2sms.com/dev/wallet");
	assert_string_equal(c.method, "POST");
	assert_string_equal(c.headers[0].data, "authorization: the-key");
	http_call_clear(&c);
	for (i = 0; i < COUNT(t); i++) {
		a.status = t[i].status;
		a.body = t[i].body;
		a.len = strlen(t[i].body);
		fast2sms_wallet_judge(&a, &w, &v);
		if (v.kind != t[i].kind)
			fail_msg("%s: %s", t[i].body, v.reason);
		if (v.kind == VERDICT_OK) {
			assert_int_equal(w.paise, t[i].paise);
			assert_int_equal(w.n_sms, t[i].n_sms);
		}
	}
	provider_free(p);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(fast2sms_routes),
		cmocka_unit_test(fast2sms_text_found),
		cmocka_unit_test(fast2sms_refuses),
		cmocka_unit_test(fast2sms_codes),
		cmocka_unit_test(fast2sms_answers),
		cmocka_unit_test(fast2sms_wallet),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
