/*
 * limit - what limits an endpoint besides the application's budget, told in
 * the RateLimit fields (draft-ietf-httpapi-ratelimit-headers): policies with
 * every answer, what is left where it is known and tells nobody who exists.
 * Counts nothing; who counts says what was found.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "problem.h"

/* Kinds of limits, to be joined in api_route.limits. */
enum limit {
	LIMIT_NONE = 0,
	LIMIT_SEND = 1,		/* codes to a person, number or address */
	LIMIT_CODE = 2,		/* tries of one code */
	LIMIT_SIGN_IN = 4,	/* wrong passwords and second factors */
	LIMIT_RECOVERY = 8,	/* wrong recovery proofs */
	LIMIT_RESET = 16	/* resets asked for */
};

struct http_request;

/* RateLimit-Policy of the route's |limits|, by the settings in force. */
void	limit_policies(struct http_request *req, unsigned int limits);
/*
 * RateLimit: |left| of policy |name|; |wait_s| until there is more, < 0: not
 * known.
 */
void	limit_left(struct http_request *req, const char *name, int left,
	    int wait_s);
/* RateLimit of a 429 with problem |p|; nothing for others. */
void	limit_reached(struct http_request *req, enum problem p, int wait_s);

#endif
