/*
 * hash_lane - see hash_lane.h.  Owns the jobs from submission to the call of
 * |done|; a job in a thread is touched by that thread alone.
 */
#include <sys/param.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <kore/kore.h>
#include <kore/tasks.h>

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "hash_lane.h"
#include "mem.h"
#include "str.h"

#define HASH_WORKERS_MAX	65	/* settings allow 64; ids start at 1 */
/* Session checks come first: they take microseconds, hashes 30 ms. */
#define HASH_NICE		15
/* A full queue drains in about this time. */
#define HASH_RETRY_S		2

struct hash_lanes {
	_Atomic int	busy[HASH_WORKERS_MAX];	/* running, by worker id */
};

/* What other work makes at most. */
#define HASH_WORK_MAX	(1024 * 1024)

struct hash_job {
	struct kore_task	 task;
	bool			 is_verify;
	bool			 has_hash;
	char			 hash[PASSWORD_HASH_MAX_LEN + 1];
	char			*pw;		/* mem_dup, wiped */
	size_t			 pw_len;
	struct password_rule	 rule;		/* of a new one */
	hash_work_fn		 work;		/* NULL: a password */
	int64_t			 deadline_us;
	/* Written by the thread, read after it finished. */
	enum err		 result;
	enum password_fault	 fault;
	bool			 rehash;
	char			 made[PASSWORD_HASH_MAX_LEN + 1];
	struct buf		 out;		/* of |work| */
	/* Set by hash_lane_cancel(): NULL. */
	hash_done_fn		 done;
	void			*arg;
	TAILQ_ENTRY(hash_job)	 list;
};

TAILQ_HEAD(hash_jobs, hash_job);

static void	hash_job_free(struct hash_job *j);
static enum err	hash_job_add(const struct hash_ask *a, bool is_verify,
		    struct hash_job **out);
static void	hash_job_start(struct hash_job *j);
static int	hash_job_run(struct kore_task *t);
static void	hash_job_make(struct hash_job *j);
static void	hash_job_finished(struct kore_task *t);
static void	hash_job_tell(struct hash_job *j, enum err e);
static bool	hash_lane_is_free(void);
static void	hash_lane_start_all(void);

static struct hash_lane_settings	 hash_lane;	/* of this worker */
static struct hash_jobs	 hash_waiting;	/* oldest first */
static struct hash_jobs	 hash_dead;	/* told, not yet freed */
static int		 hash_n_waiting;
static int		 hash_n_running;
/* A thread lowers its priority once. */
static _Thread_local bool	 hash_is_nice;

enum err
hash_lanes_new(struct hash_lanes **out)
{
	void	*p;

	p = mmap(NULL, sizeof(struct hash_lanes), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	*out = p;
	return (ERR_OK);
}

void
hash_lane_init(const struct hash_lane_settings *s)
{
	hash_lane = *s;
	TAILQ_INIT(&hash_waiting);
	TAILQ_INIT(&hash_dead);
	/* What a predecessor that crashed was running, runs no more. */
	atomic_store(&s->shared->busy[s->worker_id], 0);
}

enum err
hash_lane_verify(const struct hash_ask *a, struct hash_job **out)
{
	return (hash_job_add(a, true, out));
}

enum err
hash_lane_make(const struct hash_ask *a, struct hash_job **out)
{
	return (hash_job_add(a, false, out));
}

enum err
hash_lane_work(const struct hash_ask *a, struct hash_job **out)
{
	return (hash_job_add(a, false, out));
}

void
hash_lane_cancel(struct hash_job *j)
{
	if (j != NULL)
		j->done = NULL;
}

void
hash_lane_tick(int64_t mono_us)
{
	struct hash_job	*j, *next;

	while ((j = TAILQ_FIRST(&hash_dead)) != NULL) {
		TAILQ_REMOVE(&hash_dead, j, list);
		hash_job_free(j);
	}
	for (j = TAILQ_FIRST(&hash_waiting); j != NULL; j = next) {
		next = TAILQ_NEXT(j, list);
		if (j->done != NULL && j->deadline_us > mono_us)
			continue;
		TAILQ_REMOVE(&hash_waiting, j, list);
		hash_n_waiting--;
		hash_job_tell(j, ERR_TIMEOUT);
		hash_job_free(j);
	}
	hash_lane_start_all();
}

int
hash_lane_busy(void)
{
	return (hash_n_waiting + hash_n_running);
}

int
hash_lane_retry_s(void)
{
	return (HASH_RETRY_S);
}

static enum err
hash_job_add(const struct hash_ask *a, bool is_verify, struct hash_job **out)
{
	struct hash_job	*j;

	if (hash_n_waiting >= hash_lane.queue_max)
		return (ERR_BUSY);
	if ((j = mem_new(sizeof(*j))) == NULL)
		return (ERR_NOMEM);
	if ((j->pw = mem_dup(a->pw, a->len)) == NULL) {
		hash_job_free(j);
		return (ERR_NOMEM);
	}
	j->pw_len = a->len;
	j->is_verify = is_verify;
	j->has_hash = a->hash != NULL && str_copy(j->hash, sizeof(j->hash),
	    a->hash, strlen(a->hash)) == ERR_OK;
	if (a->rule != NULL)
		j->rule = *a->rule;
	j->work = a->work;
	buf_init(&j->out, HASH_WORK_MAX);
	j->done = a->done;
	j->arg = a->arg;
	j->deadline_us = clock_mono_us() +
	    (int64_t)hash_lane.wait_ms * US_PER_MS;
	TAILQ_INSERT_TAIL(&hash_waiting, j, list);
	hash_n_waiting++;
	*out = j;
	hash_lane_start_all();
	return (ERR_OK);
}

static void
hash_job_free(struct hash_job *j)
{
	mem_free_secret(j->pw, j->pw_len);
	buf_clear(&j->out);
	mem_free_secret(j, sizeof(*j));
}

/*
 * A worker may always have one job running, so that none starves behind the
 * backlog of another; more only while the node has a free lane.
 */
static bool
hash_lane_is_free(void)
{
	int	i, n = 0;

	if (hash_n_running >= hash_lane.lanes)
		return (false);
	if (hash_n_running == 0)
		return (true);
	for (i = 0; i < HASH_WORKERS_MAX; i++)
		n += atomic_load_explicit(&hash_lane.shared->busy[i],
		    memory_order_relaxed);
	return (n < hash_lane.lanes);
}

static void
hash_lane_start_all(void)
{
	struct hash_job	*j;

	while ((j = TAILQ_FIRST(&hash_waiting)) != NULL) {
		if (j->done != NULL && !hash_lane_is_free())
			return;
		TAILQ_REMOVE(&hash_waiting, j, list);
		hash_n_waiting--;
		if (j->done == NULL)	/* its client left */
			hash_job_free(j);
		else
			hash_job_start(j);
	}
}

static void
hash_job_start(struct hash_job *j)
{
	hash_n_running++;
	atomic_fetch_add(&hash_lane.shared->busy[hash_lane.worker_id], 1);
	kore_task_create(&j->task, hash_job_run);
	kore_task_bind_callback(&j->task, hash_job_finished);
	kore_task_run(&j->task);
}

/* In a task thread: no Kore call, no shared state but |j|. */
static int
hash_job_run(struct kore_task *t)
{
	struct hash_job	*j = (struct hash_job *)(void *)((char *)t -
			    offsetof(struct hash_job, task));

	if (!hash_is_nice) {
		hash_is_nice = true;
		/* Linux: the nice value is the thread's own. */
		(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid),
		    HASH_NICE);
	}
	if (j->work != NULL) {
		j->result = j->work(j->pw, j->pw_len, &j->out);
		return (KORE_RESULT_OK);
	}
	if (!j->is_verify) {
		hash_job_make(j);
		return (KORE_RESULT_OK);
	}
	j->result = password_verify(&hash_lane.policy,
	    j->has_hash ? j->hash : NULL, j->pw, j->pw_len, &j->rehash);
	if (j->result == ERR_OK && j->rehash && password_hash(
	    &hash_lane.policy, j->pw, j->pw_len, j->made) != ERR_OK)
		j->rehash = false;	/* next login tries again */
	return (KORE_RESULT_OK);
}

static void
hash_job_make(struct hash_job *j)
{
	j->result = password_rule_check(&j->rule, j->pw, j->pw_len,
	    &j->fault);
	if (j->result == ERR_OK && j->fault == PASSWORD_GOOD)
		j->result = password_hash(&hash_lane.policy, j->pw, j->pw_len,
		    j->made);
}

static void
hash_job_finished(struct kore_task *t)
{
	struct hash_job	*j = (struct hash_job *)(void *)((char *)t -
			    offsetof(struct hash_job, task));

	if (!kore_task_finished(t))
		return;
	hash_n_running--;
	atomic_fetch_sub(&hash_lane.shared->busy[hash_lane.worker_id], 1);
	kore_task_destroy(t);
	hash_job_tell(j, j->result);
	/*
	 * The thread may still be leaving kore_task_finish() (tasks.c:376),
	 * so the memory goes with the next tick.
	 */
	TAILQ_INSERT_TAIL(&hash_dead, j, list);
	hash_lane_start_all();
}

static void
hash_job_tell(struct hash_job *j, enum err e)
{
	const struct hash_answer	a = {
		.err = e, .fault = j->fault, .rehash = j->rehash,
		.hash = j->made, .made = &j->out,
	};
	hash_done_fn			done = j->done;

	j->done = NULL;
	if (done != NULL)
		done(j->arg, &a);
}
