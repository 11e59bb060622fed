/*
 * console_ctx - what a request of the console carries beside its endpoint's
 * input; for console_guard, console_doc and console_home alone.
 */
#ifndef CONSOLE_CTX_H
#define CONSOLE_CTX_H

#include "console_guard.h"

#define CONSOLE_OUTCOME_LEN	63

/* Answer of a statement: console_doc.h. */
struct console_answer {
	char	 outcome[CONSOLE_OUTCOME_LEN + 1];
	bool	 has_version;
	int64_t	 version;
	char	*body;		/* may be NULL */
	size_t	 len;
};

struct console_ctx {
	bool			is_found;
	struct console_admin	admin;
	struct console_answer	answer;
};

/* NULL: no memory. */
struct console_ctx	*console_ctx(struct http_request *req);

#endif
