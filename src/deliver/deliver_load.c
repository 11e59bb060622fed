/*
 * deliver_load - the set of providers and texts that is in force in this
 * worker, read again when an administrator changed one (deliver_set.h).
 */
#include "clock.h"
#include "db.h"
#include "deliver_set.h"
#include "log.h"
#include "platform.h"

static bool	deliver_load_is_old(void);
static void	deliver_load_ask(enum sql_id q, db_done_fn done);
static void	deliver_load_providers(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	deliver_load_texts(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	deliver_load_failed(enum err e);

/* In force; NULL: not loaded yet. */
static struct deliver_set	*load_set;
/* Providers that wait for the texts. */
static struct deliver_set	*load_next;
static bool			 load_is_running;
/* Counters that stood before what is loaded was read. */
static uint64_t			 load_gen = UINT64_MAX, load_all = UINT64_MAX;
static uint64_t			 load_next_gen, load_next_all;

struct deliver_set *
deliver_set_now(void)
{
	return (deliver_load_is_old() ? NULL : load_set);
}

struct deliver_set *
deliver_set_last(void)
{
	return (load_set);
}

void
deliver_set_tick(void)
{
	if (load_is_running || (load_set != NULL && !deliver_load_is_old()))
		return;
	load_next_gen = generation_of(platform_generations(),
	    GENERATION_PLATFORM, NULL, 0);
	load_next_all = generation_all(platform_generations());
	deliver_load_ask(SQL_PROVIDER_ALL, deliver_load_providers);
}

static bool
deliver_load_is_old(void)
{
	return (load_gen != generation_of(platform_generations(),
	    GENERATION_PLATFORM, NULL, 0) ||
	    load_all != generation_all(platform_generations()));
}

static void
deliver_load_ask(enum sql_id q, db_done_fn done)
{
	struct db_params	p = DB_PARAMS_INIT;

	if (q == SQL_PROVIDER_ALL)
		db_null(&p);
	load_is_running = db_send(q, &p, done, NULL, NULL) == ERR_OK;
}

static void
deliver_load_providers(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)constraint;
	load_is_running = false;
	deliver_set_put(load_next);
	load_next = NULL;
	if (e == ERR_OK)
		e = deliver_set_make(res, platform_sealer(), &load_next);
	if (e == ERR_OK)
		deliver_load_ask(SQL_MESSAGE_TEXT_ALL, deliver_load_texts);
	else
		deliver_load_failed(e);
}

static void
deliver_load_texts(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)constraint;
	load_is_running = false;
	if (e == ERR_OK)
		e = deliver_set_texts(load_next, res);
	if (e != ERR_OK) {
		deliver_load_failed(e);
		return;
	}
	deliver_set_put(load_set);
	load_set = load_next;		/* transferred */
	load_next = NULL;
	load_gen = load_next_gen;
	load_all = load_next_all;
}

static void
deliver_load_failed(enum err e)
{
	log_msg(LOG_LEVEL_WARN, "providers and texts not loaded: %s",
	    err_text(e));
}
