/*
 * throttle - quick counters of failures, shared by all workers of a node:
 * per address and per application.  What must hold on all nodes and after a
 * restart (per person) is counted in the database.
 * The memory is fixed.  Under a flood of different subjects those that failed
 * least are forgotten first, so nobody gets rid of a count by bringing others.
 */
#ifndef THROTTLE_H
#define THROTTLE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ip.h"

#define THROTTLE_WINDOW_US	(300 * INT64_C(1000000))	/* 5 minutes */

/* Who is counted; each kind counts for itself. */
enum throttle_kind {
	THROTTLE_SIGN_IN_ADDRESS = 1,	/* wrong passwords */
	THROTTLE_SIGN_IN_APP,
	THROTTLE_RECOVERY_ADDRESS,	/* wrong recovery proofs */
	THROTTLE_RECOVERY_APP,
	THROTTLE_REPORT_ADDRESS,	/* browsers' reports */
	THROTTLE_RECEIPT_ADDRESS	/* wrong secrets of receipts */
};

struct throttle;

/* One subject and its limit: |max| failures in THROTTLE_WINDOW_US. */
struct throttle_subject {
	enum throttle_kind	 kind;
	const void		*id;
	size_t			 len;
	int32_t			 max;		/* <= 0: no limit */
};

/* Shared anonymous memory; before workers are forked.  ERR_NOMEM. */
enum err	throttle_new(struct throttle **out) MUSTCHECK;
void		throttle_free(struct throttle *t);
/*
 * Counts a failure of |s| at |mono_us| before it is known to be one, so that
 * parallel tries do not outrun the count.  0: go on; else seconds to wait, and
 * nothing was counted.  |max| may come at once, then one each window / max.
 */
int		throttle_take(struct throttle *t,
		    const struct throttle_subject *s, int64_t mono_us);
/* It was no failure: takes one count back. */
void		throttle_give(struct throttle *t,
		    const struct throttle_subject *s);
/* What is counted of an address: all of IPv4, 64 bits of IPv6 (one line of
 * a household or a server has that many).  The significant bytes' number. */
size_t		throttle_address(const struct ip *a, uint8_t out[16]);

#endif
