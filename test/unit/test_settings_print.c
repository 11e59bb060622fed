/*
 * test_settings_print - what is in force, as text and JSON, without a secret.
 * Works in a directory of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "settings_env.h"

static void	settings_mask_table(void **state);
static void	settings_as_text(void **state);
static void	settings_as_json(void **state);

static void
settings_mask_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*out;
	} t[] = {
		{ "postgres://u:hunter2@h:5432/db",
		    "postgres://u:***@h:5432/db" },
		{ "postgresql://u:hunter2@/db?host=/run",
		    "postgresql://u:***@/db?host=/run" },
		{ "postgresql://u@h/db", "postgresql://u@h/db" },
		{ "postgresql://h:5432/db", "postgresql://h:5432/db" },
		{ "postgresql://h/db?x=1&password=hunter2&sslmode=require",
		    "postgresql://h/db?x=1&password=***&sslmode=require" },
		{ "postgresql://h/db?sslpassword=hunter2",
		    "postgresql://h/db?sslpassword=***" },
		{ "postgresql://h/db?pass%77ord=hunter2",
		    "postgresql://h/db?pass%77ord=***" },
		{ "postgresql://u:hunter2@h/db?password=hunter2",
		    "postgresql://u:***@h/db?password=***" },
		{ "postgresql://u:%68unter2@h/db",
		    "postgresql://u:***@h/db" },
		/* what should have been escaped */
		{ "postgresql://u:hun@ter2@h/db", "postgresql://u:***@h/db" },
		{ "postgresql://u:hun/hunter2@h/db",
		    "postgresql://u:***@h/db" },
		{ "postgresql://u:hun?hunter2@h/db", "postgresql://***" },
		{ "postgresql://u:a@b?hunter2@h/db", "postgresql://***" },
		{ "postgresql://h/db?password=hun@hunter2",
		    "postgresql://***" },
		{ "host=h password=hunter2 user=u",
		    "host=h password=*** user=u" },
		{ "password=hunter2", "password=***" },
		{ "password = hunter2 user = u", "password=*** user=u" },
		{ "password='hun ter2' user=u", "password=*** user=u" },
		{ "password='hun\\' hunter2' user=u",
		    "password=*** user=u" },
		{ "password=hun\\ hunter2 user=u", "password=*** user=u" },
		{ "password='hunter2", "password=***" },
		{ "host='a b' sslpassword=hunter2 dbname=d",
		    "host='a b' sslpassword=*** dbname=d" },
		{ "user=u hunter2 host=h", "user=u ***" },
		{ "user=u password hunter2", "user=u ***" },
		{ "passwordx=1", "passwordx=1" },
		{ "user=u password=", "user=u password=***" },
	};
	struct settings	s;
	struct buf	b;
	char		want[256];
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		set("IDENTITY_DATABASE_URL", t[i].in);
		load(&s);
		assert_string_equal(s.database_url, t[i].in);
		buf_init(&b, 65536);
		settings_format(&s, false, &b);
		assert_int_equal(buf_err(&b), ERR_OK);
		(void)snprintf(want, sizeof(want),
		    "IDENTITY_DATABASE_URL=%s # env\n", t[i].out);
		if (strncmp(b.data, want, strlen(want)) != 0)
			fail_msg("%s: %.*s", t[i].in,
			    (int)strcspn(b.data, "\n"), b.data);
		assert_null(strstr(b.data, "hunter2"));
		buf_clear(&b);
		settings_clear(&s);
	}
}

static void
settings_as_text(void **state)
{
	struct settings	s;
	struct buf	b;
	size_t		i;

	(void)state;
	set("IDENTITY_MASTER_KEY", KEY_B64);
	set("IDENTITY_PASSWORD_PEPPER", PEPPER_B64);
	set("IDENTITY_DATA_DIR", "/tmp/../tmp");
	set("IDENTITY_TRUSTED_PROXIES", "10.0.0.0/8\x20::1 1.2.3.4/32");
	set("IDENTITY_HTTPS_LISTEN", "off");
	set("IDENTITY_HTTP_LISTEN", "[::1]:80");
	set("IDENTITY_WORKERS", "2");
	set("IDENTITY_LOG_FILE", "log");
	write_file("log", "json\n", 5, 0600);
	load(&s);
	buf_init(&b, 65536);
	settings_format(&s, false, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	/* The first 8 hex digits of SHA-256 of 32 times 'k' and 'p' (Node). */
	assert_string_equal(b.data,
	    "IDENTITY_DATABASE_URL= # default\n"
	    "IDENTITY_DB_POOL=8 # default\n"
	    "IDENTITY_HTTP_LISTEN=[::1]:80 # env\n"
	    "IDENTITY_HTTPS_LISTEN=off # env\n"
	    "IDENTITY_TLS_CERT= # default\n"
	    "IDENTITY_TLS_KEY= # default\n"
	    "IDENTITY_DATA_DIR=/tmp/../tmp # env\n"
	    "IDENTITY_MASTER_KEY=set (sha256 5e318f8c) # env\n"
	    "IDENTITY_MASTER_KEY_OLD= # default\n"
	    "IDENTITY_PASSWORD_PEPPER=set (sha256 a7cbbfdf) # env\n"
	    "IDENTITY_PUBLIC_URL=http://[::1]:80 # default\n"
	    "IDENTITY_TRUSTED_PROXIES=10.0.0.0/8,::1,1.2.3.4 # env\n"
	    "IDENTITY_EGRESS_ALLOW= # default\n"
	    "IDENTITY_CA_FILE= # default\n"
	    "IDENTITY_DNS_SERVER=off # default\n"
	    "IDENTITY_WORKERS=2 # env\n"
	    "IDENTITY_RUN_AS=nobody # default\n"
	    "IDENTITY_DEV_OTP=0 # default\n"
	    "IDENTITY_LOG=json # file\n");
	buf_clear(&b);
	/* What does not fit is an error, not a shorter answer. */
	for (i = 1; i < 500; i += 100) {
		buf_init(&b, i);
		settings_format(&s, i % 200 == 1, &b);
		assert_int_equal(buf_err(&b), ERR_SPACE);
		buf_clear(&b);
	}
	settings_clear(&s);
}

static void
settings_as_json(void **state)
{
	struct settings	 s;
	struct buf	 b;
	json_t		*j, *v;
	const char	*name;

	(void)state;
	set("IDENTITY_DATABASE_URL", "user=\"u\" password='x'");
	load(&s);
	buf_init(&b, 65536);
	settings_format(&s, true, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_int_equal(json_object_size(j), SETTINGS_MAX);
	json_object_foreach(j, name, v) {
		assert_memory_equal(name, "IDENTITY_", 9);
		assert_int_equal(json_object_size(v), 2);
		assert_true(json_is_string(json_object_get(v, "source")));
		assert_true(json_is_string(json_object_get(v, "value")) ||
		    json_is_null(json_object_get(v, "value")));
	}
	v = json_object_get(j, "IDENTITY_DATABASE_URL");
	assert_string_equal(json_string_value(json_object_get(v, "value")),
	    "user=\"u\" password=***");
	assert_string_equal(json_string_value(json_object_get(v, "source")),
	    "env");
	v = json_object_get(j, "IDENTITY_TLS_CERT");
	assert_true(json_is_null(json_object_get(v, "value")));
	v = json_object_get(j, "IDENTITY_MASTER_KEY");
	assert_string_equal(json_string_value(json_object_get(v, "source")),
	    "made");
	json_decref(j);
	buf_clear(&b);
	settings_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(settings_mask_table),
		TEST(settings_as_text),
		TEST(settings_as_json),
	};

	return (cmocka_run_group_tests(tests, settings_group_setup,
	    settings_group_teardown));
}
