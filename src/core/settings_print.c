/*
 * settings_print - shows what is in force, for `identityd config`.
 * Owns the masking: no secret leaves this file in a form that helps anybody.
 */
#include "settings_priv.h"

#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "digest.h"

#define SETTINGS_PRINT_MAX	262144	/* two lists of CIDR_LIST_MAX, URL */
#define SETTINGS_MASK		"***"

/* Texts by enum settings_source. */
static const char *const	settings_sources[] = {
	[SETTINGS_FROM_DEFAULT] =	"default",
	[SETTINGS_FROM_ENV] =		"env",
	[SETTINGS_FROM_FILE] =		"file",
	[SETTINGS_FROM_MADE] =		"made",
};

static void	settings_text_key(const struct settings *s,
		    enum settings_id id, struct buf *out);
static void	settings_text(const struct settings *s, enum settings_id id,
		    struct buf *out);
static void	settings_text_opt(const char *v, struct buf *out);
static void	settings_text_listen(const struct listen_addr *l,
		    struct buf *out);
static void	settings_text_cidrs(const struct cidr_list *l,
		    struct buf *out);
static void	settings_text_secret(bool is_set, const uint8_t key[32],
		    struct buf *out);
static void	settings_mask_uri(const char *s, struct buf *out);
static void	settings_mask_query(const char *s, struct buf *out);
static void	settings_mask_pairs(const char *s, struct buf *out);
static size_t	settings_pair_value_len(const char *s);
static bool	settings_is_secret_name(const char *s, size_t len);

void
settings_format(const struct settings *s, bool as_json, struct buf *out)
{
	struct buf		v;
	enum settings_id	id;
	const char		*source;

	buf_init(&v, SETTINGS_PRINT_MAX);
	if (as_json)
		buf_char(out, '{');
	for (id = 0; id < SETTINGS_MAX; id++) {
		buf_reset(&v);
		settings_text(s, id, &v);
		/* What cannot be shown must not look as if it were empty. */
		if (buf_err(&v) != ERR_OK && buf_err(out) == ERR_OK)
			out->err = buf_err(&v);
		source = settings_sources[s->source[id]];
		if (!as_json) {
			buf_printf(out, "%s=%s # %s\n", settings_name(id),
			    v.len == 0 ? "" : v.data, source);
			continue;
		}
		buf_printf(out, "%s\"%s\":{\"value\":", id == 0 ? "" : ",",
		    settings_name(id));
		if (v.len == 0)
			buf_str(out, "null");
		else
			buf_json(out, v.data, v.len);
		buf_printf(out, ",\"source\":\"%s\"}", source);
	}
	if (as_json)
		buf_str(out, "}\n");
	buf_clear(&v);
}

void
settings_format_list(const struct settings *s, struct buf *out)
{
	struct buf		v;
	enum settings_id	id;

	buf_init(&v, SETTINGS_PRINT_MAX);
	for (id = 0; id < SETTINGS_MAX; id++) {
		buf_reset(&v);
		settings_text(s, id, &v);
		if (buf_err(&v) != ERR_OK && buf_err(out) == ERR_OK)
			out->err = buf_err(&v);
		buf_printf(out, "%s{\"name\":\"%s\",\"value\":",
		    id == 0 ? "[" : ",", settings_name(id));
		if (v.len == 0)
			buf_str(out, "null");
		else
			buf_json(out, v.data, v.len);
		buf_printf(out, ",\"source\":\"%s\"}",
		    settings_sources[s->source[id]]);
	}
	buf_char(out, ']');
	buf_clear(&v);
}

enum err
settings_print(const struct settings *s, bool as_json)
{
	struct buf	out;
	enum err	r;

	buf_init(&out, SETTINGS_PRINT_MAX);
	settings_format(s, as_json, &out);
	if ((r = buf_err(&out)) == ERR_OK &&
	    (fwrite(out.data, 1, out.len, stdout) != out.len ||
	    fflush(stdout) != 0))
		r = ERR_IO;
	buf_clear(&out);
	return (r);
}

void
settings_mask_conninfo(const char *s, struct buf *out)
{
	if (strstr(s, "://") != NULL && (strncmp(s, "postgres://", 11) == 0 ||
	    strncmp(s, "postgresql://", 13) == 0))
		settings_mask_uri(s, out);
	else
		settings_mask_pairs(s, out);
}

static void
settings_text_key(const struct settings *s, enum settings_id id,
    struct buf *out)
{
	if (id == SETTINGS_MASTER_KEY)
		settings_text_secret(s->has_master_key, s->master_key, out);
	else if (id == SETTINGS_MASTER_KEY_OLD)
		settings_text_secret(s->has_master_old, s->master_old, out);
	else
		settings_text_secret(s->has_pepper, s->pepper, out);
}

static void
settings_text(const struct settings *s, enum settings_id id, struct buf *out)
{
	switch (id) {
	case SETTINGS_DATABASE_URL:
		if (s->database_url != NULL)
			settings_mask_conninfo(s->database_url, out);
		break;
	case SETTINGS_DB_POOL:
		buf_printf(out, "%d", s->db_pool);
		break;
	case SETTINGS_HTTP_LISTEN:
		settings_text_listen(&s->http, out);
		break;
	case SETTINGS_HTTPS_LISTEN:
		settings_text_listen(&s->https, out);
		break;
	case SETTINGS_TLS_CERT:
		settings_text_opt(s->tls_cert, out);
		break;
	case SETTINGS_TLS_KEY:
		settings_text_opt(s->tls_key, out);
		break;
	case SETTINGS_DATA_DIR:
		settings_text_opt(s->data_dir, out);
		break;
	case SETTINGS_MASTER_KEY:
	case SETTINGS_MASTER_KEY_OLD:
	case SETTINGS_PASSWORD_PEPPER:
		settings_text_key(s, id, out);
		break;
	case SETTINGS_PUBLIC_URL:
		settings_text_opt(s->public_url, out);
		break;
	case SETTINGS_TRUSTED_PROXIES:
		settings_text_cidrs(&s->trusted_proxies, out);
		break;
	case SETTINGS_EGRESS_ALLOW:
		settings_text_cidrs(&s->egress_allow, out);
		break;
	case SETTINGS_CA_FILE:
		settings_text_opt(s->ca_file, out);
		break;
	case SETTINGS_DNS_SERVER:
		settings_text_listen(&s->dns_server, out);
		break;
	case SETTINGS_WORKERS:
		buf_printf(out, "%d", s->workers);
		break;
	case SETTINGS_RUN_AS:
		settings_text_opt(s->run_as, out);
		break;
	case SETTINGS_DEV_OTP:
		buf_char(out, s->dev_otp ? '1' : '0');
		break;
	case SETTINGS_LOG:
		buf_str(out, s->log == LOG_JSON ? "json" : "text");
		break;
	case SETTINGS_MAX:
		break;
	}
}

static void
settings_text_opt(const char *v, struct buf *out)
{
	if (v != NULL)
		buf_str(out, v);
}

static void
settings_text_listen(const struct listen_addr *l, struct buf *out)
{
	if (!l->is_on)
		buf_str(out, "off");
	else
		buf_printf(out, strchr(l->host, ':') != NULL ? "[%s]:%u" :
		    "%s:%u", l->host, (unsigned int)l->port);
}

static void
settings_text_cidrs(const struct cidr_list *l, struct buf *out)
{
	char	text[CIDR_TEXT_LEN + 1];
	size_t	i;

	for (i = 0; i < l->n; i++) {
		cidr_format(&l->v[i], text);
		buf_printf(out, "%s%s", i == 0 ? "" : ",", text);
	}
}

/* Enough to see whether two machines have the same one, and no more. */
static void
settings_text_secret(bool is_set, const uint8_t key[32], struct buf *out)
{
	uint8_t	hash[SHA256_LEN];
	char	hex[CODEC_HEX_LEN(4) + 1];

	if (!is_set)
		return;
	sha256_of(key, 32, hash);
	hex_encode(hash, 4, hex);
	buf_printf(out, "set (sha256 %s)", hex);
}

/*
 * scheme://user:password@host/db?name=value: everything from the ':' behind
 * the scheme to the last '@' goes, so that a '/' or '@' that should have been
 * escaped in the password does not uncover its rest.  With a '?' before the
 * last '@' nobody can tell password and query apart: then all goes.
 */
static void
settings_mask_uri(const char *s, struct buf *out)
{
	const char	*user = strstr(s, "://") + 3;
	const char	*at = strrchr(user, '@'), *query = strchr(user, '?');
	const char	*colon;

	if (at != NULL) {
		if (query != NULL && query < at) {
			buf_add(out, s, (size_t)(user - s));
			buf_str(out, SETTINGS_MASK);
			return;
		}
		colon = memchr(user, ':', (size_t)(at - user));
		if (colon != NULL) {
			buf_add(out, s, (size_t)(colon + 1 - s));
			buf_str(out, SETTINGS_MASK);
			s = at;
		}
	}
	if (query == NULL) {
		buf_str(out, s);
		return;
	}
	buf_add(out, s, (size_t)(query + 1 - s));
	settings_mask_query(query + 1, out);
}

static void
settings_mask_query(const char *s, struct buf *out)
{
	size_t	len, name_len;

	for (;;) {
		len = strcspn(s, "&");
		name_len = strcspn(s, "=&");
		if (name_len < len && settings_is_secret_name(s, name_len)) {
			buf_add(out, s, name_len + 1);
			buf_str(out, SETTINGS_MASK);
		} else {
			buf_add(out, s, len);
		}
		if (s[len] == '\0')
			return;
		buf_char(out, '&');
		s += len + 1;
	}
}

/* keyword = value, keyword='value with \' and blanks', as libpq reads them. */
static void
settings_mask_pairs(const char *s, struct buf *out)
{
	size_t	name_len, gap, value_len;

	for (;;) {
		s += strspn(s, " ");
		if (*s == '\0')
			return;
		name_len = strcspn(s, "= ");
		gap = strspn(s + name_len, " ");
		if (s[name_len + gap] != '=') {
			/* Not understood: it might be part of a secret. */
			buf_str(out, SETTINGS_MASK);
			return;
		}
		buf_add(out, s, name_len);
		buf_char(out, '=');
		gap++;
		gap += strspn(s + name_len + gap, " ");
		value_len = settings_pair_value_len(s + name_len + gap);
		if (settings_is_secret_name(s, name_len))
			buf_str(out, SETTINGS_MASK);
		else
			buf_add(out, s + name_len + gap, value_len);
		s += name_len + gap + value_len;
		if (*s != '\0')
			buf_char(out, ' ');
	}
}

static size_t
settings_pair_value_len(const char *s)
{
	bool	is_quoted = s[0] == '\'';
	size_t	n = is_quoted ? 1 : 0;

	for (; s[n] != '\0'; n++) {
		if (s[n] == '\\' && s[n + 1] != '\0')
			n++;
		else if (is_quoted && s[n] == '\'')
			return (n + 1);
		else if (!is_quoted && s[n] == ' ')
			return (n);
	}
	return (n);
}

/* libpq undoes %-escapes in names too, so an escaped name counts as one. */
static bool
settings_is_secret_name(const char *s, size_t len)
{
	return ((len == 8 && memcmp(s, "password", 8) == 0) ||
	    (len == 11 && memcmp(s, "sslpassword", 11) == 0) ||
	    memchr(s, '%', len) != NULL);
}
