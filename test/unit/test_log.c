/*
 * test_log - formats, escapes, and a reader that does not read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "clock.h"
#include "log.h"
#include "mem.h"

#define LOG_TEST_NOW	"2026-11-23T20:15:00.123Z "

/* One log_read(); log_drain() reads a few times. */
enum { OUT_MAX = 1 << 18, OUT_BUF = (1 << 20) + 1 };

/* What stands for stdout or stderr during a test. */
static int	log_test_saved[2] = { -1, -1 };

static void	log_to_stderr(void **state);
static void	log_text_table(void **state);
static void	log_json_table(void **state);
static void	log_message(void **state);
static void	log_value_is_cut(void **state);
static void	log_pipe_full(void **state);
static void	log_two_writers(void **state);
static void	log_write_lines(int writer);
static void	log_socket_full(void **state);
static void	log_reader_gone(void **state);
static void	log_file_appends(void **state);
static void	log_fork(void **state);
static void	log_no_stdout(void **state);
static void	log_over(int fd, int what);
static void	log_back(int fd);
static size_t	log_read(int fd, char *out);
static void	log_drain(int fd, char *out);
static void	log_one(enum log_format fmt, const char *event,
		    const struct log_field *f, size_t n, char *out);

/* |what| becomes |fd| (1 or 2), and is closed. */
static void
log_over(int fd, int what)
{
	assert_true(what >= 0);
	log_test_saved[fd - 1] = dup(fd);
	assert_true(log_test_saved[fd - 1] >= 0);
	assert_int_equal(dup2(what, fd), fd);
	assert_int_equal(close(what), 0);
}

static void
log_back(int fd)
{
	assert_int_equal(dup2(log_test_saved[fd - 1], fd), fd);
	assert_int_equal(close(log_test_saved[fd - 1]), 0);
}

/* What can be read now; |out| has OUT_MAX + 1 bytes. */
static size_t
log_read(int fd, char *out)
{
	size_t	len = 0;
	ssize_t	n;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while ((n = read(fd, out + len, OUT_MAX - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
	return (len);
}

/* Reads and flushes until nothing waits any more. */
static void
log_drain(int fd, char *out)
{
	size_t	len = 0, n;

	do {
		log_flush();
		n = log_read(fd, out + len);
		len += n;
		assert_true(len + OUT_MAX < OUT_BUF);
	} while (n > 0);
}

static void
log_one(enum log_format fmt, const char *event, const struct log_field *f,
    size_t n, char *out)
{
	int	p[2];

	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	assert_int_equal(log_init(fmt), ERR_OK);
	clock_set(INT64_C(1795464900123456));
	log_line(LOG_LEVEL_WARN, event, f, n);
	assert_int_equal(log_read(p[0], out), 0);	/* buffered */
	log_flush();
	clock_set(0);
	log_back(1);
	assert_true(log_read(p[0], out) > 0);
	assert_int_equal(close(p[0]), 0);
}

/* First test: log_init() has not been called yet. */
static void
log_to_stderr(void **state)
{
	const struct log_field	 f[] = { LOG_I("n", 1) };
	char			*out = mem_new(OUT_BUF);
	int			 p[2];

	(void)state;
	assert_non_null(out);
	assert_int_equal(pipe(p), 0);
	log_over(2, p[1]);
	clock_set(INT64_C(1795464900123456));
	log_line(LOG_LEVEL_INFO, "start", f, COUNT(f));
	log_msg(LOG_LEVEL_ERROR, "no %s", "luck");
	clock_set(0);
	log_back(2);
	log_read(p[0], out);
	assert_int_equal(close(p[0]), 0);
	assert_string_equal(out, LOG_TEST_NOW "info start n=1\n"
	    LOG_TEST_NOW "error no luck\n");
	mem_free(out);
}

static void
log_text_table(void **state)
{
	static const struct {
		const char	*v, *text;
	} t[] = {
		{ "v", " k=v" },
		{ "/auth/session?a", " k=/auth/session?a" },
		{ "", " k=\"\"" },
		{ "quoted v", " k=\"quoted v\"" },
		{ "a=b", " k=\"a=b\"" },
		{ "a\"b\\c", " k=\"a\\\"b\\\\c\"" },
		{ "x\r\n2026 info forged", " k=\"x\\r\\n2026 info forged\"" },
		{ "\033[2J\x7f", " k=\"\\u001b[2J\\u007f\"" },
		{ "\xc2\x9b" "31m", " k=\"\\u009b31m\"" },
		{ "\xc2\xa0\xc3\xa9", " k=\"\xc2\xa0\xc3\xa9\"" },
		{ "caf\xe9", " k=\"caf?\"" },
		{ "\xc2", " k=\"?\"" },
		{ NULL, "" },
	};
	char	*out = mem_new(OUT_BUF);
	size_t	 i;

	(void)state;
	assert_non_null(out);
	for (i = 0; i < COUNT(t); i++) {
		const struct log_field	f[] = {
			LOG_S("k", t[i].v),
			LOG_I("n", -5),
		};
		char			want[128];

		strcpy(want, LOG_TEST_NOW "warn event");
		strcat(want, t[i].text);
		strcat(want, " n=-5\n");
		log_one(LOG_TEXT, "event", f, COUNT(f), out);
		assert_string_equal(out, want);
	}
	mem_free(out);
}

static void
log_json_table(void **state)
{
	static const struct {
		const char	*v, *back;
	} t[] = {
		{ "v", "v" },
		{ "", "" },
		{ "a\"b\\c\r\n\t\033\x7f=", "a\"b\\c\r\n\t\033\x7f=" },
		{ "\xc2\x9b\xc3\xa9\xf0\x9f\x98\x80",
		    "\xc2\x9b\xc3\xa9\xf0\x9f\x98\x80" },
		{ "caf\xe9", "caf?" },
		{ NULL, NULL },
	};
	char	*out = mem_new(OUT_BUF);
	size_t	 i;

	(void)state;
	assert_non_null(out);
	for (i = 0; i < COUNT(t); i++) {
		const struct log_field	 f[] = {
			LOG_S("k", t[i].v),
			LOG_I("n", INT64_MIN),
		};
		json_t			*j;
		char			*nl;

		log_one(LOG_JSON, "e", f, COUNT(f), out);
		nl = strchr(out, '\n');
		assert_non_null(nl);
		assert_int_equal(nl[1], '\0');
		j = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(j);
		assert_string_equal(json_string_value(json_object_get(j,
		    "time")), "2026-11-23T20:15:00.123Z");
		assert_string_equal(json_string_value(json_object_get(j,
		    "level")), "warn");
		assert_string_equal(json_string_value(json_object_get(j,
		    "event")), "e");
		assert_true(json_integer_value(json_object_get(j, "n")) ==
		    INT64_MIN);
		if (t[i].back == NULL)
			assert_null(json_object_get(j, "k"));
		else
			assert_string_equal(json_string_value(
			    json_object_get(j, "k")), t[i].back);
		json_decref(j);
	}
	mem_free(out);
}

static void
log_message(void **state)
{
	char	*out = mem_new(OUT_BUF);
	int	 p[2], i;

	(void)state;
	assert_non_null(out);
	for (i = 0; i < 2; i++) {
		assert_int_equal(pipe(p), 0);
		log_over(1, p[1]);
		assert_int_equal(log_init(i == 0 ? LOG_TEXT : LOG_JSON),
		    ERR_OK);
		clock_set(INT64_C(1795464900123456));
		log_msg(LOG_LEVEL_ERROR, "say \"%s\"", "a\nb");
		clock_set(0);
		log_back(1);
		log_read(p[0], out);
		assert_int_equal(close(p[0]), 0);
		assert_string_equal(out, i == 0 ?
		    LOG_TEST_NOW "error say \"a\\nb\"\n" :
		    "{\"time\":\"2026-11-23T20:15:00.123Z\",\"level\":"
		    "\"error\",\"message\":\"say \\\"a\\nb\\\"\"}\n");
	}
	mem_free(out);
}

/* A value of any length makes a line of bounded length, in whole characters. */
static void
log_value_is_cut(void **state)
{
	enum { LONG = 100001 };
	struct log_field	 f = LOG_S("k", NULL);
	char			*out = mem_new(OUT_BUF);
	char			*v = mem_new(LONG + 1);
	size_t			 i;
	int			 shift;

	(void)state;
	assert_non_null(out);
	assert_non_null(v);
	for (shift = 0; shift < 2; shift++) {
		v[0] = 'x';
		for (i = (size_t)shift; i + 1 < LONG; i += 2)
			memcpy(v + i, "\xc3\xa9", 2);
		v[i] = '\0';
		f.text = v;
		log_one(LOG_TEXT, "event", &f, 1, out);
		assert_in_range(strlen(out), 2000, 2200);
		assert_null(strchr(out, '?'));
		assert_non_null(strstr(out, "\xc3\xa9...\"\n"));
	}
	mem_free(out);
	mem_free(v);
}

/* Nobody reads: no wait, the rest is counted, and only whole lines got in. */
static void
log_pipe_full(void **state)
{
	enum { LINES = 20000 };
	char		*out = mem_new(OUT_BUF), *at, *nl;
	uint64_t	 was = log_dropped(), n_seen = 0;
	int		 p[2], i;

	(void)state;
	assert_non_null(out);
	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	assert_int_equal(fcntl(1, F_GETFL) & O_NONBLOCK, 0);
	for (i = 0; i < LINES; i++) {
		const struct log_field	f[] = {
			LOG_I("n", i), LOG_S("pad", "0123456789"),
		};

		log_line(LOG_LEVEL_INFO, "event", f, COUNT(f));
	}
	log_drain(p[0], out);
	log_back(1);
	assert_int_equal(close(p[0]), 0);
	for (at = out; *at != '\0'; at = nl + 1) {
		nl = strchr(at, '\n');
		assert_non_null(nl);
		*nl = '\0';
		assert_non_null(strstr(at, "Z info event n="));
		assert_non_null(strstr(at, " pad=0123456789"));
		n_seen++;
	}
	assert_true(log_dropped() > was);
	assert_true(n_seen > 1000);
	assert_true(n_seen + (log_dropped() - was) == LINES);
	mem_free(out);
}

/* A worker that writes faster than is read, until nobody reads. */
static void
log_write_lines(int writer)
{
	int	i;

	/* Whoever started the test may ignore it. */
	if (signal(SIGPIPE, SIG_DFL) == SIG_ERR ||
	    log_init(LOG_TEXT) != ERR_OK)
		_exit(1);
	(void)alarm(60);
	for (i = 0; ; i++) {
		const struct log_field	f[] = {
			LOG_I("writer", writer), LOG_I("n", i),
			LOG_S("pad", "0123456789"),
		};

		log_line(LOG_LEVEL_INFO, "event", f, COUNT(f));
		if (i % 100 == 0)
			log_flush();	/* SIGPIPE ends it */
	}
}

/* Lines of two workers into one full pipe: each is whole. */
static void
log_two_writers(void **state)
{
	static const char	end[] = " pad=0123456789";
	char			*out = mem_new(OUT_BUF), *at, *nl;
	size_t			 len = 0;
	ssize_t			 n;
	pid_t			 pid[2];
	int			 p[2], i, status;

	(void)state;
	assert_non_null(out);
	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	for (i = 0; i < 2; i++) {
		if ((pid[i] = fork()) == 0) {
			(void)close(p[0]);
			log_write_lines(i);
		}
		assert_true(pid[i] > 0);
	}
	log_back(1);
	/* In small bites, so that the writers find it full again and again. */
	while (len + 1000 < OUT_BUF && (n = read(p[0], out + len, 1000)) > 0)
		len += (size_t)n;
	assert_int_equal(close(p[0]), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_true(WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGPIPE);
	}
	assert_true(len + 1000 >= OUT_BUF);
	out[len] = '\0';
	for (at = out; (nl = strchr(at, '\n')) != NULL; at = nl + 1) {
		*nl = '\0';
		assert_memory_equal(at, "20", 2);
		assert_ptr_equal(strstr(at, "Z info event writer="), at + 23);
		assert_ptr_equal(strstr(at, end), nl - (sizeof(end) - 1));
	}
	mem_free(out);
}

static void
log_socket_full(void **state)
{
	char		*out = mem_new(OUT_BUF);
	uint64_t	 was = log_dropped();
	int		 s[2], i;

	(void)state;
	assert_non_null(out);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	log_over(1, s[1]);
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	log_msg(LOG_LEVEL_INFO, "hello");
	log_drain(s[0], out);
	assert_non_null(strstr(out, "Z info hello\n"));
	for (i = 0; i < 100000 && log_dropped() == was; i++)
		log_msg(LOG_LEVEL_INFO, "%0100d", i);
	assert_true(log_dropped() > was);
	log_drain(s[0], out);
	assert_int_equal(fcntl(1, F_GETFL) & O_NONBLOCK, 0);
	log_back(1);
	assert_int_equal(close(s[0]), 0);
	mem_free(out);
}

/* SIGPIPE is ignored by Kore; here by the test. */
static void
log_reader_gone(void **state)
{
	void	(*old)(int) = signal(SIGPIPE, SIG_IGN);
	char	*out = mem_new(OUT_BUF);
	int	 p[2];

	(void)state;
	assert_non_null(out);
	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	assert_int_equal(close(p[0]), 0);
	log_msg(LOG_LEVEL_INFO, "kept");
	log_back(1);
	/* Another reader gets what the first did not. */
	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	log_drain(p[0], out);
	log_back(1);
	assert_non_null(strstr(out, "Z info kept\n"));
	assert_int_equal(close(p[0]), 0);
	assert_true(signal(SIGPIPE, old) == SIG_IGN);
	mem_free(out);
}

static void
log_file_appends(void **state)
{
	char	 name[] = "/tmp/test_log.XXXXXX";
	char	*out = mem_new(OUT_BUF);
	int	 fd, i;

	(void)state;
	assert_non_null(out);
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "before\n", 7), 7);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	log_over(1, dup(fd));
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	for (i = 0; i < 3000; i++) {
		log_line(LOG_LEVEL_INFO, "event", NULL, 0);
	}
	log_flush();
	log_back(1);
	assert_int_equal(log_read(fd, out), 7 + 3000 * 36);
	assert_memory_equal(out, "before\n", 7);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(name), 0);
	mem_free(out);
}

/* A line that the parent had not written is not written by its child too. */
static void
log_fork(void **state)
{
	char	*out = mem_new(OUT_BUF), *at;
	int	 p[2], status;
	pid_t	 pid;

	(void)state;
	assert_non_null(out);
	assert_int_equal(pipe(p), 0);
	log_over(1, p[1]);
	assert_int_equal(log_init(LOG_TEXT), ERR_OK);
	log_line(LOG_LEVEL_INFO, "parents", NULL, 0);
	pid = fork();
	if (pid == 0) {
		if (log_init(LOG_TEXT) != ERR_OK)
			_exit(1);
		log_line(LOG_LEVEL_INFO, "childs", NULL, 0);
		log_flush();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	log_flush();
	log_back(1);
	assert_int_equal(status, 0);
	log_read(p[0], out);
	assert_int_equal(close(p[0]), 0);
	assert_non_null(strstr(out, "childs"));
	at = strstr(out, "parents");
	assert_non_null(at);
	assert_null(strstr(at + 1, "parents"));
	mem_free(out);
}

static void
log_no_stdout(void **state)
{
	int	saved = dup(1);
	enum err r;

	(void)state;
	assert_true(saved >= 0);
	assert_int_equal(close(1), 0);
	r = log_init(LOG_TEXT);
	assert_int_equal(dup2(saved, 1), 1);
	assert_int_equal(close(saved), 0);
	assert_int_equal(r, ERR_IO);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(log_to_stderr),
		cmocka_unit_test(log_text_table),
		cmocka_unit_test(log_json_table),
		cmocka_unit_test(log_message),
		cmocka_unit_test(log_value_is_cut),
		cmocka_unit_test(log_pipe_full),
		cmocka_unit_test(log_two_writers),
		cmocka_unit_test(log_socket_full),
		cmocka_unit_test(log_reader_gone),
		cmocka_unit_test(log_file_appends),
		cmocka_unit_test(log_fork),
		cmocka_unit_test(log_no_stdout),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
