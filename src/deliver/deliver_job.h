/*
 * deliver_job - one message on its way, from the claim to the report.  For
 * src/deliver alone.
 */
#ifndef DELIVER_JOB_H
#define DELIVER_JOB_H

#include <stdint.h>

#include "db_row.h"
#include "deliver_set.h"

/* At a time, in each worker. */
#define DELIVER_JOBS_MAX	64

/* Takes the row of outbox_claim; |set| is kept while it lasts. */
void	deliver_job_begin(struct db_row *row, struct deliver_set *set);
/* Reports that could not be written are tried again; every 100 ms. */
void	deliver_job_tick(int64_t mono_us);
int	deliver_job_count(void);

#endif
