/*
 * test_provider - documents: read, split, kept, exported without secrets.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "mem.h"
#include "provider.h"
#include "provider_docs.h"

static void	provider_reads_generic(void **state);
static void	provider_reads_others(void **state);
static void	provider_defaults(void **state);
static void	provider_hides_secrets(void **state);
static void	provider_round_trip(void **state);
static void	provider_keeps_secrets(void **state);
static void	provider_forgets_for_strangers(void **state);
static void	provider_loads_bad_rows(void **state);
static void	provider_helpers(void **state);
static void	provider_masks(void **state);
static void	provider_masks_cut(void **state);

static const char *const	provider_docs[] = {
	DOC_GENERIC, DOC_FAST2SMS, DOC_CARRIER, DOC_SMTP
};

static struct provider *
provider_of(const char *doc, const struct provider *old)
{
	struct provider_errors	 e;
	struct provider		*p;

	if (doc_parse(doc, old, &p, &e) != ERR_OK)
		fail_msg("%s: %s", e.v[0].field, e.v[0].message);
	return (p);
}

/* The document with the first |from| changed to |to|; the caller frees. */
static char *
provider_edit(const char *doc, const char *from, const char *to)
{
	const char	*at = strstr(doc, from);
	size_t		 front;
	char		*s;

	assert_non_null(at);
	front = (size_t)(at - doc);
	s = mem_new(strlen(doc) + strlen(to) + 1);
	assert_non_null(s);
	memcpy(s, doc, front);
	memcpy(s + front, to, strlen(to));
	memcpy(s + front + strlen(to), at + strlen(from),
	    strlen(at + strlen(from)) + 1);
	return (s);
}

static void
provider_reads_generic(void **state)
{
	struct provider			*p = provider_of(DOC_GENERIC, NULL);
	const struct provider_generic	*g = &p->u.generic;

	(void)state;
	assert_string_equal(p->name, "gw");
	assert_int_equal(p->type, PROVIDER_GENERIC);
	assert_true(p->is_enabled);
	assert_int_equal(p->priority, 10);
	assert_int_equal(p->timeout_s, 7);
	assert_int_equal(p->retries, 0);
	assert_int_equal(p->backoff_ms, 250);
	assert_int_equal(p->n_countries, 2);
	assert_string_equal(p->countries[0], "91");
	assert_string_equal(g->method, "POST");
	assert_int_equal(g->content, CONTENT_JSON);
	assert_string_equal(g->content_type, "application/json");
	assert_int_equal(g->auth, AUTH_BASIC);
	assert_string_equal(g->auth_name, "me");
	assert_string_equal(g->auth_secret, "basic-secret");
	assert_true(g->signature.is_on);
	assert_false(g->signature.is_base64);
	assert_string_equal(g->signature.secret, "sign-secret-1");
	assert_string_equal(g->signature.header, "X-Signature");
	assert_string_equal(g->signature.timestamp_header, "X-Time");
	assert_string_equal(g->signature.prefix, "sha256=");
	assert_int_equal(g->n_headers, 2);
	assert_false(g->headers[0].is_secret);
	assert_true(g->headers[1].is_secret);
	assert_string_equal(g->headers[1].value, "header-secret");
	assert_string_equal(g->success_status, "200,202");
	assert_true(json_is_true(g->success_equals));
	assert_string_equal(g->message_id_pointer, "/id");
	assert_true(provider_has_free_text(p));
	provider_free(p);
}

static void
provider_reads_others(void **state)
{
	struct provider	*f = provider_of(DOC_FAST2SMS, NULL);
	struct provider	*c = provider_of(DOC_CARRIER, NULL);
	struct provider	*m = provider_of(DOC_SMTP, NULL);

	(void)state;
	assert_int_equal(f->u.fast2sms.route, F2S_DLT_MANUAL);
	assert_string_equal(f->u.fast2sms.entity_id, "1101100000000000002");
	assert_string_equal(f->u.fast2sms.api_key, "f2s-secret");
	assert_string_equal(f->u.fast2sms.base_url,
	    "https://www.fast2sms.com");
	assert_int_equal(f->u.fast2sms.n_variables, 2);
	assert_false(provider_has_free_text(f));
	assert_string_equal(c->u.carrier_email.smtp, "mail");
	assert_int_equal(json_array_size(c->u.carrier_email.carriers), 2);
	assert_int_equal(m->u.smtp.port, 587);
	assert_int_equal(m->u.smtp.security, SMTP_STARTTLS);
	assert_string_equal(m->u.smtp.password, "smtp-secret");
	assert_false(provider_is_sms(m));
	provider_free(f);
	provider_free(c);
	provider_free(m);
}

static void
provider_defaults(void **state)
{
	static const struct {
		const char	*security;
		uint16_t	 port;
	} t[] = { { "tls", 465 }, { "starttls", 587 }, { "none", 25 } };
	char		*doc;
	struct provider	*p;
	size_t		 i;

	(void)state;
	p = provider_of("{\"name\":\"g\",\"type\":\"generic\",\"url\":"
	    "\"https://a.com/?t={to_national}&m={message}\"}", NULL);
	assert_true(p->is_enabled);
	assert_int_equal(p->priority, 100);
	assert_int_equal(p->timeout_s, 10);
	assert_int_equal(p->retries, 1);
	assert_int_equal(p->backoff_ms, 1000);
	assert_int_equal(p->n_countries, 0);
	assert_string_equal(p->u.generic.method, "POST");
	assert_string_equal(p->u.generic.success_status, "2xx");
	assert_int_equal(p->u.generic.auth, AUTH_NONE);
	assert_false(provider_has_secrets(p));
	provider_free(p);
	for (i = 0; i < COUNT(t); i++) {
		doc = provider_edit("{\"name\":\"m\",\"type\":\"smtp\","
		    "\"host\":\"127.0.0.1\",\"from\":\"a@b.c\","
		    "\"security\":\"?\"}", "?", t[i].security);
		p = provider_of(doc, NULL);
		assert_int_equal(p->u.smtp.port, t[i].port);
		provider_free(p);
		mem_free(doc);
	}
}

/* Neither what is shown nor what is stored in the open has a secret in it. */
static void
provider_hides_secrets(void **state)
{
	struct provider	*p;
	struct buf	 b;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(provider_docs); i++) {
		p = provider_of(provider_docs[i], NULL);
		buf_init(&b, PROVIDER_DOC_MAX);
		provider_config_json(p, &b);
		provider_export_json(p, &b);
		assert_int_equal(buf_err(&b), ERR_OK);
		assert_null(strstr(b.data, "-secret"));
		assert_int_equal(provider_has_secrets(p), i != 2);
		buf_reset(&b);
		provider_secrets_json(p, &b);
		assert_int_equal(strstr(b.data, "-secret") != NULL, i != 2);
		buf_clear(&b);
		provider_free(p);
	}
	p = provider_of(DOC_GENERIC, NULL);
	buf_init(&b, PROVIDER_DOC_MAX);
	provider_export_json(p, &b);
	assert_non_null(strstr(b.data, "\"password\":{\"set\":true}"));
	assert_non_null(strstr(b.data, "\"secret\":{\"set\":true}"));
	assert_non_null(strstr(b.data,
	    "\"X-Key\":{\"secret\":true,\"set\":true}"));
	assert_non_null(strstr(b.data, "\"secrets\":{\"k\":{\"set\":true}}"));
	buf_clear(&b);
	provider_free(p);
}

/* Through the database's columns, and through an export put back. */
static void
provider_round_trip(void **state)
{
	struct provider_row	 row;
	struct provider		*p, *loaded, *again;
	struct buf		 config, secrets, countries, export;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(provider_docs); i++) {
		p = provider_of(provider_docs[i], NULL);
		buf_init(&config, PROVIDER_DOC_MAX);
		buf_init(&secrets, PROVIDER_DOC_MAX);
		buf_init(&countries, 1024);
		buf_init(&export, PROVIDER_DOC_MAX);
		buf_str(&countries, "");
		provider_config_json(p, &config);
		provider_secrets_json(p, &secrets);
		provider_countries_text(p, &countries);
		row = (struct provider_row){ .name = p->name,
		    .type = provider_type_name(p->type),
		    .countries = countries.data, .config = config.data,
		    .secrets = secrets.data, .priority = p->priority,
		    .timeout_s = p->timeout_s, .is_enabled = p->is_enabled };
		assert_int_equal(provider_load(&row, &loaded), ERR_OK);
		assert_true(json_equal(loaded->config, p->config));
		assert_true(json_equal(loaded->secrets, p->secrets));
		assert_int_equal(loaded->n_countries, p->n_countries);
		assert_memory_equal(loaded->countries, p->countries,
		    sizeof(p->countries));
		provider_export_json(loaded, &export);
		again = provider_of(export.data, loaded);
		assert_true(json_equal(again->config, p->config));
		assert_true(json_equal(again->secrets, p->secrets));
		provider_free(again);
		provider_free(loaded);
		provider_free(p);
		buf_clear(&config);
		buf_clear(&secrets);
		buf_clear(&countries);
		buf_clear(&export);
	}
}

static void
provider_keeps_secrets(void **state)
{
	struct provider		*old = provider_of(DOC_GENERIC, NULL), *p;
	struct provider		*smtp = provider_of(DOC_SMTP, NULL);
	struct provider_errors	 e;
	char			*doc;

	(void)state;
	/* left out, null, and changed */
	doc = provider_edit(DOC_GENERIC, ",\"password\":\"basic-secret\"", "");
	p = provider_of(doc, old);
	assert_string_equal(p->u.generic.auth_secret, "basic-secret");
	provider_free(p);
	assert_int_equal(doc_parse(doc, NULL, &p, &e), ERR_FORMAT);
	assert_string_equal(e.v[0].field, "auth.password");
	assert_string_equal(e.v[0].message, "is needed");
	mem_free(doc);
	doc = provider_edit(DOC_GENERIC, "\"secret\":\"sign-secret-1\",", "");
	p = provider_of(doc, old);
	assert_string_equal(p->u.generic.signature.secret, "sign-secret-1");
	provider_free(p);
	assert_int_equal(doc_parse(doc, NULL, &p, &e), ERR_FORMAT);
	assert_string_equal(e.v[0].field, "signature.secret");
	mem_free(doc);
	/* without the object it is gone */
	doc = provider_edit(DOC_GENERIC, "\"signature\":{\"secret\":"
	    "\"sign-secret-1\",\"timestamp_header\":\"X-Time\","
	    "\"prefix\":\"sha256=\"},", "");
	p = provider_of(doc, old);
	assert_false(p->u.generic.signature.is_on);
	assert_null(json_object_get(p->secrets, "signature"));
	provider_free(p);
	mem_free(doc);
	doc = provider_edit(DOC_SMTP, "\"smtp-secret\"", "null");
	p = provider_of(doc, smtp);
	assert_string_equal(p->u.smtp.password, "smtp-secret");
	provider_free(p);
	mem_free(doc);
	doc = provider_edit(DOC_SMTP, "smtp-secret", "another");
	p = provider_of(doc, smtp);
	assert_string_equal(p->u.smtp.password, "another");
	provider_free(p);
	mem_free(doc);
	/* another type keeps nothing */
	assert_int_equal(doc_parse("{\"name\":\"f\",\"type\":\"fast2sms\","
	    "\"route\":\"q\"}", old, &p, &e), ERR_FORMAT);
	assert_string_equal(e.v[0].field, "api_key");
	provider_free(old);
	provider_free(smtp);
}

/* Who can edit a document must not be able to have a secret sent to them. */
static void
provider_forgets_for_strangers(void **state)
{
	struct provider		*old = provider_of(DOC_GENERIC, NULL), *p;
	struct provider		*smtp = provider_of(DOC_SMTP, NULL);
	struct provider_errors	 e;
	struct buf		 export;
	char			*doc;
	size_t			 i, n = 0;

	(void)state;
	buf_init(&export, PROVIDER_DOC_MAX);
	provider_export_json(old, &export);
	doc = provider_edit(export.data, "gw.example.com", "evil.com");
	assert_int_equal(doc_parse(doc, old, &p, &e), ERR_FORMAT);
	for (i = 0; i < e.n; i++)
		n += strstr(e.v[i].message, "host is another") != NULL;
	assert_int_equal(n, 4);		/* also signature, header, named */
	mem_free(doc);
	/* the same host elsewhere is fine */
	doc = provider_edit(export.data, "gw.example.com/send",
	    "GW.example.com:8443/v2");
	p = provider_of(doc, old);
	assert_string_equal(p->u.generic.auth_secret, "basic-secret");
	provider_free(p);
	mem_free(doc);
	doc = provider_edit(DOC_SMTP, "\"password\":\"smtp-secret\",", "");
	p = provider_of(doc, smtp);
	provider_free(p);
	mem_free(doc);
	doc = provider_edit("{\"name\":\"m\",\"type\":\"smtp\",\"host\":"
	    "\"evil.com\",\"username\":\"u\",\"from\":\"a@b.c\"}", "u", "u");
	assert_int_equal(doc_parse(doc, smtp, &p, &e), ERR_FORMAT);
	assert_string_equal(e.v[0].field, "password");
	mem_free(doc);
	buf_clear(&export);
	provider_free(old);
	provider_free(smtp);
}

static void
provider_loads_bad_rows(void **state)
{
	static const struct {
		const char	*type, *countries, *config, *secrets;
	} t[] = {
		{ "x", "", "{}", NULL }, { "smtp", "12345", "{}", NULL },
		{ "smtp", "", "[]", NULL }, { "smtp", "", "{", NULL },
		{ "smtp", "", "{}", "null" }, { "smtp", "", "", NULL },
	};
	struct provider_row	 row = { .name = "n" };
	struct provider		*p;
	size_t			 i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		row.type = t[i].type;
		row.countries = t[i].countries;
		row.config = t[i].config;
		row.secrets = t[i].secrets;
		assert_int_equal(provider_load(&row, &p), ERR_FORMAT);
		assert_null(p);
	}
	/* empty ones load, with nothing in them */
	row = (struct provider_row){ "n", "generic", "91,1", "{}", NULL, 0, 1,
	    true };
	assert_int_equal(provider_load(&row, &p), ERR_OK);
	assert_string_equal(p->u.generic.url, "");
	assert_int_equal(p->n_countries, 2);
	provider_free(p);
	provider_free(NULL);
}

static void
provider_helpers(void **state)
{
	struct provider		*p = provider_of(DOC_GENERIC, NULL);
	struct provider_errors	 e = { .n = 0 };
	enum provider_type	 type;
	struct buf		 b;

	(void)state;
	assert_true(provider_serves(p, "+919876543210"));
	assert_true(provider_serves(p, "+12125550100"));
	assert_false(provider_serves(p, "+447700900123"));
	assert_int_equal(provider_type_parse("smtp", &type), ERR_OK);
	assert_int_equal(type, PROVIDER_SMTP);
	assert_int_equal(provider_type_parse("SMTP", &type), ERR_NOT_FOUND);
	buf_init(&b, 1024);
	provider_errors_json(&e, &b);
	assert_string_equal(b.data, "[]");
	provider_free(p);
	assert_int_equal(doc_parse("{\"name\":\"\\\"\",\"type\":\"sm\","
	    "\"priority\":-1}", NULL, &p, &e), ERR_FORMAT);
	buf_reset(&b);
	provider_errors_json(&e, &b);
	assert_string_equal(b.data, "[{\"field\":\"priority\",\"message\":"
	    "\"must be a whole number from 0 to 10000\"},{\"field\":\"type\","
	    "\"message\":\"must be generic, fast2sms, carrier_email or "
	    "smtp\"}]");
	buf_clear(&b);
}

static void
provider_masks(void **state)
{
	static const char	said[] =
	    "Basic bWU6YmFzaWMtc2VjcmV0 x basic-secret, a=header-secret&"
	    "basic-secre {\"k\":\"body-secret\"}";
	struct provider		*p = provider_of(DOC_GENERIC, NULL);
	struct provider		*f = provider_of("{\"name\":\"f\",\"type\":"
	    "\"fast2sms\",\"api_key\":\"a/b\\\"c d\",\"route\":\"q\"}", NULL);
	struct buf		 b;

	(void)state;
	buf_init(&b, 1024);
	provider_mask(p, said, strlen(said), false, &b);
	assert_string_equal(b.data,
	    "Basic *** x ***, a=***&basic-secre {\"k\":\"***\"}");
	buf_reset(&b);
	provider_mask(f, "a/b\"c d|a%2Fb%22c%20d|a/b\\\"c d|a/b&quot;c d",
	    43, false, &b);
	assert_string_equal(b.data, "***|***|***|***");
	buf_reset(&b);
	provider_mask(f, "", 0, false, &b);
	assert_int_equal(b.len, 0);
	buf_clear(&b);
	provider_free(p);
	provider_free(f);
}

/* Wherever a text is cut, nothing of a secret stands at its end. */
static void
provider_masks_cut(void **state)
{
	static const char	said[] = "x basic-secret, body-secret.";
	struct provider		*p = provider_of(DOC_GENERIC, NULL);
	struct buf		 b;
	size_t			 i;

	(void)state;
	buf_init(&b, 1024);
	for (i = 3; i < sizeof(said) - 2; i++) {
		buf_reset(&b);
		provider_mask(p, said, i, true, &b);
		if (i <= 14)
			assert_string_equal(b.data, "x ***");
		else if (i == 15)
			assert_string_equal(b.data, "x ***,");
		else if (i == 16)
			assert_string_equal(b.data, "x ***, ");
		else
			assert_string_equal(b.data, "x ***, ***");
	}
	buf_reset(&b);
	provider_mask(p, "the end is a b", 14, false, &b);
	assert_string_equal(b.data, "the end is a b");
	buf_clear(&b);
	provider_free(p);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(provider_reads_generic),
		cmocka_unit_test(provider_reads_others),
		cmocka_unit_test(provider_defaults),
		cmocka_unit_test(provider_hides_secrets),
		cmocka_unit_test(provider_round_trip),
		cmocka_unit_test(provider_keeps_secrets),
		cmocka_unit_test(provider_forgets_for_strangers),
		cmocka_unit_test(provider_loads_bad_rows),
		cmocka_unit_test(provider_helpers),
		cmocka_unit_test(provider_masks),
		cmocka_unit_test(provider_masks_cut),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
