/*
 * supervise - back-off, drain and exit status.
 * Owns the signals of a worker and its 100 ms timer; must not know what the
 * workers do.
 */
#include <sys/mman.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kore/kore.h>

#include "clock.h"
#include "deliver.h"
#include "http_guard.h"
#include "log.h"
#include "service.h"
#include "supervise.h"

#define SUPERVISE_TICK_MS	100
#define SUPERVISE_DRAIN_MS	15000
/* Answers that are under way when draining begins are seen by one tick. */
#define SUPERVISE_DRAIN_MIN_MS	200
#define SUPERVISE_BACKOFF_MAX_MS	10000

/* Common to all processes of the service, survives a worker. */
struct supervise_shared {
	atomic_int	n_failed;	/* starts since the last good one */
	atomic_int	n_up;		/* starts that came to serve */
	atomic_int	status;		/* exit status of the service */
};

static void	supervise_signal(int sig);
static void	supervise_tick(void *arg, u_int64_t now);
static void	supervise_drain(u_int64_t now);
static void	supervise_sleep(long ms);

/* Made by supervise_init(). */
static struct supervise_shared	*supervise_shared;
/* A signal asked this worker to end. */
static volatile sig_atomic_t	 supervise_asked;
/* When draining began, kore_time_ms(); 0: not yet. */
static u_int64_t		 supervise_since;

enum err
supervise_init(void)
{
	void	*p;

	p = mmap(NULL, sizeof(*supervise_shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	supervise_shared = p;
	return (ERR_OK);
}

void
supervise_worker_begin(void)
{
	struct sigaction	sa;
	long			ms;
	int			n;

	/*
	 * Kore starts a dead worker again at once.  Each start counts as failed
	 * until the worker serves; the second in a row waits, and so on.
	 */
	n = atomic_fetch_add(&supervise_shared->n_failed, 1);
	if (worker->restarted && n > 0) {
		ms = n < 8 ? 100L << n : SUPERVISE_BACKOFF_MAX_MS;
		if (ms > SUPERVISE_BACKOFF_MAX_MS)
			ms = SUPERVISE_BACKOFF_MAX_MS;
		supervise_sleep(ms);
	}

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = supervise_signal;
	(void)sigfillset(&sa.sa_mask);
	if (sigaction(SIGTERM, &sa, NULL) != 0 ||
	    sigaction(SIGINT, &sa, NULL) != 0 ||
	    sigaction(SIGQUIT, &sa, NULL) != 0)
		supervise_worker_fail("sigaction failed");

	/* Kore's own timeouts run only when the loop wakes up. */
	(void)kore_timer_add(supervise_tick, SUPERVISE_TICK_MS, NULL, 0);
}

bool
supervise_is_asked(void)
{
	return (supervise_asked != 0);
}

void
supervise_worker_up(void)
{
	atomic_store(&supervise_shared->n_failed, 0);
	atomic_fetch_add(&supervise_shared->n_up, 1);
}

void
supervise_worker_fail(const char *why)
{
	log_msg(LOG_LEVEL_ERROR, "worker %d cannot start: %s", worker->id,
	    why);
	if (atomic_load(&supervise_shared->n_up) == 0) {
		supervise_failed();
		kore_shutdown();
		/* Status 0: Kore does not start it again. */
		exit(0);
	}
	exit(1);
}

void
supervise_failed(void)
{
	if (supervise_shared != NULL)
		atomic_store(&supervise_shared->status, 1);
}

int
supervise_status(void)
{
	return (supervise_shared == NULL ? 0 :
	    atomic_load(&supervise_shared->status));
}

static void
supervise_signal(int sig)
{
	(void)sig;
	supervise_asked = 1;
}

static void
supervise_tick(void *arg, u_int64_t now)
{
	(void)arg;
	http_guard_tick();
	if (supervise_asked)
		supervise_drain(now);
	log_flush();
}

/*
 * Kore would drop what is under way.  The parent passes messages until the
 * last worker has ended (kore/drain.c).
 */
static void
supervise_drain(u_int64_t now)
{
	u_int64_t	ms;

	if (supervise_since == 0) {
		supervise_since = now;
		service_drain();
		deliver_drain();
	}
	ms = now - supervise_since;
	if ((service_busy() == 0 && deliver_busy() == 0 &&
	    http_guard_busy() == 0 && ms >= SUPERVISE_DRAIN_MIN_MS) ||
	    ms >= SUPERVISE_DRAIN_MS)
		sig_recv = SIGTERM;
}

static void
supervise_sleep(long ms)
{
	struct timespec	ts = { ms / 1000, (ms % 1000) * 1000000L };

	while (nanosleep(&ts, &ts) != 0)
		;
}
