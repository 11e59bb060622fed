/*
 * test_uuid - version 7 layout, text form, order.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "clock.h"
#include "uuid.h"

static void	uuid_layout(void **state);
static void	uuid_are_distinct(void **state);
static void	uuid_order(void **state);
static void	uuid_text_round(void **state);
static void	uuid_bad_table(void **state);
static int	uuid_teardown(void **state);

static void
uuid_layout(void **state)
{
	/* The example of RFC 9562 A.6: 0x017F22E279B0 ms. */
	const int64_t	ms = INT64_C(0x017f22e279b0);
	struct uuid	u;
	char		s[UUID_TEXT_LEN + 1];

	(void)state;
	clock_set(ms * US_PER_MS + 999);
	uuid_make(&u);
	uuid_format(&u, s);
	assert_int_equal(strlen(s), UUID_TEXT_LEN);
	assert_memory_equal(s, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", s[19]));
}

static void
uuid_are_distinct(void **state)
{
	uint8_t		ones[16] = { 0 }, zeros[16] = { 0 };
	struct uuid	u, last = { { 0 } };
	size_t		i, j;

	(void)state;
	clock_set(INT64_C(0x017f22e279b0) * US_PER_MS);
	for (i = 0; i < 200; i++) {
		uuid_make(&u);
		assert_int_not_equal(uuid_cmp(&u, &last), 0);
		last = u;
		for (j = 0; j < 16; j++) {
			ones[j] |= u.b[j];
			zeros[j] |= (uint8_t)~u.b[j];
		}
	}
	/* Every random bit was seen both ways (chance of a miss 2^-192). */
	assert_int_equal(ones[6] & zeros[6], 0x0f);
	assert_int_equal(ones[8] & zeros[8], 0x3f);
	for (j = 0; j < 16; j++) {
		if (j < 6)
			assert_int_equal(ones[j] & zeros[j], 0);
		else if (j != 6 && j != 8)
			assert_int_equal(ones[j] & zeros[j], 0xff);
	}
}

static void
uuid_order(void **state)
{
	struct uuid	a, b;

	(void)state;
	clock_set(1000 * US_PER_MS);
	uuid_make(&a);
	clock_set(1001 * US_PER_MS);
	uuid_make(&b);
	assert_true(uuid_cmp(&a, &b) < 0);
	assert_true(uuid_cmp(&b, &a) > 0);
	assert_int_equal(uuid_cmp(&a, &a), 0);
}

static void
uuid_text_round(void **state)
{
	static const char	*const t[] = {
		"00000000-0000-0000-0000-000000000000",
		"ffffffff-ffff-ffff-ffff-ffffffffffff",
		"01234567-89ab-cdef-0123-456789abcdef",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
	};
	size_t	i, j;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct uuid	u, v;
		char		s[UUID_TEXT_LEN + 1];

		assert_int_equal(uuid_parse(t[i], UUID_TEXT_LEN, &u), ERR_OK);
		uuid_format(&u, s);
		assert_string_equal(s, t[i]);
		for (j = 0; j < UUID_TEXT_LEN; j++)
			s[j] = (char)toupper((unsigned char)s[j]);
		assert_int_equal(uuid_parse(s, UUID_TEXT_LEN, &v), ERR_OK);
		assert_int_equal(uuid_cmp(&u, &v), 0);
	}
}

static void
uuid_bad_table(void **state)
{
	static const char	*const t[] = {
		"",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef0123",
		"{1234567-89ab-cdef-0123-456789abcde}",
		"01234567_89ab-cdef-0123-456789abcdef",
		"0123456-789ab-cdef-0123-456789abcdef",
		"01234567-89ab-cdef-0123--56789abcdef",
		"01234567-89ab-cdef-0123-456789abcdeg",
		" 1234567-89ab-cdef-0123-456789abcdef",
		"01234567-89ab-cdef-0123-456789abcde\n",
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct uuid	u = { { 7 } }, was = u;

		assert_int_equal(uuid_parse(t[i], strlen(t[i]), &u),
		    ERR_FORMAT);
		assert_int_equal(uuid_cmp(&u, &was), 0);
	}
}

static int
uuid_teardown(void **state)
{
	(void)state;
	clock_set(0);
	return (0);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test_teardown(uuid_layout, uuid_teardown),
		cmocka_unit_test_teardown(uuid_are_distinct, uuid_teardown),
		cmocka_unit_test_teardown(uuid_order, uuid_teardown),
		cmocka_unit_test(uuid_text_round),
		cmocka_unit_test(uuid_bad_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
