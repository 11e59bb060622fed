/*
 * test_settings_value - what listeners, the public URL and TLS files may be,
 * and the master key on the disk.  Works in a directory of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/file.h>

#include <poll.h>

#include "settings_env.h"

static void	settings_listen_table(void **state);
static void	settings_url_table(void **state);
static void	settings_tls_paths(void **state);
static void	settings_key_is_made(void **state);
static void	settings_key_is_kept(void **state);
static void	settings_key_by_many(void **state);
static void	settings_key_waits(void **state);
static void	settings_read_only(void **state);

static void
settings_listen_table(void **state)
{
	static const struct {
		const char	*value;
		const char	*host;		/* NULL: refused */
		int		 port;
		const char	*url;
	} t[] = {
		{ "127.0.0.1:1", "127.0.0.1", 1, "http://127.0.0.1:1" },
		{ "0.0.0.0:65535", "0.0.0.0", 65535,
		    "http://127.0.0.1:65535" },
		{ "[::]:8080", "::", 8080, "http://[::1]:8080" },
		{ "[::1]:8080", "::1", 8080, "http://[::1]:8080" },
		{ "[2001:DB8::1]:80", "2001:db8::1", 80,
		    "http://[2001:db8::1]:80" },
		{ "off", "", 0, "https://127.0.0.1:8443" },
		{ "8080", NULL, 0, NULL },
		{ ":8080", NULL, 0, NULL },
		{ "*:8080", NULL, 0, NULL },
		{ "localhost:8080", NULL, 0, NULL },
		{ "127.0.0.1", NULL, 0, NULL },
		{ "127.0.0.1:", NULL, 0, NULL },
		{ "127.0.0.1:0", NULL, 0, NULL },
		{ "127.0.0.1:080", NULL, 0, NULL },
		{ "127.0.0.1:65536", NULL, 0, NULL },
		{ "127.0.0.1:8080x", NULL, 0, NULL },
		{ "127.0.0.1:-1", NULL, 0, NULL },
		{ " 127.0.0.1:8080", NULL, 0, NULL },
		{ "[127.0.0.1]:8080", NULL, 0, NULL },
		{ "::1:8080", NULL, 0, NULL },
		{ "::1", NULL, 0, NULL },
		{ "[::1]", NULL, 0, NULL },
		{ "[::1]8080", NULL, 0, NULL },
		{ "[::1:8080", NULL, 0, NULL },
		{ "]:8080", NULL, 0, NULL },
		{ "[]:8080", NULL, 0, NULL },
		{ "OFF", NULL, 0, NULL },
		{ "http://127.0.0.1:8080", NULL, 0, NULL },
	};
	struct settings	s;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		set("IDENTITY_HTTP_LISTEN", t[i].value);
		if (t[i].host == NULL) {
			refused("IDENTITY_HTTP_LISTEN", "address:port");
			continue;
		}
		load(&s);
		assert_int_equal(s.http.is_on, t[i].port != 0);
		assert_string_equal(s.http.host, t[i].host);
		assert_int_equal(s.http.port, t[i].port);
		assert_string_equal(s.public_url, t[i].url);
		settings_clear(&s);
	}
}

static void
settings_url_table(void **state)
{
	static const struct {
		const char	*value;
		const char	*want;		/* NULL: refused */
	} t[] = {
		{ "http://auth.localhost", "http://auth.localhost" },
		{ "https://a", "https://a" },
		{ "https://a.b/", "https://a.b" },
		{ "https://A.B:8443", "https://a.b:8443" },
		{ "https://a--b.xn--p1ai", "https://a--b.xn--p1ai" },
		{ "http://127.0.0.1:8080/", "http://127.0.0.1:8080" },
		{ "https://[2001:DB8::1]", "https://[2001:db8::1]" },
		{ "https://[::1]:1", "https://[::1]:1" },
		{ "auth.example.com", NULL },
		{ "ftp://a.b", NULL },
		{ "HTTP://a.b", NULL },
		{ "http:/a.b", NULL },
		{ "http://", NULL },
		{ "http:///", NULL },
		{ "https:///x", NULL },
		{ "http://a.b/auth", NULL },
		{ "http://a.b//", NULL },
		{ "http://a.b?x", NULL },
		{ "http://a.b/?x", NULL },
		{ "http://a.b#x", NULL },
		{ "http://u@a.b", NULL },
		{ "http://u:p@a.b", NULL },
		{ "http://a.b:", NULL },
		{ "http://a.b:/", NULL },
		{ "http://a.b:0", NULL },
		{ "http://a.b:080", NULL },
		{ "http://a.b:65536", NULL },
		{ "http://a.b:80:80", NULL },
		{ "http://a.b:8x", NULL },
		{ "http://a..b", NULL },
		{ "http://.a", NULL },
		{ "http://a.", NULL },
		{ "http://-a", NULL },
		{ "http://a-", NULL },
		{ "http://a-.b", NULL },
		{ "http://a.-b", NULL },
		{ "http://a_b", NULL },
		{ "http://a b", NULL },
		{ "http://m\xc3\xbcnchen.de", NULL },
		{ "http://[::1", NULL },
		{ "http://[]", NULL },
		{ "http://[127.0.0.1]", NULL },
		{ "http://[::1]x", NULL },
		{ "http://[::1]:", NULL },
		{ " http://a.b", NULL },
	};
	struct settings	s;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		set("IDENTITY_PUBLIC_URL", t[i].value);
		if (t[i].want == NULL) {
			refused("IDENTITY_PUBLIC_URL", "http://");
			continue;
		}
		load(&s);
		assert_string_equal(s.public_url, t[i].want);
		settings_clear(&s);
	}
}

static void
settings_tls_paths(void **state)
{
	static const char	pem[] = "-----BEGIN CERTIFICATE-----\nAA==\n";
	struct settings		s;
	char			cwd[PATH_MAX], path[PATH_MAX + 16];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	write_file("c.pem", pem, sizeof(pem) - 1, 0600);
	set("IDENTITY_TLS_CERT", "c.pem");
	refused("IDENTITY_TLS_KEY", "set both or none");
	assert_int_equal(unsetenv("IDENTITY_TLS_CERT"), 0);
	set("IDENTITY_TLS_KEY", "c.pem");
	refused("IDENTITY_TLS_CERT", "set both or none");
	/* The PEM file itself named by _FILE: then it is the path. */
	set("IDENTITY_TLS_CERT_FILE", "c.pem");
	load(&s);
	(void)snprintf(path, sizeof(path), "%s/c.pem", cwd);
	assert_string_equal(s.tls_cert, path);
	assert_string_equal(s.tls_key, path);
	settings_clear(&s);
}

static void
settings_key_is_made(void **state)
{
	struct settings	a, b;
	struct stat	st;

	(void)state;
	load(&a);
	assert_int_equal(stat("var/data", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(stat("var/data/master.key", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 45);
	load(&b);
	assert_memory_equal(a.master_key, b.master_key, MASTER_KEY_LEN);
	assert_int_equal(b.source[SETTINGS_MASTER_KEY], SETTINGS_FROM_MADE);
	settings_clear(&a);
	settings_clear(&b);
	/* Left empty by a start that was cut short: made then. */
	write_file("var/data/master.key", "", 0, 0600);
	load(&a);
	assert_int_equal(stat("var/data/master.key", &st), 0);
	assert_int_equal(st.st_size, 45);
	settings_clear(&a);
}

static void
settings_key_is_kept(void **state)
{
	static const char *const	t[] = {
		"x", "short\n", KEY_B64 KEY_B64, KEY_B64 "\n\n", "\n",
	};
	struct settings	s;
	uint8_t		bytes[32];
	char		why[512], text[128];
	size_t		i;
	int		fd;
	ssize_t		n;

	(void)state;
	load(&s);
	settings_clear(&s);
	write_file("var/data/master.key", KEY_B64 "\n", 45, 0400);
	load(&s);
	memset(bytes, 'k', sizeof(bytes));
	assert_memory_equal(s.master_key, bytes, 32);
	settings_clear(&s);
	write_file("var/data/master.key", KEY_B64, 44, 0640);
	refused("IDENTITY_MASTER_KEY", "chmod 600");
	/* A file that is no key is never overwritten. */
	for (i = 0; i < COUNT(t); i++) {
		write_file("var/data/master.key", t[i], strlen(t[i]), 0600);
		refused("IDENTITY_MASTER_KEY", "restore it");
		assert_int_equal(settings_load(&s, false, why), ERR_USAGE);
		fd = open("var/data/master.key", O_RDONLY);
		n = read(fd, text, sizeof(text));
		assert_int_equal(close(fd), 0);
		assert_int_equal(n, strlen(t[i]));
		assert_memory_equal(text, t[i], (size_t)n);
	}
	/* Nor is a link followed out of the directory. */
	assert_int_equal(unlink("var/data/master.key"), 0);
	assert_int_equal(symlink("../../elsewhere", "var/data/master.key"), 0);
	assert_int_equal(settings_load(&s, false, why), ERR_USAGE);
	assert_int_equal(access("elsewhere", F_OK), -1);
	/* A file where the directory should be. */
	write_file("plain", "x", 1, 0600);
	set("IDENTITY_DATA_DIR", "plain");
	assert_int_equal(settings_load(&s, false, why), ERR_USAGE);
	assert_memory_equal(why, "IDENTITY_DATA_DIR: ", 19);
}

/* Many processes at once make one key. */
static void
settings_key_by_many(void **state)
{
	struct settings	s;
	char		why[512];
	uint8_t		first[MASTER_KEY_LEN], got[MASTER_KEY_LEN];
	int		fds[2], i, status;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (i = 0; i < 8; i++) {
		switch (fork()) {
		case -1:
			fail_msg("fork");
			break;
		case 0:
			if (settings_load(&s, false, why) != ERR_OK ||
			    write(fds[1], s.master_key, MASTER_KEY_LEN) !=
			    MASTER_KEY_LEN)
				_exit(1);
			_exit(0);
		}
	}
	for (i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
		assert_int_equal(read(fds[0], i == 0 ? first : got,
		    MASTER_KEY_LEN), MASTER_KEY_LEN);
		if (i > 0)
			assert_memory_equal(first, got, MASTER_KEY_LEN);
	}
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

/* Who comes while another is filling the file takes what that one wrote. */
static void
settings_key_waits(void **state)
{
	struct settings	s;
	struct pollfd	p;
	char		why[512];
	uint8_t		got[MASTER_KEY_LEN], want[MASTER_KEY_LEN];
	int		fd, fds[2], status;
	pid_t		pid;

	(void)state;
	load(&s);
	settings_clear(&s);
	fd = open("var/data/master.key", O_RDWR | O_TRUNC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(pipe(fds), 0);
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		if (settings_load(&s, false, why) != ERR_OK ||
		    write(fds[1], s.master_key, MASTER_KEY_LEN) !=
		    MASTER_KEY_LEN)
			_exit(1);
		_exit(0);
	}
	p.fd = fds[0];
	p.events = POLLIN;
	assert_int_equal(poll(&p, 1, 300), 0);
	assert_int_equal(write(fd, KEY_B64 "\n", 45), 45);
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(fds[0], got, sizeof(got)), sizeof(got));
	memset(want, 'k', sizeof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(close(fd), 0);
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

static void
settings_read_only(void **state)
{
	struct settings	s;
	char		why[512];

	(void)state;
	assert_int_equal(settings_load(&s, true, why), ERR_OK);
	assert_false(s.has_master_key);
	assert_int_equal(s.source[SETTINGS_MASTER_KEY], SETTINGS_FROM_DEFAULT);
	assert_int_equal(access("var", F_OK), -1);
	settings_clear(&s);
	load(&s);
	settings_clear(&s);
	assert_int_equal(settings_load(&s, true, why), ERR_OK);
	assert_true(s.has_master_key);
	settings_clear(&s);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		TEST(settings_listen_table),
		TEST(settings_url_table),
		TEST(settings_tls_paths),
		TEST(settings_key_is_made),
		TEST(settings_key_is_kept),
		TEST(settings_key_by_many),
		TEST(settings_key_waits),
		TEST(settings_read_only),
	};

	return (cmocka_run_group_tests(tests, settings_group_setup,
	    settings_group_teardown));
}
