/*
 * hash_lane - argon2id off the event loop: Kore tasks in a bounded number of
 * lanes for the whole node, a bounded queue with a deadline in front.
 * Ref: security.md 3.1 (concurrency bound), docs/kore.md (tasks).
 */
#ifndef HASH_LANE_H
#define HASH_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "password.h"
#include "password_rule.h"

struct hash_job;
struct hash_lanes;	/* what the workers of a node share */

/* What a lane found. */
struct hash_answer {
	enum err		 err;
	enum password_fault	 fault;	/* of a new password; no hash then */
	bool			 rehash;
	const char		*hash;
	struct buf		*made;	/* of hash_lane_work(): may be taken */
};

/* Work of another kind: makes |out| of |len| bytes.  In a task thread: no call
 * of Kore, no shared state. */
typedef enum err (*hash_work_fn)(const void *in, size_t len, struct buf *out);

/* Called once, from the event loop, never from inside hash_lane_*(). */
typedef void (*hash_done_fn)(void *arg, const struct hash_answer *a);

struct hash_lane_settings {
	struct hash_lanes		*shared;
	struct password_policy		 policy;
	int				 lanes;		/* of the node */
	int				 queue_max;	/* of this worker */
	int				 wait_ms;	/* longest wait in the queue */
	int				 worker_id;	/* 1..n */
};

/* Shared counters; before workers are forked.  ERR_NOMEM. */
enum err	hash_lanes_new(struct hash_lanes **out) MUSTCHECK;
/* Once per worker. */
void		hash_lane_init(const struct hash_lane_settings *s);
/* What is asked of a lane; copied. */
struct hash_ask {
	const char			*pw;
	size_t				 len;
	const char			*hash;	/* to verify; NULL: a fake */
	const struct password_rule	*rule;	/* of a new one */
	hash_work_fn			 work;	/* hash_lane_work() alone */
	hash_done_fn			 done;
	void				*arg;
};

/*
 * Verifies |a->pw| against |a->hash|.  |done| gets ERR_OK, ERR_SIGNATURE,
 * ERR_TIMEOUT (waited too long) or ERR_CRYPTO, and, where the policy has risen
 * and the password was right, rehash with the new hash.  ERR_BUSY: the queue
 * is full.
 */
enum err	hash_lane_verify(const struct hash_ask *a,
		    struct hash_job **out) MUSTCHECK;
/* Hashes a new password, if it is as |a->rule| wants; |done| gets it. */
enum err	hash_lane_make(const struct hash_ask *a,
		    struct hash_job **out) MUSTCHECK;
/* Does |a->work| on |a->pw|, which need not be text; |done| gets what it
 * returned. */
enum err	hash_lane_work(const struct hash_ask *a,
		    struct hash_job **out) MUSTCHECK;
/* The asker is gone: |done| will not be called. */
void		hash_lane_cancel(struct hash_job *j);
/* Drops what waited too long; every 100 ms. */
void		hash_lane_tick(int64_t mono_us);
/* Waiting and running jobs of this worker. */
int		hash_lane_busy(void);
/* A wait that a refused caller should be told, in s. */
int		hash_lane_retry_s(void);

#endif
