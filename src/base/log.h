/*
 * log - lines to standard output, text or JSON, one write(2) for many lines,
 * never blocking: what the reader does not take is dropped and counted.
 * No secret, token, code or key is ever an argument.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

/*
 * One field of a line: a name and either text (may be NULL: left out) or a
 * number (is_num).  Values are escaped by the format (CR, LF, quotes).
 */
struct log_field {
	const char	*name;
	const char	*text;
	int64_t		 num;
	bool		 is_num;
};

#define LOG_S(n, v)	{ .name = (n), .text = (v) }
#define LOG_I(n, v)	{ .name = (n), .num = (v), .is_num = true }

/*
 * Chooses the format, opens a non-blocking descriptor for what stdout is now.
 * Before it, and in command line tools, lines go to stderr at once.  ERR_IO.
 */
enum err	log_init(enum log_format f) MUSTCHECK;
/* Time, level, |event| and |n| fields as one line; buffered until log_flush. */
void		log_line(enum log_level l, const char *event,
		    const struct log_field *f, size_t n);
/* printf form without fields; flushed at once. */
void		log_msg(enum log_level l, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* Writes what is buffered as far as the reader takes it. */
void		log_flush(void);
/* Lines dropped since the start of this process. */
uint64_t	log_dropped(void);

#endif
