/*
 * settings - what the environment says, read once at the start.
 * Owns names, the NAME_FILE rule and unknown names; what a value means is in
 * settings_value.c, the data directory in settings_dir.c.  Never puts a secret
 * into an error line.  Ref: api.md s.5.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "settings_priv.h"

#define SETTINGS_PREFIX		"IDENTITY_"
#define SETTINGS_NAME_MAX	48	/* of an unknown name, when compared */

/* Names by enum settings_id. */
static const char *const	settings_names[SETTINGS_MAX] = {
	[SETTINGS_DATABASE_URL] =	"IDENTITY_DATABASE_URL",
	[SETTINGS_DB_POOL] =		"IDENTITY_DB_POOL",
	[SETTINGS_HTTP_LISTEN] =	"IDENTITY_HTTP_LISTEN",
	[SETTINGS_HTTPS_LISTEN] =	"IDENTITY_HTTPS_LISTEN",
	[SETTINGS_TLS_CERT] =		"IDENTITY_TLS_CERT",
	[SETTINGS_TLS_KEY] =		"IDENTITY_TLS_KEY",
	[SETTINGS_DATA_DIR] =		"IDENTITY_DATA_DIR",
	[SETTINGS_MASTER_KEY] =		"IDENTITY_MASTER_KEY",
	[SETTINGS_MASTER_KEY_OLD] =	"IDENTITY_MASTER_KEY_OLD",
	[SETTINGS_PASSWORD_PEPPER] =	"IDENTITY_PASSWORD_PEPPER",
	[SETTINGS_PUBLIC_URL] =		"IDENTITY_PUBLIC_URL",
	[SETTINGS_TRUSTED_PROXIES] =	"IDENTITY_TRUSTED_PROXIES",
	[SETTINGS_EGRESS_ALLOW] =	"IDENTITY_EGRESS_ALLOW",
	[SETTINGS_CA_FILE] =		"IDENTITY_CA_FILE",
	[SETTINGS_DNS_SERVER] =		"IDENTITY_DNS_SERVER",
	[SETTINGS_WORKERS] =		"IDENTITY_WORKERS",
	[SETTINGS_RUN_AS] =		"IDENTITY_RUN_AS",
	[SETTINGS_DEV_OTP] =		"IDENTITY_DEV_OTP",
	[SETTINGS_LOG] =		"IDENTITY_LOG",
};

static enum err		 settings_names_check(char why[SETTINGS_WHY_LEN]);
static bool		 settings_is_known(const char *name, size_t len);
static const char	*settings_nearest(const char *name, size_t len);
static size_t		 settings_distance(const char *a, size_t a_len,
			    const char *b);
static enum err		 settings_read(struct settings *s,
			    enum settings_id id, char why[SETTINGS_WHY_LEN]);
static enum err		 settings_file_read(const char *name,
			    const char *path, char **out, size_t *cap,
			    char why[SETTINGS_WHY_LEN]);
static const char	*settings_getenv(const char *name);

enum err
settings_load(struct settings *s, bool read_only, char why[512])
{
	enum settings_id	id;
	enum err		r;

	memset(s, 0, sizeof(*s));
	why[0] = '\0';
	if ((r = settings_names_check(why)) != ERR_OK)
		goto done;
	for (id = 0; id < SETTINGS_MAX; id++) {
		if ((r = settings_read(s, id, why)) != ERR_OK)
			goto done;
	}
	if ((r = settings_value_finish(s, why)) != ERR_OK)
		goto done;
	if (!read_only && (r = settings_dir_make(s, why)) != ERR_OK)
		goto done;
	if (!s->has_master_key)
		r = settings_dir_key(s, read_only, why);
done:
	if (r != ERR_OK) {
		if (why[0] == '\0')
			(void)snprintf(why, SETTINGS_WHY_LEN, "settings: %s",
			    err_text(r));
		settings_clear(s);
	}
	return (r);
}

void
settings_clear(struct settings *s)
{
	if (s->database_url != NULL)
		mem_free_secret(s->database_url, strlen(s->database_url));
	mem_free(s->ca_file);
	mem_free(s->tls_cert);
	mem_free(s->tls_key);
	mem_free(s->data_dir);
	mem_free(s->public_url);
	mem_free(s->run_as);
	cidr_list_clear(&s->trusted_proxies);
	cidr_list_clear(&s->egress_allow);
	mem_wipe(s, sizeof(*s));
}

const char *
settings_name(enum settings_id id)
{
	return (settings_names[id]);
}

enum err
settings_fail(char why[SETTINGS_WHY_LEN], const char *name, const char *fmt,
    ...)
{
	char	text[SETTINGS_WHY_LEN];
	va_list	ap;
	size_t	i;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(why, SETTINGS_WHY_LEN, "%.64s: %.440s", name, text);
	for (i = 0; why[i] != '\0'; i++) {
		/* Names and values come from outside: one line, no escapes. */
		if (why[i] < 0x20 || why[i] > 0x7e)
			why[i] = '?';
	}
	return (ERR_USAGE);
}

/* A misspelt name would silently leave its default in force. */
static enum err
settings_names_check(char why[SETTINGS_WHY_LEN])
{
	extern char	**environ;
	char		  name[SETTINGS_NAME_MAX + 1];
	char		**e;
	size_t		  len;

	for (e = environ; e != NULL && *e != NULL; e++) {
		if (strncmp(*e, SETTINGS_PREFIX, sizeof(SETTINGS_PREFIX) - 1) !=
		    0)
			continue;
		len = strcspn(*e, "=");
		if (settings_is_known(*e, len))
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)(len >
		    SETTINGS_NAME_MAX ? SETTINGS_NAME_MAX : len), *e);
		return (settings_fail(why, name, "no such variable; the "
		    "nearest is %s", settings_nearest(name, strlen(name))));
	}
	return (ERR_OK);
}

static bool
settings_is_known(const char *name, size_t len)
{
	const char	*known;
	size_t		 i, known_len;

	for (i = 0; i < SETTINGS_MAX; i++) {
		known = settings_names[i];
		known_len = strlen(known);
		if (len < known_len || memcmp(name, known, known_len) != 0)
			continue;
		if (len == known_len || (len == known_len + 5 &&
		    memcmp(name + known_len, "_FILE", 5) == 0))
			return (true);
	}
	return (false);
}

static const char *
settings_nearest(const char *name, size_t len)
{
	size_t	best = SIZE_MAX, best_id = 0, d, i;

	for (i = 0; i < SETTINGS_MAX; i++) {
		d = settings_distance(name, len, settings_names[i]);
		if (d < best) {
			best = d;
			best_id = i;
		}
	}
	return (settings_names[best_id]);
}

/* Levenshtein distance, one row of the matrix at a time. */
static size_t
settings_distance(const char *a, size_t a_len, const char *b)
{
	size_t	row[SETTINGS_NAME_MAX + 1];
	size_t	diagonal, i, j, up;

	for (i = 0; i <= a_len; i++)
		row[i] = i;
	for (j = 1; b[j - 1] != '\0'; j++) {
		diagonal = row[0];
		row[0] = j;
		for (i = 1; i <= a_len; i++) {
			up = row[i];
			row[i] = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
			if (up + 1 < row[i])
				row[i] = up + 1;
			if (row[i - 1] + 1 < row[i])
				row[i] = row[i - 1] + 1;
			diagonal = up;
		}
	}
	return (row[a_len]);
}

static enum err
settings_read(struct settings *s, enum settings_id id,
    char why[SETTINGS_WHY_LEN])
{
	char		 file_name[SETTINGS_NAME_MAX + 1];
	const char	*name = settings_names[id], *path, *value;
	char		*text = NULL;
	size_t		 cap = 0;
	enum err	 r = ERR_OK;

	(void)snprintf(file_name, sizeof(file_name), "%s_FILE", name);
	value = settings_getenv(name);
	path = settings_getenv(file_name);
	if (value != NULL && path != NULL)
		return (settings_fail(why, name,
		    "set here and in %s; keep one of them", file_name));
	if (value == NULL && path == NULL)
		return (ERR_OK);
	s->source[id] = SETTINGS_FROM_ENV;
	if (path != NULL) {
		s->source[id] = SETTINGS_FROM_FILE;
		if ((r = settings_file_read(file_name, path, &text, &cap,
		    why)) != ERR_OK)
			goto done;
		value = text;
		/*
		 * Mounted secrets tempt to name the PEM file itself here: then
		 * its own path is what is meant.
		 */
		if ((id == SETTINGS_TLS_CERT || id == SETTINGS_TLS_KEY) &&
		    strncmp(text, "-----BEGIN ", 11) == 0)
			value = path;
	}
	r = settings_value_set(s, id, value, why);
done:
	mem_free_secret(text, cap);
	return (r);
}

/* Text of the file without its last newline; at least one character. */
static enum err
settings_file_read(const char *name, const char *path, char **out,
    size_t *cap, char why[SETTINGS_WHY_LEN])
{
	char	*text = NULL;
	size_t	 len = 0;
	ssize_t	 n = 0;
	int	 fd, error;
	enum err r = ERR_OK;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return (settings_fail(why, name, "cannot open '%.200s': %s",
		    path, strerror(errno)));
	/* The NUL behind the text is there since the memory starts as zeros. */
	if ((text = mem_new(SETTINGS_FILE_MAX + 2)) == NULL) {
		r = ERR_NOMEM;
		goto done;
	}
	while (len <= SETTINGS_FILE_MAX && (n = read(fd, text + len,
	    SETTINGS_FILE_MAX + 1 - len)) > 0)
		len += (size_t)n;
	error = errno;
	if (n == -1)
		r = settings_fail(why, name, "cannot read '%.200s': %s", path,
		    strerror(error));
	else if (len > SETTINGS_FILE_MAX)
		r = settings_fail(why, name, "'%.200s' is larger than 64 KiB",
		    path);
	if (r != ERR_OK)
		goto done;
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	if (len == 0 || memchr(text, '\0', len) != NULL) {
		r = settings_fail(why, name, "'%.200s' is %s", path,
		    len == 0 ? "empty" : "not text");
		goto done;
	}
	*out = text;
	*cap = SETTINGS_FILE_MAX + 2;
	text = NULL;			/* transferred */
done:
	(void)close(fd);
	mem_free_secret(text, SETTINGS_FILE_MAX + 2);
	return (r);
}

/* Compose files pass on unset variables as empty ones: both mean "not set". */
static const char *
settings_getenv(const char *name)
{
	const char	*v = getenv(name);

	return (v == NULL || v[0] == '\0' ? NULL : v);
}
