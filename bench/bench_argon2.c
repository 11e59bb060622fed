/*
 * bench_argon2 - what this machine can hash at most: argon2id with the
 * service's parameters on N threads for S seconds, hashes a second on stdout.
 * The limit that bench/run.mjs holds logins against.  Must not: share code
 * with the service.
 *
 *	bench_argon2 THREADS SECONDS
 */
#include <argon2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define M_KIB		19456	/* as src/http/service.c */
#define T_COST		2
#define LANES		1
#define THREADS_MAX	64

static void	*bench_thread(void *arg);
static double	 bench_now_s(void);

/* Set when the time is up; threads look after each hash. */
static atomic_bool	bench_is_over;

int
main(int argc, char **argv)
{
	pthread_t	t[THREADS_MAX];
	unsigned long	n[THREADS_MAX] = { 0 }, sum = 0;
	struct timespec	length = { 0 };
	double		started;
	int		i, n_threads;

	n_threads = argc == 3 ? (int)strtol(argv[1], NULL, 10) : 0;
	length.tv_sec = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	if (n_threads < 1 || n_threads > THREADS_MAX || length.tv_sec < 1) {
		fprintf(stderr, "usage: bench_argon2 THREADS SECONDS\n");
		return (2);
	}
	started = bench_now_s();
	for (i = 0; i < n_threads; i++) {
		if (pthread_create(&t[i], NULL, bench_thread, &n[i]) != 0)
			return (1);
	}
	nanosleep(&length, NULL);
	atomic_store(&bench_is_over, true);
	for (i = 0; i < n_threads; i++) {
		pthread_join(t[i], NULL);
		sum += n[i];
	}
	/* The last hash of each thread ran over the end: count its time too. */
	printf("%.2f\n", (double)sum / (bench_now_s() - started));
	return (0);
}

static void *
bench_thread(void *arg)
{
	static const char	password[] = "correct horse battery staple";
	uint8_t			salt[16] = { 1 }, hash[32];
	unsigned long		*n = arg;

	while (!atomic_load(&bench_is_over)) {
		if (argon2id_hash_raw(T_COST, M_KIB, LANES, password,
		    sizeof(password) - 1, salt, sizeof(salt), hash,
		    sizeof(hash)) != ARGON2_OK)
			abort();
		(*n)++;
	}
	return (NULL);
}

static double
bench_now_s(void)
{
	struct timespec	t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}
