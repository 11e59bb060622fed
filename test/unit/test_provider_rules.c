/*
 * test_provider_rules - what is wrong with a document, field by field.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "provider.h"
#include "provider_docs.h"

static void	rules_common(void **state);
static void	rules_generic(void **state);
static void	rules_fast2sms(void **state);
static void	rules_carrier(void **state);
static void	rules_smtp(void **state);
static void	rules_all_at_once(void **state);

struct rules_case {
	const char	*members;	/* behind those of the base; wins */
	const char	*field;		/* NULL: fine */
};

/*
 * |base| with |members| over it: a member given again replaces the first,
 * null takes it away.
 */
static void
rules_try(const char *base, const struct rules_case *t, size_t n)
{
	struct provider_errors	 e;
	struct provider_parse_args a = { NULL, NULL, NULL };
	struct cidr		 block;
	const struct cidr_list	 allow = { &block, 1 };
	struct provider		*p;
	json_t			*over, *doc;
	char			 text[4096];
	enum err		 r;
	size_t			 i;

	assert_int_equal(cidr_parse("127.0.0.0/8", 11, &block), ERR_OK);
	for (i = 0; i < n; i++) {
		assert_int_equal(json_in_object(base, strlen(base), &doc),
		    ERR_OK);
		(void)snprintf(text, sizeof(text), "{%s}", t[i].members);
		if (json_in_object(text, strlen(text), &over) != ERR_OK)
			fail_msg("no JSON: %s", text);
		assert_int_equal(json_object_update(doc, over), 0);
		a.doc = doc;
		a.allow = strstr(t[i].members, "\"allowed\"") != NULL ||
		    strstr(t[i].members, "127.0.0.1") != NULL ? &allow : NULL;
		r = provider_parse(&a, &p, &e);
		if (t[i].field == NULL ? r != ERR_OK : r != ERR_FORMAT ||
		    strcmp(e.v[0].field, t[i].field) != 0 || e.n != 1)
			fail_msg("%s: %s %s (%d)", t[i].members,
			    r == ERR_OK ? "accepted" : e.v[0].field,
			    r == ERR_OK ? "" : e.v[0].message,
			    r == ERR_OK ? 0 : (int)e.n);
		if (r == ERR_OK)
			provider_free(p);
		json_decref(over);
		json_decref(doc);
	}
}

static void
rules_common(void **state)
{
	static const struct rules_case	t[] = {
		{ "", NULL },
		{ "\"name\":\"\"", "name" }, { "\"name\":7", "name" },
		{ "\"name\":\"a/b\"", "name" }, { "\"name\":\"a\\u0007\"", "name" },
		{ "\"type\":\"sms\"", "type" }, { "\"type\":null", "type" },
		{ "\"enabled\":\"yes\"", "enabled" }, { "\"enabled\":false", NULL },
		{ "\"priority\":10001", "priority" }, { "\"priority\":1.5", "priority" },
		{ "\"priority\":0", NULL }, { "\"priority\":null", NULL },
		{ "\"timeout_s\":0", "timeout_s" }, { "\"timeout_s\":61", "timeout_s" },
		{ "\"retries\":0", NULL }, { "\"retries\":5", NULL },
		{ "\"retries\":6", "retries" }, { "\"retries\":-1", "retries" },
		{ "\"retries\":\"1\"", "retries" }, { "\"retries\":null", NULL },
		{ "\"backoff_ms\":200", NULL }, { "\"backoff_ms\":30000", NULL },
		{ "\"backoff_ms\":199", "backoff_ms" },
		{ "\"backoff_ms\":30001", "backoff_ms" },
		{ "\"backoff_ms\":500.5", "backoff_ms" },
		{ "\"countries\":\"91\"", "countries" },
		{ "\"countries\":[\"0\"]", "countries" },
		{ "\"countries\":[\"911\"]", "countries" },
		{ "\"countries\":[null]", "countries" },
		{ "\"countries\":[\"+44\",971,\"1\"]", NULL },
		{ "\"state\":\"ready\",\"version\":7,"
		    "\"last_error\":null", NULL },
		{ "\"hots\":\"x\"", "hots" }, { "\"url\":\"https://a.b\"", "url" },
	};
	char	name[PROVIDER_NAME_MAX * 2 + 32];
	size_t	i;

	(void)state;
	rules_try(DOC_SMTP, t, COUNT(t));
	for (i = 0; i < 2; i++) {
		struct rules_case	one = { name, i == 0 ? NULL : "name" };

		(void)snprintf(name, sizeof(name), "\"name\":\"%0*d\"",
		    PROVIDER_NAME_MAX + (int)i, 0);
		rules_try(DOC_SMTP, &one, 1);
	}
}

static void
rules_generic(void **state)
{
	static const struct rules_case	t[] = {
		{ "\"method\":\"PUT\"", NULL },
		{ "\"method\":\"DELETE\"", "method" }, { "\"method\":1", "method" },
		{ "\"method\":\"GET\"", "body" },
		{ "\"method\":\"GET\",\"body\":null,\"signature\":null,"
		    "\"url\":\"https://a.b/?t={to_e164}&m={message}\"", NULL },
		{ "\"url\":null", "url" }, { "\"url\":\"a.b/c\"", "url" },
		{ "\"url\":\"http://a.b/\"", "url" },
		{ "\"url\":\"http://127.0.0.1:9/\"", NULL },
		{ "\"url\":\"https://10.0.0.1/\"", "url" },
		{ "\"url\":\"https://a.b:22/\"", "url" },
		{ "\"url\":\"https://u:p@a.b/\"", "url" },
		{ "\"url\":\"https://{to_e164}.b/\"", "url" },
		{ "\"url\":\"https://a.b{message}/\"", "url" },
		{ "\"url\":\"{message}\"", "url" },
		{ "\"url\":\"https://a.b/{x}\"", "url" },
		{ "\"url\":\"https://a.b/ {message}\"", "url" },
		{ "\"url\":\"https://a.b/{secret.k}/{message}\"", NULL },
		{ "\"url\":\"https://a.b/{secret.l}\"", "url" },
		{ "\"headers\":[]", "headers" },
		{ "\"headers\":{\"Host\":\"x\"}", "headers.Host" },
		{ "\"headers\":{\"content-type\":\"x\"}", "headers.content-type" },
		{ "\"headers\":{\"a b\":\"x\"}", "headers.a b" },
		{ "\"headers\":{\"X\":\"\"}", "headers.X" },
		{ "\"headers\":{\"X\":\"a\\nb\"}", "headers.X" },
		{ "\"headers\":{\"X\":\"a\\rb\"}", "headers.X" },
		{ "\"headers\":{\"X\":\"{nope}\"}", "headers.X" },
		{ "\"headers\":{\"X\":\"{otp} {cc} {ttl_min}\"}", NULL },
		{ "\"headers\":{\"X\":5}", "headers.X" },
		{ "\"headers\":{\"X\":{\"value\":\"v\"}}", NULL },
		{ "\"headers\":{\"X\":{\"secret\":true}}", "headers.X" },
		{ "\"auth\":null", NULL }, { "\"auth\":{\"kind\":\"none\"}", NULL },
		{ "\"auth\":\"x\"", "auth" },
		{ "\"auth\":{\"kind\":\"digest\"}", "auth.kind" },
		{ "\"auth\":{}", "auth.kind" },
		{ "\"auth\":{\"kind\":\"basic\",\"username\":\"a\"}", "auth.password" },
		{ "\"auth\":{\"kind\":\"basic\",\"username\":\"a:b\",\"password\":"
		    "\"x\"}", "auth.username" },
		{ "\"auth\":{\"kind\":\"basic\",\"password\":\"x\"}",
		    "auth.username" },
		{ "\"auth\":{\"kind\":\"bearer\",\"token\":\"x\"}", NULL },
		{ "\"auth\":{\"kind\":\"bearer\"}", "auth.token" },
		{ "\"auth\":{\"kind\":\"bearer\",\"token\":\"a\\nb\"}",
		    "auth.token" },
		{ "\"auth\":{\"kind\":\"bearer\",\"token\":\"x\",\"value\":\"y\"}",
		    "auth.value" },
		{ "\"auth\":{\"kind\":\"header\",\"name\":\"X-Key\",\"value\":"
		    "\"x\"}", NULL },
		{ "\"auth\":{\"kind\":\"header\",\"name\":\"Host\",\"value\":"
		    "\"x\"}", "auth.name" },
		{ "\"auth\":{\"kind\":\"header\",\"value\":\"x\"}", "auth.name" },
		{ "\"auth\":{\"kind\":\"query\",\"name\":\"key\",\"value\":\"x\"}",
		    NULL },
		{ "\"auth\":{\"kind\":\"query\",\"value\":\"x\"}", "auth.name" },
		{ "\"auth\":{\"kind\":\"none\",\"colour\":\"x\"}", "auth.colour" },
		{ "\"signature\":null", NULL },
		{ "\"signature\":\"x\"", "signature" },
		{ "\"signature\":{}", "signature.secret" },
		{ "\"signature\":{\"secret\":\"7 bytes\"}",
		    "signature.secret" },
		{ "\"signature\":{\"secret\":\"8  bytes\"}", NULL },
		{ "\"signature\":{\"secret\":\"12345678\",\"key\":1}",
		    "signature.key" },
		{ "\"signature\":{\"secret\":\"12345678\",\"encoding\":"
		    "\"base64\",\"header\":\"authorization\"},\"auth\":null",
		    NULL },
		{ "\"signature\":{\"secret\":\"12345678\",\"encoding\":"
		    "\"base32\"}", "signature.encoding" },
		{ "\"signature\":{\"secret\":\"12345678\",\"header\":"
		    "\"authorization\"}", "signature.header" },
		{ "\"signature\":{\"secret\":\"12345678\",\"header\":"
		    "\"x-key\"}", "signature.header" },
		{ "\"signature\":{\"secret\":\"12345678\",\"header\":"
		    "\"X-S\"},\"auth\":{\"kind\":\"header\",\"name\":\"x-s\","
		    "\"value\":\"v\"}", "signature.header" },
		{ "\"signature\":{\"secret\":\"12345678\",\"header\":"
		    "\"Content-Length\"}", "signature.header" },
		{ "\"signature\":{\"secret\":\"12345678\",\"header\":"
		    "\"a b\"}", "signature.header" },
		{ "\"signature\":{\"secret\":\"12345678\","
		    "\"timestamp_header\":\"x-signature\"}",
		    "signature.timestamp_header" },
		{ "\"signature\":{\"secret\":\"12345678\","
		    "\"timestamp_header\":\"X-Id\"}",
		    "signature.timestamp_header" },
		{ "\"signature\":{\"secret\":\"12345678\",\"prefix\":"
		    "\"a\\nb\"}", "signature.prefix" },
		{ "\"method\":\"GET\",\"body\":null,\"signature\":"
		    "{\"secret\":\"12345678\"},\"url\":"
		    "\"https://a.b/?t={to_e164}&m={message}\"", "signature" },
		{ "\"content_type\":\"text/html\"", "content_type" },
		{ "\"content_type\":\"application/json; charset=utf-8\"", NULL },
		{ "\"content_type\":\"application/x-www-form-urlencoded\",\"body\":"
		    "\"to={to_national}&text={message}\"", NULL },
		{ "\"content_type\":\"text/xml\",\"body\":"
		    "\"<a to='{to_e164}'>{message}</a>\"", NULL },
		{ "\"body\":\"{\\\"a\\\":\"", "body" },
		{ "\"body\":\"{\\\"a\\\":{code}}\"", "body" },
		{ "\"body\":\"{\\\"a\\\":\\\"{nope}\\\"}\"", "body" },
		{ "\"body\":{\"to\":\"{to_e164}\",\"m\":[\"{code}\"]}", NULL },
		{ "\"body\":7", "body" },
		{ "\"body\":\"{\\\"a\\\":\\\"{to_e164}\\\"}\"", "body" },
		{ "\"body\":\"{\\\"a\\\":\\\"{code}\\\"}\"", "body" },
		{ "\"body\":\"{\\\"a\\\":\\\"{code} {to_e164} {sender}\\\"}\"",
		    "sender" },
		{ "\"body\":\"{\\\"a\\\":\\\"{code} {to_e164} {sender}\\\"}\","
		    "\"sender\":\"ACME\"", NULL },
		{ "\"body\":\"{\\\"a\\\":\\\"{to} {otp}\\\",\\\"t\\\":{ttl_min}}"
		    "\"", NULL },
		{ "\"body\":\"{\\\"a\\\":\\\"{to} {otp}\\\"}\","
		    "\"number_format\":\"00\"", NULL },
		{ "\"body\":\"{\\\"a\\\":\\\"{to} {otp}\\\"}\","
		    "\"number_format\":\"E164\"", "number_format" },
		{ "\"number_format\":\"digits\"", "number_format" },
		{ "\"headers\":{\"X\":\"{template_id}\"}", "template_id" },
		{ "\"headers\":{\"X\":\"{template_id}\"},"
		    "\"template_id\":\"1107\"", NULL },
		{ "\"template_id\":1107", "template_id" },
		{ "\"headers\":{\"X\":\"{template_id}\"},"
		    "\"template_ids\":{}", "template_ids" },
		{ "\"headers\":{\"X\":\"{template_id}\"},"
		    "\"template_ids\":{\"sign_in_code\":\"1\"}",
		    "template_ids" },
		{ "\"headers\":{\"X\":\"{template_id}\"},\"template_id\":"
		    "\"9\",\"template_ids\":{\"sign_in_code\":\"1\"}", NULL },
		{ "\"headers\":{\"X\":\"{template_id}\"},\"template_ids\":{"
		    "\"sign_in_code\":\"1\",\"sign_in_code/hi\":\"2\","
		    "\"reset_code\":\"3\"}", NULL },
		{ "\"template_ids\":{\"sign_in\":\"1\"}", "template_ids" },
		{ "\"template_ids\":{\"sign_in_code/\":\"1\"}",
		    "template_ids" },
		{ "\"template_ids\":{\"sign_in_code/h i\":\"1\"}",
		    "template_ids" },
		{ "\"template_ids\":{\"sign_in_code\":\"\"}",
		    "template_ids" },
		{ "\"template_ids\":{\"sign_in_code\":1}",
		    "template_ids.sign_in_code" },
		{ "\"template_ids\":[]", "template_ids" },
		{ "\"cost_pointer\":\"/price\"", NULL },
		{ "\"cost_pointer\":\"/price\",\"cost_unit\":\"hundredth\"",
		    NULL },
		{ "\"cost_pointer\":\"price\"", "cost_pointer" },
		{ "\"cost_pointer\":7", "cost_pointer" },
		{ "\"cost_pointer\":\"/price\",\"cost_unit\":\"paise\"",
		    "cost_unit" },
		{ "\"cost_unit\":\"unit\"", "cost_pointer" },
		{ "\"success\":null", NULL }, { "\"success\":{}", NULL },
		{ "\"success\":{\"status\":200}", NULL },
		{ "\"success\":{\"status\":\"2xx,404\"}", NULL },
		{ "\"success\":{\"status\":\"all\"}", "success.status" },
		{ "\"success\":{\"status\":\"200,\"}", "success.status" },
		{ "\"success\":{\"status\":true}", "success.status" },
		{ "\"success\":{\"pointer\":\"ok\",\"equals\":1}",
		    "success.pointer" },
		{ "\"success\":{\"pointer\":\"/ok\"}", "success.equals" },
		{ "\"success\":{\"equals\":1}", "success.pointer" },
		{ "\"success\":{\"pointer\":\"/a\",\"equals\":{}}",
		    "success.equals" },
		{ "\"success\":{\"pointer\":\"/a\",\"equals\":null}", NULL },
		{ "\"success\":{\"matches\":\"^OK\"}", NULL },
		{ "\"success\":{\"matches\":\"(\"}", "success.matches" },
		{ "\"success\":{\"matches\":\"(a)\\\\1\"}", "success.matches" },
		{ "\"success\":{\"pointer\":\"/a\",\"equals\":1,\"matches\":\"x\"}",
		    "success.matches" },
		{ "\"success\":{\"colour\":1}", "success.colour" },
		{ "\"errors\":null", NULL }, { "\"errors\":7", "errors" },
		{ "\"errors\":{\"pointer\":\"/e\"}", "errors.map" },
		{ "\"errors\":{\"map\":{\"1\":\"user\"}}", "errors.pointer" },
		{ "\"errors\":{\"pointer\":\"/e\",\"map\":{\"1\":\"ok\"}}",
		    "errors.map" },
		{ "\"errors\":{\"pointer\":\"/e\",\"map\":[]}", "errors.map" },
		{ "\"message_id_pointer\":\"id\"", "message_id_pointer" },
		{ "\"secrets\":{\"k\":\"x\",\"a-b\":\"y\"}", "secrets.a-b" },
		{ "\"secrets\":{\"k\":\"x\",\"l\":7}", "secrets.l" },
	};

	(void)state;
	rules_try(DOC_GENERIC, t, COUNT(t));
}

static void
rules_fast2sms(void **state)
{
	static const struct rules_case	t[] = {
		{ "", NULL },
		{ "\"api_key\":null", "api_key" }, { "\"api_key\":7", "api_key" },
		{ "\"api_key\":\"a\\nb\"", "api_key" },
		{ "\"route\":\"bulk\"", "route" }, { "\"route\":null", "route" },
		{ "\"route\":\"q\"", NULL }, { "\"route\":\"otp\"", NULL },
		{ "\"route\":\"dlt\"", "message_id" },
		{ "\"route\":\"dlt\",\"message_id\":\"111111\"", NULL },
		{ "\"route\":\"dlt\",\"message_id\":111111", NULL },
		{ "\"route\":\"dlt\",\"message_id\":\"11a\"", "message_id" },
		{ "\"sender_id\":null", "sender_id" },
		{ "\"sender_id\":\"AB\"", "sender_id" },
		{ "\"sender_id\":\"ABCDEFG\"", "sender_id" },
		{ "\"sender_id\":\"AB1\"", "sender_id" },
		{ "\"template_id\":null", "template_id" },
		{ "\"entity_id\":null", "entity_id" },
		{ "\"template_text\":null", "template_text" },
		{ "\"template_text\":\"no variable\"", "template_text" },
		{ "\"template_text\":\"{#x#}\"", "template_text" },
		{ "\"template_text\":\"{#var#}\"", "variables" },
		{ "\"template_text\":\"{#var#}\",\"variables\":null", NULL },
		{ "\"variables\":null", NULL },
		{ "\"variables\":[]", "variables" },
		{ "\"variables\":[\"code\",\"pin\"]", "variables" },
		{ "\"variables\":[\"brand\",\"app_name\"]", "variables" },
		{ "\"variables\":\"code\"", "variables" },
		{ "\"variables\":[\"code\",7]", "variables" },
		{ "\"variables\":null,\"template_text\":"
		    "\"{code} is for {app_name}, {ttl_minutes} min\"", NULL },
		{ "\"variables\":null,\"template_text\":\"{code}\"", NULL },
		{ "\"template_text\":\"{code} {app_name}\"", NULL },
		{ "\"template_text\":\"{app_name} {code}\"", "variables" },
		{ "\"variables\":null,\"template_text\":\"{app_name} {brand}\"",
		    "variables" },
		{ "\"variables\":null,\"template_text\":\"{app_name}\"",
		    "variables" },
		{ "\"variables\":null,\"template_text\":\"{code} {#var#}\"",
		    "template_text" },
		{ "\"flash\":1", NULL }, { "\"flash\":\"yes\"", "flash" },
		{ "\"base_url\":\"http://a.b\"", "base_url" },
		{ "\"base_url\":\"http://127.0.0.1:8099/\"", NULL },
		{ "\"base_url\":\"https://a.b/?x=\"", "base_url" },
	};

	(void)state;
	rules_try(DOC_FAST2SMS, t, COUNT(t));
}

static void
rules_carrier(void **state)
{
	static const struct rules_case	t[] = {
		{ "", NULL }, { "\"carriers\":null", NULL },
		{ "\"carriers\":[]", NULL }, { "\"smtp\":null", "smtp" },
		{ "\"carriers\":{}", "carriers" },
		{ "\"carriers\":[\"att\"]", "carriers" },
		{ "\"carriers\":[{}]", "carriers" },
		{ "\"carriers\":[{\"id\":\"att\",\"status\":7}]", "carriers" },
		{ "\"carriers\":[{\"id\":\"att\",\"status\":\"up\"}]", "carriers" },
		{ "\"carriers\":[{\"id\":\"Att\"}]", "carriers" },
		{ "\"carriers\":[{\"id\":\"new\"}]", "carriers" },
		{ "\"carriers\":[{\"id\":\"new\",\"domain\":\"a.b\"}]", NULL },
		{ "\"carriers\":[{\"id\":\"new\",\"domain\":\"a b.c\"}]",
		    "carriers" },
		{ "\"carriers\":[{\"id\":\"new\",\"domain\":\"10.0.0.1\"}]",
		    "carriers" },
		{ "\"carriers\":[{\"id\":\"new\",\"domain\":\"local\"}]",
		    "carriers" },
		{ "\"carriers\":[{\"id\":\"att\",\"sunset\":\"soon\"}]",
		    "carriers" },
		{ "\"carriers\":[{\"id\":\"att\",\"status\":\"sunset\"}]",
		    "carriers" },
	};

	(void)state;
	rules_try(DOC_CARRIER, t, COUNT(t));
}

static void
rules_smtp(void **state)
{
	static const struct rules_case	t[] = {
		{ "\"host\":null", "host" }, { "\"host\":\"a b\"", "host" },
		{ "\"host\":\"10.0.0.1\"", "host" },
		{ "\"host\":\"127.0.0.1\",\"port\":2526,\"security\":\"none\"",
		    NULL },
		{ "\"port\":0", "port" }, { "\"port\":65536", "port" },
		{ "\"port\":443", "port" }, { "\"port\":\"25\"", "port" },
		{ "\"port\":2525", NULL }, { "\"port\":null", NULL },
		{ "\"security\":\"ssl\"", "security" },
		{ "\"security\":\"none\"", "security" },
		{ "\"security\":\"tls\",\"port\":465", NULL },
		{ "\"username\":null", "username" },
		{ "\"password\":null", "password" },
		{ "\"username\":null,\"password\":null", NULL },
		{ "\"from\":null", "from" }, { "\"from\":\"Acme\"", "from" },
		{ "\"from\":\"Acme <a@b.c\"", "from" },
		{ "\"from\":\"a@b.c\\nBcc: x@y.z\"", "from" },
		{ "\"from\":\"\\\"Acme, Inc\\\" <a@b.c>\"", NULL },
		{ "\"reply_to\":\"x\"", "reply_to" },
	};

	(void)state;
	rules_try(DOC_SMTP, t, COUNT(t));
}

static void
rules_all_at_once(void **state)
{
	struct provider_errors	 e;
	struct provider		*p;

	(void)state;
	assert_int_equal(doc_parse("{\"name\":\"\",\"type\":\"smtp\","
	    "\"port\":-1,\"security\":\"x\",\"enabled\":3,\"from\":\"?\","
	    "\"extra\":1}", NULL, &p, &e), ERR_FORMAT);
	assert_int_equal(e.n, 7);
	assert_null(p);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(rules_common),
		cmocka_unit_test(rules_generic),
		cmocka_unit_test(rules_fast2sms),
		cmocka_unit_test(rules_carrier),
		cmocka_unit_test(rules_smtp),
		cmocka_unit_test(rules_all_at_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
