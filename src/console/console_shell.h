/*
 * console_shell - the page that a signed-in administrator's browser loads;
 * what it shows is fetched from /setup/api.
 */
#ifndef CONSOLE_SHELL_H
#define CONSOLE_SHELL_H

struct http_request;

/* Replies with the page; the caller has made sure of the session. */
int	console_shell(struct http_request *req);

#endif
