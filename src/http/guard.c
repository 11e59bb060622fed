/*
 * guard - see guard.h.
 * A key's row is kept as long as its generations stand.  The application's
 * counter can only be read before the row if the application is known, so the
 * first row of a key is used once, and the second one is kept.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "fnv.h"
#include "guard.h"
#include "key_use.h"
#include "limit.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

#define GUARD_SLOTS		512	/* direct-mapped; 250 KiB a worker */

struct guard_slot {
	char			id[APIKEY_ID_LEN + 1];	/* "" = free */
	bool			is_complete;	/* app_gen counts */
	uint64_t		all_gen, key_gen, app_gen;
	struct guard_key	row;
};

static struct guard_slot	*guard_slot(const char *id);
static struct guard_slot	*guard_lookup(const char *id);
static void	guard_keep(struct guard_state *s);
static enum err	guard_rows(const struct db_result *res, void *target);
static int	guard_judge(struct http_request *req, const struct apikey *key,
		    const struct guard_key *row, int skip);
static int	guard_deny(struct http_request *req, enum audit_event e,
		    enum problem p);
static bool	guard_key_ok(const struct apikey *key,
		    const struct guard_key *row);
static bool	guard_budget(struct http_request *req,
		    const struct guard_key *row, int *ret);

static struct guard_slot	*guard_slots;	/* of this worker */

enum err
guard_init(void)
{
	if ((guard_slots = mem_new(GUARD_SLOTS * sizeof(*guard_slots))) ==
	    NULL)
		return (ERR_NOMEM);
	return (ERR_OK);
}

int
guard_check(struct http_request *req)
{
	struct guard_state	*s = api_guard_state(req);
	struct guard_slot	*slot;
	const char		*text;
	int			 ret;

	if ((text = api_header(req, "x-auth-service-key")) == NULL)
		return (guard_deny(req, AUDIT_KEY_MISSING,
		    PROBLEM_KEY_MISSING));
	if (apikey_parse(text, strlen(text), &s->key) != ERR_OK)
		return (guard_deny(req, AUDIT_KEY_INVALID,
		    PROBLEM_KEY_INVALID));
	memcpy(api_caller_set(req)->key_id, s->key.id, sizeof(s->key.id));
	if ((slot = guard_lookup(s->key.id)) == NULL)
		return (api_next(req));
	ret = guard_judge(req, &s->key, &slot->row, 2);
	if (ret == HTTP_STATE_CONTINUE)
		key_use_add(s->key.id, api_ip(req));
	return (ret);
}

int
guard_ask(struct http_request *req)
{
	struct guard_state	*s = api_guard_state(req);
	struct guard_slot	*slot = guard_slot(s->key.id);
	struct generations	*g = platform_generations();
	struct db_params	 p = DB_PARAMS_INIT;

	s->all_gen = generation_all(g);
	s->key_gen = generation_of(g, GENERATION_KEY, s->key.id,
	    APIKEY_ID_LEN);
	if (strcmp(slot->id, s->key.id) == 0 && slot->row.is_found) {
		s->has_app = true;
		s->app = slot->row.app;
		s->app_gen = generation_of(g, GENERATION_APP, s->app.b,
		    sizeof(s->app.b));
	}
	db_text(&p, s->key.id);
	return (api_ask(req, SQL_GUARD_KEY, &p, guard_rows, &s->row));
}

int
guard_got(struct http_request *req)
{
	struct guard_state	*s = api_guard_state(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	ret = guard_judge(req, &s->key, &s->row, 0);
	guard_keep(s);
	if (ret == HTTP_STATE_CONTINUE)
		key_use_add(s->key.id, api_ip(req));
	return (ret);
}

void
guard_state_clear(struct guard_state *s)
{
	guard_key_clear(&s->row);
}

static struct guard_slot *
guard_slot(const char *id)
{
	return (&guard_slots[fnv1a(id, APIKEY_ID_LEN) % GUARD_SLOTS]);
}

/* The slot of |id| if it may be used now. */
static struct guard_slot *
guard_lookup(const char *id)
{
	const struct generations	*g = platform_generations();
	struct guard_slot		*slot = guard_slot(id);

	if (strcmp(slot->id, id) != 0 || !slot->is_complete ||
	    !generation_is_fresh(g, clock_mono_us()) ||
	    slot->all_gen != generation_all(g) ||
	    slot->key_gen != generation_of(g, GENERATION_KEY, id,
	    APIKEY_ID_LEN))
		return (NULL);
	if (slot->row.is_found && slot->app_gen != generation_of(g,
	    GENERATION_APP, slot->row.app.b, sizeof(slot->row.app.b)))
		return (NULL);
	return (slot);
}

/* Moves the row of |s| into its slot. */
static void
guard_keep(struct guard_state *s)
{
	struct guard_slot	*slot = guard_slot(s->key.id);

	guard_key_clear(&slot->row);
	if (strcmp(slot->id, s->key.id) != 0) {
		memset(slot, 0, sizeof(*slot));
		memcpy(slot->id, s->key.id, sizeof(slot->id));
	}
	slot->row = s->row;
	memset(&s->row, 0, sizeof(s->row));	/* transferred */
	slot->all_gen = s->all_gen;
	slot->key_gen = s->key_gen;
	slot->app_gen = s->app_gen;
	slot->is_complete = !slot->row.is_found || (s->has_app &&
	    uuid_cmp(&s->app, &slot->row.app) == 0);
}

static enum err
guard_rows(const struct db_result *res, void *target)
{
	return (guard_store_key(res, target));
}

/* The table of api.md s.2, from the second row on. */
static int
guard_judge(struct http_request *req, const struct apikey *key,
    const struct guard_key *row, int skip)
{
	struct api_caller	*caller = api_caller_set(req);
	int			 ret;

	if (!guard_key_ok(key, row))
		return (guard_deny(req, AUDIT_KEY_INVALID,
		    PROBLEM_KEY_INVALID));
	caller->app = row->app;
	memcpy(caller->app_name, row->app_name, sizeof(caller->app_name));
	caller->per_minute = row->per_minute;
	if (!row->is_app_enabled)
		return (guard_deny(req, AUDIT_APP_DISABLED,
		    PROBLEM_APP_DISABLED));
	if (!cidr_list_has(&row->allow, api_ip(req)))
		return (guard_deny(req, AUDIT_IP_REFUSED,
		    PROBLEM_IP_NOT_ALLOWED));
	if (row->per_minute > 0 && !guard_budget(req, row, &ret))
		return (ret);
	limit_policies(req, api_route_of(req)->limits);
	return (api_skip(req, skip));
}

static int
guard_deny(struct http_request *req, enum audit_event e, enum problem p)
{
	api_refused(req, e, problem_code(p), NULL);
	return (api_fail(req, p));
}

/* One answer, after the same comparison, whatever is wrong with the key. */
static bool
guard_key_ok(const struct apikey *key, const struct guard_key *row)
{
	bool	is_equal;

	is_equal = mem_eq_ct(key->hash, row->hash, sizeof(row->hash));
	return (is_equal && row->is_found && row->is_key_enabled &&
	    (row->expires_us == 0 || row->expires_us > clock_us()));
}

/* Takes one request of the budget; sets the RateLimit fields either way. */
static bool
guard_budget(struct http_request *req, const struct guard_key *row, int *ret)
{
	struct budget_answer	b;
	char			text[64];

	budget_take(platform_budgets(), &row->app, row->per_minute,
	    clock_mono_us(), &b);
	if (str_printf(text, sizeof(text), "\"application\";q=%d;w=60",
	    (int)row->per_minute) == ERR_OK)
		api_set_header(req, "ratelimit-policy", text);
	if (str_printf(text, sizeof(text), "\"application\";r=%d;t=%d",
	    b.remaining, b.is_allowed ? b.reset_s : b.retry_after_s) ==
	    ERR_OK)
		api_set_header(req, "ratelimit", text);
	if (b.is_allowed)
		return (true);
	api_refused(req, AUDIT_RATE_LIMITED, "rate_limited", NULL);
	*ret = api_fail_retry(req, PROBLEM_RATE_LIMITED, b.retry_after_s);
	return (false);
}
