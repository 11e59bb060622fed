/*
 * console_doc - answers of the console that a statement makes: it returns
 * outcome text, version int8?, body text? (JSON), and this passes it on.
 */
#ifndef CONSOLE_DOC_H
#define CONSOLE_DOC_H

#include "db_param.h"
#include "sql.h"

struct http_request;

/* Sends statement |q|; console_doc_got is the next state. */
int	console_doc_ask(struct http_request *req, enum sql_id q,
	    struct db_params *p);
/*
 * A complete _got state.  By outcome: 'ok' 200 with the body, 'created' 201,
 * 'done' 204, 'invalid' 422 with errors: body; any other is the code of a
 * problem, of which the body's members are more members.  A version becomes
 * the ETag, which a GET may find unchanged (304).  No row: not_found.
 * After a change all that the node keeps in memory is looked up afresh.
 */
int	console_doc_got(struct http_request *req);
/* As console_doc_got in two steps, for who adds to the answer: waits for it
 * and tells its outcome; then console_doc_reply(). */
const char	*console_doc_wait(struct http_request *req, int *ret);
int	console_doc_reply(struct http_request *req);
/* Adds a text to the object that was answered, which the database is not told:
 * a secret that is shown once. */
void	console_doc_add(struct http_request *req, const char *name,
	    const char *value);
/* The body of the answer, borrowed; "" when there is none. */
const char	*console_doc_body(struct http_request *req);

#endif
