/*
 * test_message - a message opens again for its own row, and no other.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "message.h"
#include "str.h"

static void	message_opens(void **state);
static void	message_too_long(void **state);
static void	message_opened(void **state);
static void	message_opens_bad(void **state);

static const uint8_t	message_master[32] = { 1, 2, 3 };

static void
message_opens(void **state)
{
	const struct message_var	 vars[] = {
		{ "code", "123456" }, { "app_name", "A \"b\"" },
	};
	const struct message		 m = { MESSAGE_SIGN_IN_CODE, vars, 2 };
	struct sealer			*s;
	struct uuid			 id, other;
	uint8_t				 sealed[MESSAGE_SEALED_MAX];
	char				 aad[64], text[UUID_TEXT_LEN + 1];
	uint8_t				 open[MESSAGE_SEALED_MAX];
	size_t				 len;

	(void)state;
	assert_int_equal(sealer_new(message_master, &s), ERR_OK);
	uuid_make(&id);
	uuid_make(&other);
	assert_int_equal(message_seal(s, &id, &m, sealed, &len), ERR_OK);
	uuid_format(&id, text);
	assert_int_equal(str_printf(aad, sizeof(aad), "outbox/payload/%s",
	    text), ERR_OK);
	assert_int_equal(seal_open(s, aad, sealed, len, open), ERR_OK);
	open[len - SEAL_OVERHEAD] = '\0';
	assert_string_equal((char *)open, "{\"template\":\"sign_in_code\","
	    "\"vars\":{\"code\":\"123456\",\"app_name\":\"A \\\"b\\\"\"}}");
	uuid_format(&other, text);
	assert_int_equal(str_printf(aad, sizeof(aad), "outbox/payload/%s",
	    text), ERR_OK);
	assert_int_equal(seal_open(s, aad, sealed, len, open), ERR_SIGNATURE);
	sealer_free(s);
}

static void
message_too_long(void **state)
{
	char				 value[MESSAGE_SEALED_MAX + 1];
	const struct message_var	 vars[] = { { "code", value } };
	const struct message		 m = { MESSAGE_SIGN_IN_CODE, vars, 1 };
	struct sealer			*s;
	struct uuid			 id;
	uint8_t				 sealed[MESSAGE_SEALED_MAX];
	size_t				 len;

	(void)state;
	memset(value, 'x', MESSAGE_SEALED_MAX);
	value[MESSAGE_SEALED_MAX] = '\0';
	uuid_make(&id);
	assert_int_equal(sealer_new(message_master, &s), ERR_OK);
	assert_int_equal(message_seal(s, &id, &m, sealed, &len), ERR_SPACE);
	sealer_free(s);
}

static void
message_opened(void **state)
{
	const struct message_var	 vars[] = {
		{ "code", "123456" }, { "app_name", "A \"b\"" },
	};
	const struct message		 m = { MESSAGE_SIGN_IN_CODE, vars, 2 };
	struct message_opened		 o;
	struct sealer			*s;
	struct uuid			 id, other;
	uint8_t				 sealed[MESSAGE_SEALED_MAX];
	size_t				 len;

	(void)state;
	assert_int_equal(sealer_new(message_master, &s), ERR_OK);
	uuid_make(&id);
	uuid_make(&other);
	assert_int_equal(message_seal(s, &id, &m, sealed, &len), ERR_OK);
	assert_int_equal(message_open(s, &id, sealed, len, &o), ERR_OK);
	assert_string_equal(o.template, MESSAGE_SIGN_IN_CODE);
	assert_string_equal(message_var(&o, "code"), "123456");
	assert_string_equal(message_var(&o, "app_name"), "A \"b\"");
	assert_null(message_var(&o, "device"));
	message_opened_clear(&o);
	assert_null(o.json);
	assert_int_equal(message_open(s, &other, sealed, len, &o),
	    ERR_SIGNATURE);
	assert_null(o.json);
	sealed[len - 1] ^= 1;
	assert_int_equal(message_open(s, &id, sealed, len, &o),
	    ERR_SIGNATURE);
	message_opened_clear(&o);
	sealer_free(s);
}

/* Sealed by us, but no message. */
static void
message_opens_bad(void **state)
{
	static const char *const	bad[] = {
		"", "[]", "{}", "{\"template\":\"x\"}", "{\"vars\":{}}",
		"{\"template\":1,\"vars\":{}}",
		"{\"template\":\"x\",\"vars\":[]}",
		"{\"template\":\"x\",\"vars\":{\"a\":1}}",
	};
	char				 aad[64], text[UUID_TEXT_LEN + 1];
	struct message_opened		 o;
	struct sealer			*s;
	struct uuid			 id;
	uint8_t				 sealed[MESSAGE_SEALED_MAX + 1];
	size_t				 i, n;

	(void)state;
	assert_int_equal(sealer_new(message_master, &s), ERR_OK);
	uuid_make(&id);
	uuid_format(&id, text);
	assert_int_equal(str_printf(aad, sizeof(aad), "outbox/payload/%s",
	    text), ERR_OK);
	for (i = 0; i < COUNT(bad); i++) {
		n = strlen(bad[i]);
		assert_int_equal(seal(s, aad, bad[i], n, sealed), ERR_OK);
		assert_int_equal(message_open(s, &id, sealed,
		    n + SEAL_OVERHEAD, &o), ERR_FORMAT);
		assert_null(o.json);
	}
	assert_int_equal(message_open(s, &id, sealed, SEAL_OVERHEAD - 1, &o),
	    ERR_FORMAT);
	assert_int_equal(message_open(s, &id, sealed, sizeof(sealed), &o),
	    ERR_TOO_LONG);
	sealer_free(s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(message_opens),
		cmocka_unit_test(message_too_long),
		cmocka_unit_test(message_opened),
		cmocka_unit_test(message_opens_bad),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
