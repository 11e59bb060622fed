/*
 * reload - lets SIGUSR1 through to workers and key manager only with a good
 * certificate and key.  Runs in the parent's loop, outside signal context.
 */
#include <signal.h>

#include "drain.h"
#include "log.h"
#include "reload.h"

/* Set once by reload_init(). */
static reload_check_fn	reload_check;

void
reload_init(reload_check_fn check)
{
	reload_check = check;
}

void
__wrap_kore_worker_dispatch_signal(int sig)
{
	char	why[RELOAD_WHY_LEN] = "";

	/*
	 * SIGHUP would make Kore look up its symbols anew, which a single
	 * binary has no use for; operators expect it to reload certificates.
	 */
	if (sig == SIGHUP)
		sig = SIGUSR1;
	if (sig == SIGUSR1 && reload_check != NULL) {
		if (reload_check(why) != ERR_OK) {
			log_msg(LOG_LEVEL_ERROR,
			    "certificate not reloaded: %s", why);
			return;
		}
		log_msg(LOG_LEVEL_INFO, "certificate and key reloaded");
	}
	if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT)
		drain_workers(sig);
	__real_kore_worker_dispatch_signal(sig);
}
