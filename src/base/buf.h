/*
 * buf - growable text buffer with a hard cap.
 * A failed append leaves a sticky error, so a chain of appends is checked
 * once, at the end (buf_err).
 */
#ifndef BUF_H
#define BUF_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct buf {
	char		*data;		/* NUL behind the last byte once non-NULL */
	size_t		 len;		/* without the NUL */
	size_t		 cap;		/* allocated */
	size_t		 max;		/* len never exceeds this */
	enum err	 err;		/* first failure; appends are no-ops after */
};

/* Caller's storage; |max| bytes at most will be held. */
void		 buf_init(struct buf *b, size_t max);
/* Wipes and frees what is held; |b| may be used again. */
void		 buf_clear(struct buf *b);
/* Empties without freeing. */
void		 buf_reset(struct buf *b);
void		 buf_add(struct buf *b, const void *p, size_t len);
void		 buf_str(struct buf *b, const char *s);
void		 buf_char(struct buf *b, char c);
/* |v| in decimal; a printf costs ten times as much. */
void		 buf_i64(struct buf *b, int64_t v);
void		 buf_printf(struct buf *b, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
/* Appends |s| as a JSON string with its quotes, RFC 8785 escapes; |s| UTF-8. */
void		 buf_json(struct buf *b, const char *s, size_t len);
/* ERR_OK, or the first failure since init/reset: ERR_SPACE, ERR_NOMEM. */
enum err	 buf_err(const struct buf *b) MUSTCHECK;

#endif
