/*
 * provider_generic - the rules of generic documents: templates with their
 * placeholders, where they stand, and how an answer is judged.
 */
#include <string.h>
#include <strings.h>

#include "egress.h"
#include "generic_sign.h"
#include "generic_sms.h"
#include "http_call.h"
#include "json_pointer.h"
#include "message_text.h"
#include "pattern.h"
#include "placeholder.h"
#include "provider_priv.h"

/* Headers that are curl's, the document's content_type, or nobody's. */
static const char *const	rules_no_header[] = {
	"Host", "Content-Type", "Content-Length", "Transfer-Encoding",
	"Connection", "Keep-Alive", "Upgrade", "Expect", "TE", "Trailer",
	"Proxy-Authorization", "Proxy-Connection", "Cookie2",
};

/* Values of every kind, to see what a template becomes. */
static const struct placeholder_values	rules_samples = { {
	[PH_TO_E164] = "+919876543210", [PH_TO_NATIONAL] = "9876543210",
	[PH_COUNTRY_CODE] = "91", [PH_CODE] = "012345",
	[PH_MESSAGE] = "\"Code\" <012345>\n& more", [PH_SENDER] = "SENDER",
	[PH_TTL_MINUTES] = "5", [PH_APP_NAME] = "An \"app\"",
	[PH_REQUEST_ID] = "0190b1c2-0000-7000-8000-000000000000",
	[PH_TO] = "+919876543210", [PH_TEMPLATE_ID] = "1107160000000000001",
	[PH_LOCALE] = "en",
}, NULL };

static void	rules_url(struct provider_work *w);
static void	rules_headers(struct provider_work *w);
static bool	rules_is_header(const char *name);
static void	rules_auth(struct provider_work *w);
static void	rules_signature(struct provider_work *w);
static void	rules_signature_header(struct provider_work *w,
		    const char *field, const char *name);
static void	rules_body(struct provider_work *w);
static void	rules_json_body(struct provider_work *w);
static void	rules_placeholders(struct provider_work *w);
static void	rules_number(struct provider_work *w);
static void	rules_templates(struct provider_work *w);
static bool	rules_is_template(const char *key);
static void	rules_success(struct provider_work *w);
static void	rules_errors(struct provider_work *w);
static void	rules_cost(struct provider_work *w);

void
provider_rules_generic(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;

	if (g->method[0] == '\0')
		provider_bad(w, "method", "must be GET, POST or PUT");
	if (g->content_type[0] == '\0')
		provider_bad(w, "content_type", "must be application/json, "
		    "application/x-www-form-urlencoded, application/xml, "
		    "text/xml or text/plain");
	rules_url(w);
	rules_headers(w);
	rules_auth(w);
	rules_signature(w);
	rules_body(w);
	rules_templates(w);
	if (w->errs->n == 0) {		/* else they may be in what is wrong */
		rules_placeholders(w);
		rules_number(w);
	}
	rules_success(w);
	rules_errors(w);
	rules_cost(w);
	if (!json_pointer_check(g->message_id_pointer))
		provider_bad(w, "message_id_pointer",
		    "must be a JSON pointer, like /messages/0/id");
}

static void
rules_url(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	struct placeholder_values	 v = rules_samples;
	struct egress_target		 t;
	enum egress_why			 why;
	struct buf			 b;
	char				 bad[PH_WHY_MAX];
	size_t				 scheme;

	if (g->url[0] == '\0') {
		provider_bad(w, "url", "is needed");
		return;
	}
	if (placeholder_check(g->url, PH_IN_URL, g->secrets, NULL, bad) !=
	    ERR_OK) {
		provider_bad(w, "url", "%s", bad);
		return;
	}
	scheme = strcspn(g->url, ":") + 3;
	if (scheme < strlen(g->url) && strcspn(g->url + scheme, "/?") >
	    strcspn(g->url + scheme, "{")) {
		provider_bad(w, "url",
		    "must not have a placeholder in its host");
		return;
	}
	buf_init(&b, HTTP_CALL_URL_MAX);
	v.secrets = g->secrets;
	why = EGRESS_NOT_URL;
	if (placeholder_expand(g->url, PH_IN_URL, &v, &b) == ERR_OK &&
	    buf_err(&b) == ERR_OK &&
	    (why = egress_url(b.data, b.len, &t)) == EGRESS_OK)
		why = egress_check(&t, w->allow);
	if (why != EGRESS_OK)
		provider_bad(w, "url", "%s", egress_text(why));
	buf_clear(&b);
}

static void
rules_headers(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	char				 bad[PH_WHY_MAX];
	char				 field[PROVIDER_FIELD_MAX + 1];
	struct buf			 b;
	size_t				 i;

	for (i = 0; i < g->n_headers; i++) {
		buf_init(&b, PROVIDER_FIELD_MAX);
		buf_printf(&b, "headers.%s", g->headers[i].name);
		memcpy(field, "headers", sizeof("headers"));
		if (buf_err(&b) == ERR_OK)
			memcpy(field, b.data, b.len + 1);
		buf_clear(&b);
		if (!rules_is_header(g->headers[i].name))
			provider_bad(w, field,
			    "is no header that can be set here");
		else if (g->headers[i].value[0] == '\0')
			provider_bad(w, field, "must have a value");
		else if (strchr(g->headers[i].value, '\n') != NULL)
			provider_bad(w, field,
			    "must not hold control characters");
		else if (placeholder_check(g->headers[i].value, PH_IN_HEADER,
		    g->secrets, NULL, bad) != ERR_OK)
			provider_bad(w, field, "%s", bad);
	}
}

static bool
rules_is_header(const char *name)
{
	struct http_call	c;
	bool			is_fine;
	size_t			i;

	http_call_init(&c);
	is_fine = strlen(name) <= 64 &&
	    http_call_header(&c, name, "") == ERR_OK;
	http_call_clear(&c);
	for (i = 0; i < COUNT(rules_no_header); i++) {
		if (strcasecmp(name, rules_no_header[i]) == 0)
			return (false);
	}
	return (is_fine);
}

static void
rules_auth(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	static const char *const	 kinds[] = {
		[AUTH_NONE] = "none", [AUTH_BASIC] = "basic",
		[AUTH_BEARER] = "bearer", [AUTH_HEADER] = "header",
		[AUTH_QUERY] = "query",
	};
	static const char *const	 secrets[] = {
		[AUTH_NONE] = NULL, [AUTH_BASIC] = "auth.password",
		[AUTH_BEARER] = "auth.token", [AUTH_HEADER] = "auth.value",
		[AUTH_QUERY] = "auth.value",
	};
	const json_t			*auth, *kind;

	auth = json_object_get(w->p->config, "auth");
	kind = json_object_get(auth, "kind");
	if (auth != NULL && (!json_is_string(kind) ||
	    strcmp(json_string_value(kind), kinds[g->auth]) != 0)) {
		provider_bad(w, "auth.kind",
		    "must be none, basic, bearer, header or query");
		return;
	}
	if (g->auth == AUTH_NONE)
		return;
	if (g->auth_secret[0] == '\0')
		provider_bad(w, secrets[g->auth], "is needed");
	if (g->auth == AUTH_BASIC && (g->auth_name[0] == '\0' ||
	    strchr(g->auth_name, ':') != NULL))
		provider_bad(w, "auth.username",
		    "is needed, and must not hold ':'");	/* RFC 7617 s.2 */
	if (g->auth == AUTH_HEADER && !rules_is_header(g->auth_name))
		provider_bad(w, "auth.name",
		    "must be the name of a header that can be set here");
	if (g->auth == AUTH_QUERY && g->auth_name[0] == '\0')
		provider_bad(w, "auth.name", "is needed");
}

static void
rules_signature(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	const struct provider_signature	*s = &g->signature;
	const char			*encoding;

	if (!s->is_on)
		return;
	encoding = json_string_value(json_object_get(json_object_get(
	    w->p->config, "signature"), "encoding"));
	if (strlen(s->secret) < SIGNATURE_SECRET_MIN)
		provider_bad(w, "signature.secret",
		    "is needed, and must be at least %d bytes",
		    SIGNATURE_SECRET_MIN);
	if (encoding != NULL && strcmp(encoding, "hex") != 0 &&
	    strcmp(encoding, "base64") != 0)
		provider_bad(w, "signature.encoding", "must be hex or base64");
	if (strchr(s->prefix, '\n') != NULL)
		provider_bad(w, "signature.prefix",
		    "must not hold control characters");
	rules_signature_header(w, "signature.header", s->header);
	if (s->timestamp_header[0] == '\0')
		;
	else if (strcasecmp(s->timestamp_header, s->header) == 0)
		provider_bad(w, "signature.timestamp_header",
		    "must be another one than signature.header");
	else
		rules_signature_header(w, "signature.timestamp_header",
		    s->timestamp_header);
}

/* One that the request does not have already. */
static void
rules_signature_header(struct provider_work *w, const char *field,
    const char *name)
{
	const struct provider_generic	*g = &w->p->u.generic;
	bool				 is_taken;
	size_t				 i;

	is_taken = g->auth == AUTH_HEADER ?
	    strcasecmp(name, g->auth_name) == 0 :
	    (g->auth == AUTH_BASIC || g->auth == AUTH_BEARER) &&
	    strcasecmp(name, "Authorization") == 0;
	for (i = 0; i < g->n_headers; i++)
		is_taken = is_taken || strcasecmp(name, g->headers[i].name) ==
		    0;
	if (!rules_is_header(name))
		provider_bad(w, field,
		    "must be the name of a header that can be set here");
	else if (is_taken)
		provider_bad(w, field,
		    "must not be a header that auth or headers set");
}

static void
rules_body(struct provider_work *w)
{
	const struct provider_generic		*g = &w->p->u.generic;
	static const enum placeholder_context	 ctx[] = {
		[CONTENT_JSON] = PH_IN_JSON, [CONTENT_FORM] = PH_IN_FORM,
		[CONTENT_XML] = PH_IN_XML, [CONTENT_TEXT] = PH_IN_TEXT,
	};
	char					 bad[PH_WHY_MAX];

	if (g->body[0] == '\0') {
		if (g->signature.is_on && w->errs->n == 0)
			provider_bad(w, "signature", "signs the body, and "
			    "there is none: give one, with POST or PUT, or "
			    "leave signature out");
		return;
	}
	if (strcmp(g->method, "GET") == 0)
		provider_bad(w, "body", "must be left out with GET");
	else if (placeholder_check(g->body, ctx[g->content], g->secrets, NULL,
	    bad) != ERR_OK)
		provider_bad(w, "body", "%s", bad);
	else if (g->content == CONTENT_JSON)
		rules_json_body(w);
}

static void
rules_json_body(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	struct placeholder_values	 v = rules_samples;
	json_error_t			 why;
	json_t				*j;
	struct buf			 b;

	buf_init(&b, HTTP_CALL_BODY_MAX);
	v.secrets = g->secrets;
	if (placeholder_expand(g->body, PH_IN_JSON, &v, &b) == ERR_OK &&
	    buf_err(&b) == ERR_OK) {
		if ((j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES,
		    &why)) == NULL)
			provider_bad(w, "body",
			    "is not JSON once its placeholders are filled");
		json_decref(j);
	}
	buf_clear(&b);
}

static void
rules_placeholders(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	const char			*field = g->body[0] == '\0' ? "url" :
					    "body";

	if ((g->used & (PH_BIT(PH_CODE) | PH_BIT(PH_MESSAGE))) == 0)
		provider_bad(w, field,
		    "must hold {message} or {code} (or another part must)");
	else if ((g->used & (PH_BIT(PH_TO_E164) | PH_BIT(PH_TO_NATIONAL) |
	    PH_BIT(PH_TO))) == 0)
		provider_bad(w, field, "must hold {to}, {to_e164} or "
		    "{to_national} (or another part must)");
	if ((g->used & PH_BIT(PH_SENDER)) != 0 && g->sender[0] == '\0')
		provider_bad(w, "sender", "is needed: {sender} stands for it");
}

/* A format that nothing is written in is a mistake. */
static void
rules_number(struct provider_work *w)
{
	static const char *const	 names[] = {
		[NUMBER_E164] = "e164", [NUMBER_DIGITS] = "digits",
		[NUMBER_ZEROS] = "00", [NUMBER_NATIONAL] = "national",
	};
	const struct provider_generic	*g = &w->p->u.generic;
	const char			*s;

	s = json_string_value(json_object_get(w->p->config, "number_format"));
	if (s == NULL || s[0] == '\0')
		return;
	if (strcmp(s, names[g->number_format]) != 0)
		provider_bad(w, "number_format",
		    "must be e164, digits, 00 or national");
	else if ((g->used & PH_BIT(PH_TO)) == 0)
		provider_bad(w, "number_format",
		    "is the format of {to}, which stands nowhere");
}

/* Those of codes have to be there, or the first code fails. */
static void
rules_templates(struct provider_work *w)
{
	static const char *const	 codes[] = {
		MESSAGE_SIGN_IN_CODE, MESSAGE_RESET_CODE,
	};
	const struct provider_generic	*g = &w->p->u.generic;
	const char			*key;
	json_t				*ids, *v;
	size_t				 i;

	ids = json_object_get(w->p->config, "template_ids");
	json_object_foreach(ids, key, v) {
		if (!rules_is_template(key))
			provider_bad(w, "template_ids", "must have names of "
			    "messages, like sign_in_code or sign_in_code/hi");
		else if (json_string_length(v) == 0)
			provider_bad(w, "template_ids",
			    "must not hold an empty id");
	}
	if ((g->used & PH_BIT(PH_TEMPLATE_ID)) == 0 ||
	    g->template_id[0] != '\0')
		return;
	for (i = 0; i < COUNT(codes); i++) {
		if (json_object_get(ids, codes[i]) == NULL)
			provider_bad(w, ids == NULL ? "template_id" :
			    "template_ids", ids == NULL ? "is needed: "
			    "{template_id} stands for it (or give "
			    "template_ids)" : "must hold sign_in_code and "
			    "reset_code, or give template_id for the rest");
	}
}

static bool
rules_is_template(const char *key)
{
	size_t		 len = strcspn(key, "/"), i;
	const char	*name;

	if (key[len] == '/' && !text_language_check(key + len + 1))
		return (false);
	for (i = 0; (name = text_name(i)) != NULL; i++) {
		if (strlen(name) == len && memcmp(name, key, len) == 0)
			return (true);
	}
	return (false);
}

static void
rules_success(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	char				 bad[PATTERN_WHY_MAX];

	if (!status_set_check(g->success_status))
		provider_bad(w, "success.status",
		    "must be like \"2xx\", \"200,202\" or \"200-204\"");
	if (!json_pointer_check(g->success_pointer))
		provider_bad(w, "success.pointer",
		    "must be a JSON pointer, like /ok");
	if (g->success_equals != NULL && g->success_matches[0] != '\0')
		provider_bad(w, "success.matches",
		    "must not stand beside success.equals");
	if (g->success_matches[0] != '\0' &&
	    pattern_check(g->success_matches, bad) != ERR_OK)
		provider_bad(w, "success.matches", "%s", bad);
	if (g->success_equals != NULL && g->success_pointer[0] == '\0')
		provider_bad(w, "success.pointer",
		    "is needed with success.equals");
	if (g->success_pointer[0] != '\0' && g->success_equals == NULL &&
	    g->success_matches[0] == '\0')
		provider_bad(w, "success.equals",
		    "or success.matches is needed with success.pointer");
}

static void
rules_errors(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;
	enum verdict_kind		 kind;
	const char			*key, *s;
	json_t				*map, *v;

	map = json_object_get(json_object_get(w->p->config, "errors"), "map");
	if (!json_pointer_check(g->error_pointer))
		provider_bad(w, "errors.pointer",
		    "must be a JSON pointer, like /error/code");
	if (map != NULL && g->error_pointer[0] == '\0')
		provider_bad(w, "errors.pointer", "is needed with errors.map");
	if (map == NULL && g->error_pointer[0] != '\0')
		provider_bad(w, "errors.map", "is needed with errors.pointer");
	json_object_foreach(map, key, v) {
		s = json_string_value(v);
		if (s == NULL || verdict_parse(s, &kind) != ERR_OK)
			provider_bad(w, "errors.map", "must map values to "
			    "retry, user, config, balance or throttled");
	}
}

static void
rules_cost(struct provider_work *w)
{
	static const char *const	 names[] = {
		[MONEY_UNIT] = "unit", [MONEY_HUNDREDTH] = "hundredth",
		[MONEY_THOUSANDTH] = "thousandth",
		[MONEY_MILLIONTH] = "millionth",
	};
	const struct provider_generic	*g = &w->p->u.generic;
	const char			*s;

	if (!json_pointer_check(g->cost_pointer))
		provider_bad(w, "cost_pointer",
		    "must be a JSON pointer, like /messages/0/price");
	s = json_string_value(json_object_get(w->p->config, "cost_unit"));
	if (s == NULL || s[0] == '\0')
		return;
	if (strcmp(s, names[g->cost_unit]) != 0)
		provider_bad(w, "cost_unit",
		    "must be unit, hundredth, thousandth or millionth");
	else if (g->cost_pointer[0] == '\0')
		provider_bad(w, "cost_pointer", "is needed with cost_unit");
}
