/*
 * guard - api.md s.2: key, application, address, budget, in that order, before
 * a byte of the body is looked at.  Owns this worker's cache of keys.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "apikey.h"
#include "err.h"
#include "guard_store.h"

struct http_request;

/*
 * What a request carries through the three states.  The counters stood before
 * the row was asked for; the application's only if it was known by then.
 */
struct guard_state {
	struct apikey		key;
	struct guard_key	row;
	bool			has_app;
	struct uuid		app;
	uint64_t		all_gen, key_gen, app_gen;
};

void	guard_state_clear(struct guard_state *s);

/* The three states of API_GUARD. */
int	guard_check(struct http_request *req);
int	guard_ask(struct http_request *req);
int	guard_got(struct http_request *req);

/* Once per worker.  ERR_NOMEM. */
enum err	guard_init(void) MUSTCHECK;

#endif
