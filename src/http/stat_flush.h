/*
 * stat_flush - what is counted in memory on its way to the hourly sums, and
 * this worker's part of the metrics.
 */
#ifndef STAT_FLUSH_H
#define STAT_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

/* Every second; |is_first|: the worker that writes for the node. */
void	stat_flush_tick(int64_t mono_us, int worker, bool is_first);

#endif
