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
#include <string.h>

#include "api.h"
#include "api_chunk.h"
#include "audit_sealer.h"
#include "clock.h"
#include "db.h"
#include "db_listen.h"
#include "feed.h"
#include "guard.h"
#include "hash_lane.h"
#include "housekeep.h"
#include "http_guard.h"
#include "key_use.h"
#include "later.h"
#include "log.h"
#include "platform.h"
#include "problem.h"
#include "refusal.h"
#include "rnd.h"
#include "seen.h"
#include "service.h"
#include "sync_seen.h"
#include "stat_flush.h"

#define SERVICE_TICK_MS		100
#define SERVICE_FLUSH_MS	1000
/* db.c: a request waits for its statement this long at most. */
#define SERVICE_QUERY_MS	8000
#define SERVICE_CONNECT_MS	5000
#define SERVICE_DB_QUEUE	1000
/* A wait of 5 s for a hash is as long as a person waits (30 ms each). */
#define SERVICE_HASH_WAIT_MS	5000
#define SERVICE_HASH_QUEUE	256
#define SERVICE_PIECES_MAX	16
#define SERVICE_CHANNELS_MAX	4

static void	service_tick(void *arg, u_int64_t now);
static void	service_flush(void *arg, u_int64_t now);
static void	service_query(enum sql_id id, int64_t us);
static uint64_t	service_body_max(const char *path, size_t len);
static enum err	service_lanes_init(const struct settings *s);
static void	service_feed_init(const struct settings *s);
static int	service_cpus(void);
static enum err	service_listen(const struct settings *s);
static void	service_notified(const char *channel, const char *payload);
static void	service_alive(void);
static void	service_gap(void);

/* Channels and who hears them; the caches' is the first. */
static const char	*service_channels[SERVICE_CHANNELS_MAX] = {
	"identity_change",
};
static service_heard_fn	 service_heard[SERVICE_CHANNELS_MAX];
static size_t		 service_n_channels = 1;

void
service_hear(const char *channel, service_heard_fn heard)
{
	if (service_n_channels == SERVICE_CHANNELS_MAX)
		fatal("service_hear: more than %d channels",
		    SERVICE_CHANNELS_MAX);
	service_channels[service_n_channels] = channel;
	service_heard[service_n_channels++] = heard;
}

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
		.observe = service_query,
	};
	enum err	r;

	if ((r = db_init(&db)) != ERR_OK ||
	    (r = platform_worker_init()) != ERR_OK ||
	    (r = guard_init()) != ERR_OK || (r = key_use_init()) != ERR_OK)
		return (r);
	service_feed_init(s);
	/* One worker listens for the node: the counters are shared. */
	if (worker->id == 1 && (r = service_listen(s)) != ERR_OK)
		return (r);
	if (worker->id == 1 && (r = audit_sealer_init(s->master_key,
	    sizeof(s->master_key))) != ERR_OK)
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
	feed_drain();
	later_drain();
}

int
service_busy(void)
{
	return (api_busy() + hash_lane_busy() + refusal_pending() +
	    later_busy());
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
	feed_tick(clock_mono_us());
	later_tick(clock_mono_us());
	log_flush();
}

/* A statement has ended. */
static void
service_query(enum sql_id id, int64_t us)
{
	_Static_assert(SQL_MAX <= METRICS_QUERIES, "a place for each");

	metrics_query(platform_metrics(), (int)id, sql_get(id)->name, us);
}

static void
service_flush(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	refusal_flush();
	key_use_flush();
	seen_flush();
	sync_seen_flush(clock_mono_us());
	api_chunk_tick(clock_mono_us());
	stat_flush_tick(clock_mono_us(), worker->id, worker->id == 1);
	if (worker->id == 1) {
		housekeep_tick(clock_mono_us());
		audit_sealer_tick(clock_mono_us());
	}
}

static uint64_t
service_body_max(const char *path, size_t len)
{
	static const struct {
		const char	*prefix;
		uint64_t	 max;
	} routes[] = {
		{ "/setup/api/", API_BODY_MAX_CONSOLE },
		{ "/delivery/receipts/", API_BODY_MAX_RECEIPT },
	};
	size_t	i, n;

	for (i = 0; i < COUNT(routes); i++) {
		n = strlen(routes[i].prefix);
		if (len >= n && memcmp(path, routes[i].prefix, n) == 0)
			return (routes[i].max);
	}
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

/*
 * Sync reads with half of the connections, so that sign-ins find one; what it
 * holds is bounded, two pieces of a third of a MiB each; calls that wait leave
 * half of the requests to the others.
 */
static void
service_feed_init(const struct settings *s)
{
	feed_init(s->db_pool > 1 ? s->db_pool / 2 : 1, SERVICE_PIECES_MAX,
	    (int)http_request_limit / 2);
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

static enum err
service_listen(const struct settings *s)
{
	const struct db_listener	l = {
		.channels = service_channels,
		.n_channels = service_n_channels,
		.notify = service_notified,
		.alive = service_alive,
		.gap = service_gap,
	};

	return (db_listen_init(s->database_url, &l));
}

static void
service_notified(const char *channel, const char *payload)
{
	size_t	i;

	if (strcmp(channel, service_channels[0]) == 0)
		generation_notified(platform_generations(), payload);
	for (i = 1; i < service_n_channels; i++) {
		if (strcmp(channel, service_channels[i]) == 0)
			service_heard[i](payload);
	}
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
	size_t	i;

	generation_bump_all(platform_generations());
	for (i = 1; i < service_n_channels; i++)
		service_heard[i](NULL);
}
