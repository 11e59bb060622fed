/*
 * seccomp_app - the last steps before a process is closed in, and the system
 * calls that this program needs besides Kore's own, and nothing more.
 * The same filter is in force in tests and in production; what is in no list
 * ends the process (kore_limits.h).
 */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <kore/kore.h>
#include <kore/seccomp.h>

#include "err.h"
#include "kore_start.h"
#include "seccomp_app.h"

/* LeakSanitizer looks at its own process from outside. */
#if defined(__SANITIZE_ADDRESS__)
#define SECCOMP_APP_DUMPABLE	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECCOMP_APP_DUMPABLE	1
#endif
#endif
#if !defined(SECCOMP_APP_DUMPABLE)
#define SECCOMP_APP_DUMPABLE	0
#endif

/* Descriptor of the private key, which only the key manager keeps. */
static int	seccomp_app_key_fd = -1;

/*
 * Workers: libpq, libcurl's resolver thread, argon2 on task threads, OpenSSL,
 * glibc's allocator.  Comes before Kore's lists: the first match wins.
 */
static struct sock_filter seccomp_app_worker[] = {
	/* glibc 2.34+ tries it first for threads and falls back to clone. */
	KORE_SYSCALL_DENY(clone3, ENOSYS),
	KORE_SYSCALL_ALLOW(rseq),
	KORE_SYSCALL_ALLOW(gettid),

	/* Hashing threads lower their own priority, nobody else's. */
	KORE_SYSCALL_ALLOW_ARG(setpriority, 0, PRIO_PROCESS),

	/* realloc of a large block, free, arenas of several threads. */
	KORE_SYSCALL_ALLOW(mremap),
	KORE_SYSCALL_ALLOW(sched_getaffinity),
	KORE_SYSCALL_ALLOW(sched_yield),
	/* qsort asks how much memory there is. */
	KORE_SYSCALL_ALLOW(sysinfo),
	KORE_SYSCALL_ALLOW(prlimit64),

	/* Waits that SIGSTOP and SIGCONT interrupted. */
	KORE_SYSCALL_ALLOW(restart_syscall),
	/* abort(), so that a crash says SIGABRT and not SIGSYS. */
	KORE_SYSCALL_ALLOW(tgkill),

	/* Lingering close. */
	KORE_SYSCALL_ALLOW(shutdown),

	/* Name resolution and CA files, read only by permission. */
	KORE_SYSCALL_ALLOW(newfstatat),
	KORE_SYSCALL_ALLOW(faccessat2),
	KORE_SYSCALL_ALLOW(getdents64),
	KORE_SYSCALL_ALLOW(pread64),
};

/* The key manager signs and reads two files; Kore's list has the rest. */
static struct sock_filter seccomp_app_keymgr[] = {
	KORE_SYSCALL_ALLOW(mremap),
	KORE_SYSCALL_ALLOW(mprotect),
	KORE_SYSCALL_ALLOW(madvise),
	KORE_SYSCALL_ALLOW(restart_syscall),
	KORE_SYSCALL_ALLOW(gettid),
	KORE_SYSCALL_ALLOW(tgkill),
};

/* Kore looks it up by name in workers, before it adds its own list. */
void
kore_seccomp_hook(void)
{
	kore_seccomp_filter("identityd", seccomp_app_worker,
	    COUNT(seccomp_app_worker));
}

/*
 * In each worker and in the key manager, after privileges were dropped.  The
 * key manager has forgotten the program's symbols by now, so that it would not
 * find a hook.
 */
void
__wrap_kore_platform_sandbox(void)
{
	/*
	 * A parent that was killed must not leave processes behind that go on
	 * serving with nobody to watch them.  A change of account clears this,
	 * hence here; the second look closes the gap before it.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
	    getppid() != kore_start_parent())
		exit(1);
	/*
	 * Workers and key manager have one account: without this a worker could
	 * read the key manager's memory through /proc.
	 */
	if (prctl(PR_SET_DUMPABLE, SECCOMP_APP_DUMPABLE) != 0)
		exit(1);

	if (worker->id == KORE_WORKER_KEYMGR)
		kore_seccomp_filter("identityd keymgr", seccomp_app_keymgr,
		    COUNT(seccomp_app_keymgr));
	else if (seccomp_app_key_fd >= 0)
		(void)close(seccomp_app_key_fd);
	__real_kore_platform_sandbox();
}

void
seccomp_app_init(int key_fd)
{
	seccomp_app_key_fd = key_fd;
}
