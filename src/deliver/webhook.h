/*
 * webhook - tells applications that there is something to sync.  One worker of
 * each node marks whom a notification is about and takes calls that are due;
 * a row is taken by one node at a time.  Changes within a second, and those
 * while a call is under way or fails, are told by one call.
 */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include <stdint.h>

/* In each worker, before service_worker_init(). */
void	webhook_init(void);
/* Every 100 ms. */
void	webhook_tick(int64_t mono_us);
/* Takes no more. */
void	webhook_drain(void);
/* Calls that are under way. */
int	webhook_busy(void);

#endif
