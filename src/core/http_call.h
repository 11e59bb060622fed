/*
 * http_call - one HTTP request as the dispatcher hands it to curl, and the
 * answer as it comes back.
 */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "verdict.h"

#define HTTP_CALL_HEADERS_MAX	32
#define HTTP_CALL_URL_MAX	8192	/* expanded */
#define HTTP_CALL_HEADER_MAX	4096	/* one line */
#define HTTP_CALL_BODY_MAX	65536
#define HTTP_ANSWER_MAX		65536	/* security.md 3.9 */

struct http_call {
	const char	*method;		/* "GET", "POST", "PUT"; static */
	struct buf	 url;			/* passed egress_url() */
	struct buf	 headers[HTTP_CALL_HEADERS_MAX]; /* "Name: value" */
	size_t		 n_headers;
	struct buf	 body;			/* GET: empty */
};

/* Borrowed from the dispatcher; |body| need not be text. */
struct http_answer {
	int			 status;	/* 0: none came */
	enum verdict_fault	 fault;		/* FAULT_NONE: complete */
	const char		*detail;	/* of the fault; may be NULL */
	const char		*body;
	size_t			 len;
	int			 retry_after_s;	/* Retry-After, 0: none */
};

void		http_call_init(struct http_call *c);
/* Wipes and frees. */
void		http_call_clear(struct http_call *c);
/*
 * Adds "name: value"; control characters of the value become blanks.
 * ERR_FORMAT: |name| is no token (RFC 9110 s.5.6.2); ERR_SPACE, ERR_NOMEM.
 */
enum err	http_call_header(struct http_call *c, const char *name,
		    const char *value) MUSTCHECK;
/* First failure of any of the buffers. */
enum err	http_call_err(const struct http_call *c) MUSTCHECK;

#endif
