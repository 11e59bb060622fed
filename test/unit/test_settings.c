/*
 * test_settings - defaults, every variable and its _FILE, wrong values.
 * Works in a directory of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "settings_env.h"

static void	settings_defaults(void **state);
static void	settings_every_variable(void **state);
static void	settings_from_files(void **state);
static void	settings_wrong_table(void **state);
static void	settings_unknown_table(void **state);
static void	settings_wrong_files(void **state);
static void	settings_no_secret_in_why(void **state);
static void	settings_empty_is_unset(void **state);

/* What settings_every_variable sets, as NAME and value. */
static const struct {
	const char	*name;
	const char	*value;
} every[] = {
	{ "IDENTITY_DATABASE_URL", "postgresql://app@/db?host=/run" },
	{ "IDENTITY_DB_POOL", "64" },
	{ "IDENTITY_HTTP_LISTEN", "0.0.0.0:80" },
	{ "IDENTITY_HTTPS_LISTEN", "[::1]:443" },
	{ "IDENTITY_TLS_CERT", "cert.pem" },
	{ "IDENTITY_TLS_KEY", "key.pem" },
	{ "IDENTITY_DATA_DIR", "some/where//" },
	{ "IDENTITY_MASTER_KEY", KEY_B64 },
	{ "IDENTITY_MASTER_KEY_OLD", PEPPER_B64 },
	{ "IDENTITY_PASSWORD_PEPPER", PEPPER_B64 },
	{ "IDENTITY_PUBLIC_URL", "https://Auth.Example.com/" },
	{ "IDENTITY_TRUSTED_PROXIES", "10.0.0.0/8, ::1" },
	{ "IDENTITY_EGRESS_ALLOW", "192.168.7.0/24" },
	{ "IDENTITY_CA_FILE", "cert.pem" },
	{ "IDENTITY_DNS_SERVER", "192.0.2.53:5353" },
	{ "IDENTITY_WORKERS", "3" },
	{ "IDENTITY_RUN_AS", "daemon" },
	{ "IDENTITY_DEV_OTP", "1" },
	{ "IDENTITY_LOG", "json" },
};

static void
every_check(enum settings_source from)
{
	struct settings	s;
	uint8_t		bytes[32];
	char		cwd[PATH_MAX], path[PATH_MAX + 16];
	size_t		i;

	load(&s);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_string_equal(s.database_url, every[0].value);
	assert_int_equal(s.db_pool, 64);
	assert_string_equal(s.http.host, "0.0.0.0");
	assert_int_equal(s.http.port, 80);
	assert_string_equal(s.https.host, "::1");
	assert_int_equal(s.https.port, 443);
	(void)snprintf(path, sizeof(path), "%s/cert.pem", cwd);
	assert_string_equal(s.tls_cert, path);
	assert_string_equal(s.ca_file, path);
	assert_string_equal(s.dns_server.host, "192.0.2.53");
	assert_int_equal(s.dns_server.port, 5353);
	(void)snprintf(path, sizeof(path), "%s/key.pem", cwd);
	assert_string_equal(s.tls_key, path);
	(void)snprintf(path, sizeof(path), "%s/some/where", cwd);
	assert_string_equal(s.data_dir, path);
	memset(bytes, 'k', sizeof(bytes));
	assert_true(s.has_master_key);
	assert_memory_equal(s.master_key, bytes, 32);
	memset(bytes, 'p', sizeof(bytes));
	assert_true(s.has_pepper);
	assert_memory_equal(s.pepper, bytes, 32);
	assert_string_equal(s.public_url, "https://auth.example.com");
	assert_int_equal(s.trusted_proxies.n, 2);
	assert_int_equal(s.egress_allow.n, 1);
	assert_int_equal(s.workers, 3);
	assert_string_equal(s.run_as, "daemon");
	assert_true(s.dev_otp);
	assert_int_equal(s.log, LOG_JSON);
	for (i = 0; i < SETTINGS_MAX; i++)
		assert_int_equal(s.source[i], from);
	/* A key that is given is not written down. */
	assert_int_equal(access("some/where", F_OK), 0);
	assert_int_equal(access("some/where/master.key", F_OK), -1);
	settings_clear(&s);
}

static void
settings_defaults(void **state)
{
	struct settings	s;
	char		cwd[PATH_MAX], dir[PATH_MAX + 16];
	size_t		i;

	(void)state;
	load(&s);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	(void)snprintf(dir, sizeof(dir), "%s/var/data", cwd);
	assert_null(s.database_url);
	assert_int_equal(s.db_pool, s.workers > 2 ? 4 : 8);
	assert_true(s.http.is_on);
	assert_string_equal(s.http.host, "127.0.0.1");
	assert_int_equal(s.http.port, 8080);
	assert_true(s.https.is_on);
	assert_string_equal(s.https.host, "127.0.0.1");
	assert_int_equal(s.https.port, 8443);
	assert_null(s.tls_cert);
	assert_null(s.tls_key);
	assert_null(s.ca_file);
	assert_false(s.dns_server.is_on);
	assert_string_equal(s.data_dir, dir);
	assert_true(s.has_master_key);
	assert_false(s.has_pepper);
	assert_string_equal(s.public_url, "http://127.0.0.1:8080");
	assert_int_equal(s.trusted_proxies.n, 0);
	assert_int_equal(s.egress_allow.n, 0);
	assert_true(s.workers >= 1 && s.workers <= SETTINGS_WORKERS_MAX);
	assert_string_equal(s.run_as, "nobody");
	assert_false(s.dev_otp);
	assert_int_equal(s.log, LOG_TEXT);
	for (i = 0; i < SETTINGS_MAX; i++)
		assert_int_equal(s.source[i], i == SETTINGS_MASTER_KEY ?
		    SETTINGS_FROM_MADE : SETTINGS_FROM_DEFAULT);
	settings_clear(&s);
	settings_clear(&s);
}

static void
settings_every_variable(void **state)
{
	size_t	i;

	(void)state;
	write_file("cert.pem", "x", 1, 0600);
	write_file("key.pem", "x", 1, 0600);
	assert_int_equal(COUNT(every), SETTINGS_MAX);
	for (i = 0; i < COUNT(every); i++)
		set(every[i].name, every[i].value);
	every_check(SETTINGS_FROM_ENV);
}

static void
settings_from_files(void **state)
{
	static const char *const	ends[] = { "", "\n", "\r\n" };
	char	name[64], text[256];
	size_t	i;

	(void)state;
	write_file("cert.pem", "x", 1, 0600);
	write_file("key.pem", "x", 1, 0600);
	for (i = 0; i < COUNT(every); i++) {
		(void)snprintf(name, sizeof(name), "%s_FILE", every[i].name);
		set(name, every[i].name);
		(void)snprintf(text, sizeof(text), "%s%s", every[i].value,
		    ends[i % COUNT(ends)]);
		write_file(every[i].name, text, strlen(text), 0600);
	}
	every_check(SETTINGS_FROM_FILE);
}

static void
settings_wrong_table(void **state)
{
	static const struct {
		const char	*name;
		const char	*value;
		const char	*part;		/* of the line */
	} t[] = {
		{ "IDENTITY_DATABASE_URL", "mydb", "postgresql://" },
		{ "IDENTITY_DATABASE_URL", "mysql://h/db", "postgresql://" },
		{ "IDENTITY_DATABASE_URL", "host=a\nport=1", "control" },
		{ "IDENTITY_DB_POOL", "0", "1 to 64" },
		{ "IDENTITY_DB_POOL", "65", "1 to 64" },
		{ "IDENTITY_DB_POOL", "4x", "1 to 64" },
		{ "IDENTITY_WORKERS", "0", "1 to 64" },
		{ "IDENTITY_WORKERS", "-1", "1 to 64" },
		{ "IDENTITY_WORKERS", "65", "1 to 64" },
		{ "IDENTITY_WORKERS", "auto", "'auto'" },
		{ "IDENTITY_DATA_DIR", "a\tb", "control" },
		{ "IDENTITY_MASTER_KEY", "short", "32 bytes" },
		{ "IDENTITY_MASTER_KEY", KEY_B64 "AAAA", "32 bytes" },
		{ "IDENTITY_MASTER_KEY",
		    "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b"
		    "6b6b6b6b", "base64" },
		{ "IDENTITY_MASTER_KEY_OLD", "short", "32 bytes" },
		{ "IDENTITY_PASSWORD_PEPPER", "pepper", "32 bytes" },
		{ "IDENTITY_TRUSTED_PROXIES", "10.0.0.0/8,x", "'x'" },
		{ "IDENTITY_TRUSTED_PROXIES", "10.0.0.1/8", "bits set" },
		{ "IDENTITY_EGRESS_ALLOW", "10.0.0.0/40", "prefix" },
		{ "IDENTITY_RUN_AS", "no such", "account" },
		{ "IDENTITY_RUN_AS", "-x", "account" },
		{ "IDENTITY_RUN_AS", "a:b", "account" },
		{ "IDENTITY_RUN_AS", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "account" },
		{ "IDENTITY_DEV_OTP", "true", "1 or 0" },
		{ "IDENTITY_DEV_OTP", "2", "1 or 0" },
		{ "IDENTITY_LOG", "JSON", "text or json" },
		{ "IDENTITY_TLS_CERT", "missing.pem", "missing.pem" },
		{ "IDENTITY_TLS_KEY", "missing.pem", "missing.pem" },
		{ "IDENTITY_HTTPS_LISTEN", "127.0.0.1:8080", "same" },
	};
	struct settings	s;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		set(t[i].name, t[i].value);
		refused(strcmp(t[i].part, "same") == 0 ?
		    "IDENTITY_HTTP_LISTEN" : t[i].name, t[i].part);
		assert_int_equal(unsetenv(t[i].name), 0);
	}
	set("IDENTITY_HTTP_LISTEN", "off");
	set("IDENTITY_HTTPS_LISTEN", "off");
	refused("IDENTITY_HTTP_LISTEN", "nothing would be served");
	if (geteuid() == 0) {
		set("IDENTITY_HTTP_LISTEN", "127.0.0.1:8080");
		set("IDENTITY_RUN_AS", "root");
		refused("IDENTITY_RUN_AS", "superuser");
		set("IDENTITY_RUN_AS", "no-such-account");
		refused("IDENTITY_RUN_AS", "no-such-account");
		set("IDENTITY_RUN_AS", "daemon");
	}
	assert_int_equal(unsetenv("IDENTITY_HTTP_LISTEN"), 0);
	load(&s);
	assert_false(s.https.is_on);
	settings_clear(&s);
}

static void
settings_unknown_table(void **state)
{
	static const struct {
		const char	*name;
		const char	*nearest;
	} t[] = {
		{ "IDENTITY_DATABSE_URL", "IDENTITY_DATABASE_URL" },
		{ "IDENTITY_DB_URL", "IDENTITY_" },
		{ "IDENTITY_HTTP_LISTENS", "IDENTITY_HTTP_LISTEN" },
		{ "IDENTITY_http_listen", "IDENTITY_" },
		{ "IDENTITY_TRUSTED_PROXY", "IDENTITY_TRUSTED_PROXIES" },
		{ "IDENTITY_WORKER", "IDENTITY_WORKERS" },
		{ "IDENTITY_RUNAS", "IDENTITY_RUN_AS" },
		{ "IDENTITY_MASTER_KEY_FILES", "IDENTITY_MASTER_KEY" },
		{ "IDENTITY_", "IDENTITY_" },
		{ "IDENTITY_TEST_CLOCK", "IDENTITY_" },
		{ "IDENTITY_TEST_OTP", "IDENTITY_DEV_OTP" },
	};
	struct settings	s;
	char		name[600];
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		set(t[i].name, "1");
		refused(t[i].name, "no such variable");
		refused(t[i].name, t[i].nearest);
		assert_int_equal(unsetenv(t[i].name), 0);
		/* An empty one is a wrong name all the same. */
		set(t[i].name, "");
		refused(t[i].name, "no such variable");
		assert_int_equal(unsetenv(t[i].name), 0);
	}
	/* Names come from outside: cut, and no line of theirs. */
	memset(name, 'A', sizeof(name));
	memcpy(name, "IDENTITY_\n\033", 11);
	name[sizeof(name) - 1] = '\0';
	set(name, "1");
	refused("IDENTITY_??AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "no such variable");
	assert_int_equal(unsetenv(name), 0);
	/* Others' names are theirs. */
	set("IDENTITYX", "1");
	set("XIDENTITY_FOO", "1");
	load(&s);
	settings_clear(&s);
}

static void
settings_wrong_files(void **state)
{
	char	*big = calloc(1, 70000);

	(void)state;
	assert_non_null(big);
	set("IDENTITY_LOG", "json");
	set("IDENTITY_LOG_FILE", "log");
	write_file("log", "json\n", 5, 0600);
	refused("IDENTITY_LOG", "IDENTITY_LOG_FILE");
	assert_int_equal(unsetenv("IDENTITY_LOG"), 0);
	write_file("log", "", 0, 0600);
	refused("IDENTITY_LOG_FILE", "empty");
	write_file("log", "\n", 1, 0600);
	refused("IDENTITY_LOG_FILE", "empty");
	write_file("log", "js\0n", 4, 0600);
	refused("IDENTITY_LOG_FILE", "not text");
	write_file("log", "json\n\n", 6, 0600);
	refused("IDENTITY_LOG", "newlines");
	write_file("log", "xml\n", 4, 0600);
	refused("IDENTITY_LOG", "text or json");
	memset(big, 'a', 70000);
	write_file("log", big, 65537, 0600);
	refused("IDENTITY_LOG_FILE", "64 KiB");
	write_file("log", big, 65536, 0600);
	refused("IDENTITY_LOG", "text or json");
	set("IDENTITY_LOG_FILE", "missing");
	refused("IDENTITY_LOG_FILE", "No such file");
	set("IDENTITY_LOG_FILE", ".");
	refused("IDENTITY_LOG_FILE", "Is a directory");
	free(big);
}

/* Where a wrong secret is refused, the line does not repeat it. */
static void
settings_no_secret_in_why(void **state)
{
	static const char *const	names[] = {
		"IDENTITY_DATABASE_URL", "IDENTITY_MASTER_KEY",
		"IDENTITY_PASSWORD_PEPPER", "IDENTITY_TLS_KEY",
		"IDENTITY_MASTER_KEY_OLD",
	};
	static const char *const	values[] = {
		"hunter2", "-----BEGIN hunter2", "hunter2\n",
	};
	struct settings	s;
	char		why[512];
	size_t		i, j;

	(void)state;
	for (i = 0; i < COUNT(names); i++) {
		for (j = 0; j < COUNT(values); j++) {
			/* A path is no secret and is shown. */
			if (i == 3 && j == 0)
				continue;
			set(names[i], values[j]);
			assert_int_equal(settings_load(&s, true, why),
			    ERR_USAGE);
			assert_null(strstr(why, "hunter2"));
			assert_memory_equal(why, names[i], strlen(names[i]));
		}
		assert_int_equal(unsetenv(names[i]), 0);
	}
}

static void
settings_empty_is_unset(void **state)
{
	struct settings	s;
	char		name[64];
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(every); i++) {
		set(every[i].name, "");
		(void)snprintf(name, sizeof(name), "%s_FILE", every[i].name);
		set(name, "");
	}
	load(&s);
	assert_int_equal(s.http.port, 8080);
	assert_int_equal(s.source[SETTINGS_LOG], SETTINGS_FROM_DEFAULT);
	settings_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(settings_defaults),
		TEST(settings_every_variable),
		TEST(settings_from_files),
		TEST(settings_wrong_table),
		TEST(settings_unknown_table),
		TEST(settings_wrong_files),
		TEST(settings_no_secret_in_why),
		TEST(settings_empty_is_unset),
	};

	return (cmocka_run_group_tests(tests, settings_group_setup,
	    settings_group_teardown));
}
