/*
 * console_session - the administrator's own session: shown, listed, ended.
 */
#ifndef CONSOLE_SESSION_H
#define CONSOLE_SESSION_H

struct http_request;
struct uuid;

/* Asks for what the console knows of |session|; console_doc_got follows. */
int	console_session_ask(struct http_request *req,
	    const struct uuid *session, const char *csrf);

#endif
