/*
 * db_dns - resolves on one of Kore's task threads.
 * The thread calls resolve_host() and writes struct db_dns; it must not call
 * Kore or the log.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "db_dns.h"
#include "resolve.h"
#include "str.h"

/* All connections of a worker that open together share one answer. */
#define DNS_FRESH_US		(1 * US_PER_S)

static bool	db_dns_is_name(const char *host, size_t len);
static int	db_dns_run(struct kore_task *t);
static void	db_dns_finish(struct kore_task *t);
static void	db_dns_resolve(struct db_dns *d, const char *host,
		    const char *port);
static void	db_dns_add(struct db_dns *d, const char *host,
		    const char *addr, const char *port);
static bool	db_dns_append(char *list, const char *item);
static void	db_dns_element(const char *list, int i, char *out);

void
db_dns_init(struct db_dns *d, const struct db_conninfo *info,
    void (*done)(void))
{
	const char	*p;
	size_t		 len;
	bool		 is_needed = false;

	memset(d, 0, sizeof(*d));
	d->done = done;
	d->port = db_conninfo_get(info, "port");
	if (d->port == NULL)
		d->port = "";
	p = db_conninfo_get(info, "host");
	if (p == NULL || db_conninfo_get(info, "hostaddr") != NULL)
		return;
	d->host = p;
	for (;; p += len + 1) {
		len = strcspn(p, ",");
		is_needed |= db_dns_is_name(p, len);
		if (p[len] == '\0')
			break;
	}
	if (!is_needed)
		d->host = NULL;
}

bool
db_dns_is_needed(const struct db_dns *d)
{
	return (d->host != NULL);
}

void
db_dns_ask(struct db_dns *d)
{
	if (d->is_running ||
	    (d->at_us != 0 && clock_mono_us() - d->at_us < DNS_FRESH_US))
		return;
	d->is_running = true;
	kore_task_create(&d->task, db_dns_run);
	kore_task_bind_callback(&d->task, db_dns_finish);
	kore_task_run(&d->task);
}

/* In the event loop. */
static void
db_dns_finish(struct kore_task *t)
{
	struct db_dns	*d = (struct db_dns *)(void *)t;

	if (!kore_task_finished(t))
		return;
	kore_task_destroy(t);
	d->at_us = clock_mono_us();
	d->is_running = false;
	d->done();
}

/* On the thread. */
static int
db_dns_run(struct kore_task *t)
{
	struct db_dns	*d = (struct db_dns *)(void *)t;
	char		 host[RESOLVE_NAME_LEN + 1], port[RESOLVE_NAME_LEN + 1];
	const char	*p = d->host;
	int		 i;

	d->is_good = false;
	d->hosts[0] = d->addrs[0] = d->ports[0] = d->why[0] = '\0';
	for (i = 0; p != NULL; i++) {
		db_dns_element(d->host, i, host);
		/* One port serves all hosts (libpq). */
		db_dns_element(d->port,
		    strchr(d->port, ',') == NULL ? 0 : i, port);
		if (host[0] != '\0' && db_dns_is_name(host, strlen(host)))
			db_dns_resolve(d, host, port);
		else
			db_dns_add(d, host, "", port);
		if ((p = strchr(p, ',')) != NULL)
			p++;
	}
	return (KORE_RESULT_OK);
}

static void
db_dns_resolve(struct db_dns *d, const char *host, const char *port)
{
	struct resolve_addrs	 addrs;
	size_t			 i;

	if (resolve_host(host, &addrs) != ERR_OK) {
		memcpy(d->why, addrs.why, sizeof(d->why));
		return;
	}
	for (i = 0; i < addrs.n; i++)
		db_dns_add(d, host, addrs.v[i], port);
}

/* One more place to try; what does not fit any more is left out. */
static void
db_dns_add(struct db_dns *d, const char *host, const char *addr,
    const char *port)
{
	size_t	 n_hosts = strlen(d->hosts), n_addrs = strlen(d->addrs);

	if (!d->is_good) {
		/* The first elements: no comma, even if they are empty. */
		d->is_good = str_copy(d->hosts, sizeof(d->hosts), host,
		    strlen(host)) == ERR_OK &&
		    str_copy(d->addrs, sizeof(d->addrs), addr,
		    strlen(addr)) == ERR_OK &&
		    str_copy(d->ports, sizeof(d->ports), port,
		    strlen(port)) == ERR_OK;
		return;
	}
	if (db_dns_append(d->hosts, host) && db_dns_append(d->addrs, addr) &&
	    db_dns_append(d->ports, port))
		return;
	d->hosts[n_hosts] = '\0';
	d->addrs[n_addrs] = '\0';
}

static bool
db_dns_append(char *list, const char *item)
{
	size_t	 len = strlen(list), n = strlen(item);

	if (len + 1 + n > DB_DNS_TEXT_LEN)
		return (false);
	list[len] = ',';
	memcpy(list + len + 1, item, n + 1);
	return (true);
}

/* Element |i| of a comma list, or "", into |out| of RESOLVE_NAME_LEN + 1. */
static void
db_dns_element(const char *list, int i, char *out)
{
	size_t	 len;

	out[0] = '\0';
	while (i-- > 0) {
		if ((list = strchr(list, ',')) == NULL)
			return;
		list++;
	}
	len = strcspn(list, ",");
	if (str_copy(out, RESOLVE_NAME_LEN + 1, list, len) != ERR_OK)
		out[0] = '\0';
}

/* Neither a socket's folder nor a numeric address. */
static bool
db_dns_is_name(const char *host, size_t len)
{
	char		text[RESOLVE_NAME_LEN + 1];
	struct in6_addr	a;

	if (len == 0 || host[0] == '/' || host[0] == '@' ||
	    str_copy(text, sizeof(text), host, len) != ERR_OK)
		return (false);
	return (inet_pton(AF_INET, text, &a) != 1 &&
	    inet_pton(AF_INET6, text, &a) != 1 && strchr(text, '%') == NULL);
}
