/*
 * settings_value - what each variable of the environment may say, its default,
 * and which values exclude each other.  Reads no environment and makes no
 * file.  Ref: api.md s.5.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* sched_getaffinity, CPU_COUNT */
#endif

#include "settings_priv.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "mem.h"
#include "str.h"
#include "token.h"

#define SETTINGS_HTTP_PORT	8080
#define SETTINGS_HTTPS_PORT	8443
#define SETTINGS_DATA_DIR_NAME	"var/data"
#define SETTINGS_ACCOUNT	"nobody"
#define SETTINGS_ACCOUNT_MAX	32	/* as useradd(8) */

/* What a value goes to, and how to say that it is wrong. */
struct settings_ctx {
	struct settings	*s;
	const char	*name;
	char		*why;		/* SETTINGS_WHY_LEN bytes */
};

typedef enum err	(*settings_set_fn)(const struct settings_ctx *c,
			    const char *v);

static enum err	settings_set_database(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_pool(const struct settings_ctx *c, const char *v);
static enum err	settings_set_http(const struct settings_ctx *c, const char *v);
static enum err	settings_set_https(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_cert(const struct settings_ctx *c, const char *v);
static enum err	settings_set_key(const struct settings_ctx *c, const char *v);
static enum err	settings_set_ca(const struct settings_ctx *c, const char *v);
static enum err	settings_set_dns(const struct settings_ctx *c, const char *v);
static enum err	settings_set_dir(const struct settings_ctx *c, const char *v);
static enum err	settings_set_master(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_old(const struct settings_ctx *c, const char *v);
static enum err	settings_set_pepper(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_url(const struct settings_ctx *c, const char *v);
static enum err	settings_set_proxies(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_egress(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_workers(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_account(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_dev_otp(const struct settings_ctx *c,
		    const char *v);
static enum err	settings_set_log(const struct settings_ctx *c, const char *v);

static enum err	settings_int(const struct settings_ctx *c, const char *v,
		    int max, int *out);
static enum err	settings_bytes(const struct settings_ctx *c, const char *v,
		    uint8_t out[32]);
static enum err	settings_listen(const struct settings_ctx *c, const char *v,
		    struct listen_addr *out);
static bool	settings_listen_parse(const char *v, struct listen_addr *out);
static enum err	settings_cidrs(const struct settings_ctx *c, const char *v,
		    struct cidr_list *out);
static enum err	settings_path(const struct settings_ctx *c, const char *v,
		    char **out);
static enum err	settings_readable(const struct settings_ctx *c, const char *v,
		    char **out);
static size_t	settings_url_host(const char *v);
static enum err	settings_default_text(char **p, const char *v);
static enum err	settings_default_url(struct settings *s);
static int	settings_cpus(void);
static enum err	settings_defaults(struct settings *s,
		    char why[SETTINGS_WHY_LEN]);
static enum err	settings_account_check(const struct settings *s,
		    char why[SETTINGS_WHY_LEN]);

/* The reader of each variable. */
static const settings_set_fn	settings_setters[SETTINGS_MAX] = {
	[SETTINGS_DATABASE_URL] =	settings_set_database,
	[SETTINGS_DB_POOL] =		settings_set_pool,
	[SETTINGS_HTTP_LISTEN] =	settings_set_http,
	[SETTINGS_HTTPS_LISTEN] =	settings_set_https,
	[SETTINGS_TLS_CERT] =		settings_set_cert,
	[SETTINGS_TLS_KEY] =		settings_set_key,
	[SETTINGS_DATA_DIR] =		settings_set_dir,
	[SETTINGS_MASTER_KEY] =		settings_set_master,
	[SETTINGS_MASTER_KEY_OLD] =	settings_set_old,
	[SETTINGS_PASSWORD_PEPPER] =	settings_set_pepper,
	[SETTINGS_PUBLIC_URL] =		settings_set_url,
	[SETTINGS_TRUSTED_PROXIES] =	settings_set_proxies,
	[SETTINGS_EGRESS_ALLOW] =	settings_set_egress,
	[SETTINGS_CA_FILE] =		settings_set_ca,
	[SETTINGS_DNS_SERVER] =		settings_set_dns,
	[SETTINGS_WORKERS] =		settings_set_workers,
	[SETTINGS_RUN_AS] =		settings_set_account,
	[SETTINGS_DEV_OTP] =		settings_set_dev_otp,
	[SETTINGS_LOG] =		settings_set_log,
};

enum err
settings_value_set(struct settings *s, enum settings_id id, const char *value,
    char why[SETTINGS_WHY_LEN])
{
	const struct settings_ctx	c = { s, settings_name(id), why };
	size_t				i;

	/* Values end up in kore.conf and in logs: a line is a line. */
	for (i = 0; value[i] != '\0'; i++) {
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return (settings_fail(why, c.name,
			    "must not hold control characters or newlines"));
	}
	return (settings_setters[id](&c, value));
}

enum err
settings_value_finish(struct settings *s, char why[SETTINGS_WHY_LEN])
{
	enum err	r;

	if ((r = settings_defaults(s, why)) != ERR_OK)
		return (r);
	if (!s->http.is_on && !s->https.is_on)
		return (settings_fail(why, settings_name(SETTINGS_HTTP_LISTEN),
		    "off, and IDENTITY_HTTPS_LISTEN too; nothing would be "
		    "served"));
	if (s->http.is_on && s->https.is_on && s->http.port == s->https.port &&
	    strcmp(s->http.host, s->https.host) == 0)
		return (settings_fail(why, settings_name(SETTINGS_HTTP_LISTEN),
		    "the same address as IDENTITY_HTTPS_LISTEN; change one"));
	if (s->tls_cert != NULL && s->tls_key == NULL)
		return (settings_fail(why, settings_name(SETTINGS_TLS_KEY),
		    "missing, while IDENTITY_TLS_CERT is set; set both or "
		    "none"));
	if (s->tls_cert == NULL && s->tls_key != NULL)
		return (settings_fail(why, settings_name(SETTINGS_TLS_CERT),
		    "missing, while IDENTITY_TLS_KEY is set; set both or "
		    "none"));
	return (settings_account_check(s, why));
}

static enum err
settings_set_database(const struct settings_ctx *c, const char *v)
{
	/* libpq reads it later; here only what is surely something else. */
	if (strncmp(v, "postgres://", 11) != 0 &&
	    strncmp(v, "postgresql://", 13) != 0 && strchr(v, '=') == NULL)
		return (settings_fail(c->why, c->name,
		    "must be postgresql://... or keyword=value pairs"));
	return (settings_default_text(&c->s->database_url, v));
}

static enum err
settings_set_pool(const struct settings_ctx *c, const char *v)
{
	return (settings_int(c, v, SETTINGS_DB_POOL_MAX, &c->s->db_pool));
}

static enum err
settings_set_http(const struct settings_ctx *c, const char *v)
{
	return (settings_listen(c, v, &c->s->http));
}

static enum err
settings_set_https(const struct settings_ctx *c, const char *v)
{
	return (settings_listen(c, v, &c->s->https));
}

static enum err
settings_set_cert(const struct settings_ctx *c, const char *v)
{
	return (settings_readable(c, v, &c->s->tls_cert));
}

static enum err
settings_set_key(const struct settings_ctx *c, const char *v)
{
	return (settings_readable(c, v, &c->s->tls_key));
}

static enum err
settings_set_ca(const struct settings_ctx *c, const char *v)
{
	return (settings_readable(c, v, &c->s->ca_file));
}

static enum err
settings_set_dir(const struct settings_ctx *c, const char *v)
{
	return (settings_path(c, v, &c->s->data_dir));
}

static enum err
settings_set_master(const struct settings_ctx *c, const char *v)
{
	enum err	r;

	if ((r = settings_bytes(c, v, c->s->master_key)) == ERR_OK)
		c->s->has_master_key = true;
	return (r);
}

static enum err
settings_set_old(const struct settings_ctx *c, const char *v)
{
	enum err	r;

	if ((r = settings_bytes(c, v, c->s->master_old)) == ERR_OK)
		c->s->has_master_old = true;
	return (r);
}

static enum err
settings_set_pepper(const struct settings_ctx *c, const char *v)
{
	enum err	r;

	if ((r = settings_bytes(c, v, c->s->pepper)) == ERR_OK)
		c->s->has_pepper = true;
	return (r);
}

/* scheme://host[:port], and one slash behind it that is dropped. */
static enum err
settings_set_url(const struct settings_ctx *c, const char *v)
{
	const char	*host, *end;
	size_t		 host_len, i, len = strlen(v);
	int64_t		 port;

	if (len > 0 && v[len - 1] == '/')
		len--;
	host = strncmp(v, "http://", 7) == 0 ? v + 7 :
	    strncmp(v, "https://", 8) == 0 ? v + 8 : NULL;
	if (host == NULL || host > v + len || len > TOKEN_ISS_MAX_LEN ||
	    (host_len = settings_url_host(host)) == 0)
		goto bad;
	end = host + host_len;
	if (*end == ':') {
		if (str_int(end + 1, (size_t)(v + len - end - 1), 1, UINT16_MAX,
		    &port) != ERR_OK || end[1] == '0')
			goto bad;
	} else if (end != v + len) {
		goto bad;
	}
	if ((c->s->public_url = mem_dup(v, len)) == NULL)
		return (ERR_NOMEM);
	/* One spelling, since it is compared as the issuer of tokens. */
	for (i = 0; i < len; i++) {
		if (v[i] >= 'A' && v[i] <= 'Z')
			c->s->public_url[i] = (char)(v[i] + ('a' - 'A'));
	}
	return (ERR_OK);
bad:
	return (settings_fail(c->why, c->name, "must be http:// or https://, "
	    "a host and maybe a port, without path, query or user"));
}

static enum err
settings_set_proxies(const struct settings_ctx *c, const char *v)
{
	return (settings_cidrs(c, v, &c->s->trusted_proxies));
}

static enum err
settings_set_egress(const struct settings_ctx *c, const char *v)
{
	return (settings_cidrs(c, v, &c->s->egress_allow));
}

/* glibc's resolver takes another server by its IPv4 address. */
static enum err
settings_set_dns(const struct settings_ctx *c, const char *v)
{
	if (settings_listen_parse(v, &c->s->dns_server) &&
	    strchr(c->s->dns_server.host, ':') == NULL)
		return (ERR_OK);
	return (settings_fail(c->why, c->name, "must be an IPv4 address and a "
	    "port, like 192.0.2.53:53, or off"));
}

static enum err
settings_set_workers(const struct settings_ctx *c, const char *v)
{
	return (settings_int(c, v, SETTINGS_WORKERS_MAX, &c->s->workers));
}

static enum err
settings_set_account(const struct settings_ctx *c, const char *v)
{
	size_t	i;

	for (i = 0; v[i] != '\0'; i++) {
		if (i == SETTINGS_ACCOUNT_MAX || strchr("0123456789-_."
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		    v[i]) == NULL || (i == 0 && v[i] == '-'))
			return (settings_fail(c->why, c->name,
			    "must be the name of an account"));
	}
	return (settings_default_text(&c->s->run_as, v));
}

static enum err
settings_set_dev_otp(const struct settings_ctx *c, const char *v)
{
	if (strcmp(v, "0") != 0 && strcmp(v, "1") != 0)
		return (settings_fail(c->why, c->name, "must be 1 or 0"));
	c->s->dev_otp = v[0] == '1';
	return (ERR_OK);
}

static enum err
settings_set_log(const struct settings_ctx *c, const char *v)
{
	if (strcmp(v, "text") != 0 && strcmp(v, "json") != 0)
		return (settings_fail(c->why, c->name,
		    "must be text or json"));
	c->s->log = v[0] == 'j' ? LOG_JSON : LOG_TEXT;
	return (ERR_OK);
}

static enum err
settings_int(const struct settings_ctx *c, const char *v, int max, int *out)
{
	int64_t	n;

	if (str_int(v, strlen(v), 1, max, &n) != ERR_OK)
		return (settings_fail(c->why, c->name,
		    "'%.32s' is not a number from 1 to %d", v, max));
	*out = (int)n;
	return (ERR_OK);
}

static enum err
settings_bytes(const struct settings_ctx *c, const char *v, uint8_t out[32])
{
	uint8_t	raw[33];
	size_t	n = sizeof(raw);
	enum err r = ERR_OK;

	if (b64_decode(v, strlen(v), raw, &n) == ERR_OK && n == 32)
		memcpy(out, raw, 32);
	else
		r = settings_fail(c->why, c->name, "must be 32 bytes as base64 "
		    "(44 characters); openssl rand -base64 32 makes one");
	mem_wipe(raw, sizeof(raw));
	return (r);
}

static enum err
settings_listen(const struct settings_ctx *c, const char *v,
    struct listen_addr *out)
{
	if (!settings_listen_parse(v, out))
		return (settings_fail(c->why, c->name, "'%.64s' is not "
		    "address:port, [IPv6 address]:port or off", v));
	return (ERR_OK);
}

static bool
settings_listen_parse(const char *v, struct listen_addr *out)
{
	struct ip	 a;
	const char	*colon, *host = v;
	size_t		 host_len;
	int64_t		 port;
	bool		 has_brackets;

	memset(out, 0, sizeof(*out));
	if (strcmp(v, "off") == 0)
		return (true);
	if ((colon = strrchr(v, ':')) == NULL || colon[1] == '0')
		return (false);
	host_len = (size_t)(colon - v);
	has_brackets = host_len >= 2 && v[0] == '[' && colon[-1] == ']';
	if (has_brackets) {
		host++;
		host_len -= 2;
	}
	/* "::1:8080" could be an address with or without a port. */
	if (has_brackets != (memchr(host, ':', host_len) != NULL) ||
	    ip_parse(host, host_len, &a) != ERR_OK ||
	    str_int(colon + 1, strlen(colon + 1), 1, UINT16_MAX, &port) !=
	    ERR_OK)
		return (false);
	ip_format(&a, out->host);
	out->port = (uint16_t)port;
	out->is_on = true;
	return (true);
}

static enum err
settings_cidrs(const struct settings_ctx *c, const char *v,
    struct cidr_list *out)
{
	const char	*bad;
	size_t		 bad_len;
	enum err	 r;

	switch (r = cidr_list_parse(v, strlen(v), out, &bad, &bad_len)) {
	case ERR_OK:
	case ERR_NOMEM:
		return (r);
	case ERR_SPACE:
		return (settings_fail(c->why, c->name,
		    "more than %d entries", CIDR_LIST_MAX));
	default:
		return (settings_fail(c->why, c->name, "'%.*s' is not an "
		    "address or CIDR block%s",
		    (int)(bad_len > 64 ? 64 : bad_len), bad, r == ERR_RANGE ?
		    " (prefix too long, or bits set behind it)" : ""));
	}
}

/* Makes |v| absolute, without slashes at its end. */
static enum err
settings_path(const struct settings_ctx *c, const char *v, char **out)
{
	char	cwd[PATH_MAX], full[PATH_MAX];
	size_t	len;

	cwd[0] = '\0';
	if (v[0] != '/' && getcwd(cwd, sizeof(cwd)) == NULL)
		return (settings_fail(c->why, c->name, "the current directory "
		    "is not known (%s); give an absolute path",
		    strerror(errno)));
	if (str_printf(full, sizeof(full), "%s%s%s", cwd,
	    v[0] == '/' ? "" : "/", v) != ERR_OK)
		return (settings_fail(c->why, c->name, "the path is too long"));
	len = strlen(full);
	while (len > 1 && full[len - 1] == '/')
		len--;
	*out = mem_dup(full, len);
	return (*out == NULL ? ERR_NOMEM : ERR_OK);
}

static enum err
settings_readable(const struct settings_ctx *c, const char *v, char **out)
{
	enum err	r;

	/* The key itself in the variable would end up in an error line. */
	if (strncmp(v, "-----BEGIN ", 11) == 0)
		return (settings_fail(c->why, c->name,
		    "must be the path of a PEM file, not its contents"));
	if ((r = settings_path(c, v, out)) != ERR_OK)
		return (r);
	if (access(*out, R_OK) == -1)
		return (settings_fail(c->why, c->name, "cannot read '%.200s': "
		    "%s", *out, strerror(errno)));
	return (ERR_OK);
}

/* Length of the host name, IPv4 or [IPv6] that |v| starts with, 0 if none. */
static size_t
settings_url_host(const char *v)
{
	struct ip	 a;
	const char	*end;
	size_t		 i, len;
	bool		 is_label = false;

	if (v[0] == '[') {
		if ((end = strchr(v, ']')) == NULL)
			return (0);
		len = (size_t)(end - v) - 1;
		if (memchr(v + 1, ':', len) == NULL ||
		    ip_parse(v + 1, len, &a) != ERR_OK)
			return (0);
		return (len + 2);
	}
	len = strcspn(v, ":/?#@");
	for (i = 0; i < len; i++) {
		if (v[i] == '.' || v[i] == '-') {
			if (!is_label)
				return (0);
			/* "a-.b" and "a.-b" are no names; "a--b" is one. */
			is_label = v[i] == '-' && v[i + 1] != '.';
			continue;
		}
		if (strchr("0123456789"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
		    v[i]) == NULL)
			return (0);
		is_label = true;
	}
	return (len > 0 && is_label && v[len - 1] != '-' ? len : 0);
}

/* Copies |v| if there is nothing yet. */
static enum err
settings_default_text(char **p, const char *v)
{
	if (*p == NULL && (*p = mem_dup(v, strlen(v))) == NULL)
		return (ERR_NOMEM);
	return (ERR_OK);
}

static enum err
settings_default_url(struct settings *s)
{
	const struct listen_addr	*l = &s->https;
	const char			*host;
	char				 url[IP_TEXT_LEN + 32];
	enum err			 r;

	if (s->public_url != NULL)
		return (ERR_OK);
	if (s->http.is_on)
		l = &s->http;
	host = l->host;
	/* "Every address" can be listened on, but not called. */
	if (strcmp(host, "0.0.0.0") == 0)
		host = "127.0.0.1";
	else if (strcmp(host, "::") == 0)
		host = "::1";
	if ((r = str_printf(url, sizeof(url), strchr(host, ':') != NULL ?
	    "%s://[%s]:%u" : "%s://%s:%u", s->http.is_on ? "http" : "https",
	    host, (unsigned int)l->port)) != ERR_OK)
		return (r);
	return (settings_default_text(&s->public_url, url));
}

/* CPUs that this process may use: what a container or taskset left of them. */
static int
settings_cpus(void)
{
	cpu_set_t	set;
	int		n;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		return (1);
	n = CPU_COUNT(&set);
	return (n < 1 ? 1 : n > SETTINGS_WORKERS_MAX ? SETTINGS_WORKERS_MAX :
	    n);
}

static enum err
settings_defaults(struct settings *s, char why[SETTINGS_WHY_LEN])
{
	const struct settings_ctx	c = {
		s, settings_name(SETTINGS_DATA_DIR), why
	};
	enum err			r;

	if (s->source[SETTINGS_HTTP_LISTEN] == SETTINGS_FROM_DEFAULT)
		s->http = (struct listen_addr){ true, "127.0.0.1",
		    SETTINGS_HTTP_PORT };
	if (s->source[SETTINGS_HTTPS_LISTEN] == SETTINGS_FROM_DEFAULT)
		s->https = (struct listen_addr){ true, "127.0.0.1",
		    SETTINGS_HTTPS_PORT };
	if (s->workers == 0)
		s->workers = settings_cpus();
	if (s->db_pool == 0)
		s->db_pool = s->workers > 2 ? SETTINGS_POOL :
		    SETTINGS_POOL_OF_FEW;
	if (s->data_dir == NULL &&
	    (r = settings_path(&c, SETTINGS_DATA_DIR_NAME, &s->data_dir)) !=
	    ERR_OK)
		return (r);
	if ((r = settings_default_text(&s->run_as, SETTINGS_ACCOUNT)) != ERR_OK)
		return (r);
	return (settings_default_url(s));
}

/* Only the superuser can change accounts, so only then does it matter. */
static enum err
settings_account_check(const struct settings *s, char why[SETTINGS_WHY_LEN])
{
	const struct passwd	*pw;

	if (geteuid() != 0)
		return (ERR_OK);
	if ((pw = getpwnam(s->run_as)) == NULL)
		return (settings_fail(why, settings_name(SETTINGS_RUN_AS),
		    "there is no account '%s' on this system", s->run_as));
	if (pw->pw_uid == 0)
		return (settings_fail(why, settings_name(SETTINGS_RUN_AS),
		    "'%s' is the superuser; name an account without "
		    "privileges", s->run_as));
	return (ERR_OK);
}
