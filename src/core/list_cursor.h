/*
 * list_cursor - where the next page of a list begins, as clients carry it:
 * the last row's id and sort key, bound to the list (filters, order, size)
 * that it was given out for.  Opaque to them; to us untrusted text.  Statements
 * make it (list_cursor() of 0010_people).
 */
#ifndef LIST_CURSOR_H
#define LIST_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

#define LIST_CURSOR_BOUND_LEN	8
/* lower() of a name of 400 bytes: no letter grows to more than its double. */
#define LIST_CURSOR_KEY_MAX	800
#define LIST_CURSOR_RAW_MAX	(1 + LIST_CURSOR_BOUND_LEN + 16 + \
				    LIST_CURSOR_KEY_MAX)
#define LIST_CURSOR_TEXT_MAX	((LIST_CURSOR_RAW_MAX * 4 + 2) / 3)

struct list_cursor {
	uint8_t		bound[LIST_CURSOR_BOUND_LEN];
	struct uuid	id;
	bool		is_cut;		/* the list was cut before it was sorted */
	char		key[LIST_CURSOR_KEY_MAX + 1];	/* UTF-8, "" = none */
};

/* What a list is bound by: a digest of any text that tells it apart. */
void		list_cursor_bind(const char *list, size_t len,
		    uint8_t bound[LIST_CURSOR_BOUND_LEN]);
/* ERR_FORMAT; ERR_CONFLICT: it belongs to another list than |bound|. */
enum err	list_cursor_parse(const char *s, size_t len,
		    const uint8_t bound[LIST_CURSOR_BOUND_LEN],
		    struct list_cursor *out) MUSTCHECK;

#endif
