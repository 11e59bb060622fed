/*
 * seen - see seen.h.
 */
#include "seen.h"

#include "buf.h"
#include "clock.h"
#include "db.h"
#include "log.h"

static void	seen_written(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);

static struct uuid	seen_sessions[SEEN_MAX];	/* of this worker */
static int		seen_n;

void
seen_add(const struct uuid *session)
{
	if (seen_n < SEEN_MAX)
		seen_sessions[seen_n++] = *session;
}

void
seen_flush(void)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct buf		ids;
	char			id[UUID_TEXT_LEN + 1];
	int			i;

	if (seen_n == 0)
		return;
	buf_init(&ids, SEEN_MAX * (UUID_TEXT_LEN + 1) + 2);
	for (i = 0; i < seen_n; i++) {
		uuid_format(&seen_sessions[i], id);
		buf_char(&ids, i == 0 ? '{' : ',');
		buf_str(&ids, id);
	}
	buf_char(&ids, '}');
	db_text_len(&p, ids.data, ids.len);
	db_time(&p, clock_us());
	/* On an error they are kept and written a second later. */
	if (buf_err(&ids) == ERR_OK && db_send(SQL_SESSION_TOUCH, &p,
	    seen_written, NULL, NULL) == ERR_OK)
		seen_n = 0;
	buf_clear(&ids);
}

static void
seen_written(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	(void)arg;
	(void)res;
	(void)constraint;
	if (e != ERR_OK)
		log_msg(LOG_LEVEL_WARN, "last use of sessions not written: %s",
		    err_text(e));
}
