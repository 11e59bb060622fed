/*
 * test_totp - the vectors of RFC 6238 appendix B and RFC 4648 s.10, the
 * window, and steps that were used.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "totp.h"

static void	totp_vectors(void **state);
static void	totp_window(void **state);
static void	totp_used(void **state);
static void	totp_texts(void **state);

static const uint8_t	totp_secret[TOTP_SECRET_LEN + 1] =
    "12345678901234567890";

/* The RFC's codes have 8 digits; 6 are their last ones (RFC 4226 s.5.3). */
static void
totp_vectors(void **state)
{
	static const struct {
		int64_t		 at_s;
		const char	*code;
	}	v[] = {
		{ 59, "94287082" }, { 1111111109, "07081804" },
		{ 1111111111, "14050471" }, { 1234567890, "89005924" },
		{ 2000000000, "69279037" }, { 20000000000, "65353130" },
	};
	char	code[TOTP_DIGITS + 1];
	int64_t	step;
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(v); i++) {
		assert_int_equal(totp_code(totp_secret,
		    v[i].at_s / TOTP_PERIOD_S, code), ERR_OK);
		assert_string_equal(code, v[i].code + 2);
		assert_int_equal(totp_check(totp_secret, code, v[i].at_s, 0,
		    &step), ERR_OK);
		assert_int_equal(step, v[i].at_s / TOTP_PERIOD_S);
	}
}

static void
totp_window(void **state)
{
	char		code[TOTP_DIGITS + 1];
	int64_t		step, now = 1234567890 / TOTP_PERIOD_S;
	int		d;
	enum err	e;

	(void)state;
	for (d = -4; d <= 4; d++) {
		assert_int_equal(totp_code(totp_secret, now + d, code), ERR_OK);
		e = totp_check(totp_secret, code, 1234567890, 0, &step);
		assert_int_equal(e, d >= -1 && d <= 1 ? ERR_OK :
		    ERR_SIGNATURE);
		if (e == ERR_OK)
			assert_int_equal(step, now + d);
	}
	assert_int_equal(totp_code(totp_secret, now, code), ERR_OK);
	assert_int_equal(totp_check(totp_secret, code + 1, 1234567890, 0,
	    &step), ERR_SIGNATURE);
	assert_int_equal(totp_check(totp_secret, "000000", 1234567890, 0,
	    &step), ERR_SIGNATURE);
	/* The first steps of time have none before them. */
	assert_int_equal(totp_code(totp_secret, 0, code), ERR_OK);
	assert_int_equal(totp_check(totp_secret, code, 5, -1, &step),
	    ERR_OK);
}

static void
totp_used(void **state)
{
	char	code[TOTP_DIGITS + 1];
	int64_t	step, now = 1234567890 / TOTP_PERIOD_S;

	(void)state;
	assert_int_equal(totp_code(totp_secret, now, code), ERR_OK);
	assert_int_equal(totp_check(totp_secret, code, 1234567890, now - 1,
	    &step), ERR_OK);
	assert_int_equal(totp_check(totp_secret, code, 1234567890, now,
	    &step), ERR_SIGNATURE);
	assert_int_equal(totp_check(totp_secret, code, 1234567890, now + 1,
	    &step), ERR_SIGNATURE);
}

static void
totp_texts(void **state)
{
	struct buf	b;
	char		text[TOTP_BASE32_LEN + 1];
	static const uint8_t	foobar[TOTP_SECRET_LEN + 1] =
	    "foobafoobafoobafooba";

	(void)state;
	totp_base32(foobar, text);	/* "fooba" is MZXW6YTB in RFC 4648 */
	assert_string_equal(text, "MZXW6YTBMZXW6YTBMZXW6YTBMZXW6YTB");
	totp_base32(totp_secret, text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	buf_init(&b, 1000);
	totp_uri(totp_secret, "A & B", "as\xc3\xa9@example.org", &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_string_equal(b.data, "otpauth://totp/A%20%26%20B:"
	    "as%C3%A9%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	    "&issuer=A%20%26%20B&algorithm=SHA1&digits=6&period=30");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(totp_vectors),
		cmocka_unit_test(totp_window),
		cmocka_unit_test(totp_used),
		cmocka_unit_test(totp_texts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
