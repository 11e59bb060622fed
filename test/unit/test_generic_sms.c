/*
 * test_generic_sms - the request that a document describes, and what answers
 * mean.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "generic_sms.h"
#include "provider_docs.h"

static void	generic_requests(void **state);
static void	generic_whole_request(void **state);
static void	generic_signs(void **state);
static void	generic_numbers(void **state);
static void	generic_templates(void **state);
static void	generic_too_long(void **state);
static void	generic_answers(void **state);
static void	generic_costs(void **state);
static void	generic_faults(void **state);
static void	generic_status_sets(void **state);

static const struct sms_send	generic_send = {
	.to = "+919876543210", .code = "012345",
	.message = "Code \"012345\" & more\n@a.com #012345",
	.app_name = "Payroll", .brand = "Acme",
	.request_id = "0190b1c2-0000-7000-8000-000000000001", .ttl_s = 299,
	.now_s = 1700000000,
};

static struct provider *
generic_of(const char *members)
{
	struct provider_errors	 e;
	struct provider		*p;
	char			 doc[4096];

	(void)snprintf(doc, sizeof(doc),
	    "{\"name\":\"g\",\"type\":\"generic\",%s}", members);
	if (doc_parse(doc, NULL, &p, &e) != ERR_OK)
		fail_msg("%s: %s", e.v[0].field, e.v[0].message);
	return (p);
}

static void
generic_requests(void **state)
{
	static const struct {
		const char	*members;
		const char	*method, *url, *body;
		const char	*headers;	/* joined by '|' */
	} t[] = {
		{ "\"method\":\"GET\",\"url\":\"https://a.com/s?to={to_national}"
		    "&cc={country_code}&m={message}\",\"auth\":{\"kind\":\"q"
		    "uery\","
		    "\"name\":\"api key\",\"value\":\"k/1\"}",
		    "GET", "https://a.com/s?to=9876543210&cc=91&m=Code%20%22"
		    "012345"
		    "%22%20%26%20more%0A%40a.com%20%23012345&api%20key=k%2F1"
		    "", "",
		    "" },
		{ "\"method\":\"PUT\",\"url\":\"https://a.com/s\",\"content_type\":"
		    "\"application/x-www-form-urlencoded\",\"body\":"
		    "\"To={to_e164}&Otp={code}&Min={ttl_minutes}\",\"auth\":"
		    "{\"kind\":\"query\",\"name\":\"k\",\"value\":\"v\"}",
		    "PUT", "https://a.com/s?k=v",
		    "To=%2B919876543210&Otp=012345&Min=5",
		    "Content-Type: application/x-www-form-urlencoded" },
		{ "\"url\":\"https://a.com/s\",\"content_type\":\"xml\",\"sender\":"
		    "\"A&B\",\"body\":\"<m to='{to_e164}' from='{sender}'>{m"
		    "essage}"
		    "</m>\",\"auth\":{\"kind\":\"bearer\",\"token\":\"tok\"}",
		    "POST", "https://a.com/s", "<m to='+919876543210' from='"
		    "A&amp;B'>"
		    "Code &quot;012345&quot; &amp; more&#10;@a.com #012345</m>",
		    "Authorization: Bearer tok|Content-Type: application/xml" },
		{ "\"url\":\"https://a.com/s\",\"content_type\":\"text/plain\","
		    "\"body\":\"{to_e164} {code}\",\"headers\":{\"X-App\":"
		    "\"{app_name} {message}\"},\"auth\":{\"kind\":\"header"
		    "\",\"name\":"
		    "\"X-Key\",\"value\":\"s3\"}",
		    "POST", "https://a.com/s", "+919876543210 012345",
		    "X-App: Payroll Code \"012345\" & more @a.com #012345|X-"
		    "Key: s3|"
		    "Content-Type: text/plain" },
	};
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	struct buf		 all;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		p = generic_of(t[i].members);
		http_call_init(&c);
		assert_int_equal(provider_request(p, &generic_send, &c, &why),
		    ERR_OK);
		assert_string_equal(c.method, t[i].method);
		assert_string_equal(c.url.data, t[i].url);
		assert_string_equal(c.body.data == NULL ? "" : c.body.data,
		    t[i].body);
		buf_init(&all, 4096);
		buf_str(&all, "");
		for (k = 0; k < c.n_headers; k++) {
			buf_str(&all, k > 0 ? "|" : "");
			buf_str(&all, c.headers[k].data);
		}
		assert_string_equal(all.data, t[i].headers);
		buf_clear(&all);
		http_call_clear(&c);
		provider_free(p);
	}
}

static void
generic_whole_request(void **state)
{
	struct provider_errors	 e;
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;

	(void)state;
	assert_int_equal(doc_parse(DOC_GENERIC, NULL, &p, &e), ERR_OK);
	http_call_init(&c);
	assert_int_equal(generic_request(p, &generic_send, &c, &why), ERR_OK);
	assert_string_equal(c.body.data, "{\"to\":\"+919876543210\",\"text\":"
	    "\"Code \\\"012345\\\" & more\\n@a.com #012345\",\"k\":"
	    "\"body-secret\",\"ttl\":5}");
	assert_int_equal(c.n_headers, 6);
	assert_string_equal(c.headers[0].data,
	    "X-Id: 0190b1c2-0000-7000-8000-000000000001");
	assert_string_equal(c.headers[1].data, "X-Key: header-secret");
	assert_string_equal(c.headers[2].data,
	    "Authorization: Basic bWU6YmFzaWMtc2VjcmV0");
	assert_string_equal(c.headers[3].data,
	    "Content-Type: application/json");
	assert_string_equal(c.headers[4].data, "X-Time: 1700000000");
	assert_string_equal(c.headers[5].data, "X-Signature: sha256="
	    "423119f007389d9d23151aabbba6d4786551841a3a819681648ce1cc069deac9");
	http_call_clear(&c);
	provider_free(p);
}

/* Against what openssl dgst says. */
static void
generic_signs(void **state)
{
	static const struct {
		const char	*signature;
		const char	*time, *header;
	} t[] = {
		{ "\"secret\":\"sign-secret-1\"", NULL, "X-Signature: "
		    "43079f9bdc04b8b3a408409cda07c206e02f83a29f7f274e62037af"
		    "42fabe372" },
		{ "\"secret\":\"sign-secret-1\",\"encoding\":\"base64\","
		    "\"header\":\"Authorization\",\"prefix\":\"HMAC v1=\","
		    "\"timestamp_header\":\"X-At\"", "X-At: 1700000000",
		    "Authorization: HMAC v1="
		    "sGd5Steohm7KMUlJoab66tezN7eSNopr2hYTfltAkAg=" },
	};
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	char			 members[1024];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		(void)snprintf(members, sizeof(members), "\"url\":\"https:"
		    "//a.com/\",\"body\":{\"to\":\"{to_e164}\",\"code\":"
		    "\"{code}\"},\"signature\":{%s}", t[i].signature);
		p = generic_of(members);
		http_call_init(&c);
		assert_int_equal(provider_request(p, &generic_send, &c, &why),
		    ERR_OK);
		assert_int_equal(c.n_headers, t[i].time == NULL ? 2 : 3);
		if (t[i].time != NULL)
			assert_string_equal(c.headers[1].data, t[i].time);
		assert_string_equal(c.headers[c.n_headers - 1].data,
		    t[i].header);
		http_call_clear(&c);
		provider_free(p);
	}
}

static void
generic_numbers(void **state)
{
	static const struct {
		const char	*format, *to;
	} t[] = {
		{ "", "%2B919876543210" },
		{ "\"number_format\":\"e164\",", "%2B919876543210" },
		{ "\"number_format\":\"digits\",", "919876543210" },
		{ "\"number_format\":\"00\",", "00919876543210" },
		{ "\"number_format\":\"national\",", "9876543210" },
	};
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	char			 text[256];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		(void)snprintf(text, sizeof(text), "%s\"url\":\"https://a.com/"
		    "?t={to}&c={code}\"", t[i].format);
		p = generic_of(text);
		http_call_init(&c);
		assert_int_equal(provider_request(p, &generic_send, &c, &why),
		    ERR_OK);
		(void)snprintf(text, sizeof(text),
		    "https://a.com/?t=%s&c=012345", t[i].to);
		assert_string_equal(c.url.data, text);
		http_call_clear(&c);
		provider_free(p);
	}
}

/* Which id a message has, and in which language it is. */
static void
generic_templates(void **state)
{
#define IDS	"\"template_ids\":{\"sign_in_code\":\"any\"," \
		"\"sign_in_code/hi\":\"hindi\",\"sign_in_code/en-IN\":" \
		"\"india\",\"reset_code\":\"reset\"}"
#define REST	",\"template_id\":\"rest\""
	static const struct {
		const char	*members, *message;
		const char	*template, *locale, *language;
		const char	*id;		/* NULL: refused */
	} t[] = {
		{ IDS, "{message}", "sign_in_code", "fr", "ta", "any-fr" },
		{ IDS, "{message}", "sign_in_code", "hi", "en", "hindi-hi" },
		{ IDS, "{message}", "sign_in_code", "HI-in", "en",
		    "hindi-HI-in" },
		{ IDS, "{message}", "sign_in_code", "en-in", "hi",
		    "india-en-in" },
		{ IDS, "{message}", "sign_in_code", "en", "hi", "any-en" },
		{ IDS, "{message}", "sign_in_code", "", "hi", "any-en" },
		{ IDS, "{message}", "reset_code", "hi", "hi", "reset-hi" },
		{ IDS, "{message}", "mfa_added", "en", "en", NULL },
		{ IDS REST, "{message}", "mfa_added", "en", "en", "rest-en" },
		{ IDS REST, "{message}", NULL, "en", "en", "rest-en" },
		{ "\"template_id\":\"one\"", "{message}", "reset_code", "en",
		    "en", "one-en" },
		/* The gateway has the text: the person's language counts. */
		{ IDS, "{code}", "sign_in_code", "en", "hi", "hindi-hi" },
		{ IDS, "{code}", "sign_in_code", "hi", "", "any-en" },
	};
	struct sms_send		 s = generic_send;
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;
	char			 text[512];
	enum err		 r;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		(void)snprintf(text, sizeof(text), "\"url\":\"https://a.com/"
		    "?{to}\",\"content_type\":\"text\",\"body\":"
		    "\"{template_id}-{locale}|%s\",%s", t[i].message,
		    t[i].members);
		p = generic_of(text);
		s.template = t[i].template;
		s.locale = t[i].locale;
		s.language = t[i].language;
		http_call_init(&c);
		r = provider_request(p, &s, &c, &why);
		if (t[i].id == NULL) {
			assert_int_equal(r, ERR_FORMAT);
			assert_int_equal(why.kind, VERDICT_USER);
			assert_non_null(strstr(why.reason, t[i].template));
		} else {
			assert_int_equal(r, ERR_OK);
			*strchr(c.body.data, '|') = '\0';
			assert_string_equal(c.body.data, t[i].id);
		}
		http_call_clear(&c);
		provider_free(p);
	}
#undef IDS
#undef REST
}

static void
generic_too_long(void **state)
{
	struct sms_send		 s = generic_send;
	char			 text[HTTP_CALL_URL_MAX];
	struct provider		*p;
	struct http_call	 c;
	struct verdict		 why;

	(void)state;
	memset(text, '&', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	s.message = text;
	p = generic_of("\"url\":\"https://a.com/?{to_e164}{message}\"");
	http_call_init(&c);
	assert_int_equal(provider_request(p, &s, &c, &why), ERR_SPACE);
	assert_int_equal(why.kind, VERDICT_CONFIG);
	assert_true(why.reason[0] != '\0');
	http_call_clear(&c);
	provider_free(p);
}

static void
generic_answers(void **state)
{
	static const char	base[] =
	    "\"url\":\"https://a.com/?{to_e164}{code}"
	    "\",\"message_id_pointer\":\"/r/0/id\",\"errors\":{\"pointer\":"
	    "\"/e/code\",\"map\":{\"21\":\"user\",\"30\":\"balance\","
	    "\"busy\":\"retry\",\"flood\":\"throttled\",\"true\":\"config\"}},"
	    "\"success\":";
	static const struct {
		const char		*success;
		int			 status;
		const char		*body;
		enum verdict_kind	 kind;
		const char		*ref;
	} t[] = {
		{ "{}", 200, "", VERDICT_OK, "" },
		{ "{}", 201, "{\"r\":[{\"id\":\"m1\"}]}", VERDICT_OK, "m1" },
		{ "{}", 200, "{\"r\":[{\"id\":77}]}", VERDICT_OK, "77" },
		{ "{}", 200, "{\"r\":[{\"id\":{}}]}", VERDICT_OK, "" },
		{ "{}", 200, "garbage", VERDICT_OK, "" },
		{ "{\"status\":\"202\"}", 200, "", VERDICT_RETRY, "" },
		{ "{\"status\":\"200-202\"}", 202, "", VERDICT_OK, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200, "{\"ok\":true}",
		    VERDICT_OK, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200,
		    "{\"ok\":\"true\"}", VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200, "{\"ok\":1}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200, "{}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200, "<html>",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200, "{\"ok\":tr",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 500, "{\"ok\":true}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/n\",\"equals\":0}", 200, "{\"n\":0}",
		    VERDICT_OK, "" },
		{ "{\"pointer\":\"/n\",\"equals\":1}", 200, "{\"n\":1.0}",
		    VERDICT_OK, "" },
		{ "{\"pointer\":\"/n\",\"equals\":0}", 200, "{\"n\":\"0\"}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/n\",\"equals\":0}", 200, "{\"n\":false}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/s\",\"equals\":\"OK\"}", 200,
		    "{\"s\":\"OK\"}", VERDICT_OK, "" },
		{ "{\"pointer\":\"/s\",\"equals\":\"OK\"}", 200,
		    "{\"s\":\"ok\"}", VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/x\",\"equals\":null}", 200, "{\"x\":null}",
		    VERDICT_OK, "" },
		{ "{\"pointer\":\"/x\",\"equals\":null}", 200, "{}",
		    VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/s\",\"matches\":\"^(sent|queued)$\"}", 200,
		    "{\"s\":\"queued\"}", VERDICT_OK, "" },
		{ "{\"pointer\":\"/s\",\"matches\":\"^(sent|queued)$\"}", 200,
		    "{\"s\":\"failed\"}", VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/s\",\"matches\":\"^1\"}", 200,
		    "{\"s\":12}", VERDICT_OK, "" },
		{ "{\"matches\":\"^OK\"}", 200, "OK: 12", VERDICT_OK, "" },
		{ "{\"matches\":\"^OK\"}", 200, "ERR: no", VERDICT_RETRY, "" },
		{ "{}", 400, "{\"e\":{\"code\":21}}", VERDICT_USER, "" },
		{ "{}", 400, "{\"e\":{\"code\":\"21\"}}", VERDICT_USER, "" },
		{ "{}", 400, "{\"e\":{\"code\":30}}", VERDICT_BALANCE, "" },
		{ "{}", 503, "{\"e\":{\"code\":\"flood\"}}", VERDICT_THROTTLED, "" },
		{ "{}", 400, "{\"e\":{\"code\":true}}", VERDICT_CONFIG, "" },
		{ "{}", 401, "{\"e\":{\"code\":\"busy\"}}", VERDICT_RETRY, "" },
		{ "{\"pointer\":\"/ok\",\"equals\":true}", 200,
		    "{\"ok\":false,\"e\":{\"code\":21}}", VERDICT_USER, "" },
		{ "{}", 400, "{\"e\":{\"code\":99}}", VERDICT_RETRY, "" },
		{ "{}", 401, "", VERDICT_CONFIG, "" },
		{ "{}", 403, "", VERDICT_CONFIG, "" },
		{ "{}", 404, "", VERDICT_CONFIG, "" },
		{ "{}", 402, "", VERDICT_BALANCE, "" },
		{ "{}", 302, "", VERDICT_CONFIG, "" },
		{ "{}", 429, "", VERDICT_RETRY, "" },
		{ "{}", 500, "", VERDICT_RETRY, "" },
		{ "{}", 418, "", VERDICT_RETRY, "" },
	};
	struct http_answer	 a = { .body = NULL };
	struct provider		*p;
	struct verdict		 v;
	char			 members[2048];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		(void)snprintf(members, sizeof(members), "%s%s", base,
		    t[i].success);
		p = generic_of(members);
		a.status = t[i].status;
		a.body = t[i].body;
		a.len = strlen(t[i].body);
		a.retry_after_s = 3;
		provider_judge(p, &a, &v);
		if (v.kind != t[i].kind || strcmp(v.ref, t[i].ref) != 0)
			fail_msg("%s %d %s: %s %s", t[i].success, t[i].status,
			    t[i].body, verdict_name(v.kind), v.reason);
		assert_int_equal(v.reason[0] == '\0', v.kind == VERDICT_OK);
		assert_int_equal(v.retry_after_s, v.kind == VERDICT_OK ? 0 :
		    3);
		provider_free(p);
	}
}

/* An amount or none; whatever it is, the message was taken. */
static void
generic_costs(void **state)
{
	static const struct {
		const char	*unit, *body;
		int64_t		 cost;		/* -1: none */
		bool		 has_note;
	} t[] = {
		{ "unit", "{\"r\":[{\"price\":\"0.0075\"}]}", 7500, false },
		{ "unit", "{\"r\":[{\"price\":0.0075}]}", 7500, false },
		{ "unit", "{\"r\":[{\"price\":-1.2e-05}]}", 12, false },
		{ "unit", "{\"r\":[{\"price\":0.1}]}", 100000, false },
		{ "unit", "{\"r\":[{\"price\":0}]}", 0, false },
		{ "hundredth", "{\"r\":[{\"price\":25}]}", 250000, false },
		{ "hundredth", "{\"r\":[{\"price\":0.3}]}", 3000, false },
		{ "thousandth", "{\"r\":[{\"price\":7}]}", 7000, false },
		{ "millionth", "{\"r\":[{\"price\":7}]}", 7, false },
		{ "unit", "{\"r\":[{\"price\":null}]}", -1, false },
		{ "unit", "{\"r\":[{}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":\"\"}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":\"0,25\"}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":\"$0.25\"}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":true}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":[1]}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":1e300}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":123456789012}]}", -1, true },
		{ "unit", "{\"r\":[{\"price\":\"000000000000000000000000000"
		    "0000000000000000000000000000000000000000000000\"}]}", -1,
		    true },
		{ "unit", "OK", -1, true },
	};
	struct http_answer	 a = { .status = 200 };
	struct provider		*p;
	struct verdict		 v;
	char			 members[512];
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		(void)snprintf(members, sizeof(members), "\"url\":\"https:"
		    "//a.com/?{to}{code}\",\"cost_pointer\":\"/r/0/price\","
		    "\"cost_unit\":\"%s\"", t[i].unit);
		p = generic_of(members);
		a.body = t[i].body;
		a.len = strlen(t[i].body);
		provider_judge(p, &a, &v);
		if (v.kind != VERDICT_OK || v.has_cost != (t[i].cost >= 0) ||
		    (v.has_cost && v.cost != t[i].cost) ||
		    (v.note != NULL) != t[i].has_note)
			fail_msg("%s %s: %lld %s", t[i].unit, t[i].body,
			    (long long)v.cost, v.note == NULL ? "" : v.note);
		/* What was not taken has no cost. */
		a.status = 500;
		provider_judge(p, &a, &v);
		assert_false(v.has_cost);
		assert_null(v.note);
		a.status = 200;
		provider_free(p);
	}
}

static void
generic_faults(void **state)
{
	struct provider		*p = generic_of(
	    "\"url\":\"https://a.com/?{to_e164}{code}\"");
	struct http_answer	 a = { .fault = FAULT_CUT, .status = 200,
		.body = "{}", .len = 2 };
	struct verdict		 v;

	(void)state;
	/* A 200 that broke off is no success. */
	provider_judge(p, &a, &v);
	assert_int_equal(v.kind, VERDICT_RETRY);
	a.fault = FAULT_NONE;
	a.status = 0;
	provider_judge(p, &a, &v);
	assert_int_equal(v.kind, VERDICT_RETRY);
	provider_free(p);
}

static void
generic_status_sets(void **state)
{
	static const char *const	bad[] = {
		"", "2x", "2xxx", "6xx", "0xx", "99", "600", "200-", "-200",
		"204-200", "200;201", ",", "200,,201", "abc", "2xx-3xx",
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_false(status_set_check(bad[i]));
	assert_true(status_set_check("2xx, 404 ,300-302"));
	assert_true(status_set_has("2xx, 404 ,300-302", 299));
	assert_true(status_set_has("2xx, 404 ,300-302", 404));
	assert_true(status_set_has("2xx, 404 ,300-302", 302));
	assert_false(status_set_has("2xx, 404 ,300-302", 303));
	assert_true(status_set_has("2XX", 200));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(generic_requests),
		cmocka_unit_test(generic_whole_request),
		cmocka_unit_test(generic_signs),
		cmocka_unit_test(generic_numbers),
		cmocka_unit_test(generic_templates),
		cmocka_unit_test(generic_too_long),
		cmocka_unit_test(generic_answers),
		cmocka_unit_test(generic_costs),
		cmocka_unit_test(generic_faults),
		cmocka_unit_test(generic_status_sets),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
