/*
 * deliver_job - see deliver_job.h.
 */
#include <sys/param.h>

#include <kore/kore.h>

#include <string.h>

#include "clock.h"
#include "compose.h"
#include "db.h"
#include "deliver_job.h"
#include "delivery.h"
#include "log.h"
#include "mem.h"
#include "outbound.h"
#include "platform.h"
#include "str.h"

/* Until an administrator sets up a provider, or the person gets a number. */
#define JOB_WAIT_CODE_US	(15 * US_PER_S)
#define JOB_WAIT_NOTICE_US	(60 * US_PER_S)
/* A report that cannot be written is tried for so long; then the lease is
 * over and the message is somebody else's. */
#define JOB_REPORT_US		(30 * US_PER_S)
#define JOB_REPORT_EVERY_US	(500 * US_PER_MS)
/* Until a provider that is slow has room again; longer when many wait. */
#define JOB_BUSY_MIN_US		(1 * US_PER_S)
#define JOB_BUSY_MAX_US		(5 * US_PER_S)
#define JOB_TRIED_LEN	(DELIVERY_ROUTE_MAX * (UUID_TEXT_LEN + 1) + 1)

enum job_step { JOB_SENT, JOB_RETRY, JOB_WAIT, JOB_FAILED, JOB_EXPIRED };

struct deliver_job {
	TAILQ_ENTRY(deliver_job) next;
	struct deliver_set	*set;
	struct uuid		 id;
	char			 kind[8];
	bool			 is_sms;
	int			 attempts, tries;
	struct uuid		 tried[DELIVERY_ROUTE_MAX];
	size_t			 n_tried;
	struct uuid		 last;		/* when tries > 0 */
	int64_t			 expires_us;
	char			 mobile[PHONE_MAX_LEN + 1];
	char			 email[EMAIL_MAX_LEN + 1];
	char			 carrier[65];		/* person_carrier_id */
	char			 language[TEXT_LANGUAGE_MAX + 1];
	char			 name[801];		/* 200 code points */
	struct message_opened	 message;
	struct delivery_route	 route;
	struct compose_ask	 ask;
	struct compose		 work;
	struct outbound		*out;

	/* The report, when the attempt is over. */
	bool			 is_over, is_asking;
	enum job_step		 step;
	int64_t			 at_us;		/* of the next attempt */
	bool			 has_provider, was_billed;
	struct verdict		 verdict;
	int			 pause_s;
	int64_t			 over_us, report_us;	/* monotonic */
};

static bool	deliver_job_read(struct deliver_job *j, struct db_row *r);
static void	deliver_job_to(struct deliver_job *j, struct db_row *r);
static void	deliver_job_past(struct deliver_job *j, struct db_row *r);
static void	deliver_job_route(struct deliver_job *j);
static const struct delivery_hop	*deliver_job_hop(struct deliver_job *j);
static bool	deliver_job_is_crowded(const struct deliver_job *j,
		    const struct delivery_hop *hop);
static int64_t	deliver_job_later_us(void);
static bool	deliver_job_was_tried(const struct deliver_job *j, size_t hop);
static bool	deliver_job_is_last(const struct deliver_job *j);
static void	deliver_job_send(struct deliver_job *j);
static void	deliver_job_answered(void *arg,
		    const struct outbound_result *r);
static void	deliver_job_ended(struct deliver_job *j);
static void	deliver_job_over(struct deliver_job *j, enum job_step step,
		    int64_t at_us);
static void	deliver_job_report(struct deliver_job *j);
static void	deliver_job_tried(const struct deliver_job *j,
		    char out[JOB_TRIED_LEN + 1]);
static void	deliver_job_reported(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	deliver_job_log(const struct deliver_job *j, int ms);
static void	deliver_job_free(struct deliver_job *j);

static const char *const	job_steps[] = {
	[JOB_SENT] = "sent", [JOB_RETRY] = "retry", [JOB_WAIT] = "wait",
	[JOB_FAILED] = "failed", [JOB_EXPIRED] = "expired",
};

/* All of this worker. */
static TAILQ_HEAD(, deliver_job)	job_all =
    TAILQ_HEAD_INITIALIZER(job_all);
static int	job_n;
/* Put back for want of room since |job_back_us|. */
static int	job_n_back;
static int64_t	job_back_us;

int
deliver_job_count(void)
{
	return (job_n);
}

void
deliver_job_begin(struct db_row *row, struct deliver_set *set)
{
	struct deliver_job	*j;

	/* Its lease runs out, and it is taken again. */
	if ((j = mem_new(sizeof(*j))) == NULL) {
		log_msg(LOG_LEVEL_ERROR, "message not sent: out of memory");
		return;
	}
	j->set = deliver_set_ref(set);
	compose_init(&j->work);
	TAILQ_INSERT_TAIL(&job_all, j, next);
	job_n++;
	if (!deliver_job_read(j, row)) {
		verdict_set(&j->verdict, VERDICT_CONFIG, "the message cannot "
		    "be opened: is IDENTITY_MASTER_KEY the one it was made "
		    "with?");
		deliver_job_over(j, JOB_FAILED, 0);
	} else
		deliver_job_route(j);
}

static bool
deliver_job_read(struct deliver_job *j, struct db_row *r)
{
	const uint8_t	*sealed;
	size_t		 len;

	db_row_uuid(r, "id", &j->id);
	db_row_text(r, "kind", j->kind, sizeof(j->kind));
	j->attempts = (int)db_row_i64(r, "attempts");
	j->tries = (int)db_row_i64(r, "tries");
	j->expires_us = db_row_time(r, "expires_at");
	deliver_job_to(j, r);
	deliver_job_past(j, r);
	sealed = db_row_blob(r, "payload", &len);
	return (r->err == ERR_OK && sealed != NULL &&
	    message_open(platform_sealer(), &j->id, sealed, len,
	    &j->message) == ERR_OK);
}

/* Who was asked before. */
static void
deliver_job_past(struct deliver_job *j, struct db_row *r)
{
	const char	*p;
	size_t		 len;

	if (j->tries > 0 && !db_row_is_null(r, "provider_id"))
		db_row_uuid(r, "provider_id", &j->last);
	if ((p = db_row_str(r, "tried", NULL)) == NULL)
		return;
	for (; *p != '\0' && j->n_tried < COUNT(j->tried); p += len) {
		len = strcspn(p, ",");
		if (uuid_parse(p, len, &j->tried[j->n_tried]) == ERR_OK)
			j->n_tried++;
		len += p[len] == ',';
	}
}

/* Where it goes: the destination as it was chosen; the person's other contact
 * only as a way out. */
static void
deliver_job_to(struct deliver_job *j, struct db_row *r)
{
	char	channel[8];

	db_row_text(r, "channel", channel, sizeof(channel));
	j->is_sms = strcmp(channel, "sms") == 0;
	db_row_text(r, "carrier", j->carrier, sizeof(j->carrier));
	db_row_text(r, "language", j->language, sizeof(j->language));
	db_row_text(r, "name", j->name, sizeof(j->name));
	if (j->is_sms) {
		db_row_text(r, "destination", j->mobile, sizeof(j->mobile));
		db_row_text(r, "email", j->email, sizeof(j->email));
	} else
		db_row_text(r, "destination", j->email, sizeof(j->email));
}

static void
deliver_job_route(struct deliver_job *j)
{
	const struct platform_values	*v = platform_values();
	const struct delivery_ask	 ask = {
		.mobile = j->mobile, .email = j->email, .carrier = j->carrier,
		.now_us = clock_us(), .is_sms = j->is_sms,
		.is_code = strcmp(j->kind, "code") == 0 ||
		    strcmp(j->kind, "reset") == 0,
		.email_fallback = v->email_fallback,
	};

	delivery_route(j->set->p, j->set->n, &ask, &j->route);
	if (j->route.n > 0) {
		deliver_job_send(j);
		return;
	}
	verdict_set(&j->verdict, VERDICT_CONFIG, "%s",
	    delivery_none_text(j->route.why));
	deliver_job_over(j, JOB_WAIT, clock_us() +
	    (ask.is_code ? JOB_WAIT_CODE_US : JOB_WAIT_NOTICE_US));
}

static void
deliver_job_send(struct deliver_job *j)
{
	const struct platform_values	*v = platform_values();
	const struct delivery_hop	*hop;

	hop = deliver_job_hop(j);
	if (deliver_job_is_crowded(j, hop)) {
		verdict_set(&j->verdict, VERDICT_RETRY,
		    "the provider is busy with earlier messages");
		deliver_job_over(j, JOB_WAIT, deliver_job_later_us());
		return;
	}
	j->has_provider = true;
	j->ask = (struct compose_ask){
		.set = j->set, .provider = hop->i, .is_email = hop->is_email,
		.mobile = j->mobile, .email = j->email, .carrier = j->carrier,
		.language = j->language, .person_name = j->name,
		.brand = v->brand_name, .host = platform_message_host(),
		.id = j->id, .message = &j->message,
	};
	if (compose_make(&j->ask, &j->work, &j->verdict) != ERR_OK)
		deliver_job_ended(j);
	else if (outbound_start(&j->work.call, deliver_job_answered, j,
	    &j->out) != ERR_OK) {
		verdict_set(&j->verdict, VERDICT_RETRY, "out of memory");
		deliver_job_ended(j);
	}
}

/*
 * Where there are several providers, one gets half of the places: when it is
 * slow, the others' messages find room.  What has no room goes back to the
 * outbox, as if it had not been taken.
 */
static bool
deliver_job_is_crowded(const struct deliver_job *j,
    const struct delivery_hop *hop)
{
	const struct deliver_job	*k;
	int				 n = 0;

	if (j->set->n < 2)
		return (false);
	TAILQ_FOREACH(k, &job_all, next) {
		if (k->out != NULL && uuid_cmp(&k->set->id[k->ask.provider],
		    &j->set->id[hop->i]) == 0)
			n++;
	}
	return (n >= DELIVER_JOBS_MAX / 2);
}

/* Each 32 that had to go back in a second make it a second later: a long queue
 * is not taken and put back all the time. */
static int64_t
deliver_job_later_us(void)
{
	int64_t	now = clock_mono_us(), us;

	if (now - job_back_us >= US_PER_S) {
		job_back_us = now;
		job_n_back = 0;
	}
	us = JOB_BUSY_MIN_US + job_n_back++ * US_PER_S / (DELIVER_JOBS_MAX / 2);
	return (clock_us() + (us < JOB_BUSY_MAX_US ? us : JOB_BUSY_MAX_US));
}

/*
 * The same provider again, else the best that has not failed in this round.
 * The order may be another one than in the last attempt: one that was paused
 * meanwhile stands behind the others.
 */
static const struct delivery_hop *
deliver_job_hop(struct deliver_job *j)
{
	size_t	i;

	for (i = 0; j->tries > 0 && i < j->route.n; i++) {
		if (uuid_cmp(&j->set->id[j->route.hop[i].i], &j->last) == 0)
			return (&j->route.hop[i]);
	}
	j->tries = 0;
	for (i = 0; i < j->route.n && deliver_job_was_tried(j, i); i++)
		;
	if (i == j->route.n)
		j->n_tried = i = 0;
	j->last = j->set->id[j->route.hop[i].i];
	return (&j->route.hop[i]);
}

static bool
deliver_job_was_tried(const struct deliver_job *j, size_t hop)
{
	const struct uuid	*id = &j->set->id[j->route.hop[hop].i];
	size_t			 i;

	for (i = 0; i < j->n_tried; i++) {
		if (uuid_cmp(&j->tried[i], id) == 0)
			return (true);
	}
	return (false);
}

/* Have all but the present one failed in this round? */
static bool
deliver_job_is_last(const struct deliver_job *j)
{
	size_t	i;

	for (i = 0; i < j->route.n; i++) {
		if (!deliver_job_was_tried(j, i) && uuid_cmp(&j->last,
		    &j->set->id[j->route.hop[i].i]) != 0)
			return (false);
	}
	return (true);
}

static void
deliver_job_answered(void *arg, const struct outbound_result *r)
{
	struct deliver_job	*j = arg;

	j->out = NULL;
	compose_judge(&j->ask, r, &j->verdict);
	/* It may have been taken all the same. */
	j->was_billed = r->answer.fault == FAULT_TIMEOUT ||
	    r->answer.fault == FAULT_CUT ||
	    r->answer.fault == FAULT_TOO_LARGE || r->answer.status >= 500;
	deliver_job_log(j, r->ms);
	deliver_job_ended(j);
}

static void
deliver_job_ended(struct deliver_job *j)
{
	const struct provider		*via = j->set->p[j->ask.provider].p;
	const struct delivery_state	s = {
		.kind = j->verdict.kind, .attempts = j->attempts,
		.tries = j->tries + 1,
		.retry_after_s = j->verdict.retry_after_s,
		.retries = via->retries, .backoff_ms = via->backoff_ms,
		.has_next = j->route.n > 1,
		.is_wrap = deliver_job_is_last(j),
		.now_us = clock_us(), .expires_us = j->expires_us,
	};
	struct delivery_next		 n;

	delivery_decide(&s, &n);
	j->pause_s = n.pause_s;
	if (n.is_alert)
		log_msg(LOG_LEVEL_ERROR, "provider %s: %s", via->name,
		    j->verdict.reason);
	switch (n.step) {
	case DELIVERY_DONE:
		deliver_job_over(j, JOB_SENT, 0);
		break;
	case DELIVERY_SAME:
		j->tries++;
		deliver_job_over(j, JOB_RETRY, n.at_us);
		break;
	case DELIVERY_NEXT:
		if (deliver_job_is_last(j))
			j->n_tried = 0;		/* another round */
		else if (j->n_tried < COUNT(j->tried))
			j->tried[j->n_tried++] = j->last;
		j->tries = 0;
		deliver_job_over(j, JOB_RETRY, n.at_us);
		break;
	case DELIVERY_EXPIRE:
		deliver_job_over(j, JOB_EXPIRED, 0);
		break;
	default:
		deliver_job_over(j, JOB_FAILED, 0);
		break;
	}
}

static void
deliver_job_over(struct deliver_job *j, enum job_step step, int64_t at_us)
{
	j->step = step;
	j->at_us = at_us;
	j->is_over = true;
	j->over_us = clock_mono_us();
	/* Nothing of what was said is needed any more. */
	compose_clear(&j->work);
	message_opened_clear(&j->message);
	deliver_job_report(j);
}

static void
deliver_job_report(struct deliver_job *j)
{
	struct db_params	p = DB_PARAMS_INIT;
	char			tried[JOB_TRIED_LEN + 1];

	db_uuid(&p, &j->id);
	db_i32(&p, j->attempts);
	db_text(&p, job_steps[j->step]);
	db_time(&p, j->at_us);
	deliver_job_tried(j, tried);
	db_text(&p, tried);
	db_i32(&p, j->tries);
	db_uuid(&p, j->has_provider ? &j->set->id[j->ask.provider] : NULL);
	db_text(&p, verdict_name(j->verdict.kind));
	db_text_opt(&p, j->verdict.reason);
	db_text_opt(&p, j->verdict.ref);
	db_i32(&p, j->pause_s);
	db_bool(&p, j->was_billed);
	if (j->verdict.has_cost)
		db_i64(&p, j->verdict.cost);
	else
		db_null(&p);
	j->report_us = clock_mono_us();
	j->is_asking = db_send(SQL_OUTBOX_DONE, &p, deliver_job_reported, j,
	    NULL) == ERR_OK;
}

/* "{id,id}" */
static void
deliver_job_tried(const struct deliver_job *j, char out[JOB_TRIED_LEN + 1])
{
	size_t	i, n = 0;

	out[n++] = '{';
	for (i = 0; i < j->n_tried; i++) {
		if (i > 0)
			out[n++] = ',';
		uuid_format(&j->tried[i], out + n);
		n += UUID_TEXT_LEN;
	}
	out[n++] = '}';
	out[n] = '\0';
}

static void
deliver_job_reported(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct deliver_job	*j = arg;

	(void)res;
	(void)constraint;
	j->is_asking = false;
	if (e == ERR_OK)
		deliver_job_free(j);
	else
		log_msg(LOG_LEVEL_WARN, "outbox not written: %s%s%s",
		    err_text(e), constraint[0] != '\0' ? ", " : "",
		    constraint);
}

void
deliver_job_tick(int64_t mono_us)
{
	struct deliver_job	*j, *next;

	for (j = TAILQ_FIRST(&job_all); j != NULL; j = next) {
		next = TAILQ_NEXT(j, next);
		if (!j->is_over || j->is_asking)
			continue;
		if (mono_us - j->over_us >= JOB_REPORT_US)
			deliver_job_free(j);
		else if (mono_us - j->report_us >= JOB_REPORT_EVERY_US)
			deliver_job_report(j);
	}
}

/* Neither where to nor what: those are in the database, or nowhere. */
static void
deliver_job_log(const struct deliver_job *j, int ms)
{
	char			id[UUID_TEXT_LEN + 1];
	const struct log_field	f[] = {
		LOG_S("id", id), LOG_S("kind", j->kind),
		LOG_S("provider", j->set->p[j->ask.provider].p->name),
		LOG_S("verdict", verdict_name(j->verdict.kind)),
		LOG_I("attempt", j->attempts), LOG_I("ms", ms),
		LOG_S("reason", j->verdict.reason[0] != '\0' ?
		    j->verdict.reason : NULL),
		LOG_S("note", j->verdict.note),
	};

	uuid_format(&j->id, id);
	log_line(j->verdict.kind == VERDICT_OK ? LOG_LEVEL_INFO :
	    LOG_LEVEL_WARN, "message", f, COUNT(f));
}

static void
deliver_job_free(struct deliver_job *j)
{
	TAILQ_REMOVE(&job_all, j, next);
	job_n--;
	outbound_cancel(j->out);
	compose_clear(&j->work);
	message_opened_clear(&j->message);
	deliver_set_put(j->set);
	mem_free(j);
}
