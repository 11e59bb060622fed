/*
 * audit_sealer - see audit_sealer.h.  Owns the key of the chain and the one
 * statement that is under way: the seal that is due (made by the database,
 * which has the rows), then its MAC (made here, where the key is), then a batch
 * of a purge.
 */
#include "audit_sealer.h"

#include <string.h>

#include "audit_chain.h"
#include "audit_store.h"
#include "clock.h"
#include "codec.h"
#include "db.h"
#include "log.h"
#include "str.h"

/* A batch of deletes takes some 50 ms and locks nothing that others write. */
#define SEALER_PURGE_BATCH	5000
#define SEALER_RETAIN_US	(3600 * US_PER_S)

static void	sealer_ask(void);
static void	sealer_due(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	sealer_add(const char *line, size_t len, const uint8_t *marks,
		    size_t marks_len);
static void	sealer_added(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	sealer_purge(void);
static void	sealer_purged(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static void	sealer_retain(void);
static void	sealer_retained(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static bool	sealer_failed(enum err e, const char *what);

static struct audit_key	*sealer_key;
/* A statement is under way. */
static bool		 sealer_is_busy;
/* When the settings are asked whether old rows have to go; 0: not yet. */
static int64_t		 sealer_retain_us;
/* The seal that is being added, for the log. */
static char		 sealer_hash[CODEC_HEX_LEN(SHA256_LEN) + 1];

enum err
audit_sealer_init(const uint8_t *master, size_t len)
{
	return (audit_key_new(master, len, &sealer_key));
}

void
audit_sealer_tick(int64_t mono_us)
{
	if (sealer_is_busy)
		return;
	if (sealer_retain_us == 0)
		sealer_retain_us = mono_us + 10 * US_PER_S;
	if (mono_us >= sealer_retain_us) {
		sealer_retain_us = mono_us + SEALER_RETAIN_US;
		sealer_retain();
	} else
		sealer_ask();
}

static void
sealer_ask(void)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_i32(&p, AUDIT_SEALER_ROWS);
	db_null(&p);
	sealer_is_busy = db_send(SQL_AUDIT_SEAL_NEXT, &p, sealer_due, NULL,
	    NULL) == ERR_OK;
}

static void
sealer_due(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	 r;
	const char	*line;
	const uint8_t	*marks;
	size_t		 len, marks_len = 0;

	(void)arg;
	(void)constraint;
	sealer_is_busy = false;
	if (sealer_failed(e, "seal"))
		return;
	r = db_row_at(res, 0);
	line = db_row_str(&r, "line", &len);
	if (line != NULL) {
		marks = db_row_blob(&r, "marks", &marks_len);
		if (r.err == ERR_OK)
			sealer_add(line, len, marks, marks_len);
	} else if (db_row_bool(&r, "is_purging"))
		sealer_purge();
}

static void
sealer_add(const char *line, size_t len, const uint8_t *marks,
    size_t marks_len)
{
	struct db_params	p = DB_PARAMS_INIT;
	uint8_t			mac[SHA256_LEN], hash[SHA256_LEN];

	if (sealer_failed(audit_key_mac(sealer_key, line, len, mac), "seal"))
		return;
	sha256_of(line, len, hash);
	hex_encode(hash, sizeof(hash), sealer_hash);
	db_text_len(&p, line, len);
	db_bytes(&p, mac, sizeof(mac));
	db_text(&p, audit_key_id(sealer_key));
	if (marks != NULL)
		db_bytes(&p, marks, marks_len);
	else
		db_null(&p);
	sealer_is_busy = db_send(SQL_AUDIT_SEAL_ADD, &p, sealer_added, NULL,
	    NULL) == ERR_OK;
}

static void
sealer_added(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	r;
	int64_t		no;

	(void)arg;
	(void)constraint;
	sealer_is_busy = false;
	if (sealer_failed(e, "seal"))
		return;
	r = db_row_at(res, 0);
	no = db_row_i64(&r, "no");

	/* Off this machine, it proves later that no end was cut off. */
	struct log_field	f[] = {
		LOG_I("no", no),
		LOG_S("hash", sealer_hash),
	};

	if (no > 0)
		log_line(LOG_LEVEL_INFO, "audit_sealed", f, COUNT(f));
	sealer_ask();			/* there may be more */
}

static void
sealer_purge(void)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_i32(&p, SEALER_PURGE_BATCH);
	sealer_is_busy = db_send(SQL_AUDIT_PURGE_BATCH, &p, sealer_purged,
	    NULL, NULL) == ERR_OK;
}

static void
sealer_purged(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)constraint;
	(void)res;
	sealer_is_busy = false;
	if (!sealer_failed(e, "purge"))
		sealer_ask();
}

static void
sealer_retain(void)
{
	const struct audit_origin	o = { .request_id = "retention" };
	struct db_params		p = DB_PARAMS_INIT;

	audit_store_origin(&p, &o);
	sealer_is_busy = db_send(SQL_AUDIT_RETAIN, &p, sealer_retained, NULL,
	    NULL) == ERR_OK;
}

static void
sealer_retained(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct db_row	r;
	int64_t		n;

	(void)arg;
	(void)constraint;
	sealer_is_busy = false;
	if (sealer_failed(e, "retention"))
		return;
	r = db_row_at(res, 0);
	if ((n = db_row_i64(&r, "n")) > 0)
		log_msg(LOG_LEVEL_INFO, "audit: %lld rows are older than "
		    "audit_days and will be removed", (long long)n);
}

/* What failed is tried again at a later tick. */
static bool
sealer_failed(enum err e, const char *what)
{
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "audit: %s waits: %s", what,
		    err_text(e));
	return (e != ERR_OK);
}
