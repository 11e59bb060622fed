/*
 * console_call - calls of the console's API that are one statement: what the
 * statement is given stands in a table, and its answer is passed on.
 */
#ifndef CONSOLE_CALL_H
#define CONSOLE_CALL_H

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "sql.h"

/* Parameters of the statement, in this order. */
#define CALL_ID		0x001	/* uuid: part 1 of the path (console_guard.h) */
#define CALL_PART	0x002	/* text: part 3 of the path */
#define CALL_VERSION	0x004	/* int8: If-Match */
#define CALL_BODY	0x008	/* jsonb: the body */
#define CALL_LIST	0x010	/* text? q, int4 limit, text? cursor, bool count */
#define CALL_PERSON	0x020	/* uuid: who calls */
#define CALL_ACTOR	0x040	/* uuid: who calls, then the origin */
/* None of its parameters: refused without a fresh proof. */
#define CALL_STEP_UP	0x100

struct console_call {
	struct api_route	route;		/* first */
	enum sql_id		sql;
	unsigned int		takes;
};

/* The three states of a guarded call, then asking and answering. */
extern struct http_state	console_call_states[];
#define CONSOLE_CALL_STATES	5

#define CONSOLE_CALL(what, method, q, t) {				\
	.route = { .name = (what), .methods = (method),			\
	    .states = console_call_states,				\
	    .n_states = CONSOLE_CALL_STATES },				\
	.sql = (q), .takes = (t),					\
}

/* Runs the one of |calls| that is of the request's method. */
int	console_call_run(struct http_request *req,
	    const struct console_call *calls, size_t n);
/*
 * Appends the parameters |takes| to |p|.  False: |*ret|; |p| was cleared.  For
 * endpoints that have more to say than a table can.
 */
bool	console_call_params(struct http_request *req, unsigned int takes,
	    struct db_params *p, int *ret);
/* ?limit= and ?cursor= of a list.  False: 422 was replied. */
bool	console_call_limit(struct http_request *req, int32_t *limit,
	    int *ret);

#endif
