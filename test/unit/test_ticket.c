/*
 * test_ticket - what is made is read again, and nothing else is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ticket.h"

static void	ticket_round(void **state);
static void	ticket_shapes(void **state);

static void
ticket_round(void **state)
{
	char			text[TICKET_LEN + 1], other[TICKET_LEN + 1];
	struct ticket_hash	a, b;
	uint8_t			want[SHA256_LEN];

	(void)state;
	ticket_make(text, &a);
	ticket_make(other, &b);
	assert_int_equal(strlen(text), TICKET_LEN);
	assert_string_not_equal(text, other);
	assert_int_equal(ticket_parse(text, TICKET_LEN, &b), ERR_OK);
	assert_memory_equal(&a, &b, sizeof(a));
	sha256_of(text, TICKET_LEN, want);
	assert_memory_equal(a.b, want, sizeof(want));
}

static void
ticket_shapes(void **state)
{
	char			text[TICKET_LEN + 2];
	struct ticket_hash	h;

	(void)state;
	ticket_make(text, &h);
	text[TICKET_LEN] = 'A';
	assert_int_equal(ticket_parse(text, TICKET_LEN + 1, &h), ERR_FORMAT);
	assert_int_equal(ticket_parse(text, TICKET_LEN - 1, &h), ERR_FORMAT);
	text[2] = 'r';
	assert_int_equal(ticket_parse(text, TICKET_LEN, &h), ERR_FORMAT);
	text[2] = 'm';
	text[20] = '+';
	assert_int_equal(ticket_parse(text, TICKET_LEN, &h), ERR_FORMAT);
	/* 43 characters hold 258 bits: the last two are zero. */
	memset(text + 4, 'A', 43);
	assert_int_equal(ticket_parse(text, TICKET_LEN, &h), ERR_OK);
	text[TICKET_LEN - 1] = 'B';
	assert_int_equal(ticket_parse(text, TICKET_LEN, &h), ERR_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(ticket_round),
		cmocka_unit_test(ticket_shapes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
