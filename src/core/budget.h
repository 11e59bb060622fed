/*
 * budget - request budgets of applications, shared by all workers of a node:
 * the generic cell rate algorithm on one atomic word each.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "uuid.h"

struct budgets;

struct budget_answer {
	bool	is_allowed;
	int	remaining;	/* requests that may follow at once */
	int	retry_after_s;	/* refused: when the next one is allowed, >= 1 */
	int	reset_s;	/* until the whole budget is back */
};

/* Shared anonymous memory; before workers are forked.  ERR_NOMEM. */
enum err	budgets_new(struct budgets **out) MUSTCHECK;
void		budgets_free(struct budgets *b);
/*
 * Takes one request of |app|'s |per_minute| (> 0) at |mono_us|.  A full
 * minute's worth may come at once.  An application that finds no room in the
 * table (over 4 000 limited ones) is not limited.
 */
void		budget_take(struct budgets *b, const struct uuid *app,
		    int32_t per_minute, int64_t mono_us,
		    struct budget_answer *out);

#endif
