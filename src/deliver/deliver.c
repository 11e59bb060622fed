/*
 * deliver - see deliver.h.  Owns the messages that this worker has taken:
 * claimed -> composed -> under way -> reported, and then forgotten.  What may
 * go where, and what follows an attempt, is core/delivery.h's.
 */
#include <sys/mman.h>
#include <sys/param.h>

#include <kore/kore.h>

#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "deliver.h"
#include "deliver_job.h"
#include "deliver_set.h"
#include "db.h"
#include "log.h"
#include "mx.h"
#include "outbound.h"
#include "service.h"
#include "wallet.h"
#include "webhook.h"

#define DELIVER_TICK_MS		100
/* What NOTIFY did not tell of: retries that are due, another node's. */
#define DELIVER_POLL_US		(1 * US_PER_S)
#define DELIVER_CLAIM_MAX	16
/* Beyond the slowest provider: to compose, and to write down what came of
 * it. */
#define DELIVER_LEASE_S		10
#define DELIVER_SETTLE_US	(1 * US_PER_S)
#define DELIVER_SETTLE_MAX	500
#define DELIVER_TIDY_US		(20 * US_PER_S)
#define DELIVER_TIDY_MAX	2000

/* Common to all workers: each new message moves it. */
struct deliver_bell {
	_Atomic uint64_t	n_rung;
};

static void	deliver_tick(void *arg, u_int64_t now);
static void	deliver_heard(const char *payload);
static void	deliver_claim(void);
static void	deliver_claimed(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	deliver_count(int64_t now_us);
static void	deliver_counted(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

static struct deliver_bell	*deliver_bell;		/* shared */
/* What this worker has heard of it. */
static uint64_t			 deliver_n_heard;
static int64_t			 deliver_poll_us;
static int64_t			 deliver_settle_us, deliver_tidy_us;
static bool			 deliver_is_claiming;
/* The last claim was full: there is more. */
static bool			 deliver_has_more;
static bool			 deliver_is_draining;
static int			 deliver_asked;		/* of the claim */
static struct deliver_set	*deliver_claim_set;	/* likewise */

enum err
deliver_parent_init(void)
{
	void	*p;

	p = mmap(NULL, sizeof(*deliver_bell), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	deliver_bell = p;
	return (ERR_OK);
}

void
deliver_worker_init(const struct settings *s)
{
	outbound_init(s);
	mx_init(s);
	service_hear("identity_outbox", deliver_heard);
	webhook_init();
	(void)kore_timer_add(deliver_tick, DELIVER_TICK_MS, NULL, 0);
}

/* The others see it within a tick, in case this one's hands are full. */
void
deliver_ring(void)
{
	atomic_fetch_add(&deliver_bell->n_rung, 1);
	deliver_claim();
}

void
deliver_drain(void)
{
	deliver_is_draining = true;
	webhook_drain();
}

int
deliver_busy(void)
{
	return (deliver_job_count() + deliver_is_claiming + webhook_busy());
}

/* In worker 1: the others see it within a tick. */
static void
deliver_heard(const char *payload)
{
	(void)payload;
	deliver_ring();
}

static void
deliver_tick(void *arg, u_int64_t now)
{
	int64_t	mono = clock_mono_us();

	(void)arg;
	(void)now;
	outbound_tick(mono);
	deliver_job_tick(mono);
	webhook_tick(mono);
	if (deliver_is_draining)
		return;
	deliver_set_tick();
	if (deliver_has_more || mono >= deliver_poll_us ||
	    atomic_load(&deliver_bell->n_rung) != deliver_n_heard)
		deliver_claim();
	if (worker->id == 1) {
		deliver_count(mono);
		mx_tick(mono);
	}
}

static void
deliver_claim(void)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct deliver_set	*set = deliver_set_now();
	int			 n = DELIVER_JOBS_MAX - deliver_job_count();

	if (deliver_is_draining || deliver_is_claiming || n <= 0)
		return;
	if (set == NULL) {
		deliver_set_tick();
		deliver_has_more = true;	/* in the next tick */
		return;
	}
	deliver_asked = n < DELIVER_CLAIM_MAX ? n : DELIVER_CLAIM_MAX;
	deliver_n_heard = atomic_load(&deliver_bell->n_rung);
	deliver_poll_us = clock_mono_us() + DELIVER_POLL_US;
	db_i32(&p, deliver_asked);
	db_i32(&p, deliver_set_slowest(set) + DELIVER_LEASE_S);
	deliver_set_put(deliver_claim_set);
	deliver_claim_set = deliver_set_ref(set);
	deliver_is_claiming = db_send(SQL_OUTBOX_CLAIM, &p, deliver_claimed,
	    NULL, NULL) == ERR_OK;
}

static void
deliver_claimed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	row;
	int		i, n;

	(void)arg;
	(void)constraint;
	deliver_is_claiming = false;
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_WARN, "outbox not read: %s", err_text(e));
		return;
	}
	n = db_result_rows(res);
	deliver_has_more = n == deliver_asked;
	for (i = 0; i < n; i++) {
		row = db_row_at(res, i);
		deliver_job_begin(&row, deliver_claim_set);
	}
	if (deliver_has_more ||
	    atomic_load(&deliver_bell->n_rung) != deliver_n_heard)
		deliver_claim();
}

/*
 * What the ceiling looks at (sql/migrations/0009_delivery.sql): codes whose
 * time is over are counted as used or not, and now and then the counts are
 * tidied up.  What is not done now is done the next time.
 */
static void
deliver_count(int64_t now_us)
{
	struct db_params	p = DB_PARAMS_INIT;
	enum sql_id		q = SQL_SPEND_SETTLE;

	if (now_us < deliver_settle_us)
		return;
	deliver_settle_us = now_us + DELIVER_SETTLE_US;
	wallet_tick(now_us);
	if (now_us >= deliver_tidy_us) {
		deliver_tidy_us = now_us + DELIVER_TIDY_US;
		q = SQL_SPEND_TIDY;
	}
	db_i32(&p, q == SQL_SPEND_TIDY ? DELIVER_TIDY_MAX :
	    DELIVER_SETTLE_MAX);
	if (db_send(q, &p, deliver_counted, NULL, NULL) != ERR_OK)
		deliver_settle_us = now_us + 10 * DELIVER_SETTLE_US;
}

static void
deliver_counted(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "sent codes not counted: %s",
		    err_text(e));
}
