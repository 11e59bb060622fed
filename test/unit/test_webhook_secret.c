/*
 * test_webhook_secret - secrets of webhooks and signatures with them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "webhook_secret.h"

static void
test_secret(void **state)
{
	static const uint8_t	 master[32] = { 7 };
	static const struct uuid a = { { 1 } }, b = { { 2 } };
	struct sealer		*s;
	uint8_t			 sealed[WEBHOOK_SEALED_LEN];
	char			 text[WEBHOOK_SECRET_LEN + 1];
	char			 back[WEBHOOK_SECRET_LEN + 1];

	(void)state;
	assert_int_equal(sealer_new(master, &s), ERR_OK);
	assert_int_equal(webhook_secret_make(s, &a, text, sealed), ERR_OK);
	assert_int_equal(strlen(text), WEBHOOK_SECRET_LEN);
	assert_memory_equal(text, "whsec_", 6);
	assert_int_equal(webhook_secret_open(s, &a, sealed, sizeof(sealed),
	    back), ERR_OK);
	assert_string_equal(text, back);
	/* Bound to its application. */
	assert_int_equal(webhook_secret_open(s, &b, sealed, sizeof(sealed),
	    back), ERR_SIGNATURE);
	assert_string_equal(back, "");
	assert_int_equal(webhook_secret_open(s, &a, sealed,
	    sizeof(sealed) - 1, back), ERR_FORMAT);
	sealer_free(s);
}

/* printf '1795464900.{}' | openssl dgst -sha256 -hmac whsec_test */
static void
test_sign(void **state)
{
	char	sig[WEBHOOK_SIGNATURE_LEN + 1], big[5000];

	(void)state;
	assert_int_equal(webhook_sign("whsec_test", 1795464900, "{}", 2, sig),
	    ERR_OK);
	assert_string_equal(sig, "t=1795464900,v1="
	    "9c3c01eb305099e67c18e035a9b20d59700a40f2f839cf3d5321c7c5d96f1f7b");
	memset(big, 'a', sizeof(big));
	assert_int_equal(webhook_sign("whsec_test", 0, big, sizeof(big), sig),
	    ERR_SPACE);
	assert_string_equal(sig, "");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_sign),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
