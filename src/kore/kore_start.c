/*
 * kore_start - prepares the process for Kore and gives Kore's messages to our
 * log.  Owns the title area; must not know settings.
 */
#include <sys/resource.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <kore/kore.h>

#include "kore_start.h"
#include "log.h"

#define START_LOG_MAX	2048	/* Kore's own limit of a message */

extern char	**environ;

static void	start_signals(void);
static void	start_signal(int sig);
static bool	start_is_stop(int sig);
static void	start_log(enum log_level level, const char *fmt, va_list ap)
		    __attribute__((format(printf, 2, 0)));
static void	start_die(void) __attribute__((noreturn));

/* Pid of the process that called kore_start_prepare(). */
static pid_t	 start_parent = -1;
/* What ps shows: argv and the environment behind it, as the kernel laid it. */
static char	*start_title;
/* Bytes at start_title, the last one stays NUL. */
static size_t	 start_title_len;
/* Told by kore_start_on_fatal(). */
static void	 (*start_on_fatal)(void);

int
kore_start_prepare(int argc, char **argv, int nofile)
{
	struct rlimit	rl;
	int		i;

	start_parent = getpid();

	/*
	 * Kore prints with stdio and never flushes: what a worker printed
	 * before it crashed would be lost, and printed twice by its siblings.
	 */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);

	/*
	 * Kore replaced the pointers in environ with copies of equal length
	 * before it called us, so the lengths still describe the area.
	 */
	start_title = argc > 0 ? argv[0] : NULL;
	for (i = 0; i < argc; i++)
		start_title_len += strlen(argv[i]) + 1;
	for (i = 0; environ[i] != NULL; i++)
		start_title_len += strlen(environ[i]) + 1;

	/*
	 * Each worker calls fcntl() on every number below the soft limit, which
	 * takes a minute and a half at the limit that containers give.
	 */
	if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
		return (256);
	if (rl.rlim_max == RLIM_INFINITY || rl.rlim_max > (rlim_t)nofile)
		rl.rlim_cur = (rlim_t)nofile;
	else
		rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
	return ((int)rl.rlim_cur);
}

pid_t
kore_start_parent(void)
{
	return (start_parent);
}

/*
 * Kore's own is fatal when the environment is too small for the title.  The
 * parent sets its title once, after Kore's handlers are there and before the
 * first worker is: the moment for ours.
 */
void
__wrap_kore_proctitle(const char *title)
{
	if (worker == NULL)
		start_signals();
	if (start_title == NULL || start_title_len < 2)
		return;
	memset(start_title, 0, start_title_len);
	(void)snprintf(start_title, start_title_len, "identityd %s", title);
}

/*
 * In a new worker and in the key manager.  Kore forgets here what came since
 * the fork: a stop during the start would leave that process running and the
 * parent waiting for it for ever.
 */
void
__wrap_kore_signal_setup(void)
{
	sigset_t	all, before;
	int		sig;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	sig = sig_recv;
	__real_kore_signal_setup();
	if (start_is_stop(sig))
		sig_recv = sig;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/*
 * Kore keeps the last signal only: a worker's death at the wrong moment would
 * make the parent miss a stop.
 */
static void
start_signals(void)
{
	static const int	 which[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
				    SIGUSR1, SIGCHLD };
	struct sigaction	 sa;
	size_t			 i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = start_signal;
	(void)sigfillset(&sa.sa_mask);
	for (i = 0; i < COUNT(which); i++)
		(void)sigaction(which[i], &sa, NULL);
}

static void
start_signal(int sig)
{
	if (!start_is_stop(sig_recv))
		sig_recv = sig;
}

static bool
start_is_stop(int sig)
{
	return (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT);
}

void
kore_start_on_fatal(void (*fn)(void))
{
	start_on_fatal = fn;
}

/*
 * Kore's printf would mix with our lines and is plain text where JSON was
 * asked for.
 */
void
__wrap_kore_log(int prio, const char *fmt, ...)
{
	enum log_level	level = LOG_LEVEL_INFO;
	va_list		ap;

	if (prio <= LOG_ERR)
		level = LOG_LEVEL_ERROR;
	else if (prio == LOG_WARNING)
		level = LOG_LEVEL_WARN;
	va_start(ap, fmt);
	start_log(level, fmt, ap);
	va_end(ap);
	/* Kore's only use: the key manager died, everything ends. */
	if (prio == LOG_CRIT && start_on_fatal != NULL)
		start_on_fatal();
}

/* Ends this process; Kore starts a worker again. */
void
__wrap_fatal(const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	start_log(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	start_die();
}

/* Ends the whole service. */
void
__wrap_fatalx(const char *fmt, ...)
{
	va_list	ap;

	if (start_on_fatal != NULL)
		start_on_fatal();
	if (worker != NULL)
		kore_msg_send(KORE_MSG_PARENT, KORE_MSG_SHUTDOWN, NULL, 0);
	va_start(ap, fmt);
	start_log(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
	start_die();
}

static void
start_log(enum log_level level, const char *fmt, va_list ap)
{
	const char	*name = "[parent]";
	char		 text[START_LOG_MAX];

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	if (worker != NULL)
		name = kore_worker_name(worker->id);
	log_msg(level, "%s: %s", name, text);
}

static void
start_die(void)
{
	if (worker != NULL && worker->id == KORE_WORKER_KEYMGR)
		kore_keymgr_cleanup(1);
	exit(1);
}

/*
 * Kore removes its segment at an orderly end only.  Marked at once, it lives as
 * long as a process has it, however they end.
 */
void *
__wrap_shmat(int id, const void *addr, int flags)
{
	void	*p;

	p = __real_shmat(id, addr, flags);
	if (p != (void *)-1)
		(void)__real_shmctl(id, IPC_RMID, NULL);
	return (p);
}

int
__wrap_shmctl(int id, int cmd, struct shmid_ds *ds)
{
	if (cmd == IPC_RMID)
		return (0);			/* done in __wrap_shmat() */
	return (__real_shmctl(id, cmd, ds));
}
