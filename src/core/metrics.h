/*
 * metrics - counts of requests and statements, and what the processes use,
 * shared by all workers of a node, so that two scrapes that reach two workers
 * see one truth.  Fixed memory, atomics, no lock.  Knows names that are static
 * texts, and no request.
 */
#ifndef METRICS_H
#define METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "proc.h"

/* Upper bounds in us, the last one without end. */
#define METRICS_BUCKETS		16
/* Of settings.h; workers count from 1. */
#define METRICS_WORKERS		64
/* Statements; SQL_MAX is less. */
#define METRICS_QUERIES		512

struct metrics;

/* What a worker is doing; each writes its own. */
struct metrics_worker {
	int32_t	busy;			/* requests under way */
	int32_t	db_ready, db_busy, db_waiting;
	struct proc_usage usage;
};

/* Shared anonymous memory; before workers are forked.  ERR_NOMEM. */
enum err	metrics_new(struct metrics **out) MUSTCHECK;
void		metrics_free(struct metrics *m);
/*
 * A request was answered.  |route| and |method| are static texts of the
 * binary, which stand at the same place in every worker.
 */
void		metrics_request(struct metrics *m, const char *route,
		    const char *method, int status, int64_t us);
/*
 * A statement has ended, |us| after it was asked for.  |no| is its number,
 * below METRICS_QUERIES; |name| is a static text as |route| is.
 */
void		metrics_query(struct metrics *m, int no, const char *name,
		    int64_t us);
/* |n| receipts of providers came to this. */
enum metrics_receipt {
	METRICS_RECEIPT_DELIVERED, METRICS_RECEIPT_FAILED,
	METRICS_RECEIPT_SAME, METRICS_RECEIPT_UNKNOWN, METRICS_RECEIPT_IGNORED,
	METRICS_RECEIPT_UNMAPPED, METRICS_RECEIPT_REFUSED, METRICS_RECEIPTS
};
void		metrics_receipts(struct metrics *m, enum metrics_receipt r,
		    int64_t n);
/* |worker|: 1..METRICS_WORKERS. */
void		metrics_worker_set(struct metrics *m, int worker,
		    const struct metrics_worker *w);
/* Appends it all in Prometheus' text format 0.0.4. */
void		metrics_format(const struct metrics *m, int64_t now_us,
		    struct buf *out);
/*
 * Appends what came to the buckets since the last call as
 * [{"metric":"latency_us","label":"1000","n":3},...] ("inf": the last); false:
 * nothing came.
 */
bool		metrics_latency(struct metrics *m, struct buf *out);

#endif
