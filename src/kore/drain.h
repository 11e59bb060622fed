/*
 * drain - the parent's part of an orderly end: workers are told to stop while
 * the parent goes on passing their messages (accept lock, signatures of the
 * key manager), so that what still arrives is answered until the last of them
 * is done.  Kore itself would stop all of that first (kore.c:913).
 */
#ifndef DRAIN_H
#define DRAIN_H

/*
 * In the parent: sends |sig| to the workers and returns when they have ended,
 * or after 20 s (each gives up by itself after 15).  The key manager is left
 * for the caller.
 */
void	drain_workers(int sig);

#endif
