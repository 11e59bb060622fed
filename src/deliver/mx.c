/*
 * mx - see mx.h.  The thread calls mail_domain_ask() and writes into the run;
 * it must not call Kore or the log.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/tasks.h>

#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "deliver_set.h"
#include "log.h"
#include "mx.h"
#include "rnd.h"
#include "str.h"

/* The claim decides what is due; this is how often it is asked. */
#define MX_EVERY_US	(600 * US_PER_S)
#define MX_FIRST_MS	5000		/* after the start, at random */
#define MX_JSON_MAX	65536

static int	mx_run(struct kore_task *t);
static void	mx_finish(struct kore_task *t);
static void	mx_claim(struct deliver_set *set);
static void	mx_claimed(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	mx_answered(void *arg, const struct mx_result *r, size_t n);
static void	mx_written(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);

static struct {
	struct kore_task	task;		/* must be first */
	bool			is_running;
	mx_done_fn		done;		/* NULL: nobody waits */
	void			*arg;
	struct sockaddr_in	server;
	bool			has_server;
	struct mx_result	r[CARRIERS_MAX];	/* the thread's */
	size_t			n;
} mx;
static int64_t			 mx_due_us;
static bool			 mx_is_claiming;
/* The set of the last claim: to tell another one, never to be read. */
static const struct deliver_set	*mx_seen;

void
mx_init(const struct settings *s)
{
	mx.has_server = mx_server(s, &mx.server) != NULL;
}

const struct sockaddr_in *
mx_server(const struct settings *s, struct sockaddr_in *out)
{
	memset(out, 0, sizeof(*out));
	out->sin_family = AF_INET;
	out->sin_port = htons(s->dns_server.port);
	if (!s->dns_server.is_on || inet_pton(AF_INET, s->dns_server.host,
	    &out->sin_addr) != 1)
		return (NULL);
	return (out);
}

size_t
mx_domains(const struct carriers *c, int64_t now_us,
    const char *out[CARRIERS_MAX])
{
	size_t	i, k, n = 0;

	for (i = 0; i < c->n; i++) {
		if (carrier_status_at(&c->v[i], now_us) == CARRIER_DEAD)
			continue;
		for (k = 0; k < n && strcmp(out[k], c->v[i].domain) != 0; k++)
			;
		if (k == n)
			out[n++] = c->v[i].domain;
	}
	return (n);
}

size_t
mx_own_domains(const struct provider *p, const char *out[CARRIERS_MAX])
{
	const json_t	*list, *v;
	const char	*domain, *status;
	size_t		 i, n = 0;

	if (p->type != PROVIDER_CARRIER_EMAIL)
		return (0);
	list = p->u.carrier_email.carriers;
	for (i = 0; i < json_array_size(list) && n < CARRIERS_MAX; i++) {
		v = json_array_get(list, i);
		domain = json_string_value(json_object_get(v, "domain"));
		status = json_string_value(json_object_get(v, "status"));
		if (domain != NULL && (status == NULL || strcmp(status,
		    carrier_status_name(CARRIER_DEAD)) != 0))
			out[n++] = domain;
	}
	return (n);
}

enum err
mx_start(const char *const *domains, size_t n, mx_done_fn done, void *arg)
{
	size_t	i;

	if (mx.is_running)
		return (ERR_BUSY);
	mx.n = 0;
	for (i = 0; i < n && mx.n < CARRIERS_MAX; i++) {
		if (str_copy(mx.r[mx.n].domain, sizeof(mx.r[0].domain),
		    domains[i], strlen(domains[i])) == ERR_OK)
			mx.n++;
	}
	mx.done = done;
	mx.arg = arg;
	mx.is_running = true;
	kore_task_create(&mx.task, mx_run);
	kore_task_bind_callback(&mx.task, mx_finish);
	kore_task_run(&mx.task);
	return (ERR_OK);
}

void
mx_forget(const void *arg)
{
	if (mx.is_running && mx.arg == arg)
		mx.done = NULL;
}

/* On the thread. */
static int
mx_run(struct kore_task *t)
{
	struct mx_result	*r;
	size_t			 i;
	bool			 is_dead = false;

	(void)t;
	for (i = 0; i < mx.n; i++) {
		r = &mx.r[i];
		r->is = MAIL_DOMAIN_UNKNOWN;
		r->why[0] = '\0';
		if (!is_dead)
			r->is = mail_domain_ask(r->domain, mx.has_server ?
			    &mx.server : NULL, r->why);
		is_dead |= r->is == MAIL_DOMAIN_UNKNOWN;
	}
	return (KORE_RESULT_OK);
}

/* In the event loop. */
static void
mx_finish(struct kore_task *t)
{
	if (!kore_task_finished(t))
		return;
	kore_task_destroy(t);
	mx.is_running = false;
	if (mx.done != NULL)
		mx.done(mx.arg, mx.r, mx.n);
}

/* ---- once a day ---------------------------------------------------------- */

void
mx_tick(int64_t mono_us)
{
	struct deliver_set	*set = deliver_set_now();

	if (mx_due_us == 0)
		mx_due_us = mono_us + (int64_t)rnd_below(MX_FIRST_MS) *
		    US_PER_MS;
	if (set == NULL || mx_is_claiming || mx.is_running ||
	    (mono_us < mx_due_us && (set == mx_seen || mx_seen == NULL)))
		return;
	mx_due_us = mono_us + MX_EVERY_US;
	mx_seen = set;
	mx_claim(set);
}

static void
mx_claim(struct deliver_set *set)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct carriers		 all;
	const char		*domains[CARRIERS_MAX];
	struct buf		 b;
	size_t			 i, k, n;

	buf_init(&b, MX_JSON_MAX);
	for (i = 0; i < set->n; i++) {
		if (set->p[i].p->type != PROVIDER_CARRIER_EMAIL ||
		    !set->p[i].p->is_enabled || carriers_make(
		    set->p[i].p->u.carrier_email.carriers, &all) != ERR_OK)
			continue;
		n = mx_domains(&all, clock_us(), domains);
		for (k = 0; k < n; k++) {
			buf_char(&b, b.len == 0 ? '[' : ',');
			buf_json(&b, domains[k], strlen(domains[k]));
		}
	}
	if (b.len > 0) {
		buf_char(&b, ']');
		db_text_len(&p, b.data, b.len);
		db_i32(&p, CARRIERS_MAX);
		mx_is_claiming = buf_err(&b) == ERR_OK && db_send(
		    SQL_CARRIER_DOMAIN_CLAIM, &p, mx_claimed, NULL, NULL) ==
		    ERR_OK;
	}
	buf_clear(&b);
}

static void
mx_claimed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	 row;
	const char	*domains[CARRIERS_MAX];
	int		 i, n;

	(void)arg;
	(void)constraint;
	mx_is_claiming = false;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "carriers' domains not read: %s",
		    err_text(e));
		return;
	}
	n = db_result_rows(res);
	for (i = 0; i < n && i < CARRIERS_MAX; i++) {
		row = db_row_at(res, i);
		if ((domains[i] = db_row_str(&row, "domain", NULL)) == NULL)
			return;
	}
	/* Busy: they are due again in five minutes. */
	if (i > 0 && mx_start(domains, (size_t)i, mx_answered, NULL) !=
	    ERR_OK)
		log_msg(LOG_LEVEL_INFO, "carriers' domains are looked up "
		    "later");
}

static void
mx_answered(void *arg, const struct mx_result *r, size_t n)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct buf		b;
	size_t			i;

	(void)arg;
	buf_init(&b, MX_JSON_MAX);
	for (i = 0; i < n; i++) {
		buf_str(&b, i == 0 ? "[{\"domain\":" : ",{\"domain\":");
		buf_json(&b, r[i].domain, strlen(r[i].domain));
		if (r[i].is != MAIL_DOMAIN_UNKNOWN)
			buf_printf(&b, ",\"ok\":%s", r[i].is ==
			    MAIL_DOMAIN_OK ? "true" : "false");
		if (r[i].why[0] != '\0') {
			buf_str(&b, ",\"reason\":");
			buf_json(&b, r[i].why, strlen(r[i].why));
		}
		buf_char(&b, '}');
		if (r[i].is == MAIL_DOMAIN_NONE ||
		    r[i].is == MAIL_DOMAIN_NO_MAIL)
			log_msg(LOG_LEVEL_WARN, "carrier gateway %s: %s",
			    r[i].domain, r[i].why);
	}
	buf_char(&b, ']');
	db_text_len(&p, b.data, b.len);
	if (buf_err(&b) != ERR_OK || db_send(SQL_CARRIER_DOMAIN_DONE, &p,
	    mx_written, NULL, NULL) != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "carriers' domains not written");
	buf_clear(&b);
}

static void
mx_written(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "carriers' domains not written: %s",
		    err_text(e));
}
