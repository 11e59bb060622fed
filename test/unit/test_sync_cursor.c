/*
 * test_sync_cursor - cursors of /users/sync: nothing but our own is read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "sync_cursor.h"

static const struct uuid	app_a = { { 0xa, 1 } };
static const struct uuid	app_b = { { 0xb, 1 } };

static struct hmac_key *
key_of(char c)
{
	struct hmac_key	*k;
	uint8_t		 bytes[SHA256_LEN];

	memset(bytes, c, sizeof(bytes));
	assert_int_equal(hmac_key_new(bytes, sizeof(bytes), &k), ERR_OK);
	return (k);
}

static struct sync_cursor
sample(enum sync_kind kind, int64_t xid)
{
	struct sync_cursor	c;

	memset(&c, 0, sizeof(c));
	c.kind = kind;
	memset(c.epoch.b, 0xe0, sizeof(c.epoch.b));
	c.xid = xid;
	memset(c.id.b, 0xff, sizeof(c.id.b));
	c.made_s = 1795464900;
	return (c);
}

static void
test_round(void **state)
{
	static const int64_t	 xids[] = { 0, 3, 740, INT64_MAX };
	struct hmac_key		*k = key_of('k');
	struct sync_cursor	 c, back;
	char			 text[SYNC_CURSOR_LEN + 1];
	size_t			 i;
	int			 kind;

	(void)state;
	for (kind = SYNC_SNAPSHOT; kind <= SYNC_DELTA; kind++) {
		for (i = 0; i < COUNT(xids); i++) {
			c = sample((enum sync_kind)kind, xids[i]);
			assert_int_equal(sync_cursor_format(&c, &app_a, k,
			    text), ERR_OK);
			assert_int_equal(strlen(text), SYNC_CURSOR_LEN);
			assert_int_equal(sync_cursor_parse(text,
			    SYNC_CURSOR_LEN, &app_a, k, &back), ERR_OK);
			assert_memory_equal(&c, &back, sizeof(c));
		}
	}
	hmac_key_free(k);
}

/* Each character counts, and so do application and key. */
static void
test_refused(void **state)
{
	struct hmac_key		*k = key_of('k'), *other = key_of('o');
	struct sync_cursor	 c = sample(SYNC_DELTA, 740), zero, back;
	char			 text[SYNC_CURSOR_LEN + 1], old;
	size_t			 i;

	(void)state;
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(sync_cursor_format(&c, &app_a, k, text), ERR_OK);
	for (i = 0; i < SYNC_CURSOR_LEN; i++) {
		old = text[i];
		text[i] = old == 'A' ? 'B' : 'A';
		assert_int_not_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN,
		    &app_a, k, &back), ERR_OK);
		assert_memory_equal(&back, &zero, sizeof(back));
		text[i] = old;
	}
	assert_int_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN, &app_b, k,
	    &back), ERR_SIGNATURE);
	assert_int_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN, &app_a,
	    other, &back), ERR_SIGNATURE);
	assert_int_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN - 1, &app_a,
	    k, &back), ERR_FORMAT);
	assert_int_equal(sync_cursor_parse("", 0, &app_a, k, &back),
	    ERR_FORMAT);
	text[40] = '!';
	assert_int_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN, &app_a, k,
	    &back), ERR_FORMAT);
	hmac_key_free(k);
	hmac_key_free(other);
}

/* A kind of a later version, well signed. */
static void
test_kind(void **state)
{
	struct hmac_key		*k = key_of('k');
	struct sync_cursor	 c = sample((enum sync_kind)4, 740), back;
	char			 text[SYNC_CURSOR_LEN + 1];

	(void)state;
	assert_int_equal(sync_cursor_format(&c, &app_a, k, text), ERR_OK);
	assert_int_equal(sync_cursor_parse(text, SYNC_CURSOR_LEN, &app_a, k,
	    &back), ERR_FORMAT);
	hmac_key_free(k);
}

/* The tag is of the place, not of the time; and of all that is said. */
static void
test_tag(void **state)
{
	struct sync_cursor	c = sample(SYNC_DELTA, 740), d = c;
	char			a[SYNC_TAG_LEN + 1], b[SYNC_TAG_LEN + 1];

	(void)state;
	sync_cursor_tag(&c, &app_a, "", a);
	assert_int_equal(strlen(a), SYNC_TAG_LEN);
	assert_int_equal(a[0], '"');
	assert_int_equal(a[SYNC_TAG_LEN - 1], '"');
	d.made_s++;
	sync_cursor_tag(&d, &app_a, "", b);
	assert_string_equal(a, b);
	sync_cursor_tag(&c, &app_b, "", b);
	assert_string_not_equal(a, b);
	sync_cursor_tag(&c, &app_a, "#", b);
	assert_string_not_equal(a, b);
	d = sample(SYNC_DELTA, 741);
	sync_cursor_tag(&d, &app_a, "", b);
	assert_string_not_equal(a, b);
	d = sample(SYNC_CATCH_UP, 740);
	sync_cursor_tag(&d, &app_a, "", b);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kind),
		cmocka_unit_test(test_tag),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
