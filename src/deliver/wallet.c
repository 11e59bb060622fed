/*
 * wallet - see wallet.h.  One provider at a time.
 */
#include "wallet.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "deliver_set.h"
#include "fast2sms.h"
#include "log.h"
#include "outbound.h"

#define WALLET_EVERY_US	(3600 * US_PER_S)
/* Soon after the start; a failure is asked about again sooner. */
#define WALLET_FIRST_US	(5 * US_PER_S)
#define WALLET_AGAIN_US	(300 * US_PER_S)
/* Some hundred messages. */
#define WALLET_LOW_PAISE	10000
#define WALLET_TIMEOUT_MS	10000

static void	wallet_ask(void);
static void	wallet_answered(void *arg, const struct outbound_result *r);
static void	wallet_store(int64_t paise);
static void	wallet_stored(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

static int64_t			 wallet_due_us;
/* The round that is under way: its set and the next place in it. */
static struct deliver_set	*wallet_set;
static size_t			 wallet_at;
static struct http_call		 wallet_http;
static struct outbound		*wallet_out;
static bool			 wallet_has_failed, wallet_has_asked;
/* The set of the last round: to tell another one, never to be read. */
static const struct deliver_set	*wallet_seen;

void
wallet_tick(int64_t mono_us)
{
	if (wallet_due_us == 0)
		wallet_due_us = mono_us + WALLET_FIRST_US;
	/* Providers changed, and there was none to ask before. */
	if (!wallet_has_asked && deliver_set_now() != NULL &&
	    deliver_set_now() != wallet_seen && wallet_seen != NULL)
		wallet_due_us = mono_us;
	if (wallet_set != NULL || mono_us < wallet_due_us)
		return;
	if ((wallet_set = deliver_set_ref(deliver_set_now())) == NULL)
		return;
	wallet_at = 0;
	wallet_has_failed = wallet_has_asked = false;
	wallet_seen = wallet_set;
	wallet_ask();
}

/* The next one, or the end of the round. */
static void
wallet_ask(void)
{
	const struct outbound_call	 call = {
		.http = &wallet_http, .timeout_ms = WALLET_TIMEOUT_MS,
	};
	const struct provider		*p;

	for (; wallet_at < wallet_set->n; wallet_at++) {
		p = wallet_set->p[wallet_at].p;
		if (!p->is_enabled || p->type != PROVIDER_FAST2SMS)
			continue;
		wallet_has_asked = true;
		http_call_init(&wallet_http);
		if (fast2sms_wallet_request(p, &wallet_http) == ERR_OK &&
		    outbound_start(&call, wallet_answered, NULL,
		    &wallet_out) == ERR_OK)
			return;
		http_call_clear(&wallet_http);
	}
	deliver_set_put(wallet_set);
	wallet_set = NULL;
	wallet_due_us = clock_mono_us() + (wallet_has_failed ?
	    WALLET_AGAIN_US : WALLET_EVERY_US);
}

static void
wallet_answered(void *arg, const struct outbound_result *r)
{
	const struct provider	*p = wallet_set->p[wallet_at].p;
	struct fast2sms_wallet	 w;
	struct verdict		 v;

	(void)arg;
	wallet_out = NULL;
	memset(&w, 0, sizeof(w));
	fast2sms_wallet_judge(&r->answer, &w, &v);
	http_call_clear(&wallet_http);
	if (v.kind == VERDICT_OK) {
		if (w.paise < WALLET_LOW_PAISE)
			log_msg(LOG_LEVEL_ERROR, "provider %s: %lld.%02d "
			    "rupees are left", p->name,
			    (long long)(w.paise / 100), (int)(w.paise % 100));
		wallet_store(w.paise);
	} else {
		wallet_has_failed = true;
		log_msg(LOG_LEVEL_WARN, "provider %s: balance not known: %s",
		    p->name, v.reason);
	}
	wallet_at++;
	wallet_ask();
}

static void
wallet_store(int64_t paise)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_uuid(&p, &wallet_set->id[wallet_at]);
	db_i64(&p, paise);
	if (db_send(SQL_PROVIDER_BALANCE, &p, wallet_stored, NULL, NULL) !=
	    ERR_OK)
		wallet_has_failed = true;
}

static void
wallet_stored(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "balance not written: %s",
		    err_text(e));
}
