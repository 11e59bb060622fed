/*
 * tasks_shim - makes Kore's task threads wait in a loop, by a link wrap (T1).
 * Kore 4.1.0 waits once for a task and then takes the head of its list
 * (tasks.c:357-365): a spurious wake-up, which POSIX allows at any time, reads
 * a NULL pointer and ends the worker.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/tasks.h>

#include <pthread.h>
#include <stddef.h>

int	__real_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
int	__wrap_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);

/* Kore's task threads are the only callers in this program. */
int
__wrap_pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	struct kore_task_thread	*t;
	int			 r = 0;

	t = (struct kore_task_thread *)(void *)((char *)c -
	    offsetof(struct kore_task_thread, cond));
	while (r == 0 && TAILQ_EMPTY(&t->tasks))
		r = __real_pthread_cond_wait(c, m);
	return (r);
}
