/*
 * drain - see drain.h.
 */
#include <sys/param.h>
#include <sys/wait.h>

#include <kore/kore.h>

#include <errno.h>
#include <signal.h>

#include "clock.h"
#include "drain.h"

#define DRAIN_MAX_US	(20 * US_PER_S)
#define DRAIN_TICK_MS	20

static int	drain_reap(int sig, int is_first);

void
drain_workers(int sig)
{
	int64_t	until = clock_mono_us() + DRAIN_MAX_US;
	int	n;

	for (n = drain_reap(sig, 1); n > 0 && clock_mono_us() < until;
	    n = drain_reap(sig, 0)) {
		kore_platform_event_wait(DRAIN_TICK_MS);
		kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
	}
}

/* Takes note of workers that ended; returns how many have not. */
static int
drain_reap(int sig, int is_first)
{
	struct kore_worker	*kw;
	u_int16_t		 idx;
	int			 status, n = 0;
	pid_t			 pid;

	for (idx = 0; idx < worker_count; idx++) {
		kw = kore_worker_data((u_int8_t)idx);
		if (kw->id == KORE_WORKER_KEYMGR ||
		    kw->id == KORE_WORKER_ACME || kw->running == 0 ||
		    kw->pid <= 0)
			continue;
		if (is_first && kill(kw->pid, sig) == -1 && errno == ESRCH)
			kw->running = 0;
		pid = waitpid(kw->pid, &status, WNOHANG);
		if (pid == kw->pid || (pid == -1 && errno == ECHILD)) {
			kw->pid = 0;
			kw->running = 0;
			continue;
		}
		n++;
	}
	return (n);
}
