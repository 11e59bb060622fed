/*
 * webhook - see webhook.h.  Owns this node's marks and the calls under way.
 */
#include "webhook.h"

#include <sys/param.h>

#include <kore/kore.h>

#include <string.h>

#include "clock.h"
#include "db.h"
#include "log.h"
#include "mem.h"
#include "platform.h"
#include "rnd.h"
#include "service.h"
#include "webhook_call.h"
#include "webhook_secret.h"

#define WEBHOOK_MARK_US		(1 * US_PER_S)
/* Retries that are due, and what another node has marked. */
#define WEBHOOK_POLL_US		(5 * US_PER_S)
#define WEBHOOK_MARKS_MAX	256
#define WEBHOOK_JOBS_MAX	16
/* Beyond a call's own time: to write down what came of it. */
#define WEBHOOK_LEASE_S		30
#define WEBHOOK_RETRY_S		5
#define WEBHOOK_RETRY_MAX_S	3600
/* 5 + 10 + .. + 2560 s, then hours: about a day. */
#define WEBHOOK_ATTEMPTS_MAX	33

struct webhook_job {
	struct uuid		 app;
	struct webhook_call	 call;
	int			 attempts;	/* this one included */
};

static void	webhook_heard(const char *payload);
static void	webhook_mark(void);
static void	webhook_marked(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	webhook_claim(void);
static void	webhook_claimed(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	webhook_begin(struct db_row *row);
static enum err	webhook_start(struct webhook_job *j, struct db_row *row);
static void	webhook_answered(void *arg, const struct outbound_result *r);
static void	webhook_report(const struct webhook_job *j,
		    const struct verdict *v);
static void	webhook_reported(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static int32_t	webhook_retry_s(int attempts);

/* Applications that something has changed for; beyond the bound, all. */
static struct uuid	webhook_marks[WEBHOOK_MARKS_MAX];
static int		webhook_n_marks;
static bool		webhook_is_all;
static int64_t		webhook_mark_us, webhook_poll_us;
static bool		webhook_is_asking;
static bool		webhook_is_draining;
static int		webhook_n_jobs;

void
webhook_init(void)
{
	if (worker->id == 1)
		service_hear("identity_feed", webhook_heard);
}

void
webhook_tick(int64_t mono_us)
{
	if (worker->id != 1 || webhook_is_draining || webhook_is_asking)
		return;
	if ((webhook_is_all || webhook_n_marks > 0) &&
	    mono_us >= webhook_mark_us) {
		webhook_mark_us = mono_us + WEBHOOK_MARK_US;
		webhook_mark();
	} else if (mono_us >= webhook_poll_us)
		webhook_claim();
}

void
webhook_drain(void)
{
	webhook_is_draining = true;
}

int
webhook_busy(void)
{
	return (webhook_n_jobs);
}

/* NULL: what was said meanwhile was not heard. */
static void
webhook_heard(const char *payload)
{
	struct uuid	app;
	int		i;

	if (payload == NULL ||
	    uuid_parse(payload, strlen(payload), &app) != ERR_OK) {
		webhook_is_all = true;
		return;
	}
	for (i = 0; i < webhook_n_marks; i++)
		if (uuid_cmp(&webhook_marks[i], &app) == 0)
			return;
	if (webhook_n_marks < WEBHOOK_MARKS_MAX)
		webhook_marks[webhook_n_marks++] = app;
	else
		webhook_is_all = true;
}

static void
webhook_mark(void)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct buf		ids;
	char			id[UUID_TEXT_LEN + 1];
	int			i;

	buf_init(&ids, WEBHOOK_MARKS_MAX * (UUID_TEXT_LEN + 1) + 2);
	for (i = 0; i < webhook_n_marks; i++) {
		uuid_format(&webhook_marks[i], id);
		buf_printf(&ids, "%c%s", i == 0 ? '{' : ',', id);
	}
	buf_char(&ids, '}');
	if (webhook_is_all)
		db_null(&p);
	else
		db_text_len(&p, ids.data, ids.len);
	/* Marks that were not written stay, and are tried again. */
	if (buf_err(&ids) == ERR_OK && db_send(SQL_WEBHOOK_MARK, &p,
	    webhook_marked, NULL, NULL) == ERR_OK) {
		webhook_is_asking = true;
		webhook_is_all = false;
		webhook_n_marks = 0;
	} else
		db_params_clear(&p);
	buf_clear(&ids);
}

static void
webhook_marked(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	r;

	(void)arg;
	(void)constraint;
	webhook_is_asking = false;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "webhooks not marked: %s",
		    err_text(e));
		webhook_is_all = true;	/* which of them is forgotten */
		return;
	}
	r = db_row_at(res, 0);
	if (db_row_i64(&r, "n") > 0)
		webhook_claim();
}

static void
webhook_claim(void)
{
	struct db_params	p = DB_PARAMS_INIT;

	if (webhook_n_jobs >= WEBHOOK_JOBS_MAX)
		return;
	webhook_poll_us = clock_mono_us() + WEBHOOK_POLL_US;
	db_i32(&p, WEBHOOK_JOBS_MAX - webhook_n_jobs);
	db_i32(&p, WEBHOOK_LEASE_S);
	webhook_is_asking = db_send(SQL_WEBHOOK_CLAIM, &p, webhook_claimed,
	    NULL, NULL) == ERR_OK;
}

static void
webhook_claimed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	row;
	int		i;

	(void)arg;
	(void)constraint;
	webhook_is_asking = false;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "webhooks not read: %s", err_text(e));
		return;
	}
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		webhook_begin(&row);
	}
	/* More may be due than were taken. */
	if (i > 0)
		webhook_poll_us = 0;
}

/* What cannot be begun is reported as if it had been tried. */
static void
webhook_begin(struct db_row *row)
{
	struct webhook_job	*j;
	struct verdict		 v;
	enum err		 r;

	if ((j = mem_new(sizeof(*j))) == NULL)
		return;			/* due again when the lease ends */
	webhook_call_init(&j->call);
	db_row_uuid(row, "application_id", &j->app);
	j->attempts = (int)db_row_i64(row, "attempts");
	if ((r = webhook_start(j, row)) == ERR_OK) {
		webhook_n_jobs++;
		return;
	}
	verdict_set(&v, VERDICT_CONFIG, "%s", r == ERR_SIGNATURE ?
	    "the secret cannot be opened: another master key" : err_text(r));
	webhook_report(j, &v);
	webhook_call_clear(&j->call);
	mem_free(j);
}

static enum err
webhook_start(struct webhook_job *j, struct db_row *row)
{
	struct webhook_target	 t = { .app = &j->app };
	struct outbound		*out;
	const uint8_t		*sealed;
	char			 secret[WEBHOOK_SECRET_LEN + 1];
	char			 url[WEBHOOK_URL_MAX + 1];
	size_t			 len = 0;
	enum err		 r;

	sealed = db_row_blob(row, "secret", &len);
	db_row_text(row, "url", url, sizeof(url));
	if ((r = row->err) != ERR_OK || (r = webhook_secret_open(
	    platform_sealer(), &j->app, sealed, len, secret)) != ERR_OK)
		return (r);
	t.url = url;
	t.secret = secret;
	r = webhook_call_make(&j->call, &t, "sync");
	mem_wipe(secret, sizeof(secret));
	if (r != ERR_OK)
		return (r);
	return (outbound_start(&j->call.out, webhook_answered, j, &out));
}

static void
webhook_answered(void *arg, const struct outbound_result *r)
{
	struct webhook_job	*j = arg;
	struct verdict		 v;

	webhook_n_jobs--;
	(void)webhook_call_judge(r, &v);
	webhook_report(j, &v);
	webhook_call_clear(&j->call);
	mem_free(j);
}

static void
webhook_report(const struct webhook_job *j, const struct verdict *v)
{
	struct db_params	p = DB_PARAMS_INIT;
	char			id[UUID_TEXT_LEN + 1];
	bool			is_ok = v->kind == VERDICT_OK;

	if (!is_ok) {
		uuid_format(&j->app, id);
		log_msg(LOG_LEVEL_WARN, "webhook of application %s, attempt "
		    "%d: %s", id, j->attempts, v->reason);
	}
	db_uuid(&p, &j->app);
	db_bool(&p, is_ok);
	db_text_opt(&p, v->reason);
	if (is_ok || j->attempts >= WEBHOOK_ATTEMPTS_MAX)
		db_null(&p);
	else
		db_i32(&p, webhook_retry_s(j->attempts));
	/* Not written: made again when the lease ends. */
	if (db_send(SQL_WEBHOOK_DONE, &p, webhook_reported, NULL, NULL) !=
	    ERR_OK)
		log_msg(LOG_LEVEL_WARN, "outcome of a webhook not written");
}

static void
webhook_reported(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "outcome of a webhook not written: %s",
		    err_text(e));
}

/* Doubles, up to an hour; a fifth at random, so that many do not come at
 * once. */
static int32_t
webhook_retry_s(int attempts)
{
	int32_t	s = WEBHOOK_RETRY_MAX_S;

	if (attempts >= 1 && attempts <= 10)
		s = WEBHOOK_RETRY_S << (attempts - 1);
	if (s > WEBHOOK_RETRY_MAX_S)
		s = WEBHOOK_RETRY_MAX_S;
	return (s - (int32_t)rnd_below((uint32_t)s / 5 + 1));
}
