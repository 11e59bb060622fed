/*
 * db_conninfo - reads the administrator's connection string and adds the
 * settings of sessions.  Must not connect.
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "db_conninfo.h"
#include "db_error.h"
#include "mem.h"
#include "str.h"

#define CONNINFO_OPTIONS_LEN	1024

static enum err	db_conninfo_add(struct db_conninfo *c, const char *key,
		    const char *value);
static enum err	db_conninfo_copy(struct db_conninfo *c,
		    const PQconninfoOption *opt);
static enum err	db_conninfo_defaults(struct db_conninfo *c, enum db_use use);
static enum err	db_conninfo_no_cert(struct db_conninfo *c);
static enum err	db_conninfo_options(struct db_conninfo *c, enum db_use use,
		    int timeout_ms, const char *theirs);

/*
 * |is_forced| replaces what the string says.  Looking for Kerberos tickets
 * reads directories, for which the sandbox would end the worker.
 */
static const struct {
	const char	*key;
	const char	*value;
	int		 is_forced;
} db_conninfo_settings[] = {
	{ "gssencmode", "disable", 1 },
	{ "client_encoding", "UTF8", 1 },
	{ "fallback_application_name", "identityd", 0 },
	{ "keepalives_idle", "20", 0 },
	{ "keepalives_interval", "5", 0 },
	{ "keepalives_count", "3", 0 },
	{ "tcp_user_timeout", "20000", 0 },
};

enum err
db_conninfo_parse(struct db_conninfo *c, const char *text, enum db_use use,
    int timeout_ms, char why[DB_WHY_LEN + 1])
{
	PQconninfoOption	*opts, *o;
	char			*msg = NULL;
	const char		*theirs = NULL;
	enum err		 r = ERR_OK;

	memset(c, 0, sizeof(*c));
	why[0] = '\0';
	if ((opts = PQconninfoParse(text, &msg)) == NULL) {
		db_error_line(why, DB_WHY_LEN + 1,
		    msg == NULL ? "out of memory" : msg);
		PQfreemem(msg);
		return (ERR_USAGE);
	}
	for (o = opts; o->keyword != NULL && r == ERR_OK; o++) {
		if (o->val == NULL)
			continue;
		if (strcmp(o->keyword, "options") == 0)
			theirs = o->val;
		else
			r = db_conninfo_copy(c, o);
	}
	if (r == ERR_OK)
		r = db_conninfo_options(c, use, timeout_ms, theirs);
	if (r == ERR_OK)
		r = db_conninfo_defaults(c, use);
	PQconninfoFree(opts);
	if (r != ERR_OK) {
		db_error_line(why, DB_WHY_LEN + 1, err_text(r));
		db_conninfo_clear(c);
	}
	return (r);
}

void
db_conninfo_clear(struct db_conninfo *c)
{
	int	 i;

	for (i = 0; i < c->n; i++) {
		mem_free(c->key[i]);
		mem_free_secret(c->value[i], strlen(c->value[i]));
	}
	memset(c, 0, sizeof(*c));
}

const char *
db_conninfo_get(const struct db_conninfo *c, const char *key)
{
	int	 i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->key[i], key) == 0)
			return (c->value[i]);
	return (NULL);
}

/* Their keyword, unless ours stands above it. */
static enum err
db_conninfo_copy(struct db_conninfo *c, const PQconninfoOption *opt)
{
	size_t	 i;

	for (i = 0; i < COUNT(db_conninfo_settings); i++)
		if (db_conninfo_settings[i].is_forced &&
		    strcmp(db_conninfo_settings[i].key, opt->keyword) == 0)
			return (ERR_OK);
	return (db_conninfo_add(c, opt->keyword, opt->val));
}

static enum err
db_conninfo_defaults(struct db_conninfo *c, enum db_use use)
{
	const char	*env;
	enum err	 r = ERR_OK;
	size_t		 i;

	for (i = 0; i < COUNT(db_conninfo_settings) && r == ERR_OK; i++)
		if (db_conninfo_get(c, db_conninfo_settings[i].key) == NULL)
			r = db_conninfo_add(c, db_conninfo_settings[i].key,
			    db_conninfo_settings[i].value);
	if (r == ERR_OK && use == DB_USE_TOOL &&
	    db_conninfo_get(c, "connect_timeout") == NULL)
		r = db_conninfo_add(c, "connect_timeout", "10");
	if (r == ERR_OK && use != DB_USE_TOOL)
		r = db_conninfo_no_cert(c);
	/* Said here, so that names are resolved by db_dns and not by libpq. */
	if (r == ERR_OK && db_conninfo_get(c, "host") == NULL &&
	    db_conninfo_get(c, "hostaddr") == NULL &&
	    (env = getenv("PGHOST")) != NULL && env[0] != '\0')
		r = db_conninfo_add(c, "host", env);
	if (r == ERR_OK && db_conninfo_get(c, "port") == NULL &&
	    (env = getenv("PGPORT")) != NULL && env[0] != '\0')
		r = db_conninfo_add(c, "port", env);
	return (r);
}

/*
 * A worker that was started as root and dropped its privileges must not look
 * into root's home: libpq takes a certificate there that it may not read for
 * a failure, and one that is not there (ENOTDIR) for none.
 */
static enum err
db_conninfo_no_cert(struct db_conninfo *c)
{
	struct stat	 st;
	const char	*home;
	char		 path[PATH_MAX];

	if (db_conninfo_get(c, "sslcert") != NULL ||
	    getenv("PGSSLCERT") != NULL || (home = getenv("HOME")) == NULL ||
	    str_printf(path, sizeof(path), "%s/.postgresql/postgresql.crt",
	    home) != ERR_OK || stat(path, &st) == 0 || errno != EACCES)
		return (ERR_OK);
	return (db_conninfo_add(c, "sslcert", "/dev/null/none"));
}

/*
 * Session settings travel in the start-up packet: no round trip of their own,
 * and no moment without them.  Theirs come last and win.
 */
static enum err
db_conninfo_options(struct db_conninfo *c, enum db_use use, int timeout_ms,
    const char *theirs)
{
	char		 text[CONNINFO_OPTIONS_LEN], limits[256] = "";
	enum err	 r;

	if (use == DB_USE_QUERY) {
		/*
		 * The server looks each second whether we are still there.
		 * Statements are prepared while tables may be empty: a plan
		 * that reads one from end to end would be kept while it grows
		 * to a million rows.  Every statement has its index.
		 */
		r = str_printf(limits, sizeof(limits),
		    " -c statement_timeout=%d"
		    " -c idle_in_transaction_session_timeout=%d"
		    " -c client_connection_check_interval=1000"
		    " -c jit=off -c enable_seqscan=off",
		    timeout_ms, timeout_ms);
		if (r != ERR_OK)
			return (r);
	} else if (use == DB_USE_TOOL) {
		r = str_printf(limits, sizeof(limits),
		    " -c statement_timeout=0");
		if (r != ERR_OK)
			return (r);
	}
	r = str_printf(text, sizeof(text),
	    "-c TimeZone=UTC -c DateStyle=ISO%s%s%s", limits,
	    theirs == NULL ? "" : " ", theirs == NULL ? "" : theirs);
	if (r != ERR_OK)
		return (r);
	return (db_conninfo_add(c, "options", text));
}

static enum err
db_conninfo_add(struct db_conninfo *c, const char *key, const char *value)
{
	if (c->n == DB_CONNINFO_MAX)
		return (ERR_SPACE);
	if ((c->key[c->n] = mem_dup(key, strlen(key))) == NULL)
		return (ERR_NOMEM);
	if ((c->value[c->n] = mem_dup(value, strlen(value))) == NULL) {
		mem_free(c->key[c->n]);
		c->key[c->n] = NULL;
		return (ERR_NOMEM);
	}
	c->n++;
	return (ERR_OK);
}
