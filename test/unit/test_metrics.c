/*
 * test_metrics - counts of requests: their cells, the histogram, and what is
 * told of it once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "metrics.h"

static const char	get[] = "GET", post[] = "POST";
static const char	one[] = "one", two[] = "two";

static void
has(struct metrics *m, const char *line, bool is_there)
{
	struct buf	b;

	buf_init(&b, 1024 * 1024);
	metrics_format(m, 0, &b);
	assert_int_equal(buf_err(&b), ERR_OK);
	if ((strstr(b.data, line) != NULL) != is_there)
		fail_msg("%s %s in:\n%s", line, is_there ? "missing" : "is",
		    b.data);
	buf_clear(&b);
}

static void
test_requests(void **state)
{
	struct metrics	*m;
	int		 i;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	for (i = 0; i < 3; i++)
		metrics_request(m, one, get, 200, 90);
	metrics_request(m, one, get, 404, 100);
	metrics_request(m, one, post, 200, 101);
	metrics_request(m, two, get, 200, 20000000);
	has(m, "identityd_http_requests_total{route=\"one\",method=\"GET\","
	    "code=\"200\"} 3\n", true);
	has(m, "route=\"one\",method=\"GET\",code=\"404\"} 1\n", true);
	has(m, "route=\"one\",method=\"POST\",code=\"200\"} 1\n", true);
	has(m, "route=\"two\",method=\"GET\",code=\"200\"} 1\n", true);
	has(m, "route=\"other\"", false);
	has(m, "seconds_bucket{le=\"0.0001\"} 4\n", true);
	has(m, "seconds_bucket{le=\"0.00025\"} 5\n", true);
	has(m, "seconds_bucket{le=\"10\"} 5\n", true);
	has(m, "seconds_bucket{le=\"+Inf\"} 6\n", true);
	has(m, "seconds_sum 20.000471\n", true);
	has(m, "seconds_count 6\n", true);
	metrics_free(m);
}

/* More kinds than cells: nothing is lost, only the kind. */
static void
test_full(void **state)
{
	static char	 names[8192][2];
	struct metrics	*m;
	struct buf	 b;
	const char	*p;
	int		 i, n = 0;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	for (i = 0; i < 8192; i++) {
		names[i][0] = 'x';
		metrics_request(m, names[i], get, 200, 1);
	}
	has(m, "route=\"other\"", true);
	has(m, "seconds_count 8192\n", true);
	buf_init(&b, 4 * 1024 * 1024);
	metrics_format(m, 0, &b);
	for (p = b.data; (p = strstr(p, "route=\"x\"")) != NULL; p++)
		n++;
	assert_in_range(n, 1000, 4096);
	buf_clear(&b);
	metrics_free(m);
}

static void
test_workers(void **state)
{
	const struct metrics_worker	w = { 1, 4, 2, 3, { 0 } };
	struct metrics			*m;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	metrics_worker_set(m, 0, &w);		/* there is no such worker */
	metrics_worker_set(m, METRICS_WORKERS + 1, &w);
	metrics_worker_set(m, 1, &w);
	metrics_worker_set(m, 2, &w);
	metrics_worker_set(m, 2, &w);
	has(m, "identityd_requests_in_flight 2\n", true);
	has(m, "identityd_db_connections{state=\"ready\"} 8\n", true);
	has(m, "identityd_db_connections{state=\"busy\"} 4\n", true);
	has(m, "identityd_db_waiting 6\n", true);
	metrics_free(m);
}

/* Processor time goes on where a worker ends and another takes its place. */
static void
test_process(void **state)
{
	struct metrics_worker	w = { .usage = { 3000000, 1000, 500, 7 } };
	struct metrics		*m;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	metrics_worker_set(m, 1, &w);
	metrics_worker_set(m, 2, &w);
	has(m, "process_cpu_seconds_total 6.000\n", true);
	has(m, "process_resident_memory_bytes 2500\n", true);
	has(m, "process_open_fds 14\n", true);
	w.usage.cpu_us = 4000000;
	metrics_worker_set(m, 1, &w);
	has(m, "process_cpu_seconds_total 7.000\n", true);
	w.usage.cpu_us = 250000;		/* another process */
	metrics_worker_set(m, 2, &w);
	has(m, "process_cpu_seconds_total 7.250\n", true);
	metrics_free(m);
}

static void
test_queries(void **state)
{
	struct metrics	*m;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	metrics_query(m, -1, one, 1);
	metrics_query(m, METRICS_QUERIES, one, 1);
	has(m, "{query=", false);
	metrics_query(m, 3, one, 1500000);
	metrics_query(m, 3, one, 500000);
	metrics_query(m, METRICS_QUERIES - 1, two, -1);
	has(m, "identityd_db_query_duration_seconds_sum{query=\"one\"} "
	    "2.000000\nidentityd_db_query_duration_seconds_count"
	    "{query=\"one\"} 2\n", true);
	has(m, "_sum{query=\"two\"} 0.000000\n", true);
	has(m, "_count{query=\"two\"} 1\n", true);
	metrics_free(m);
}

static void
test_latency(void **state)
{
	struct metrics	*m;
	struct buf	 b;

	(void)state;
	assert_int_equal(metrics_new(&m), ERR_OK);
	buf_init(&b, 4096);
	assert_false(metrics_latency(m, &b));
	metrics_request(m, one, get, 200, 900);
	metrics_request(m, one, get, 200, 99999999);
	assert_true(metrics_latency(m, &b));
	assert_string_equal(b.data, "[{\"metric\":\"latency_us\",\"label\":"
	    "\"1000\",\"n\":1},{\"metric\":\"latency_us\",\"label\":\"inf\","
	    "\"n\":1}]");
	buf_reset(&b);
	assert_false(metrics_latency(m, &b));	/* told once */
	buf_clear(&b);
	metrics_free(m);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_latency),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
