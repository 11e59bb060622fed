/*
 * platform - see platform.h.  Owns the shared memory of the node (made in the
 * parent, inherited by workers) and this process's copy of keys and settings.
 */
#include "platform.h"

#include <jansson.h>
#include <string.h>

#include "audit.h"
#include "audit_store.h"
#include "clock.h"
#include "db.h"
#include "db_sync.h"
#include "json_in.h"
#include "log.h"
#include "mem.h"
#include "str.h"
#include "token_key.h"

/* Answers of a thousand bytes: 8 MiB for the node, touched as they fill. */
#define PLATFORM_SESSION_SLOTS	8192

static enum err	platform_load(struct db_sync *d);
static enum err	platform_hmac_init(const uint8_t master[MASTER_KEY_LEN],
		    const char *purpose, struct hmac_key **out);
static enum err	platform_old_init(const struct settings *s);
static enum err	platform_key_first(struct db_sync *d);
static enum err	platform_values_read(const struct db_result *res);
static enum err	platform_keys_read(const struct db_result *res);
static enum err	platform_key_add(struct token_keys *keys,
		    struct db_row *r);
static void	platform_ask(enum sql_id q, db_done_fn done);
static void	platform_got_values(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	platform_got_keys(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static int32_t	platform_int(json_t *o, const char *name, bool *ok);
static void	platform_text(json_t *o, const char *name, char *dst,
		    size_t cap, bool *ok);

static const struct settings	*platform_env;		/* of the process */
static int64_t			 platform_start_us;
static struct platform_values	 platform_v;
static struct token_keys	*platform_keys;
static struct sealer		*platform_seal;
static struct hmac_key		*platform_otp;
/* Of the master key before; NULL: there is none. */
static struct hmac_key		*platform_otp_before, *platform_sync_before;
static struct hmac_key		*platform_hmac;	/* of throttle names */
static struct hmac_key		*platform_refresh;
static struct hmac_key		*platform_sync;	/* of cursors */
static struct generations	*platform_gens;		/* shared */
static struct session_cache	*platform_cache;	/* shared */
static struct budgets		*platform_budget;	/* shared */
static struct throttle		*platform_tries;	/* shared */
static struct hash_lanes	*platform_lane;		/* shared */
static struct metrics		*platform_counts;	/* shared */
/* Counters that stood before what is loaded was read. */
static uint64_t			 platform_gen, platform_all;
/* Counters of a reload that is under way. */
static uint64_t			 platform_next_gen, platform_next_all;
static bool			 platform_is_loading;
/* When the keys are other ones though nobody changes any; INT64_MAX: never. */
static int64_t			 platform_keys_until_us = INT64_MAX;

enum err
platform_parent_init(const struct settings *s)
{
	struct db_sync	*d = NULL;
	char		 why[256] = "";
	enum err	 r;

	platform_env = s;
	platform_start_us = clock_us();
	if ((r = generations_new(&platform_gens)) != ERR_OK ||
	    (r = session_cache_new(PLATFORM_SESSION_SLOTS,
	    &platform_cache)) != ERR_OK ||
	    (r = budgets_new(&platform_budget)) != ERR_OK ||
	    (r = throttle_new(&platform_tries)) != ERR_OK ||
	    (r = hash_lanes_new(&platform_lane)) != ERR_OK ||
	    (r = metrics_new(&platform_counts)) != ERR_OK ||
	    (r = sealer_new(s->master_key, &platform_seal)) != ERR_OK ||
	    (r = platform_old_init(s)) != ERR_OK ||
	    (r = platform_hmac_init(s->master_key, "identity/otp/v1",
	    &platform_otp)) != ERR_OK ||
	    (r = platform_hmac_init(s->master_key, "identity/throttle/v1",
	    &platform_hmac)) != ERR_OK ||
	    (r = platform_hmac_init(s->master_key, "identity/refresh/v1",
	    &platform_refresh)) != ERR_OK ||
	    (r = platform_hmac_init(s->master_key, "identity/sync/v1",
	    &platform_sync)) != ERR_OK ||
	    (r = db_sync_open(s->database_url, &d, why)) != ERR_OK)
		goto done;
	r = platform_load(d);
	if (r != ERR_OK && str_copy(why, sizeof(why), db_sync_error(d),
	    strcspn(db_sync_error(d), "\n")) != ERR_OK)
		why[0] = '\0';		/* too long to be of use */
done:
	if (r != ERR_OK)
		log_msg(LOG_LEVEL_ERROR, "platform: %s%s%s", err_text(r),
		    why[0] != '\0' ? ": " : "", why);
	db_sync_close(d);
	return (r);
}

enum err
platform_worker_init(void)
{
	/* What the parent loaded may be old by now: a worker may be a late
	 * successor of one that died. */
	platform_gen = platform_all = UINT64_MAX;
	return (ERR_OK);
}

void
platform_tick(void)
{
	if (platform_is_loading)
		return;
	platform_next_gen = generation_of(platform_gens, GENERATION_PLATFORM,
	    NULL, 0);
	platform_next_all = generation_all(platform_gens);
	if (platform_next_gen != platform_gen ||
	    platform_next_all != platform_all ||
	    clock_mono_us() >= platform_keys_until_us)
		platform_ask(SQL_SETTING_ALL, platform_got_values);
}

const struct settings *
platform_settings(void)
{
	return (platform_env);
}

int64_t
platform_started_us(void)
{
	return (platform_start_us);
}

const struct cidr_list *
platform_trusted(void)
{
	return (&platform_env->trusted_proxies);
}

const struct platform_values *
platform_values(void)
{
	return (&platform_v);
}

const char *
platform_message_host(void)
{
	static char	 host[254];
	const char	*url = platform_env->public_url;
	const char	*p;

	if (platform_v.public_hostname[0] != '\0')
		return (platform_v.public_hostname);
	p = strstr(url, "://");
	p = p != NULL ? p + 3 : url;
	/* A bare address is no host that a phone knows. */
	if (p[0] == '[' ||
	    str_copy(host, sizeof(host), p, strcspn(p, "/:")) != ERR_OK)
		host[0] = '\0';
	return (host);
}

struct token_keys *
platform_token_keys(void)
{
	return (platform_keys);
}

struct sealer *
platform_sealer(void)
{
	return (platform_seal);
}

struct hmac_key *
platform_refresh_key(void)
{
	return (platform_refresh);
}

struct hmac_key *
platform_otp_key(void)
{
	return (platform_otp);
}

struct hmac_key *
platform_throttle_key(void)
{
	return (platform_hmac);
}

struct hmac_key *
platform_otp_old(void)
{
	return (platform_otp_before);
}

struct hmac_key *
platform_sync_old(void)
{
	return (platform_sync_before);
}

struct hmac_key *
platform_sync_key(void)
{
	return (platform_sync);
}

struct generations *
platform_generations(void)
{
	return (platform_gens);
}

struct session_cache *
platform_sessions(void)
{
	return (platform_cache);
}

struct budgets *
platform_budgets(void)
{
	return (platform_budget);
}

struct throttle *
platform_throttle(void)
{
	return (platform_tries);
}

struct hash_lanes *
platform_lanes(void)
{
	return (platform_lane);
}

struct metrics *
platform_metrics(void)
{
	return (platform_counts);
}

/* ---- the parent ---------------------------------------------------------- */

static enum err
platform_load(struct db_sync *d)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	char			 constraint[64];
	enum err		 r;

	if ((r = db_sync_run(d, SQL_SETTING_ALL, &p, &res, constraint)) !=
	    ERR_OK || (r = platform_values_read(res)) != ERR_OK ||
	    (r = platform_key_first(d)) != ERR_OK)
		goto done;
	db_result_free(res);
	res = NULL;
	if ((r = db_sync_run(d, SQL_TOKEN_KEY_LIST, &p, &res, constraint)) !=
	    ERR_OK)
		goto done;
	r = platform_keys_read(res);
done:
	db_result_free(res);
	return (r);
}

static enum err
platform_hmac_init(const uint8_t master[MASTER_KEY_LEN], const char *purpose,
    struct hmac_key **out)
{
	uint8_t		key[SHA256_LEN];
	enum err	r;

	if ((r = hkdf_sha256(master, MASTER_KEY_LEN, purpose, key,
	    sizeof(key))) == ERR_OK)
		r = hmac_key_new(key, sizeof(key), out);
	mem_wipe(key, sizeof(key));
	return (r);
}

/* What the master key before has made is good still: sealed secrets, recovery
 * codes, and the cursors of applications. */
static enum err
platform_old_init(const struct settings *s)
{
	enum err	r;

	if (!s->has_master_old)
		return (ERR_OK);
	if ((r = sealer_add_old(platform_seal, s->master_old)) != ERR_OK ||
	    (r = platform_hmac_init(s->master_old, "identity/otp/v1",
	    &platform_otp_before)) != ERR_OK)
		return (r);
	return (platform_hmac_init(s->master_old, "identity/sync/v1",
	    &platform_sync_before));
}

/* The token secret of a fresh installation; does nothing when there is one. */
static enum err
platform_key_first(struct db_sync *d)
{
	struct audit_origin	 o;
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	uint8_t			 sealed[TOKEN_KEY_SEALED_LEN];
	char			 kid[TOKEN_KID_LEN + 1], constraint[64];
	enum err		 r;

	memset(&o, 0, sizeof(o));
	if ((r = str_copy(o.request_id, sizeof(o.request_id), "start", 5)) !=
	    ERR_OK || (r = token_key_make(platform_seal, kid, sealed)) !=
	    ERR_OK)
		return (r);
	db_text(&p, kid);
	db_text(&p, platform_v.token_alg);
	db_bytes(&p, sealed, sizeof(sealed));
	audit_store_origin(&p, &o);
	r = db_sync_run(d, SQL_TOKEN_KEY_CREATE, &p, &res, constraint);
	db_result_free(res);
	return (r);
}

/* ---- a worker ------------------------------------------------------------ */

static void
platform_ask(enum sql_id q, db_done_fn done)
{
	struct db_params	p = DB_PARAMS_INIT;

	platform_is_loading = db_send(q, &p, done, NULL, NULL) == ERR_OK;
}

static void
platform_got_values(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)constraint;
	platform_is_loading = false;
	if (e == ERR_OK)
		e = platform_values_read(res);
	if (e == ERR_OK)
		platform_ask(SQL_TOKEN_KEY_LIST, platform_got_keys);
	else
		log_msg(LOG_LEVEL_WARN, "platform: settings not reloaded: %s",
		    err_text(e));
}

static void
platform_got_keys(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)constraint;
	platform_is_loading = false;
	if (e == ERR_OK)
		e = platform_keys_read(res);
	if (e == ERR_OK) {
		platform_gen = platform_next_gen;
		platform_all = platform_next_all;
	} else
		log_msg(LOG_LEVEL_WARN, "platform: keys not reloaded: %s",
		    err_text(e));
}

/* ---- both ---------------------------------------------------------------- */

static enum err
platform_values_read(const struct db_result *res)
{
	struct platform_values	 v;
	struct db_row		 row;
	const char		*text;
	json_t			*o = NULL;
	size_t			 len = 0;
	bool			 ok = true;
	enum err		 r = ERR_DB;

	memset(&v, 0, sizeof(v));
	row = db_row_at(res, 0);
	text = db_row_str(&row, "settings", &len);
	if (row.err != ERR_OK || text == NULL ||
	    json_in_object(text, len, &o) != ERR_OK)
		goto done;
	v.access_ttl_s = platform_int(o, "access_ttl_s", &ok);
	v.session_ttl_s = platform_int(o, "session_ttl_s", &ok);
	v.refresh_ttl_s = platform_int(o, "refresh_ttl_s", &ok);
	v.refresh_absolute_s = platform_int(o, "refresh_absolute_s", &ok);
	v.refresh_grace_s = platform_int(o, "refresh_grace_s", &ok);
	v.password_min_len = platform_int(o, "password_min_len", &ok);
	v.password_min_len_mfa = platform_int(o, "password_min_len_mfa", &ok);
	v.reset_ttl_s = platform_int(o, "reset_ttl_s", &ok);
	v.otp_length = platform_int(o, "otp_length", &ok);
	v.otp_ttl_s = platform_int(o, "otp_ttl_s", &ok);
	v.otp_resend_s = platform_int(o, "otp_resend_s", &ok);
	v.otp_attempts = platform_int(o, "otp_attempts", &ok);
	v.otp_window_max = platform_int(o, "otp_window_max", &ok);
	v.otp_day_max = platform_int(o, "otp_day_max", &ok);
	v.otp_address_max = platform_int(o, "otp_address_max", &ok);
	v.mfa_ttl_s = platform_int(o, "mfa_ttl_s", &ok);
	v.login_address_max = platform_int(o, "login_address_max", &ok);
	v.login_app_max = platform_int(o, "login_app_max", &ok);
	platform_text(o, "default_country_code", v.default_country_code,
	    sizeof(v.default_country_code), &ok);
	platform_text(o, "token_alg", v.token_alg, sizeof(v.token_alg), &ok);
	platform_text(o, "brand_name", v.brand_name, sizeof(v.brand_name), &ok);
	platform_text(o, "public_hostname", v.public_hostname,
	    sizeof(v.public_hostname), &ok);
	v.email_fallback = json_is_true(json_object_get(o, "email_fallback"));
	platform_text(o, "brand_accent", v.brand_accent,
	    sizeof(v.brand_accent), &ok);
	platform_text(o, "brand_support_url", v.brand_support_url,
	    sizeof(v.brand_support_url), &ok);
	db_row_text(&row, "logo_url", v.logo_url, sizeof(v.logo_url));
	if (!ok || row.err != ERR_OK)
		goto done;
	platform_v = v;
	r = ERR_OK;
done:
	json_decref(o);
	return (r);
}

static int32_t
platform_int(json_t *o, const char *name, bool *ok)
{
	json_t		*j = json_object_get(o, name);
	json_int_t	 v = json_integer_value(j);

	if (!json_is_integer(j) || v < 0 || v > INT32_MAX) {
		*ok = false;
		return (0);
	}
	return ((int32_t)v);
}

static void
platform_text(json_t *o, const char *name, char *dst, size_t cap, bool *ok)
{
	json_t	*j = json_object_get(o, name);

	if (!json_is_string(j) || str_copy(dst, cap, json_string_value(j),
	    json_string_length(j)) != ERR_OK)
		*ok = false;
}

/* A new set replaces the old one only when all of it could be read. */
static enum err
platform_keys_read(const struct db_result *res)
{
	struct token_keys	*keys = NULL;
	struct db_row		 row;
	int64_t			 until = INT64_MAX;
	enum err		 r;
	int			 i;

	if ((r = token_keys_new(platform_env->public_url, &keys)) != ERR_OK)
		return (r);
	for (i = 0; i < db_result_rows(res) && r == ERR_OK; i++) {
		row = db_row_at(res, i);
		if ((r = platform_key_add(keys, &row)) == ERR_OK &&
		    !db_row_is_null(&row, "stands_ms"))
			until = clock_mono_us() +
			    db_row_i64(&row, "stands_ms") * 1000;
		if (r == ERR_OK)
			r = row.err;
	}
	if (r == ERR_OK && i == 0)
		r = ERR_NOT_FOUND;
	if (r == ERR_OK) {
		token_keys_free(platform_keys);
		platform_keys = keys;
		platform_keys_until_us = until;
		keys = NULL;		/* transferred */
	}
	token_keys_free(keys);
	return (r);
}

static enum err
platform_key_add(struct token_keys *keys, struct db_row *row)
{
	uint8_t		sealed[TOKEN_KEY_SEALED_LEN];
	char		kid[TOKEN_KID_LEN + 1], alg[8];
	enum err	r;

	db_row_text(row, "kid", kid, sizeof(kid));
	db_row_text(row, "alg", alg, sizeof(alg));
	db_row_bytes(row, "secret", sealed, sizeof(sealed));
	if (row->err != ERR_OK)
		return (row->err);
	if ((r = token_key_add(keys, platform_seal, alg, kid, sealed)) !=
	    ERR_OK)
		log_msg(LOG_LEVEL_ERROR, "token key %s cannot be opened: is "
		    "IDENTITY_MASTER_KEY the one it was made with?", kid);
	return (r);
}
