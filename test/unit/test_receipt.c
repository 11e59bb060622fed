/*
 * test_receipt - what gateways say about messages, as documents read it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "provider_docs.h"
#include "receipt.h"
#include "str.h"

#define RECEIPT_SECRET	"0123456789abcdef"

static void	receipt_reads(void **state);
static void	receipt_too_many(void **state);
static void	receipt_cuts(void **state);
static void	receipt_secrets(void **state);
static void	receipt_states(void **state);

/* A provider whose "receipt" has |members| beside a secret and a map. */
static struct provider *
receipt_provider_of(const char *members)
{
	struct provider_errors	 e;
	struct provider		*p;
	char			 doc[2048];

	(void)snprintf(doc, sizeof(doc), "{\"name\":\"g\",\"type\":\"generic\""
	    ",\"url\":\"https://a.com/{to_e164}/{code}\","
	    "\"message_id_pointer\":\"/id\",\"receipt\":{\"secret\":\""
	    RECEIPT_SECRET "\",\"map\":{\"D\":\"delivered\",\"1\":"
	    "\"delivered\",\"true\":\"delivered\",\"F\":\"failed\",\"Q\":"
	    "\"ignored\"},%s}}", members);
	if (doc_parse(doc, NULL, &p, &e) != ERR_OK)
		fail_msg("%s: %s", e.v[0].field, e.v[0].message);
	return (p);
}

struct receipt_sample {
	const char	*members;		/* of the document */
	const char	*query, *form, *json;	/* NULL: none */
	enum err	 r;
	const char	*rows;			/* "" unless ERR_OK */
	size_t		 n_ignored, n_unmapped;
	const char	*missing;
};

#define BY_POINTER	"\"id\":\"/m/id\",\"status\":\"/m/s\",\"error\":\"/e\""
#define BY_NAME		"\"id\":\"i\",\"status\":\"s\",\"error\":\"e\""
#define BY_LIST		"\"list\":\"/r\",\"id\":\"/i\",\"status\":\"s\""

static const struct receipt_sample	receipt_samples[] = {
	{ BY_POINTER, NULL, NULL,
	    "{\"m\":{\"id\":\"7\",\"s\":\"D\"},\"e\":\"x\"}", ERR_OK,
	    "[{\"ref\":\"7\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":7,\"s\":1}}", ERR_OK,
	    "[{\"ref\":\"7\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":7,\"s\":true}}", ERR_OK,
	    "[{\"ref\":\"7\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_POINTER, NULL, NULL,
	    "{\"m\":{\"id\":\"a\\\"b\",\"s\":\"F\"},"
	    "\"e\":\"\\u0007 \\n\\u007f.\"}",
	    ERR_OK, "[{\"ref\":\"a\\\"b\",\"state\":\"failed\",\"error\":"
	    "\"? ??.\"}]", 0, 0, NULL },
	/* A reason that is no scalar, or empty, is none. */
	{ BY_POINTER, NULL, NULL,
	    "{\"m\":{\"id\":\"a\",\"s\":\"F\"},\"e\":{\"x\":1}}", ERR_OK,
	    "[{\"ref\":\"a\",\"state\":\"failed\"}]", 0, 0, NULL },
	{ BY_POINTER, NULL, NULL,
	    "{\"m\":{\"id\":\"a\",\"s\":\"F\"},\"e\":\"\"}", ERR_OK,
	    "[{\"ref\":\"a\",\"state\":\"failed\"}]", 0, 0, NULL },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":\"a\",\"s\":\"Q\"}}", ERR_OK,
	    "[]", 1, 0, NULL },
	/* Words are what they are, to the letter. */
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":\"a\",\"s\":\"d\"}}", ERR_OK,
	    "[]", 0, 1, NULL },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":\"\",\"s\":\"D\"}}",
	    ERR_NOT_FOUND, "", 0, 0, "id" },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":null,\"s\":\"D\"}}",
	    ERR_NOT_FOUND, "", 0, 0, "id" },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":[1],\"s\":\"D\"}}",
	    ERR_NOT_FOUND, "", 0, 0, "id" },
	{ BY_POINTER, NULL, NULL, "{\"m\":{\"id\":\"a\"}}", ERR_NOT_FOUND, "",
	    0, 0, "status" },
	/* Nothing at all. */
	{ BY_POINTER, NULL, NULL, NULL, ERR_NOT_FOUND, "", 0, 0, "id" },
	{ BY_POINTER, "i=1&s=D", NULL, NULL, ERR_NOT_FOUND, "", 0, 0, "id" },
	/* Forms and queries; the form goes first, then the query, then JSON. */
	{ BY_NAME, NULL, "i=7&s=F&e=gone%2C+sorry", NULL, ERR_OK,
	    "[{\"ref\":\"7\",\"state\":\"failed\",\"error\":\"gone, sorry\"}]",
	    0, 0, NULL },
	{ BY_NAME, "i=8&s=D", NULL, NULL, ERR_OK,
	    "[{\"ref\":\"8\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_NAME, "i=8", "i=7&s=D", NULL, ERR_OK,
	    "[{\"ref\":\"7\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_NAME, "i=8", "i=&s=D", NULL, ERR_OK,
	    "[{\"ref\":\"8\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_NAME, "i=8", NULL, "{\"i\":\"9\",\"s\":\"D\"}", ERR_OK,
	    "[{\"ref\":\"8\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_NAME, "s=D", NULL, NULL, ERR_NOT_FOUND, "", 0, 0, "id" },
	/* Lists: within, or the body itself. */
	{ BY_LIST, NULL, NULL,
	    "{\"r\":[{\"i\":1,\"s\":\"D\"},{\"i\":2},7,null,[],"
	    "{\"i\":3,\"s\":\"Q\"},{\"i\":4,\"s\":\"?\"},"
	    "{\"i\":5,\"s\":\"F\"}]}",
	    ERR_OK, "[{\"ref\":\"1\",\"state\":\"delivered\"},{\"ref\":\"5\","
	    "\"state\":\"failed\"}]", 1, 1, NULL },
	{ BY_LIST, NULL, NULL, "[{\"i\":1,\"s\":\"D\"}]", ERR_OK,
	    "[{\"ref\":\"1\",\"state\":\"delivered\"}]", 0, 0, NULL },
	{ BY_LIST, NULL, NULL, "{\"r\":[]}", ERR_OK, "[]", 0, 0, NULL },
	{ BY_LIST, NULL, NULL, "[]", ERR_OK, "[]", 0, 0, NULL },
	{ BY_LIST, NULL, NULL, "{\"r\":{}}", ERR_FORMAT, "", 0, 0, NULL },
	{ BY_LIST, NULL, NULL, "{}", ERR_FORMAT, "", 0, 0, NULL },
	{ BY_LIST, NULL, NULL, "{\"r\":[{\"i\":1}]}", ERR_NOT_FOUND, "", 0, 0,
	    "status" },
};

static enum err
receipt_of(const struct provider *p, const struct receipt_sample *t,
    struct receipt_facts *f)
{
	struct form		 query, form;
	char			 q[256] = "", b[4096] = "";
	json_t			*json = NULL;
	struct receipt_said	 said = { NULL, NULL, NULL };
	enum err		 r;

	if (t->query != NULL) {
		(void)snprintf(q, sizeof(q), "%s", t->query);
		assert_int_equal(form_parse(q, strlen(q), &query), ERR_OK);
		said.query = &query;
	}
	if (t->form != NULL) {
		(void)snprintf(b, sizeof(b), "%s", t->form);
		assert_int_equal(form_parse(b, strlen(b), &form), ERR_OK);
		said.form = &form;
	}
	if (t->json != NULL)
		assert_int_equal(json_in_any(t->json, strlen(t->json), &json),
		    ERR_OK);
	said.json = json;
	r = receipt_read(&p->receipt, &said, f);
	json_decref(json);
	return (r);
}

static void
receipt_reads(void **state)
{
	const struct receipt_sample	*t;
	struct receipt_facts		 f;
	struct provider			*p;
	size_t				 i;

	(void)state;
	for (i = 0; i < COUNT(receipt_samples); i++) {
		t = &receipt_samples[i];
		p = receipt_provider_of(t->members);
		receipt_facts_init(&f);
		if (receipt_of(p, t, &f) != t->r)
			fail_msg("sample %zu", i);
		if (t->r == ERR_OK && strcmp(f.rows.data, t->rows) != 0)
			fail_msg("sample %zu: %s", i, f.rows.data);
		assert_int_equal(f.n_ignored, t->n_ignored);
		assert_int_equal(f.n_unmapped, t->n_unmapped);
		if ((t->missing == NULL) != (f.missing == NULL) ||
		    (t->missing != NULL && strcmp(t->missing, f.missing) != 0))
			fail_msg("sample %zu: %s", i, f.missing);
		receipt_facts_clear(&f);
		provider_free(p);
	}
}

static void
receipt_too_many(void **state)
{
	struct receipt_sample	 t = { BY_LIST, NULL, NULL, NULL, ERR_OK, "",
				    0, 0, NULL };
	struct receipt_facts	 f;
	struct provider		*p = receipt_provider_of(BY_LIST);
	struct buf		 b;
	size_t			 n, i;

	(void)state;
	for (n = RECEIPT_ROWS_MAX; n <= RECEIPT_ROWS_MAX + 1; n++) {
		buf_init(&b, 65536);
		for (i = 0; i < n; i++)
			buf_printf(&b, "%s{\"i\":%zu,\"s\":\"F\"}",
			    i == 0 ? "[" : ",", i);
		buf_char(&b, ']');
		t.json = b.data;
		receipt_facts_init(&f);
		assert_int_equal(receipt_of(p, &t, &f),
		    n > RECEIPT_ROWS_MAX ? ERR_SPACE : ERR_OK);
		assert_int_equal(f.n_rows, n > RECEIPT_ROWS_MAX ? 0 : n);
		receipt_facts_clear(&f);
		buf_clear(&b);
	}
	provider_free(p);
}

/* What is too long: an id is no id of ours, a reason and a word are cut. */
static void
receipt_cuts(void **state)
{
	char			 form[4096], id[202], why[1801];
	struct receipt_sample	 t = { BY_NAME, NULL, form, NULL, ERR_OK, "",
				    0, 0, NULL };
	struct receipt_facts	 f;
	struct provider		*p = receipt_provider_of(BY_NAME);
	size_t			 i, n;

	(void)state;
	for (n = 200; n <= 201; n++) {
		memset(id, 'x', n);
		id[n] = '\0';
		/* A character of two bytes stands across the 200th. */
		why[0] = 'a';
		for (i = 1; i + 1 < sizeof(why); i += 2)
			memcpy(why + i, "\xc3\xa9", 2);
		why[sizeof(why) - 2] = why[sizeof(why) - 1] = '\0';
		(void)snprintf(form, sizeof(form), "i=%s&s=F&e=%s", id, why);
		receipt_facts_init(&f);
		assert_int_equal(receipt_of(p, &t, &f), ERR_OK);
		assert_int_equal(f.n_rows, n == 200);
		assert_int_equal(f.n_ignored, n == 201);
		if (n == 200) {
			assert_true(str_is_utf8(f.rows.data, f.rows.len));
			assert_non_null(strstr(f.rows.data,
			    "\"error\":\"a\xc3\xa9"));
			assert_int_equal(strlen(strstr(f.rows.data,
			    "\"error\":\"")), strlen("\"error\":\"") + 199 +
			    strlen("\"}]"));
		}
		receipt_facts_clear(&f);
	}
	memset(why, 'w', 1000);
	why[1000] = '\0';
	(void)snprintf(form, sizeof(form), "i=1&s=\n%s", why);
	receipt_facts_init(&f);
	assert_int_equal(receipt_of(p, &t, &f), ERR_OK);
	assert_int_equal(strlen(f.unmapped), RECEIPT_WORD_MAX);
	assert_int_equal(f.unmapped[0], '?');
	receipt_facts_clear(&f);
	provider_free(p);
}

static void
receipt_secrets(void **state)
{
	static const struct provider_receipt	 none;
	struct provider				*p;

	(void)state;
	p = receipt_provider_of(BY_NAME);
	assert_true(receipt_is_secret(&p->receipt, RECEIPT_SECRET));
	assert_false(receipt_is_secret(&p->receipt, RECEIPT_SECRET "0"));
	assert_false(receipt_is_secret(&p->receipt, "0123456789abcde"));
	assert_false(receipt_is_secret(&p->receipt, ""));
	assert_false(receipt_is_secret(&p->receipt, NULL));
	assert_false(receipt_is_secret(NULL, ""));
	assert_false(receipt_is_secret(NULL, NULL));
	assert_false(receipt_is_secret(&none, ""));
	assert_false(receipt_is_secret(&none, NULL));
	/* A part that lost its secret lets nobody in. */
	json_object_del(p->secrets, "receipt");
	p->receipt.secret = "";
	assert_false(receipt_is_secret(&p->receipt, ""));
	provider_free(p);
}

static void
receipt_states(void **state)
{
	enum receipt_state	s, back;

	(void)state;
	for (s = RECEIPT_DELIVERED; s <= RECEIPT_IGNORED; s++) {
		assert_int_equal(receipt_state_parse(receipt_state_name(s),
		    &back), ERR_OK);
		assert_int_equal(back, s);
	}
	assert_int_equal(receipt_state_parse("sent", &back), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(receipt_reads),
		cmocka_unit_test(receipt_too_many),
		cmocka_unit_test(receipt_cuts),
		cmocka_unit_test(receipt_secrets),
		cmocka_unit_test(receipt_states),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
