/*
 * problem - RFC 9457 problem documents: the one table of what goes wrong in
 * public, and its rendering.  Knows no request.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "buf.h"
#include "err.h"

enum problem {
	PROBLEM_NONE = 0,
#define PROBLEM(sym, status, code, title, text)	PROBLEM_##sym,
#include "problem.def"
#undef PROBLEM
	PROBLEM_MAX
};

int		 problem_status(enum problem p);
const char	*problem_code(enum problem p);
/* The problem that stands for an internal error: 503 for load, else 500. */
enum problem	 problem_of_err(enum err e);
/* The problem of that code; PROBLEM_NONE: there is none. */
enum problem	 problem_of_code(const char *code);
/* The problem with HTTP status |status|, for heads denied before a request. */
enum problem	 problem_of_status(int status);
/*
 * Appends the JSON document.  |detail| NULL: the table's sentence.  |extra|
 * (may be NULL) is JSON members with a leading comma, e.g. ",\"errors\":[..]".
 */
void		 problem_json(struct buf *out, enum problem p,
		    const char *detail, const char *request_id,
		    const char *extra);
/* A whole HTTP answer for a denied head; an http_guard_deny_fn. */
void		 problem_deny(struct buf *out, int status, const char *why,
		    const char *request_id, int is_tls);

#endif
