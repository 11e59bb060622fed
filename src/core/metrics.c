/*
 * metrics - see metrics.h.  A cell of the table of requests belongs to the
 * route, method and status that took it first and is never given up, so that
 * no count goes backwards.
 */
#include <sys/mman.h>

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "metrics.h"

#define METRICS_CELLS	4096		/* a power of 2; some 400 are used */
#define METRICS_PROBES	64

struct metrics_cell {
	_Atomic uintptr_t	route;		/* text; 0: free */
	_Atomic uintptr_t	method;		/* text; 0: not written yet */
	_Atomic int		status;
	_Atomic uint64_t	n;
};

struct metrics {
	struct metrics_cell	cell[METRICS_CELLS];
	_Atomic uint64_t	other;		/* found no cell */
	_Atomic uint64_t	bucket[METRICS_BUCKETS];
	_Atomic uint64_t	told[METRICS_BUCKETS];	/* metrics_latency() */
	_Atomic uint64_t	sum_us;
	_Atomic int64_t		start_us;
	struct {
		_Atomic uintptr_t	name;	/* text; 0: never asked */
		_Atomic uint64_t	n, sum_us;
	}			query[METRICS_QUERIES];
	_Atomic uint64_t	receipt[METRICS_RECEIPTS];
	_Atomic int64_t		cpu_us;		/* of all workers so far */
	struct {
		_Atomic int32_t	busy, db_ready, db_busy, db_waiting, fds;
		_Atomic int64_t	cpu_us, private_bytes, shared_bytes;
	}			worker[METRICS_WORKERS];
};

static struct metrics_cell	*metrics_cell(struct metrics *m,
				    const char *route, const char *method,
				    int status);
static uint64_t	metrics_sum(const struct metrics *m, int at);
static void	metrics_requests(const struct metrics *m, struct buf *out);
static void	metrics_durations(const struct metrics *m, struct buf *out);
static void	metrics_queries(const struct metrics *m, struct buf *out);
static void	metrics_receipt_lines(const struct metrics *m,
		    struct buf *out);
static void	metrics_workers(const struct metrics *m, struct buf *out);
static void	metrics_process(const struct metrics *m, struct buf *out);

/* In microseconds, and as Prometheus wants them, in seconds. */
static const struct {
	int64_t		 us;
	const char	*s;
} metrics_bounds[METRICS_BUCKETS] = {
	{ 100, "0.0001" }, { 250, "0.00025" }, { 500, "0.0005" },
	{ 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" },
	{ 10000, "0.01" }, { 25000, "0.025" }, { 50000, "0.05" },
	{ 100000, "0.1" }, { 250000, "0.25" }, { 500000, "0.5" },
	{ 1000000, "1" }, { 2500000, "2.5" }, { 10000000, "10" },
	{ INT64_MAX, "+Inf" }
};

enum err
metrics_new(struct metrics **out)
{
	void	*p;

	p = mmap(NULL, sizeof(struct metrics), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	*out = p;
	atomic_store(&(*out)->start_us, clock_us());
	return (ERR_OK);
}

void
metrics_free(struct metrics *m)
{
	if (m != NULL)
		(void)munmap(m, sizeof(*m));
}

void
metrics_request(struct metrics *m, const char *route, const char *method,
    int status, int64_t us)
{
	struct metrics_cell	*c = metrics_cell(m, route, method, status);
	int			 i = 0;

	atomic_fetch_add_explicit(c != NULL ? &c->n : &m->other, 1,
	    memory_order_relaxed);
	while (us > metrics_bounds[i].us)
		i++;
	atomic_fetch_add_explicit(&m->bucket[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->sum_us, us > 0 ? (uint64_t)us : 0,
	    memory_order_relaxed);
}

void
metrics_query(struct metrics *m, int no, const char *name, int64_t us)
{
	if (no < 0 || no >= METRICS_QUERIES)
		return;
	atomic_fetch_add_explicit(&m->query[no].n, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&m->query[no].sum_us,
	    us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
	atomic_store_explicit(&m->query[no].name, (uintptr_t)name,
	    memory_order_release);
}

void
metrics_receipts(struct metrics *m, enum metrics_receipt r, int64_t n)
{
	if (n > 0)
		atomic_fetch_add_explicit(&m->receipt[r], (uint64_t)n,
		    memory_order_relaxed);
}

void
metrics_worker_set(struct metrics *m, int worker,
    const struct metrics_worker *w)
{
	int64_t	more;

	if (worker < 1 || worker > METRICS_WORKERS)
		return;
	/* A worker that took a dead one's place has used nothing before. */
	more = w->usage.cpu_us - atomic_exchange(
	    &m->worker[worker - 1].cpu_us, w->usage.cpu_us);
	atomic_fetch_add(&m->cpu_us, more >= 0 ? more : w->usage.cpu_us);
	atomic_store(&m->worker[worker - 1].private_bytes,
	    w->usage.private_bytes);
	atomic_store(&m->worker[worker - 1].shared_bytes,
	    w->usage.shared_bytes);
	atomic_store(&m->worker[worker - 1].fds, w->usage.fds);
	atomic_store(&m->worker[worker - 1].busy, w->busy);
	atomic_store(&m->worker[worker - 1].db_ready, w->db_ready);
	atomic_store(&m->worker[worker - 1].db_busy, w->db_busy);
	atomic_store(&m->worker[worker - 1].db_waiting, w->db_waiting);
}

void
metrics_format(const struct metrics *m, int64_t now_us, struct buf *out)
{
	metrics_requests(m, out);
	metrics_durations(m, out);
	metrics_queries(m, out);
	metrics_receipt_lines(m, out);
	metrics_workers(m, out);
	metrics_process(m, out);
	buf_printf(out, "# HELP identityd_uptime_seconds Since the service "
	    "was started.\n# TYPE identityd_uptime_seconds gauge\n"
	    "identityd_uptime_seconds %lld\n",
	    (long long)((now_us - m->start_us) / US_PER_S));
}

bool
metrics_latency(struct metrics *m, struct buf *out)
{
	uint64_t	n, told;
	bool		is_any = false;
	int		i;

	for (i = 0; i < METRICS_BUCKETS; i++) {
		n = atomic_load(&m->bucket[i]);
		told = atomic_exchange(&m->told[i], n);
		if (n <= told)
			continue;
		buf_printf(out, "%s{\"metric\":\"latency_us\",\"label\":\"",
		    is_any ? "," : "[");
		if (metrics_bounds[i].us == INT64_MAX)
			buf_str(out, "inf");
		else
			buf_printf(out, "%lld",
			    (long long)metrics_bounds[i].us);
		buf_printf(out, "\",\"n\":%llu}",
		    (unsigned long long)(n - told));
		is_any = true;
	}
	if (is_any)
		buf_char(out, ']');
	return (is_any);
}

/* The cell of these three, taken if need be; NULL: there is no room. */
static struct metrics_cell *
metrics_cell(struct metrics *m, const char *route, const char *method,
    int status)
{
	const uintptr_t		 r = (uintptr_t)route, w = (uintptr_t)method;
	struct metrics_cell	*c;
	uintptr_t		 free_route;
	size_t			 i, at;

	at = (size_t)((r >> 3) * 31 + (w >> 3) * 7 + (size_t)status);
	for (i = 0; i < METRICS_PROBES; i++) {
		c = &m->cell[(at + i) & (METRICS_CELLS - 1)];
		free_route = 0;
		if (atomic_load_explicit(&c->route, memory_order_acquire) ==
		    0 && atomic_compare_exchange_strong(&c->route,
		    &free_route, r)) {
			atomic_store(&c->status, status);
			atomic_store_explicit(&c->method, w,
			    memory_order_release);
			return (c);
		}
		/* One that another worker is taking is not ours: go on. */
		if (atomic_load_explicit(&c->method, memory_order_acquire) ==
		    w && atomic_load(&c->route) == r &&
		    atomic_load(&c->status) == status)
			return (c);
	}
	return (NULL);
}

static void
metrics_requests(const struct metrics *m, struct buf *out)
{
	const struct metrics_cell	*c;
	uint64_t			 n;
	int				 i;

	buf_str(out, "# HELP identityd_http_requests_total Answers by route, "
	    "method and status.\n"
	    "# TYPE identityd_http_requests_total counter\n");
	for (i = 0; i < METRICS_CELLS; i++) {
		c = &m->cell[i];
		if (atomic_load(&c->method) == 0 ||
		    (n = metrics_sum(m, i)) == 0)
			continue;
		buf_printf(out, "identityd_http_requests_total{route=\"%s\","
		    "method=\"%s\",code=\"%d\"} %llu\n",
		    (const char *)c->route, (const char *)c->method, c->status,
		    (unsigned long long)n);
	}
	if (atomic_load(&m->other) > 0)
		buf_printf(out, "identityd_http_requests_total{route=\"other\""
		    ",method=\"\",code=\"\"} %llu\n",
		    (unsigned long long)atomic_load(&m->other));
}

/*
 * What the cells of the kind of cell |at| hold; 0 unless it is the first of
 * them.  Two workers may have taken one each in the same moment; they are no
 * further apart than the probes.
 */
static uint64_t
metrics_sum(const struct metrics *m, int at)
{
	const struct metrics_cell	*c = &m->cell[at], *d;
	uint64_t			 n = atomic_load(&c->n);
	int				 i;

	for (i = 1 - METRICS_PROBES; i < METRICS_PROBES; i++) {
		d = &m->cell[(at + i) & (METRICS_CELLS - 1)];
		if (i == 0 || d->route != c->route ||
		    d->method != c->method || d->status != c->status)
			continue;
		if (i < 0)
			return (0);
		n += atomic_load(&d->n);
	}
	return (n);
}

static void
metrics_durations(const struct metrics *m, struct buf *out)
{
	uint64_t	n = 0;
	int		i;

	buf_str(out, "# HELP identityd_http_request_duration_seconds From "
	    "the head to the answer.\n"
	    "# TYPE identityd_http_request_duration_seconds histogram\n");
	for (i = 0; i < METRICS_BUCKETS; i++) {
		n += atomic_load(&m->bucket[i]);
		buf_printf(out, "identityd_http_request_duration_seconds_"
		    "bucket{le=\"%s\"} %llu\n", metrics_bounds[i].s,
		    (unsigned long long)n);
	}
	buf_printf(out, "identityd_http_request_duration_seconds_sum %.6f\n"
	    "identityd_http_request_duration_seconds_count %llu\n",
	    (double)atomic_load(&m->sum_us) / 1e6, (unsigned long long)n);
}

static void
metrics_queries(const struct metrics *m, struct buf *out)
{
	const char	*name;
	int		 i;

	buf_str(out, "# HELP identityd_db_query_duration_seconds From asking "
	    "for a statement to its end, waiting included.\n"
	    "# TYPE identityd_db_query_duration_seconds summary\n");
	for (i = 0; i < METRICS_QUERIES; i++) {
		name = (const char *)atomic_load_explicit(&m->query[i].name,
		    memory_order_acquire);
		if (name == NULL)
			continue;
		buf_printf(out, "identityd_db_query_duration_seconds_sum"
		    "{query=\"%s\"} %.6f\n"
		    "identityd_db_query_duration_seconds_count"
		    "{query=\"%s\"} %llu\n", name,
		    (double)atomic_load(&m->query[i].sum_us) / 1e6, name,
		    (unsigned long long)atomic_load(&m->query[i].n));
	}
}

static void
metrics_receipt_lines(const struct metrics *m, struct buf *out)
{
	static const char *const	names[METRICS_RECEIPTS] = {
		"delivered", "failed", "same", "unknown", "ignored",
		"unmapped", "refused",
	};
	int				i;

	buf_str(out, "# HELP identityd_receipts_total Delivery receipts of "
	    "providers by what came of them.\n"
	    "# TYPE identityd_receipts_total counter\n");
	for (i = 0; i < METRICS_RECEIPTS; i++)
		buf_printf(out, "identityd_receipts_total{result=\"%s\"} "
		    "%llu\n", names[i],
		    (unsigned long long)atomic_load(&m->receipt[i]));
}

static void
metrics_workers(const struct metrics *m, struct buf *out)
{
	long long	busy = 0, ready = 0, used = 0, waiting = 0;
	int		i;

	for (i = 0; i < METRICS_WORKERS; i++) {
		busy += m->worker[i].busy;
		ready += m->worker[i].db_ready;
		used += m->worker[i].db_busy;
		waiting += m->worker[i].db_waiting;
	}
	buf_printf(out, "# HELP identityd_requests_in_flight Under way, a "
	    "second ago at most.\n# TYPE identityd_requests_in_flight gauge\n"
	    "identityd_requests_in_flight %lld\n"
	    "# HELP identityd_db_connections Of all workers.\n"
	    "# TYPE identityd_db_connections gauge\n"
	    "identityd_db_connections{state=\"ready\"} %lld\n"
	    "identityd_db_connections{state=\"busy\"} %lld\n"
	    "# HELP identityd_db_waiting Statements that wait for a "
	    "connection.\n# TYPE identityd_db_waiting gauge\n"
	    "identityd_db_waiting %lld\n", busy, ready, used, waiting);
}

/*
 * The names that every exporter has, here over all workers.  What they share
 * is counted once.
 */
static void
metrics_process(const struct metrics *m, struct buf *out)
{
	long long	memory = 0, shared = 0, fds = 0;
	int		i;

	for (i = 0; i < METRICS_WORKERS; i++) {
		memory += m->worker[i].private_bytes;
		if (m->worker[i].shared_bytes > shared)
			shared = m->worker[i].shared_bytes;
		fds += m->worker[i].fds;
	}
	buf_printf(out, "# HELP process_cpu_seconds_total Of all workers, "
	    "user and system.\n# TYPE process_cpu_seconds_total counter\n"
	    "process_cpu_seconds_total %.3f\n"
	    "# HELP process_resident_memory_bytes Of all workers, what they "
	    "share counted once.\n"
	    "# TYPE process_resident_memory_bytes gauge\n"
	    "process_resident_memory_bytes %lld\n"
	    "# HELP process_open_fds Of all workers.\n"
	    "# TYPE process_open_fds gauge\nprocess_open_fds %lld\n"
	    "# HELP process_start_time_seconds Of the service, since 1970.\n"
	    "# TYPE process_start_time_seconds gauge\n"
	    "process_start_time_seconds %.3f\n",
	    (double)atomic_load(&m->cpu_us) / 1e6, memory + shared, fds,
	    (double)atomic_load(&m->start_us) / 1e6);
}
