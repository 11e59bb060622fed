/*
 * test_session - the Session object, field by field.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "session.h"

static void	session_object(void **state);

static void
session_object(void **state)
{
	struct session	s;
	struct buf	b;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(uuid_parse("01890a5d-ac96-774b-bcce-b302099a8057", 36,
	    &s.id), ERR_OK);
	s.created_us = 1700000000123456;
	s.expires_us = 1700000900000000;
	s.last_seen_us = 1700000000999999;
	memcpy(s.device_name, "Asha's \"phone\"", 15);
	memcpy(s.ip, "203.0.113.9", 12);
	buf_init(&b, 1024);
	session_json(&s, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	assert_string_equal(b.data,
	    "{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\","
	    "\"created_at\":\"2023-11-14T22:13:20.123Z\","
	    "\"expires_at\":\"2023-11-14T22:28:20.000Z\","
	    "\"last_seen_at\":\"2023-11-14T22:13:20.999Z\","
	    "\"device\":{\"id\":null,\"name\":\"Asha's \\\"phone\\\"\","
	    "\"user_agent\":null,\"ip\":\"203.0.113.9\"}}");
	buf_reset(&b);
	session_json_current(&s, true, &b);
	assert_non_null(strstr(b.data,
	    "\"ip\":\"203.0.113.9\"},\"current\":true}"));
	buf_reset(&b);
	session_json_current(&s, false, &b);
	assert_non_null(strstr(b.data,
	    "\"ip\":\"203.0.113.9\"},\"current\":false}"));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(session_object),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
