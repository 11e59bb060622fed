/*
 * bare - the floor of the benchmark: Kore with all link-time wraps of src/kore,
 * two listeners, one handler that answers with a constant body, and one that
 * looks at a row by its key before (/query, where BARE_DATABASE is set).
 * Everything comes from the environment: BARE_SIZE (bytes of the body),
 * BARE_HTTP and BARE_HTTPS (ports), BARE_DIR (tls.crt, tls.key, dh.pem),
 * BARE_WORKERS, BARE_DATABASE (libpq URI; table bench_row with ids from 1 to
 * BARE_ROWS).  Must not: know anything of the service.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kore/kore.h>
#include <kore/http.h>
#include <kore/pgsql.h>

#include "http_guard.h"
#include "kore_start.h"
#include "log.h"
#include "str.h"

#define BARE_SIZE_MAX	65536
#define BARE_POOL	8	/* as IDENTITY_DB_POOL of two workers */

int			 bare_answer(struct http_request *req);
int			 bare_query(struct http_request *req);
static int		 bare_query_ask(struct http_request *req);
static int		 bare_query_got(struct http_request *req);
static const char	*bare_env(const char *name);
static void		 bare_deny(struct buf *out, int status, const char *why,
			    const char *request_id, int is_tls);
static uint64_t		 bare_body_max(const char *path, size_t len);
static void		 bare_tick(void *arg, uint64_t now);

/* The body of every answer. */
static char	bare_body[BARE_SIZE_MAX];
/* Its length. */
static size_t	bare_len;
static int64_t	bare_rows;
static uint64_t	bare_turn;

static struct http_state	bare_query_states[] = {
	{ "ask", bare_query_ask },
	{ "got", bare_query_got },
};

void
kore_parent_configure(int argc, char **argv)
{
	char	conf[4096];
	int64_t	size;
	FILE	*f;
	int	len;

	(void)kore_start_prepare(argc, argv, 4096);
	if (log_init(LOG_TEXT) != ERR_OK ||
	    str_int(bare_env("BARE_SIZE"), strlen(bare_env("BARE_SIZE")), 1,
	    BARE_SIZE_MAX, &size) != ERR_OK)
		fatal("BARE_SIZE: 1 to %d", BARE_SIZE_MAX);
	bare_len = (size_t)size;
	memset(bare_body, 'x', bare_len);

	if (str_int(bare_env("BARE_ROWS"), strlen(bare_env("BARE_ROWS")), 1,
	    INT32_MAX, &bare_rows) != ERR_OK)
		bare_rows = 1;
	kore_foreground = 1;
	skip_chroot = 1;
	skip_runas = 1;
	len = snprintf(conf, sizeof(conf),
	    "workers %s\nworker_max_connections 512\n"
	    "worker_rlimit_nofiles 2048\nworker_accept_threshold 1\n"
	    "worker_set_affinity 0\nhttp_request_ms 1000\n"
	    "http_request_limit 512\nhttp_header_max 20480\n"
	    "http_keepalive_time 60\n"
	    "http_hsts_enable 0\nkeymgr_root %s\ntls_dhparam %s/dh.pem\n"
	    "server plain {\n\ttls no\n\tbind 127.0.0.1 %s\n}\n"
	    "domain * {\n\tattach plain\n\troute / bare_answer\n"
	    "\troute /query bare_query\n}\n"
	    "server secure {\n\tbind 127.0.0.1 %s\n}\n"
	    "domain * {\n\tattach secure\n\tcertfile tls.crt\n"
	    "\tcertkey tls.key\n\troute / bare_answer\n}\n",
	    bare_env("BARE_WORKERS"), bare_env("BARE_DIR"),
	    bare_env("BARE_DIR"), bare_env("BARE_HTTP"),
	    bare_env("BARE_HTTPS"));
	if (len < 0 || (size_t)len >= sizeof(conf) ||
	    (f = fmemopen(conf, (size_t)len, "r")) == NULL)
		fatal("no configuration");
	kore_parse_config_file(f);
	(void)fclose(f);
}

void
kore_worker_configure(void)
{
	http_guard_init(bare_deny, bare_body_max);
	pgsql_conn_max = BARE_POOL;
	if (bare_env("BARE_DATABASE")[0] != '\0' &&
	    !kore_pgsql_register("bare", bare_env("BARE_DATABASE")))
		fatal("no database");
	/* Kore's time-outs need a loop that wakes up. */
	(void)kore_timer_add(bare_tick, 100, NULL, 0);
}

/* GET /. */
int
bare_answer(struct http_request *req)
{
	http_response_header(req, "content-type", "application/json");
	http_response(req, 200, bare_body, bare_len);
	return (KORE_RESULT_OK);
}

/* GET /query: the same answer, after one row was read by its key. */
int
bare_query(struct http_request *req)
{
	if (!http_state_exists(req))
		(void)http_state_create(req, sizeof(struct kore_pgsql), NULL);
	return (http_state_run(bare_query_states,
	    sizeof(bare_query_states) / sizeof(bare_query_states[0]), req));
}

static int
bare_query_ask(struct http_request *req)
{
	struct kore_pgsql	*q = http_state_get(req);
	char			 id[24];

	/* Woken up from the queue for a connection, it is still bound. */
	if (q->req == NULL) {
		kore_pgsql_init(q);
		kore_pgsql_bind_request(q, req);
	}
	if (!kore_pgsql_setup(q, "bare", KORE_PGSQL_ASYNC)) {
		if (q->state == KORE_PGSQL_STATE_INIT)
			return (HTTP_STATE_RETRY);
		goto failed;
	}
	(void)snprintf(id, sizeof(id), "%lld",
	    1 + (long long)(bare_turn++ * 7919 % (uint64_t)bare_rows));
	if (!kore_pgsql_query_params(q,
	    "select a, b from bench_row where id = $1::int4", 0, 1, id,
	    (int)strlen(id), 0))
		goto failed;
	req->fsm_state = 1;
	return (HTTP_STATE_CONTINUE);
failed:
	kore_pgsql_logerror(q);
	http_response(req, 500, NULL, 0);
	return (HTTP_STATE_COMPLETE);
}

static int
bare_query_got(struct http_request *req)
{
	struct kore_pgsql	*q = http_state_get(req);

	switch (q->state) {
	case KORE_PGSQL_STATE_WAIT:
		return (HTTP_STATE_RETRY);
	case KORE_PGSQL_STATE_COMPLETE:
		http_response_header(req, "content-type", "application/json");
		http_response(req, 200, bare_body, bare_len);
		return (HTTP_STATE_COMPLETE);
	case KORE_PGSQL_STATE_ERROR:
		kore_pgsql_logerror(q);
		http_response(req, 500, NULL, 0);
		return (HTTP_STATE_COMPLETE);
	default:
		kore_pgsql_continue(q);
		return (HTTP_STATE_CONTINUE);
	}
}

static const char *
bare_env(const char *name)
{
	const char	*v = getenv(name);

	return (v != NULL ? v : "");
}

static void
bare_deny(struct buf *out, int status, const char *why, const char *request_id,
    int is_tls)
{
	(void)why;
	(void)request_id;
	(void)is_tls;
	buf_printf(out, "HTTP/1.1 %d denied\r\ncontent-length: 0\r\n"
	    "connection: close\r\n\r\n", status);
}

static uint64_t
bare_body_max(const char *path, size_t len)
{
	(void)path;
	(void)len;
	return (0);
}

static void
bare_tick(void *arg, uint64_t now)
{
	(void)arg;
	(void)now;
}
