/*
 * guard - api.md s.2: key, application, address, budget, in that order, before
 * a byte of the body is looked at.  Owns this worker's cache of keys.
 */
#ifndef GUARD_H
#define GUARD_H

#include "apikey.h"
#include "err.h"

struct http_request;
struct guard_key_row;

/* The three states of API_GUARD. */
int	guard_check(struct http_request *req);
int	guard_ask(struct http_request *req);
int	guard_got(struct http_request *req);

/* Once per worker. */
enum err	guard_init(void) MUSTCHECK;
/* Writes when keys were last used; every second. */
void		guard_flush(void);

#endif
