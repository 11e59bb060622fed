/*
 * kore_start - prepares the process for Kore and gives Kore's messages to our
 * log.  Owns the title area; must not know settings.
 */
#include <sys/resource.h>

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <kore/kore.h>

#include "kore_start.h"
#include "log.h"

#define START_LOG_MAX	2048	/* Kore's own limit of a message */

extern char	**environ;

/* Pid of the process that called kore_start_prepare(). */
static pid_t	 start_parent = -1;
/* What ps shows: argv and the environment behind it, as the kernel laid it. */
static char	*start_title;
/* Bytes at start_title, the last one stays NUL. */
static size_t	 start_title_len;

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

/* Kore's own is fatal when the environment is too small for the title. */
void
__wrap_kore_proctitle(const char *title)
{
	if (start_title == NULL || start_title_len < 2)
		return;
	memset(start_title, 0, start_title_len);
	(void)snprintf(start_title, start_title_len, "identityd %s", title);
}

/*
 * Kore's printf would mix with our lines and is plain text where JSON was
 * asked for.
 */
void
__wrap_kore_log(int prio, const char *fmt, ...)
{
	enum log_level	 level = LOG_LEVEL_INFO;
	const char	*name = "[parent]";
	char		 text[START_LOG_MAX];
	va_list		 ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);

	if (prio <= LOG_ERR)
		level = LOG_LEVEL_ERROR;
	else if (prio == LOG_WARNING)
		level = LOG_LEVEL_WARN;
	if (worker != NULL)
		name = kore_worker_name(worker->id);
	log_msg(level, "%s: %s", name, text);
}
