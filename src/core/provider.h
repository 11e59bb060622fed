/*
 * provider - OTP providers as documents (api.md s.6): parsed and validated,
 * split into what may be shown and what is sealed, exported again without
 * secrets.
 *
 * Secret fields: auth.password, auth.token, auth.value, signature.secret,
 * headers given as {"value":"..","secret":true}, everything in secrets {}
 * (generic); api_key (fast2sms); receipt.secret (both); password (smtp).  Left
 * out, or sent as {"set":true}, they keep the value of the provider that is
 * replaced, provided that its type and the host it talks to stay: nobody can
 * point a stored secret at a host of theirs.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "ip.h"
#include "money.h"

#define PROVIDER_NAME_MAX	100	/* characters; table provider */
#define PROVIDER_DOC_MAX	65536
#define PROVIDER_COUNTRIES_MAX	64
#define PROVIDER_HEADERS_MAX	16
#define PROVIDER_VARIABLES_MAX	8
#define PROVIDER_ERRORS_MAX	16
#define PROVIDER_FIELD_MAX	63
#define PROVIDER_MESSAGE_MAX	191
#define PROVIDER_RETRIES	1	/* unless the document says */
#define PROVIDER_RETRIES_MAX	5
#define PROVIDER_BACKOFF_MS	1000	/* likewise */
#define PROVIDER_BACKOFF_MIN_MS	200
#define PROVIDER_BACKOFF_MAX_MS	30000

enum provider_type {
	PROVIDER_GENERIC, PROVIDER_FAST2SMS, PROVIDER_CARRIER_EMAIL,
	PROVIDER_SMTP, PROVIDER_TYPE_MAX
};

enum provider_auth {
	AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_HEADER, AUTH_QUERY
};
enum provider_content { CONTENT_JSON, CONTENT_FORM, CONTENT_XML, CONTENT_TEXT };
/* +919876543210, 919876543210, 00919876543210, 9876543210 */
enum number_format {
	NUMBER_E164, NUMBER_DIGITS, NUMBER_ZEROS, NUMBER_NATIONAL
};
enum fast2sms_route { F2S_OTP, F2S_DLT, F2S_DLT_MANUAL, F2S_QUICK };
enum smtp_security { SMTP_TLS, SMTP_STARTTLS, SMTP_NONE };

/* Strings are borrowed from the document; "" where it says nothing. */
struct provider_header {
	const char	*name, *value;
	bool		 is_secret;
};

/* How a request is signed (generic_sign.h). */
struct provider_signature {
	const char	*secret, *header, *prefix;
	const char	*timestamp_header;	/* "" : none is signed */
	bool		 is_on, is_base64;
};

struct provider_generic {
	const char		*method;	/* "GET", "POST", "PUT" */
	const char		*url, *body, *sender;
	enum number_format	 number_format;		/* of {to} */
	const char		*template_id;		/* "" : none */
	const json_t		*template_ids;		/* NULL: none */
	const char		*content_type;	/* as it is sent */
	enum provider_content	 content;
	enum provider_auth	 auth;
	const char		*auth_name;	/* user, header or parameter */
	const char		*auth_secret;
	struct provider_signature signature;
	struct provider_header	 headers[PROVIDER_HEADERS_MAX];
	size_t			 n_headers;
	const char		*success_status;	/* "2xx" */
	const char		*success_pointer;	/* "" : none */
	const json_t		*success_equals;	/* NULL: none */
	const char		*success_matches;
	const char		*error_pointer;
	const json_t		*error_map;		/* value to class */
	const json_t		*secrets;		/* {secret.NAME} */
	const char		*message_id_pointer;
	const char		*cost_pointer;	/* "" : none is told */
	enum money_unit		 cost_unit;
	unsigned int		 used;			/* PH_BIT() in url, headers, body */
};

struct provider_fast2sms {
	const char		*api_key, *sender_id, *message_id;
	const char		*template_id, *entity_id, *template_text;
	const char		*base_url;	/* no trailing slash */
	const char		*variables[PROVIDER_VARIABLES_MAX];
	size_t			 n_variables;
	enum fast2sms_route	 route;
	bool			 is_flash;
};

struct provider_carrier_email {
	const char	*smtp;		/* name of the smtp provider */
	const json_t	*carriers;	/* overrides, an array; or NULL */
};

struct provider_smtp {
	const char		*host, *username, *password;
	const char		*from, *reply_to;	/* "Name <a@b>" or "a@b" */
	enum smtp_security	 security;
	uint16_t		 port;
};

/* What is reported later (receipt.h); of generic and fast2sms.  Places are a
 * JSON pointer or the name of a field. */
struct provider_receipt {
	bool		 is_there;
	const char	*secret;
	const char	*list;		/* of several receipts; "" : one */
	const char	*id, *status, *error;
	const json_t	*map;		/* status to its meaning */
};

struct provider {
	char			 name[PROVIDER_NAME_MAX * 4 + 1];
	enum provider_type	 type;
	bool			 is_enabled;
	int			 priority;	/* 0..10000, lower first */
	int			 timeout_s;	/* 1..60 */
	int			 retries;	/* here, before the next one */
	int			 backoff_ms;	/* delivery_state */
	char			 countries[PROVIDER_COUNTRIES_MAX][4];
	size_t			 n_countries;	/* 0: all */
	json_t			*config;	/* type's own fields, no secret */
	/* {"auth":s,"signature":s,"headers":{name:s},"secrets":{name:s}},
	 * {"api_key":s} or {"password":s}; and "receipt":s */
	json_t			*secrets;
	struct provider_receipt	 receipt;
	union {
		struct provider_generic		generic;
		struct provider_fast2sms	fast2sms;
		struct provider_carrier_email	carrier_email;
		struct provider_smtp		smtp;
	} u;
};

/* All that is wrong with a document. */
struct provider_errors {
	struct {
		char	field[PROVIDER_FIELD_MAX + 1];	/* "auth.kind" */
		char	message[PROVIDER_MESSAGE_MAX + 1];	/* a sentence */
	}	v[PROVIDER_ERRORS_MAX];
	size_t	n;
};

/* A row of table provider. */
struct provider_row {
	const char	*name, *type;
	const char	*countries;	/* array_to_string(countries, ',') */
	const char	*config;	/* JSON text */
	const char	*secrets;	/* JSON text, opened; NULL: none */
	int		 priority, timeout_s;
	bool		 is_enabled;
};

/*
 * Reads |doc|, which replaces |old| (NULL: a new one).  Unknown fields are
 * errors: a misspelled one must not be lost in silence.  |allow| decides about
 * URLs that name an address (egress.h).  ERR_FORMAT: |errs| has them all;
 * ERR_NOMEM.  Free with provider_free().
 */
struct provider_parse_args {
	json_t			*doc;		/* not changed */
	const struct provider	*old;
	const struct cidr_list	*allow;
};
enum err	 provider_parse(const struct provider_parse_args *a,
		    struct provider **out, struct provider_errors *errs)
		    MUSTCHECK;
/* From the database; what was once valid.  ERR_FORMAT, ERR_NOMEM. */
enum err	 provider_load(const struct provider_row *row,
		    struct provider **out) MUSTCHECK;
/* Wipes the secrets.  NULL is fine. */
void		 provider_free(struct provider *p);

/* Appends the JSON of the column config / of what is to be sealed. */
void		 provider_config_json(const struct provider *p,
		    struct buf *out);
void		 provider_secrets_json(const struct provider *p,
		    struct buf *out);
bool		 provider_has_secrets(const struct provider *p);
/* Appends the whole document as the console and `provider list` show it:
 * secret fields are {"set":true}. */
void		 provider_export_json(const struct provider *p,
		    struct buf *out);
/* Appends "91,1": for the column countries (string_to_array). */
void		 provider_countries_text(const struct provider *p,
		    struct buf *out);
/* Appends [{"field":..,"message":..}..]. */
void		 provider_errors_json(const struct provider_errors *e,
		    struct buf *out);

/* "generic" ..; the other way round ERR_NOT_FOUND. */
const char	*provider_type_name(enum provider_type t);
enum err	 provider_type_parse(const char *s, enum provider_type *out)
		    MUSTCHECK;
/* Does it send text messages (all but smtp)? */
bool		 provider_is_sms(const struct provider *p);
/* May it send to this E.164 number, by its countries? */
bool		 provider_serves(const struct provider *p, const char *e164);
/*
 * Can it carry a message without a code?  Routes with an approved template and
 * generic ones whose text is {code} alone cannot.
 */
bool		 provider_has_free_text(const struct provider *p);
/*
 * Appends |s| with every secret of |p| replaced by "***", as it is, in
 * percent-encoding, as a JSON string and within Basic credentials: for
 * transcripts.  Secrets under 4 characters are left.  |is_cut|: |s| is the
 * beginning of something, whose last bytes may be those of a secret.
 */
void		 provider_mask(const struct provider *p, const char *s,
		    size_t len, bool is_cut, struct buf *out);

#endif
