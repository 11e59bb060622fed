/*
 * test_otp - codes have the digits asked for and are spread; a MAC binds code
 * and id.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "otp.h"

static void	otp_digits(void **state);
static void	otp_binds(void **state);
static void	otp_channels(void **state);

static void
otp_digits(void **state)
{
	char	code[OTP_DIGITS_MAX + 1];
	int	digits, i, seen[10] = { 0 };

	(void)state;
	for (digits = 5; digits <= 9; digits++) {
		otp_make(digits, code);
		assert_int_equal(strlen(code), digits < 6 ? 6 :
		    digits > 8 ? 8 : digits);
		assert_int_equal(strspn(code, "0123456789"), strlen(code));
	}
	for (i = 0; i < 5000; i++) {
		otp_make(6, code);
		seen[code[0] - '0']++;
	}
	/* 500 expected each; twelve standard deviations. */
	for (i = 0; i < 10; i++)
		assert_in_range(seen[i], 250, 750);
}

static void
otp_binds(void **state)
{
	struct hmac_key	*k;
	struct uuid	 a, b;
	uint8_t		 one[OTP_MAC_LEN], two[OTP_MAC_LEN];

	(void)state;
	assert_int_equal(hmac_key_new("key", 3, &k), ERR_OK);
	uuid_make(&a);
	uuid_make(&b);
	assert_int_equal(otp_mac(k, &a, "123456", 6, one), ERR_OK);
	assert_int_equal(otp_mac(k, &a, "123456", 6, two), ERR_OK);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(otp_mac(k, &b, "123456", 6, two), ERR_OK);
	assert_memory_not_equal(one, two, sizeof(one));
	assert_int_equal(otp_mac(k, &a, "123457", 6, two), ERR_OK);
	assert_memory_not_equal(one, two, sizeof(one));
	assert_int_equal(otp_mac(k, &a, "", 0, two), ERR_FORMAT);
	assert_int_equal(otp_mac(k, &a, "123456789", 9, two), ERR_FORMAT);
	hmac_key_free(k);
}

/* Every combination, against the rule said in other words. */
static void
otp_channels(void **state)
{
	struct otp_reach	r;
	int			bits;
	enum otp_channel	c;

	(void)state;
	for (bits = 0; bits < 32; bits++) {
		r.has_mobile = bits & 1;
		r.has_email = bits & 2;
		r.can_sms = bits & 4;
		r.can_email = bits & 8;
		r.email_fallback = bits & 16;
		assert_int_equal(otp_channel_choose(&r, OTP_SMS),
		    (bits & 5) == 5 ? OTP_SMS : OTP_NONE);
		assert_int_equal(otp_channel_choose(&r, OTP_EMAIL),
		    (bits & 10) == 10 ? OTP_EMAIL : OTP_NONE);
		c = otp_channel_choose(&r, OTP_NONE);
		if ((bits & 5) == 5)
			assert_int_equal(c, OTP_SMS);
		else if ((bits & 10) == 10 && (bits & 17) != 1)
			assert_int_equal(c, OTP_EMAIL);
		else
			assert_int_equal(c, OTP_NONE);
	}
	assert_string_equal(otp_channel_name(OTP_SMS), "sms");
	assert_string_equal(otp_channel_name(OTP_EMAIL), "email");
	assert_null(otp_channel_name(OTP_NONE));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(otp_digits),
		cmocka_unit_test(otp_binds),
		cmocka_unit_test(otp_channels),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
