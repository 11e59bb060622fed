/*
 * console_home - the pages of the console: the shell for who is signed in, the
 * sign-in page for everybody else.
 */
#ifndef CONSOLE_HOME_H
#define CONSOLE_HOME_H

struct http_request;

/* Replies why the console is not served over this address. */
int	console_page_unsafe(struct http_request *req);
/* A title and a sentence. */
int	console_page_message(struct http_request *req, int status,
	    const char *title, const char *text);
/* 303 to |path|. */
int	console_page_see(struct http_request *req, const char *path);

#endif
