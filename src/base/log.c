/*
 * log - lines to standard output or, before log_init(), to standard error.
 * Owns a non-blocking description of its own for what stdout is: setting
 * O_NONBLOCK on descriptor 1 would also set it for everybody who shares it.
 * Must never wait for the reader and never print a control character.
 */
#include "log.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"
#include "str.h"

#define LOG_BUFFER_MAX	65536	/* what may wait for the reader */
#define LOG_MSG_MAX	1024	/* of one log_msg(), the rest is cut */
#define LOG_VALUE_MAX	2048	/* of one value, the rest is cut */

enum log_out {
	LOG_OUT_STDERR,		/* log_init() was not called */
	LOG_OUT_FILE,		/* own description: file, terminal */
	LOG_OUT_PIPE,		/* own description of a pipe */
	LOG_OUT_SOCKET,		/* descriptor 1, MSG_DONTWAIT */
	LOG_OUT_SHARED		/* descriptor 1, asked with poll(2) first */
};

struct log_state {
	enum log_format	format;
	enum log_out	out;
	int		fd;		/* never 1 when it is our own */
	pid_t		pid;		/* who called log_init() */
	uint64_t	n_dropped;
	bool		is_stalled;	/* the last flush left something */
	struct buf	wait;		/* whole lines; the first may be a rest */
};

/* The log of this process. */
static struct log_state	log_self = {
	.out = LOG_OUT_STDERR,
	.fd = STDERR_FILENO,
	.wait = { .max = LOG_BUFFER_MAX },
};

/* Level names, in the order of the enum. */
static const char *const	log_levels[] = { "info", "warn", "error" };

static void	log_head(struct buf *b, enum log_level l);
static void	log_compose(struct buf *b, enum log_level l, const char *event,
		    const struct log_field *f, size_t n);
static void	log_compose_msg(struct buf *b, enum log_level l, const char *s);
static void	log_value(struct buf *b, const char *s);
static void	log_quoted(struct buf *b, const char *s);
static void	log_escaped(struct buf *b, const char *s, size_t len,
		    bool is_quoted);
static bool	log_is_plain(unsigned char c);
static bool	log_is_bare(const char *s);
static bool	log_keep(size_t mark);
static ssize_t	log_write(const char *p, size_t len);
static size_t	log_chunk(const char *p, size_t len);

enum err
log_init(enum log_format f)
{
	struct log_state	*s = &log_self;
	struct stat		 st;
	int			 fd;

	if (fstat(STDOUT_FILENO, &st) != 0)
		return (ERR_IO);
	/* Lines that a parent left in its buffer are the parent's to write. */
	if (s->pid != getpid())
		buf_reset(&s->wait);
	s->pid = getpid();
	if (s->out == LOG_OUT_FILE || s->out == LOG_OUT_PIPE)
		(void)close(s->fd);
	s->format = f;
	s->fd = STDOUT_FILENO;
	s->out = LOG_OUT_SHARED;
	if (S_ISSOCK(st.st_mode)) {
		s->out = LOG_OUT_SOCKET;	/* cannot be opened by name */
		return (ERR_OK);
	}
	fd = open("/proc/self/fd/1",
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) {
		s->fd = fd;
		s->out = S_ISFIFO(st.st_mode) ? LOG_OUT_PIPE : LOG_OUT_FILE;
	}
	return (ERR_OK);
}

void
log_line(enum log_level l, const char *event, const struct log_field *f,
    size_t n)
{
	struct buf	*b = &log_self.wait;
	size_t		 mark = b->len;

	log_compose(b, l, event, f, n);
	if (!log_keep(mark)) {
		/* A reader that has stalled is asked again by log_flush(). */
		if (!log_self.is_stalled)
			log_flush();
		mark = b->len;
		log_compose(b, l, event, f, n);
		if (!log_keep(mark))
			log_self.n_dropped++;
	}
	if (log_self.out == LOG_OUT_STDERR)
		log_flush();
}

void
log_msg(enum log_level l, const char *fmt, ...)
{
	struct buf	*b = &log_self.wait;
	char		 text[LOG_MSG_MAX];
	size_t		 mark = b->len;
	va_list		 ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	log_compose_msg(b, l, text);
	if (!log_keep(mark)) {
		log_flush();
		mark = b->len;
		log_compose_msg(b, l, text);
		if (!log_keep(mark))
			log_self.n_dropped++;
	}
	mem_wipe(text, sizeof(text));
	log_flush();
}

void
log_flush(void)
{
	struct buf	*b = &log_self.wait;
	size_t		 at = 0;
	ssize_t		 n;

	while (at < b->len) {
		n = log_write(b->data + at, log_chunk(b->data + at,
		    b->len - at));
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	log_self.is_stalled = at < b->len;
	if (at == 0)
		return;
	memmove(b->data, b->data + at, b->len - at);
	b->len -= at;
	b->data[b->len] = '\0';
}

uint64_t
log_dropped(void)
{
	return (log_self.n_dropped);
}

/*
 * Keeps what was composed behind |mark|; if it did not fit, takes it back and
 * says false.
 */
static bool
log_keep(size_t mark)
{
	struct log_state	*s = &log_self;

	if (buf_err(&s->wait) == ERR_OK)
		return (true);
	s->wait.err = ERR_OK;
	s->wait.len = mark;
	if (s->wait.data != NULL)
		s->wait.data[mark] = '\0';
	return (false);
}

/* Bytes taken; 0 or less: nothing more can be written now. */
static ssize_t
log_write(const char *p, size_t len)
{
	struct log_state	*s = &log_self;
	struct pollfd		 pfd = { .fd = s->fd, .events = POLLOUT };
	ssize_t			 n;

	do {
		if (s->out == LOG_OUT_SOCKET) {
			n = send(s->fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
			continue;
		}
		if (s->out == LOG_OUT_SHARED && poll(&pfd, 1, 0) != 1)
			return (0);
		n = write(s->fd, p, len);
	} while (n < 0 && errno == EINTR);
	return (n);
}

/*
 * How much of |len| bytes to write at once.  Into a pipe: as many whole lines
 * as PIPE_BUF holds, because a write of that size is not mixed with those of
 * other workers (POSIX) and does not block once poll(2) has said yes.
 */
static size_t
log_chunk(const char *p, size_t len)
{
	if (log_self.out != LOG_OUT_PIPE && log_self.out != LOG_OUT_SHARED)
		return (len);
	if (len <= PIPE_BUF)
		return (len);
	for (len = PIPE_BUF; len > 0; len--) {
		if (p[len - 1] == '\n')
			return (len);
	}
	return (PIPE_BUF);
}

static void
log_head(struct buf *b, enum log_level l)
{
	char	now[CLOCK_RFC3339_LEN + 1];

	clock_format(clock_us(), now);
	if (log_self.format == LOG_JSON) {
		buf_str(b, "{\"time\":\"");
		buf_str(b, now);
		buf_str(b, "\",\"level\":\"");
		buf_str(b, log_levels[l]);
		buf_char(b, '"');
	} else {
		buf_str(b, now);
		buf_char(b, ' ');
		buf_str(b, log_levels[l]);
		buf_char(b, ' ');
	}
}

static void
log_compose(struct buf *b, enum log_level l, const char *event,
    const struct log_field *f, size_t n)
{
	bool	is_json = log_self.format == LOG_JSON;
	size_t	i;

	log_head(b, l);
	if (is_json) {
		buf_str(b, ",\"event\":");
		log_quoted(b, event);
	} else
		log_escaped(b, event, strlen(event), false);
	for (i = 0; i < n; i++) {
		if (!f[i].is_num && f[i].text == NULL)
			continue;
		buf_char(b, is_json ? ',' : ' ');
		if (is_json) {
			log_quoted(b, f[i].name);
			buf_char(b, ':');
		} else {
			buf_str(b, f[i].name);
			buf_char(b, '=');
		}
		if (f[i].is_num)
			buf_i64(b, f[i].num);
		else
			log_value(b, f[i].text);
	}
	buf_str(b, is_json ? "}\n" : "\n");
}

static void
log_compose_msg(struct buf *b, enum log_level l, const char *s)
{
	log_head(b, l);
	if (log_self.format == LOG_JSON) {
		buf_str(b, ",\"message\":");
		log_quoted(b, s);
		buf_str(b, "}\n");
	} else {
		log_escaped(b, s, strlen(s), false);
		buf_char(b, '\n');
	}
}

static void
log_value(struct buf *b, const char *s)
{
	if (log_self.format == LOG_TEXT && log_is_bare(s))
		buf_str(b, s);
	else
		log_quoted(b, s);
}

static void
log_quoted(struct buf *b, const char *s)
{
	size_t	len = strnlen(s, LOG_VALUE_MAX + 1);

	buf_char(b, '"');
	if (len <= LOG_VALUE_MAX)
		log_escaped(b, s, len, true);
	else {
		/* Not within a character: half of one is not UTF-8. */
		len = LOG_VALUE_MAX;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
		log_escaped(b, s, len, true);
		buf_str(b, "...");
	}
	buf_char(b, '"');
}

/*
 * JSON escapes, and also for DEL and C1, which a terminal would obey.  What
 * is not UTF-8 loses its bytes >= 0x80, so that the line stays UTF-8.
 */
static void
log_escaped(struct buf *b, const char *s, size_t len, bool is_quoted)
{
	bool	is_utf8 = str_is_utf8(s, len);
	size_t	i, run;

	for (i = run = 0; i < len; i++) {
		unsigned char	c = (unsigned char)s[i];

		if (log_is_plain(c))
			continue;
		if (i > run)
			buf_add(b, s + run, i - run);
		if (c == '\n')
			buf_str(b, "\\n");
		else if (c == '\r')
			buf_str(b, "\\r");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", c);
		else if (c >= 0x80 && !is_utf8)
			buf_char(b, '?');
		else if (c == 0xc2 && (unsigned char)s[i + 1] < 0xa0)
			buf_printf(b, "\\u%04x", (unsigned char)s[++i]);
		else {
			if (c < 0x80 && is_quoted)
				buf_char(b, '\\');
			buf_char(b, s[i]);
		}
		run = i + 1;
	}
	if (i > run)
		buf_add(b, s + run, i - run);
}

/* Visible ASCII or blank that means nothing within quotes? */
static bool
log_is_plain(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f && c != '"' && c != '\\');
}

/* May |s| stand in the text format without quotes? */
static bool
log_is_bare(const char *s)
{
	size_t	i;

	for (i = 0; s[i] != '\0'; i++) {
		if (i >= LOG_VALUE_MAX || s[i] == ' ' || s[i] == '=' ||
		    !log_is_plain((unsigned char)s[i]))
			return (false);
	}
	return (i > 0);
}
