/*
 * service - see service.h.  Owns this worker's timers and the order in which
 * the modules of the request layer start and stop.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* sched_getaffinity, CPU_COUNT */
#endif

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <jansson.h>
#include <sched.h>

#include "api.h"
#include "clock.h"
#include "db.h"
#include "db_listen.h"
#include "guard.h"
#include "hash_lane.h"
#include "housekeep.h"
#include "http_guard.h"
#include "log.h"
#include "platform.h"
#include "problem.h"
#include "refusal.h"
#include "rnd.h"
#include "seen.h"
#include "service.h"

#define SERVICE_TICK_MS		100
#define SERVICE_FLUSH_MS	1000
/* db.c: a request waits for its statement this long at most. */
#define SERVICE_QUERY_MS	8000
#define SERVICE_CONNECT_MS	5000
#define SERVICE_DB_QUEUE	1000
/* A wait of 5 s for a hash is as long as a person waits (30 ms each). */
#define SERVICE_HASH_WAIT_MS	5000
#define SERVICE_HASH_QUEUE	256

static void	service_tick(void *arg, u_int64_t now);
static void	service_flush(void *arg, u_int64_t now);
static uint64_t	service_body_max(const char *path, size_t len);
static enum err	service_lanes_init(const struct settings *s);
static int	service_cpus(void);
static void	service_notified(const char *channel, const char *payload);
static void	service_alive(void);
static void	service_gap(void);

enum err
service_parent_init(const struct settings *s)
{
	/* jansson's hash seed; /dev/urandom is out of a worker's reach. */
	json_object_seed(rnd_below(UINT32_MAX));
	return (platform_parent_init(s));
}

enum err
service_worker_init(const struct settings *s)
{
	const struct db_settings	db = {
		.conninfo = s->database_url,
		.pool_size = s->db_pool,
		.queue_max = SERVICE_DB_QUEUE,
		.query_ms = SERVICE_QUERY_MS,
		.connect_ms = SERVICE_CONNECT_MS,
	};
	enum err	r;

	if ((r = db_init(&db)) != ERR_OK ||
	    (r = platform_worker_init()) != ERR_OK ||
	    (r = guard_init()) != ERR_OK)
		return (r);
	/* One worker listens for the node: the counters are shared. */
	if (worker->id == 1 && (r = db_listen_init(s->database_url,
	    "identity_change", service_notified, service_alive,
	    service_gap)) != ERR_OK)
		return (r);
	http_guard_init(problem_deny, service_body_max);
	if ((r = service_lanes_init(s)) != ERR_OK)
		return (r);
	(void)kore_timer_add(service_tick, SERVICE_TICK_MS, NULL, 0);
	(void)kore_timer_add(service_flush, SERVICE_FLUSH_MS, NULL, 0);
	return (ERR_OK);
}

void
service_drain(void)
{
	api_drain();
}

int
service_busy(void)
{
	return (api_busy() + hash_lane_busy() + refusal_pending());
}

void
service_worker_stop(void)
{
	log_flush();
	db_shutdown();
}

static void
service_tick(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	hash_lane_tick(clock_mono_us());
	platform_tick();
	log_flush();
}

static void
service_flush(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	refusal_flush();
	guard_flush();
	seen_flush();
	if (worker->id == 1)
		housekeep_tick(clock_mono_us());
}

/* No route takes more yet. */
static uint64_t
service_body_max(const char *path, size_t len)
{
	(void)path;
	(void)len;
	return (API_BODY_MAX);
}

static enum err
service_lanes_init(const struct settings *s)
{
	struct hash_lane_settings	h = {
		.shared = platform_lanes(),
		.policy = PASSWORD_POLICY_DEFAULT,
		.lanes = service_cpus(),
		.queue_max = SERVICE_HASH_QUEUE,
		.wait_ms = SERVICE_HASH_WAIT_MS,
		.worker_id = worker->id,
	};

	enum err			r = ERR_OK;

	if (s->has_pepper)
		r = password_policy_pepper(&h.policy, s->pepper);
	hash_lane_init(&h);
	return (r);
}

/* Processors that this process may use: a container's share, not the host's. */
static int
service_cpus(void)
{
	cpu_set_t	set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		return (1);
	return (CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1);
}

static void
service_notified(const char *channel, const char *payload)
{
	(void)channel;
	generation_notified(platform_generations(), payload);
}

static void
service_alive(void)
{
	generation_heard(platform_generations(), clock_mono_us());
}

/* Whatever was said meanwhile was not heard. */
static void
service_gap(void)
{
	generation_bump_all(platform_generations());
}
