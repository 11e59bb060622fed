/*
 * import_run - see import_run.h.
 */
#include "import_run.h"

#include <sys/queue.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "db.h"
#include "generation.h"
#include "import_feed.h"
#include "json_in.h"
#include "log.h"
#include "mem.h"
#include "platform.h"
#include "str.h"

/* Of one worker: each takes a connection for as long as its statement runs. */
#define RUN_MAX		2

struct import_run {
	TAILQ_ENTRY(import_run)	 next;
	struct uuid		 import, ticket;
	struct audit_origin	 origin;
	char			 state[16];
	struct import_feed	*feed;		/* checking */
	int32_t			 n_chunks, chunk;
	char			*data;		/* of the chunk before |chunk| */
	size_t			 len, off;
	bool			 is_ended;	/* the feed has had all */
};

static bool	run_send(struct import_run *r, enum sql_id q,
		    struct db_params *p, db_done_fn done);
static void	run_end(struct import_run *r);
static void	run_fail(struct import_run *r, const char *why);
static bool	run_broken(struct import_run *r, enum err e,
		    const char *constraint);
static bool	run_is_void(struct import_run *r,
		    const struct db_result *res);
static void	run_claimed(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static enum err	run_claim_row(struct import_run *r,
		    const struct db_result *res);
static enum err	run_feed_new(struct import_run *r, struct db_row *row);
static enum err	run_map(struct import_map *m, const char *columns,
		    const char *mapping);
static void	run_begun(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	run_read(struct import_run *r);
static bool	run_slice(struct import_run *r);
static void	run_chunk(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	run_staged(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	run_all_in_one(struct import_run *r);
static void	run_done(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);
static void	run_failed(void *arg, enum err e, const struct db_result *res,
		    const char *constraint);

/* Runs of this worker. */
static TAILQ_HEAD(, import_run)	run_all = TAILQ_HEAD_INITIALIZER(run_all);
/* How many those are. */
static int	run_n;

void
import_run_kick(const struct uuid *import, const struct audit_origin *o)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct import_run	*r;

	TAILQ_FOREACH(r, &run_all, next)
		if (uuid_cmp(&r->import, import) == 0)
			return;
	if (run_n >= RUN_MAX || api_is_stopping() ||
	    (r = mem_new(sizeof(*r))) == NULL)
		return;
	r->import = *import;
	r->origin = *o;
	uuid_make(&r->ticket);
	TAILQ_INSERT_TAIL(&run_all, r, next);
	run_n++;
	db_uuid(&p, &r->import);
	db_uuid(&p, &r->ticket);
	(void)run_send(r, SQL_IMPORT_CLAIM, &p, run_claimed);
}

/* False: it could not be sent, and the run has ended; its ticket runs out. */
static bool
run_send(struct import_run *r, enum sql_id q, struct db_params *p,
    db_done_fn done)
{
	enum err	e;

	if ((e = db_send(q, p, done, r, NULL)) == ERR_OK)
		return (true);
	log_msg(LOG_LEVEL_WARN, "import: statement not sent: %s",
	    err_text(e));
	run_end(r);
	return (false);
}

static void
run_end(struct import_run *r)
{
	TAILQ_REMOVE(&run_all, r, next);
	run_n--;
	import_feed_free(r->feed);
	mem_free_secret(r->data, r->len);
	mem_free(r);
}

/* What cannot be done is written down for the administrator. */
static void
run_fail(struct import_run *r, const char *why)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_uuid(&p, &r->import);
	db_uuid(&p, &r->ticket);
	db_text(&p, why);
	(void)run_send(r, SQL_IMPORT_FAIL, &p, run_failed);
}

/* Did the statement fail?  Then the run has ended, in one way or another. */
static bool
run_broken(struct import_run *r, enum err e, const char *constraint)
{
	if (e == ERR_OK && !api_is_stopping())
		return (false);
	if (e == ERR_OK || e == ERR_DB_DOWN || e == ERR_BUSY)
		run_end(r);		/* to be taken up again */
	else if (strcmp(constraint, "last_administrator") == 0)
		run_fail(r, "Nobody could administer any more.");
	else if (strcmp(r->state, "disabling") == 0 && e == ERR_CONSTRAINT)
		run_fail(r, "The directory has changed meanwhile, or the file "
		    "is not kept any more. Nobody was disabled.");
	else if (e == ERR_EXISTS || e == ERR_CONSTRAINT || e == ERR_CONFLICT)
		run_fail(r, strcmp(r->state, "undoing") == 0 ?
		    "Somebody else has an e-mail address, mobile number or "
		    "employee id now that would have to be given back. "
		    "Nothing was undone." :
		    "The directory has changed since the check. "
		    "Check the file again.");
	else if (e == ERR_TIMEOUT)
		run_fail(r, "It took too long.");
	else
		run_fail(r, "Something went wrong; the log says what.");
	return (true);
}

/* Null: the ticket is somebody else's, or the import was cancelled. */
static bool
run_is_void(struct import_run *r, const struct db_result *res)
{
	struct db_row	row = db_row_at(res, 0);

	if (db_result_rows(res) > 0 && !db_row_is_null(&row, "n"))
		return (false);
	run_end(r);
	return (true);
}

static void
run_claimed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct import_run	*r = arg;
	struct db_params	 p = DB_PARAMS_INIT;

	if (run_broken(r, e, constraint))
		return;
	if (db_result_rows(res) == 0) {
		run_end(r);
		return;
	}
	if ((e = run_claim_row(r, res)) != ERR_OK) {
		(void)run_broken(r, e, "");
		return;
	}
	if (strcmp(r->state, "checking") != 0) {
		run_all_in_one(r);
		return;
	}
	db_uuid(&p, &r->import);
	db_uuid(&p, &r->ticket);
	(void)run_send(r, SQL_IMPORT_BEGIN, &p, run_begun);
}

static enum err
run_claim_row(struct import_run *r, const struct db_result *res)
{
	struct db_row	row = db_row_at(res, 0);

	db_row_text(&row, "state", r->state, sizeof(r->state));
	r->n_chunks = (int32_t)db_row_i64(&row, "n_chunks");
	if (row.err != ERR_OK || strcmp(r->state, "checking") != 0)
		return (row.err);
	return (run_feed_new(r, &row));
}

static enum err
run_feed_new(struct import_run *r, struct db_row *row)
{
	struct import_map	*m;
	struct import_feed_how	 how = {
		.cc = platform_values()->default_country_code,
	};
	char			 encoding[16], delimiter[2];
	const char		*columns, *mapping;
	size_t			 len;
	enum err		 e;

	db_row_text(row, "encoding", encoding, sizeof(encoding));
	db_row_text(row, "delimiter", delimiter, sizeof(delimiter));
	columns = db_row_str(row, "columns", &len);
	mapping = db_row_str(row, "mapping", &len);
	if (row->err != ERR_OK || columns == NULL || mapping == NULL)
		return (ERR_DB);
	if ((m = mem_new(sizeof(*m))) == NULL)
		return (ERR_NOMEM);
	how.map = m;
	how.delimiter = delimiter[0];
	if ((e = run_map(m, columns, mapping)) == ERR_OK &&
	    (e = csv_encoding_parse(encoding, &how.encoding)) == ERR_OK)
		e = import_feed_new(&how, &r->feed);
	mem_free(m);
	return (e);
}

static enum err
run_map(struct import_map *m, const char *columns, const char *mapping)
{
	json_t		*names, *o = NULL;
	enum err	 e = ERR_FORMAT;

	names = json_loads(columns, JSON_REJECT_DUPLICATES, NULL);
	if (names != NULL && json_in_object(mapping, strlen(mapping), &o) ==
	    ERR_OK)
		e = import_map_load(m, names, o);
	json_decref(names);
	json_decref(o);
	return (e);
}

/* ---- a check ------------------------------------------------------------- */

static void
run_begun(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct import_run	*r = arg;

	if (!run_broken(r, e, constraint) && !run_is_void(r, res))
		run_read(r);
}

/* Rows out of what is at hand; else the next chunk; else the end. */
static void
run_read(struct import_run *r)
{
	struct db_params	p = DB_PARAMS_INIT;
	uint8_t			hash[SHA256_LEN];

	while (import_feed_waiting(r->feed) == 0 && !r->is_ended &&
	    (r->off < r->len || r->chunk == r->n_chunks))
		if (!run_slice(r))
			return;
	db_uuid(&p, &r->import);
	if (import_feed_waiting(r->feed) > 0) {
		db_params_clear(&p);
		import_feed_stage(r->feed, &r->import, &r->ticket, &p);
		(void)run_send(r, SQL_IMPORT_STAGE, &p, run_staged);
	} else if (!r->is_ended) {
		db_i32(&p, r->chunk);
		(void)run_send(r, SQL_IMPORT_CHUNK_GET, &p, run_chunk);
	} else {
		import_feed_hash(r->feed, hash);
		db_uuid(&p, &r->ticket);
		db_bytes(&p, hash, sizeof(hash));
		(void)run_send(r, SQL_IMPORT_CHECK_END, &p, run_done);
	}
}

/* False: the file cannot be read on, and the run has ended. */
static bool
run_slice(struct import_run *r)
{
	char		why[IMPORT_FEED_WHY_LEN + 1];
	size_t		n = r->len - r->off;
	enum err	e;

	if (n > IMPORT_FEED_BYTES)
		n = IMPORT_FEED_BYTES;
	r->is_ended = r->off + n == r->len && r->chunk == r->n_chunks;
	e = import_feed_bytes(r->feed, n > 0 ? r->data + r->off : "", n,
	    r->is_ended);
	r->off += n;
	if (e == ERR_OK)
		return (true);
	import_feed_why(r->feed, e, why);
	run_fail(r, why);
	return (false);
}

static void
run_chunk(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct import_run	*r = arg;
	struct db_row		 row;
	const void		*data;

	if (run_broken(r, e, constraint))
		return;
	row = db_row_at(res, 0);
	if (db_result_rows(res) == 0 ||
	    (data = db_row_blob(&row, "data", &r->len)) == NULL) {
		r->len = 0;
		/* A crash of the database empties its unlogged tables. */
		run_fail(r, "The file is not there any more. Upload it again.");
		return;
	}
	mem_free(r->data);
	if ((r->data = mem_dup(data, r->len)) == NULL) {
		r->len = 0;
		run_end(r);
		return;
	}
	r->off = 0;
	r->chunk++;
	run_read(r);
}

static void
run_staged(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct import_run	*r = arg;

	if (!run_broken(r, e, constraint) && !run_is_void(r, res))
		run_read(r);
}

/* ---- a commit, an undo, who is missing ----------------------------------- */

static void
run_all_in_one(struct import_run *r)
{
	static const struct {
		const char	*state;
		enum sql_id	 q;
	} acts[] = {
		{ "undoing", SQL_IMPORT_REVERT },
		{ "disabling", SQL_IMPORT_DISABLE },
		{ "enabling", SQL_IMPORT_ENABLE },
		{ "importing", SQL_IMPORT_APPLY },
	};
	struct db_params	p = DB_PARAMS_INIT;
	size_t			i;

	db_uuid(&p, &r->import);
	db_uuid(&p, &r->ticket);
	audit_store_origin(&p, &r->origin);
	for (i = 0; i + 1 < COUNT(acts) && strcmp(r->state, acts[i].state) != 0;
	    i++)
		;
	(void)run_send(r, acts[i].q, &p, run_done);
}

static void
run_done(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct import_run	*r = arg;

	if (e == ERR_OK)
		generation_bump_all(platform_generations());
	if (!run_broken(r, e, constraint) && !run_is_void(r, res))
		run_end(r);
}

static void
run_failed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "import: failure not written: %s",
		    err_text(e));
	run_end(arg);
}
