/*
 * test_carrier - gateways of carriers: the table, overrides, and what is
 * refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "carrier.h"
#include "clock.h"
#include "json_in.h"

static void	carrier_table_sound(void **state);
static void	carrier_addresses(void **state);
static void	carrier_sunsets(void **state);
static void	carrier_overrides(void **state);
static void	carrier_dates(void **state);
static void	carrier_texts(void **state);

static int64_t
carrier_at(const char *date)
{
	int64_t	us;

	assert_true(carrier_date_us(date, &us));
	return (us - 1);		/* the last microsecond of that day */
}

static void
carrier_table_sound(void **state)
{
	struct carriers		all;
	char			to[EMAIL_MAX_LEN + 1];
	const struct carrier	*c;
	size_t			 i, k;
	int64_t			 us;

	(void)state;
	assert_int_equal(carriers_make(NULL, &all), ERR_OK);
	assert_true(all.n >= 20);
	for (i = 0; i < all.n; i++) {
		c = &all.v[i];
		assert_ptr_equal(carriers_find(&all, c->id), c);
		assert_true(carrier_is_shipped(c->id));
		assert_true(c->name[0] != '\0' && c->source[0] != '\0');
		assert_true(strlen(c->id) <= CARRIER_ID_MAX);
		if (c->sunset[0] != '\0')
			assert_true(carrier_date_us(c->sunset, &us));
		if (c->status == CARRIER_SUNSET)
			assert_true(c->sunset[0] != '\0');
		assert_int_equal(carrier_address(c, "+12125550100",
		    carrier_at("2026-11-27"), to), c->status == CARRIER_DEAD ?
		    ERR_EXPIRED : ERR_OK);
		for (k = 0; k < i; k++)
			assert_string_not_equal(all.v[k].id, c->id);
	}
	assert_null(carriers_find(&all, "nobody"));
	assert_false(carrier_is_shipped("nobody"));
	assert_int_equal(carriers_find(&all, "att")->status, CARRIER_DEAD);
	assert_int_equal(carriers_find(&all, "tmobile")->status, CARRIER_DEAD);
	assert_int_equal(carriers_find(&all, "google_fi")->status,
	    CARRIER_ACTIVE);
}

static void
carrier_addresses(void **state)
{
	struct carriers		 all;
	const struct carrier	*fi;
	char			 to[EMAIL_MAX_LEN + 1];
	int64_t			 now = carrier_at("2026-11-27");

	(void)state;
	assert_int_equal(carriers_make(NULL, &all), ERR_OK);
	fi = carriers_find(&all, "google_fi");
	assert_int_equal(carrier_address(fi, "+12125550100", now, to), ERR_OK);
	assert_string_equal(to, "2125550100@msg.fi.google.com");
	assert_null(carrier_warning(fi, now));
	assert_int_equal(carrier_address(fi, "+919876543210", now, to),
	    ERR_RANGE);
	assert_string_equal(to, "");
	assert_int_equal(carrier_address(fi, "+1", now, to), ERR_FORMAT);
	assert_int_equal(carrier_address(fi, "+1x@evil.com,2", now, to),
	    ERR_FORMAT);
}

static void
carrier_sunsets(void **state)
{
	struct carriers		 all;
	const struct carrier	*v;
	char			 to[EMAIL_MAX_LEN + 1];

	(void)state;
	assert_int_equal(carriers_make(NULL, &all), ERR_OK);
	v = carriers_find(&all, "verizon");
	assert_int_equal(carrier_status_at(v, carrier_at("2027-03-31")),
	    CARRIER_SUNSET);
	assert_int_equal(carrier_address(v, "+12125550100",
	    carrier_at("2027-03-31"), to), ERR_OK);
	assert_non_null(strstr(carrier_warning(v, carrier_at("2027-03-31")),
	    "end"));
	assert_int_equal(carrier_status_at(v, carrier_at("2027-03-31") + 1),
	    CARRIER_DEAD);
	assert_int_equal(carrier_address(v, "+12125550100",
	    carrier_at("2027-04-01"), to), ERR_EXPIRED);
	assert_non_null(carrier_warning(v, carrier_at("2027-04-01")));
}

static void
carrier_overrides(void **state)
{
	static const char	doc[] = "{\"c\":["
	    "{\"id\":\"att\",\"status\":\"active\",\"domain\":\"sms.test\"},"
	    "{\"id\":\"acme\",\"domain\":\"gw.acme.test\",\"name\":\"Acme\","
	    "\"country_code\":\"44\"},"
	    "{\"id\":\"mint\",\"status\":\"sunset\",\"sunset\":\"2020-01-01"
	    "\"}]}";
	struct carriers		 all;
	const struct carrier	*c;
	char			 to[EMAIL_MAX_LEN + 1], id[16];
	json_t			*j, *many;
	int64_t			 now = carrier_at("2026-11-27");
	int			 i;

	(void)state;
	assert_int_equal(json_in_object(doc, strlen(doc), &j), ERR_OK);
	assert_int_equal(carriers_make(json_object_get(j, "c"), &all), ERR_OK);
	assert_int_equal(carrier_address(carriers_find(&all, "att"),
	    "+12125550100", now, to), ERR_OK);
	assert_string_equal(to, "2125550100@sms.test");
	c = carriers_find(&all, "acme");
	assert_string_equal(c->name, "Acme");
	assert_int_equal(c->status, CARRIER_UNVERIFIED);
	assert_int_equal(carrier_address(c, "+447700900123", now, to), ERR_OK);
	assert_string_equal(to, "7700900123@gw.acme.test");
	assert_int_equal(carrier_status_at(carriers_find(&all, "mint"), now),
	    CARRIER_DEAD);
	json_decref(j);
	many = json_array();
	for (i = 0; i < CARRIERS_MAX; i++) {
		(void)snprintf(id, sizeof(id), "c%d", i);
		json_array_append_new(many, json_pack("{s:s,s:s}", "id", id,
		    "domain", "a.b"));
	}
	assert_int_equal(carriers_make(many, &all), ERR_SPACE);
	json_decref(many);
}

static void
carrier_dates(void **state)
{
	static const char *const	bad[] = {
		"", "2027-3-31", "2027-02-29", "2027-13-01", "2027-00-10",
		"2027-01-32", "2027-04-31", "27-01-01", "2027/01/01",
		"2027-01-01x", "1900-02-28",
	};
	int64_t				us;
	size_t				i;
	char				text[CLOCK_RFC3339_LEN + 1];

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_false(carrier_date_us(bad[i], &us));
	assert_true(carrier_date_us("1970-01-01", &us));
	assert_int_equal(us, INT64_C(86400) * US_PER_S);
	assert_true(carrier_date_us("2028-02-29", &us));
	clock_format(us, text);
	assert_string_equal(text, "2028-03-01T00:00:00.000Z");
	assert_true(carrier_date_us("2027-12-31", &us));
	clock_format(us, text);
	assert_string_equal(text, "2028-01-01T00:00:00.000Z");
}

static void
carrier_texts(void **state)
{
	static const struct {
		const char	*in, *out;
		enum err	 r;
	} t[] = {
		{ "123456 is your code.\n\n@a.com #123456", "123456 is your code.",
		    ERR_OK },
		{ "a\nb\r\n\tc \n", "a b c", ERR_OK },
		{ "see https://a.com", NULL, ERR_FORMAT },
		{ "see www.a.com", NULL, ERR_FORMAT },
		{ "", "", ERR_OK },
	};
	char	out[CARRIER_TEXT_MAX * 4 + 1], s[CARRIER_TEXT_MAX * 5];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(carrier_text(t[i].in, out, sizeof(out)),
		    t[i].r);
		if (t[i].r == ERR_OK)
			assert_string_equal(out, t[i].out);
	}
	memset(s, 'x', sizeof(s));
	s[CARRIER_TEXT_MAX] = '\0';
	assert_int_equal(carrier_text(s, out, sizeof(out)), ERR_OK);
	s[CARRIER_TEXT_MAX] = 'x';
	s[CARRIER_TEXT_MAX + 1] = '\0';
	assert_int_equal(carrier_text(s, out, sizeof(out)), ERR_TOO_LONG);
	s[CARRIER_TEXT_MAX + 1] = 'x';
	s[sizeof(s) - 1] = '\0';
	assert_int_equal(carrier_text(s, out, sizeof(out)), ERR_SPACE);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(carrier_table_sound),
		cmocka_unit_test(carrier_addresses),
		cmocka_unit_test(carrier_sunsets),
		cmocka_unit_test(carrier_overrides),
		cmocka_unit_test(carrier_dates),
		cmocka_unit_test(carrier_texts),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
