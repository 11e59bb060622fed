/*
 * refusal - see refusal.h.  Owns the table of refusals of this worker since
 * the last flush.
 */
#include "refusal.h"

#include <string.h>

#include "buf.h"
#include "clock.h"
#include "db.h"
#include "log.h"
#include "str.h"

/* Of one flush: REFUSAL_MAX rows of 2 KiB at most. */
#define REFUSAL_JSON_MAX	(1024 * 1024)

struct refusal_row {
	enum audit_event	event;
	const char		*reason;
	bool			has_app, has_user, is_other;
	struct uuid		app, user;
	char			key_id[16];
	struct audit_origin	origin;		/* of the first one */
	int64_t			count;
	int64_t			first_us, last_us;
};

static void			 refusal_gather(void);
static struct refusal_row	*refusal_find(const struct refusal *r);
static void			 refusal_fill(struct refusal_row *row,
				    const struct refusal *r);
static void			 refusal_row_json(struct buf *b,
				    const struct refusal_row *row);
static void			 refusal_text(struct buf *b, const char *name,
				    const char *value);
static void			 refusal_written(void *arg, enum err e,
				    const struct db_result *res,
				    const char *constraint);

/* The last AUDIT_EVENT_MAX rows are for "other sources", one per event. */
static struct refusal_row	 refusal_rows[REFUSAL_MAX + AUDIT_EVENT_MAX];
static int			 refusal_n;	/* used of the first REFUSAL_MAX */
static bool			 refusal_in_flight;
/* What is being written, kept until the database has it. */
static struct buf		 refusal_batch;

void
refusal_add(const struct refusal *r)
{
	struct refusal_row	*row = refusal_find(r);

	if (row == NULL && refusal_n < REFUSAL_MAX) {
		row = &refusal_rows[refusal_n++];
		refusal_fill(row, r);
	} else if (row == NULL) {
		row = &refusal_rows[REFUSAL_MAX + r->event];
		if (row->count == 0) {
			refusal_fill(row, r);
			row->is_other = true;
		}
	}
	row->count++;
	row->last_us = clock_us();
}

void
refusal_flush(void)
{
	struct db_params	p = DB_PARAMS_INIT;

	if (refusal_in_flight)
		return;			/* what comes meanwhile is counted on */
	if (refusal_batch.len == 0)
		refusal_gather();
	if (refusal_batch.len == 0)
		return;
	db_text_len(&p, refusal_batch.data, refusal_batch.len);
	/* On an error the batch is tried again in a second. */
	if (db_send(SQL_AUDIT_COALESCED, &p, refusal_written, NULL,
	    NULL) == ERR_OK)
		refusal_in_flight = true;
}

int
refusal_pending(void)
{
	int	i, n = (refusal_batch.len > 0) + refusal_n;

	for (i = 0; i < AUDIT_EVENT_MAX; i++)
		n += refusal_rows[REFUSAL_MAX + i].count > 0;
	return (n);
}

/* The rows of the table become the batch; the table is empty again. */
static void
refusal_gather(void)
{
	int	i;

	buf_init(&refusal_batch, REFUSAL_JSON_MAX);
	for (i = 0; i < REFUSAL_MAX + AUDIT_EVENT_MAX; i++) {
		if (refusal_rows[i].count == 0)
			continue;
		buf_char(&refusal_batch, refusal_batch.len == 0 ? '[' : ',');
		refusal_row_json(&refusal_batch, &refusal_rows[i]);
	}
	if (refusal_batch.len == 0)
		return;
	buf_char(&refusal_batch, ']');
	if (buf_err(&refusal_batch) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "audit: refusals do not fit: %s",
		    err_text(buf_err(&refusal_batch)));
		buf_clear(&refusal_batch);
	}
	memset(refusal_rows, 0, sizeof(refusal_rows));
	refusal_n = 0;
}

/* Equal: the same event, reason, application, key, person and address. */
static struct refusal_row *
refusal_find(const struct refusal *r)
{
	struct refusal_row	*row;
	int			 i;

	for (i = refusal_n - 1; i >= 0; i--) {
		row = &refusal_rows[i];
		if (row->event == r->event && row->reason == r->reason &&
		    row->has_app == (r->app != NULL) &&
		    row->has_user == (r->user != NULL) &&
		    (r->app == NULL || uuid_cmp(&row->app, r->app) == 0) &&
		    (r->user == NULL || uuid_cmp(&row->user, r->user) == 0) &&
		    strcmp(row->key_id, r->key_id) == 0 &&
		    strcmp(row->origin.ip, r->origin->ip) == 0)
			return (row);
	}
	return (NULL);
}

static void
refusal_fill(struct refusal_row *row, const struct refusal *r)
{
	memset(row, 0, sizeof(*row));
	row->event = r->event;
	row->reason = r->reason;
	if (r->app != NULL) {
		row->has_app = true;
		row->app = *r->app;
	}
	if (r->user != NULL) {
		row->has_user = true;
		row->user = *r->user;
	}
	if (str_copy(row->key_id, sizeof(row->key_id), r->key_id,
	    strlen(r->key_id)) != ERR_OK)
		row->key_id[0] = '\0';
	row->origin = *r->origin;
	row->first_us = clock_us();
}

static void
refusal_row_json(struct buf *b, const struct refusal_row *row)
{
	char	id[UUID_TEXT_LEN + 1];

	buf_printf(b, "{\"event\":\"%s\",\"count\":%lld,\"first_us\":%lld,"
	    "\"last_us\":%lld", audit_name(row->event),
	    (long long)row->count, (long long)row->first_us,
	    (long long)row->last_us);
	refusal_text(b, "outcome", row->reason);
	if (row->is_other) {		/* only what all of them share */
		buf_str(b, ",\"detail\":{\"sources\":\"other\"}}");
		return;
	}
	if (row->has_app) {
		uuid_format(&row->app, id);
		refusal_text(b, "app_id", id);
	}
	if (row->has_user) {
		uuid_format(&row->user, id);
		refusal_text(b, "user_id", id);
	}
	refusal_text(b, "key_id", row->key_id);
	refusal_text(b, "request_id", row->origin.request_id);
	refusal_text(b, "ip", row->origin.ip);
	refusal_text(b, "remote", row->origin.remote);
	refusal_text(b, "forwarded", row->origin.forwarded);
	refusal_text(b, "client_ip", row->origin.client_ip);
	refusal_text(b, "client_user_agent", row->origin.client_user_agent);
	buf_char(b, '}');
}

static void
refusal_text(struct buf *b, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, value, strlen(value));
}

static void
refusal_written(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	refusal_in_flight = false;
	/* What the database will never take must not stop what comes after. */
	if (e == ERR_CONSTRAINT || e == ERR_DB)
		log_msg(LOG_LEVEL_ERROR, "audit: refusals lost: %s: %s",
		    err_text(e), refusal_batch.data);
	else if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "audit: refusals wait: %s",
		    err_text(e));
	if (e == ERR_OK || e == ERR_CONSTRAINT || e == ERR_DB)
		buf_clear(&refusal_batch);
}
