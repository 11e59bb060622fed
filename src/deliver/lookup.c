/*
 * lookup - see lookup.h.  The thread calls resolve_host() and writes into its
 * entry; it must not call Kore or the log.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/tasks.h>

#include <string.h>

#include "clock.h"
#include "lookup.h"
#include "str.h"

#define LOOKUP_ENTRIES	64
/* Threads are shared with password hashes: a dead resolver may hold two. */
#define LOOKUP_TASKS_MAX	2
#define LOOKUP_GOOD_US	(30 * US_PER_S)
#define LOOKUP_BAD_US	(2 * US_PER_S)

struct lookup {
	struct kore_task	task;		/* must be first */
	char			host[RESOLVE_NAME_LEN + 1];	/* "" : free */
	int64_t			at_us;		/* of the answer */
	bool			is_running;	/* what follows is the thread's */
	enum err		err;
	struct resolve_addrs	addrs;
};

static int		 lookup_run(struct kore_task *t);
static void		 lookup_finish(struct kore_task *t);
static struct lookup	*lookup_find(const char *host);
static struct lookup	*lookup_free_one(void);
static bool		 lookup_is_fresh(const struct lookup *l);

static struct lookup	lookup_all[LOOKUP_ENTRIES];
static int		lookup_running;
static void		(*lookup_told)(void);

void
lookup_init(void (*told)(void))
{
	lookup_told = told;
}

enum err
lookup_get(const char *host, const struct resolve_addrs **out)
{
	struct lookup	*l;

	*out = NULL;
	if ((l = lookup_find(host)) != NULL) {
		if (l->is_running)
			return (ERR_BUSY);
		if (lookup_is_fresh(l)) {
			*out = &l->addrs;
			return (l->err);
		}
	}
	if (lookup_running >= LOOKUP_TASKS_MAX ||
	    (l == NULL && (l = lookup_free_one()) == NULL))
		return (ERR_BUSY);
	if (str_copy(l->host, sizeof(l->host), host, strlen(host)) != ERR_OK) {
		l->host[0] = '\0';
		l->addrs.n = 0;
		l->addrs.why[0] = '\0';
		*out = &l->addrs;
		return (ERR_NOT_FOUND);
	}
	l->is_running = true;
	lookup_running++;
	kore_task_create(&l->task, lookup_run);
	kore_task_bind_callback(&l->task, lookup_finish);
	kore_task_run(&l->task);
	return (ERR_BUSY);
}

/* On the thread. */
static int
lookup_run(struct kore_task *t)
{
	struct lookup	*l = (struct lookup *)(void *)t;

	l->err = resolve_host(l->host, &l->addrs);
	return (KORE_RESULT_OK);
}

/* In the event loop. */
static void
lookup_finish(struct kore_task *t)
{
	struct lookup	*l = (struct lookup *)(void *)t;

	if (!kore_task_finished(t))
		return;
	kore_task_destroy(t);
	l->at_us = clock_mono_us();
	l->is_running = false;
	lookup_running--;
	lookup_told();
}

static struct lookup *
lookup_find(const char *host)
{
	size_t	i;

	for (i = 0; i < COUNT(lookup_all); i++) {
		if (strcmp(lookup_all[i].host, host) == 0)
			return (&lookup_all[i]);
	}
	return (NULL);
}

/* One that was never used, else the oldest that is not running. */
static struct lookup *
lookup_free_one(void)
{
	struct lookup	*best = NULL, *l;
	size_t		 i;

	for (i = 0; i < COUNT(lookup_all); i++) {
		l = &lookup_all[i];
		if (!l->is_running && (best == NULL || l->at_us < best->at_us))
			best = l;
	}
	return (best);
}

static bool
lookup_is_fresh(const struct lookup *l)
{
	return (clock_mono_us() - l->at_us <
	    (l->err == ERR_OK ? LOOKUP_GOOD_US : LOOKUP_BAD_US));
}
