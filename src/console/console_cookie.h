/*
 * console_cookie - the cookie that carries an administrator's session, and
 * where it may travel: HTTPS, or plain HTTP that does not leave the machine.
 */
#ifndef CONSOLE_COOKIE_H
#define CONSOLE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "digest.h"
#include "err.h"

#define CONSOLE_TOKEN_LEN	43	/* 256 random bits as base64url */

struct http_request;

/* What a session is known by; the database keeps |hash| alone. */
struct console_token {
	char	text[CONSOLE_TOKEN_LEN + 1];
	uint8_t	hash[SHA256_LEN];
	/* Goes with requests that a page of ours makes; another site cannot
	 * know it, and it does not lead back to the token. */
	char	csrf[CONSOLE_TOKEN_LEN + 1];
};

/* A new one; the caller wipes. */
void	console_token_make(struct console_token *t);
/* May the console be served to this request?  HTTPS, or plain HTTP to
 * localhost, *.localhost or 127.0.0.1, where a browser keeps the cookie in. */
bool	console_is_safe(struct http_request *req);
/* The request's cookie.  ERR_NOT_FOUND: none, or none of ours. */
enum err	console_cookie_read(struct http_request *req,
		    struct console_token *out) MUSTCHECK;
/* Sets the cookie to |token|, or takes it away with NULL. */
void	console_cookie_set(struct http_request *req, const char *token);

#endif
