/*
 * generic_sms - see generic_sms.h.
 */
#include "generic_sms.h"

#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "dialling.h"
#include "generic_sign.h"
#include "json_in.h"
#include "json_pointer.h"
#include "mem.h"
#include "pattern.h"
#include "placeholder.h"
#include "str.h"

#define STATUS_SET_MAX	64
#define GENERIC_CRED_MAX	8192
#define GENERIC_MAP_KEY_MAX	256
#define GENERIC_COST_MAX	64
#define GENERIC_LOCALE		"en"	/* where nobody knows */
#define GENERIC_TEMPLATE_KEY_MAX	128

/* What placeholders stand for, with the room for what is made for them. */
struct generic_values {
	struct placeholder_values	ph;
	char				cc[4], ttl[16], to[32];
};

static enum err		 generic_values(const struct provider_generic *g,
			    const struct sms_send *s,
			    struct generic_values *out, struct verdict *why);
static const char	*generic_template(const struct provider_generic *g,
			    const char *name, const char *locale);
static const char	*generic_template_of(const json_t *ids,
			    const char *name, const char *locale, size_t len);
static enum err		 generic_auth(const struct provider_generic *g,
			    struct http_call *out);
static enum err		 generic_basic(const struct provider_generic *g,
			    struct http_call *out);
static enum err		 generic_headers(const struct provider_generic *g,
			    const struct placeholder_values *v,
			    struct http_call *out);
static void		 generic_query(const struct provider_generic *g,
			    struct buf *url);
static bool		 generic_is_success(const struct provider_generic *g,
			    const struct http_answer *a, const json_t *j);
static bool		 generic_matches(const char *re, const json_t *j);
static bool		 generic_by_map(const struct provider_generic *g,
			    const struct http_answer *a, const json_t *j,
			    struct verdict *out);
static void		 generic_by_status(const struct provider_generic *g,
			    const struct http_answer *a, struct verdict *out);
static void		 generic_ref(const struct provider_generic *g,
			    const json_t *j, struct verdict *out);
static void		 generic_cost(const struct provider_generic *g,
			    const json_t *j, struct verdict *out);
static bool		 status_range(const char *s, size_t len, int *low,
			    int *high);

enum err
generic_request(const struct provider *p, const struct sms_send *s,
    struct http_call *out, struct verdict *why)
{
	static const enum placeholder_context	 ctx[] = {
		[CONTENT_JSON] = PH_IN_JSON, [CONTENT_FORM] = PH_IN_FORM,
		[CONTENT_XML] = PH_IN_XML, [CONTENT_TEXT] = PH_IN_TEXT,
	};
	const struct provider_generic	*g = &p->u.generic;
	struct generic_values		 v;
	enum err			 r;

	if ((r = generic_values(g, s, &v, why)) != ERR_OK)
		return (r);
	out->method = g->method;
	if ((r = placeholder_expand(g->url, PH_IN_URL, &v.ph, &out->url)) ==
	    ERR_OK && (r = generic_headers(g, &v.ph, out)) == ERR_OK &&
	    (r = generic_auth(g, out)) == ERR_OK && g->body[0] != '\0' &&
	    (r = http_call_header(out, "Content-Type", g->content_type)) ==
	    ERR_OK)
		r = placeholder_expand(g->body, ctx[g->content], &v.ph,
		    &out->body);
	if (r == ERR_OK)
		r = http_call_err(out);
	if (r == ERR_OK && g->signature.is_on)
		r = generic_sign(&g->signature, s->now_s, out);
	if (r == ERR_SPACE || r == ERR_FORMAT)
		verdict_set(why, VERDICT_CONFIG,
		    "the request that the document describes is too long or "
		    "no longer valid");
	else if (r != ERR_OK)
		verdict_set(why, VERDICT_RETRY, "%s", err_text(r));
	return (r);
}

static enum err
generic_values(const struct provider_generic *g, const struct sms_send *s,
    struct generic_values *out, struct verdict *why)
{
	static const char *const	 before[] = {
		[NUMBER_E164] = "+", [NUMBER_DIGITS] = "",
		[NUMBER_ZEROS] = "00", [NUMBER_NATIONAL] = "",
	};
	const char			*locale;

	memset(out, 0, sizeof(*out));
	dialling_code(s->to, out->cc);
	(void)snprintf(out->ttl, sizeof(out->ttl), "%d", (s->ttl_s + 59) / 60);
	(void)snprintf(out->to, sizeof(out->to), "%s%s",
	    before[g->number_format], g->number_format == NUMBER_NATIONAL ?
	    dialling_national(s->to) : s->to + (s->to[0] == '+'));
	/* Of what is read: our text, or the gateway's for this person. */
	locale = (g->used & PH_BIT(PH_MESSAGE)) != 0 ? s->locale : s->language;
	if (locale == NULL || locale[0] == '\0')
		locale = GENERIC_LOCALE;
	out->ph.secrets = g->secrets;
	out->ph.v[PH_TO_E164] = s->to;
	out->ph.v[PH_TO_NATIONAL] = dialling_national(s->to);
	out->ph.v[PH_TO] = out->to;
	out->ph.v[PH_COUNTRY_CODE] = out->cc;
	out->ph.v[PH_CODE] = s->code;
	out->ph.v[PH_MESSAGE] = s->message;
	out->ph.v[PH_SENDER] = g->sender;
	out->ph.v[PH_TTL_MINUTES] = out->ttl;
	out->ph.v[PH_APP_NAME] = s->app_name;
	out->ph.v[PH_REQUEST_ID] = s->request_id;
	out->ph.v[PH_LOCALE] = locale;
	out->ph.v[PH_TEMPLATE_ID] = generic_template(g, s->template, locale);
	if ((g->used & PH_BIT(PH_TEMPLATE_ID)) == 0 ||
	    out->ph.v[PH_TEMPLATE_ID] != NULL)
		return (ERR_OK);
	/* Another provider may take it; nothing is wrong with this one. */
	verdict_set(why, VERDICT_USER,
	    "the provider's document has no template id for %s",
	    s->template == NULL ? "this message" : s->template);
	return (ERR_FORMAT);
}

/* For this message in this language, in its first subtag, in any; NULL. */
static const char *
generic_template(const struct provider_generic *g, const char *name,
    const char *locale)
{
	const char	*id;

	if (name != NULL && ((id = generic_template_of(g->template_ids, name,
	    locale, strlen(locale))) != NULL ||
	    (id = generic_template_of(g->template_ids, name, locale,
	    strcspn(locale, "-"))) != NULL || (id = json_string_value(
	    json_object_get(g->template_ids, name))) != NULL))
		return (id);
	return (g->template_id[0] != '\0' ? g->template_id : NULL);
}

/* "sign_in_code/hi"; case is nothing in a language. */
static const char *
generic_template_of(const json_t *ids, const char *name, const char *locale,
    size_t len)
{
	char		 key[GENERIC_TEMPLATE_KEY_MAX];
	const char	*k;
	void		*at;

	if (str_printf(key, sizeof(key), "%s/%.*s", name, (int)len, locale) !=
	    ERR_OK)
		return (NULL);
	for (at = json_object_iter((json_t *)(uintptr_t)ids); at != NULL;
	    at = json_object_iter_next((json_t *)(uintptr_t)ids, at)) {
		k = json_object_iter_key(at);
		if (str_caseeq(k, key))
			return (json_string_value(json_object_iter_value(at)));
	}
	return (NULL);
}

void
generic_judge(const struct provider *p, const struct http_answer *a,
    struct verdict *out)
{
	const struct provider_generic	*g = &p->u.generic;
	json_t				*j = NULL;

	if (json_in_object(a->body, a->len, &j) != ERR_OK)
		j = NULL;			/* an answer may be any text */
	if (generic_is_success(g, a, j)) {
		verdict_set(out, VERDICT_OK, "%s", "");
		generic_ref(g, j, out);
		generic_cost(g, j, out);
	} else if (!generic_by_map(g, a, j, out))
		generic_by_status(g, a, out);
	json_decref(j);
}

bool
status_set_check(const char *set)
{
	size_t	n;
	int	low, high;

	if (set[0] == '\0' || strlen(set) > STATUS_SET_MAX)
		return (false);
	for (;; set += n + 1) {
		n = strcspn(set, ",");
		if (!status_range(set, n, &low, &high))
			return (false);
		if (set[n] == '\0')
			return (true);
	}
}

bool
status_set_has(const char *set, int status)
{
	size_t	n;
	int	low, high;

	for (;; set += n + 1) {
		n = strcspn(set, ",");
		if (status_range(set, n, &low, &high) && status >= low &&
		    status <= high)
			return (true);
		if (set[n] == '\0')
			return (false);
	}
}

static enum err
generic_headers(const struct provider_generic *g,
    const struct placeholder_values *v, struct http_call *out)
{
	struct buf	b;
	enum err	r = ERR_OK;
	size_t		i;

	for (i = 0; i < g->n_headers && r == ERR_OK; i++) {
		buf_init(&b, HTTP_CALL_HEADER_MAX);
		if ((r = placeholder_expand(g->headers[i].value, PH_IN_HEADER,
		    v, &b)) == ERR_OK && (r = buf_err(&b)) == ERR_OK)
			r = http_call_header(out, g->headers[i].name,
			    b.data == NULL ? "" : b.data);
		buf_clear(&b);
	}
	return (r);
}

static enum err
generic_auth(const struct provider_generic *g, struct http_call *out)
{
	struct buf	b;
	enum err	r = ERR_OK;

	switch (g->auth) {
	case AUTH_NONE:
		break;
	case AUTH_BASIC:
		return (generic_basic(g, out));
	case AUTH_BEARER:
		buf_init(&b, HTTP_CALL_HEADER_MAX);
		buf_printf(&b, "Bearer %s", g->auth_secret);
		if ((r = buf_err(&b)) == ERR_OK)
			r = http_call_header(out, "Authorization", b.data);
		buf_clear(&b);
		break;
	case AUTH_HEADER:
		return (http_call_header(out, g->auth_name, g->auth_secret));
	case AUTH_QUERY:
		generic_query(g, &out->url);
		break;
	}
	return (r);
}

static enum err
generic_basic(const struct provider_generic *g, struct http_call *out)
{
	static const char	word[] = "Basic ";
	char			text[sizeof(word) +
				    CODEC_B64_LEN(GENERIC_CRED_MAX)];
	struct buf		b;
	enum err		r;

	buf_init(&b, GENERIC_CRED_MAX);
	buf_printf(&b, "%s:%s", g->auth_name, g->auth_secret);
	if ((r = buf_err(&b)) == ERR_OK) {
		memcpy(text, word, sizeof(word));
		b64_encode(b.data, b.len, text + sizeof(word) - 1);
		r = http_call_header(out, "Authorization", text);
	}
	buf_clear(&b);
	mem_wipe(text, sizeof(text));
	return (r);
}

static void
generic_query(const struct provider_generic *g, struct buf *url)
{
	if (url->data != NULL)
		buf_char(url, strchr(url->data, '?') == NULL ? '?' : '&');
	placeholder_escape(g->auth_name, PH_IN_URL, url);
	buf_char(url, '=');
	placeholder_escape(g->auth_secret, PH_IN_URL, url);
}

static bool
generic_is_success(const struct provider_generic *g,
    const struct http_answer *a, const json_t *j)
{
	const json_t	*v;

	if (!status_set_has(g->success_status, a->status))
		return (false);
	if (g->success_pointer[0] == '\0')
		return (g->success_matches[0] == '\0' ||
		    pattern_matches(g->success_matches, a->body, a->len));
	if ((v = json_pointer_get(j, g->success_pointer)) == NULL)
		return (false);
	if (g->success_equals == NULL)
		return (generic_matches(g->success_matches, v));
	/* "true" is not true; but 1 and 1.0 are one number in JSON. */
	if (json_is_number(v) && json_is_number(g->success_equals))
		return (json_number_value(v) ==
		    json_number_value(g->success_equals));
	return (json_equal(v, g->success_equals) != 0);
}

static bool
generic_matches(const char *re, const json_t *j)
{
	struct buf	b;
	bool		is_match;

	buf_init(&b, HTTP_ANSWER_MAX);
	is_match = json_scalar_text(j, &b) && buf_err(&b) == ERR_OK &&
	    pattern_matches(re, b.data == NULL ? "" : b.data, b.len);
	buf_clear(&b);
	return (is_match);
}

static bool
generic_by_map(const struct provider_generic *g, const struct http_answer *a,
    const json_t *j, struct verdict *out)
{
	enum verdict_kind	 kind;
	const char		*word = NULL;
	struct buf		 b;
	bool			 is_found;

	if (g->error_map == NULL)
		return (false);
	buf_init(&b, GENERIC_MAP_KEY_MAX);
	if (json_scalar_text(json_pointer_get(j, g->error_pointer), &b) &&
	    buf_err(&b) == ERR_OK && b.data != NULL)
		word = json_string_value(json_object_get(g->error_map,
		    b.data));
	is_found = word != NULL && verdict_parse(word, &kind) == ERR_OK;
	if (is_found)
		verdict_set(out, kind, "status %d, %s is %s", a->status,
		    g->error_pointer, b.data);
	buf_clear(&b);
	return (is_found);
}

static void
generic_by_status(const struct provider_generic *g,
    const struct http_answer *a, struct verdict *out)
{
	switch (a->status) {
	case 401: case 403: case 404: case 405: case 407: case 410: case 415:
		verdict_set(out, VERDICT_CONFIG, "status %d", a->status);
		return;
	case 402:
		verdict_set(out, VERDICT_BALANCE, "status 402");
		return;
	}
	if (a->status >= 300 && a->status < 400)
		verdict_set(out, VERDICT_CONFIG,
		    "status %d: redirects are not followed", a->status);
	else if (status_set_has(g->success_status, a->status))
		verdict_set(out, VERDICT_RETRY, "status %d, but the answer "
		    "does not say that it was accepted", a->status);
	else
		verdict_set(out, VERDICT_RETRY, "status %d", a->status);
}

static void
generic_ref(const struct provider_generic *g, const json_t *j,
    struct verdict *out)
{
	struct buf	b;

	if (g->message_id_pointer[0] == '\0')
		return;
	buf_init(&b, VERDICT_REF_MAX);
	/* One that is too long is no use, but the message is sent. */
	if (json_scalar_text(json_pointer_get(j, g->message_id_pointer),
	    &b) && buf_err(&b) == ERR_OK && b.data != NULL)
		memcpy(out->ref, b.data, b.len + 1);
	buf_clear(&b);
}

/* What is no amount is told, and is no reason not to take the message as
 * sent.  null is what gateways write while they do not know. */
static void
generic_cost(const struct provider_generic *g, const json_t *j,
    struct verdict *out)
{
	const json_t	*v;
	struct buf	 b;
	enum err	 r = ERR_FORMAT;

	if (g->cost_pointer[0] == '\0')
		return;
	v = json_pointer_get(j, g->cost_pointer);
	buf_init(&b, GENERIC_COST_MAX);
	if (v != NULL && json_scalar_text(v, &b) && buf_err(&b) == ERR_OK &&
	    b.data != NULL)
		r = money_parse(b.data, b.len, g->cost_unit, &out->cost);
	out->has_cost = r == ERR_OK;
	if (v == NULL)
		out->note = "the answer has no cost where cost_pointer looks";
	else if (!json_is_null(v) && r != ERR_OK)
		out->note = r == ERR_RANGE ? "the cost in the answer is too "
		    "much to be one; it is ignored" : "the cost in the answer "
		    "is no amount; it is ignored";
	buf_clear(&b);
}

/* "2xx", "200" or "200-204". */
static bool
status_range(const char *s, size_t len, int *low, int *high)
{
	int64_t	a, b;

	while (len > 0 && s[0] == ' ') {
		s++;
		len--;
	}
	while (len > 0 && s[len - 1] == ' ')
		len--;
	if (len == 3 && s[0] >= '1' && s[0] <= '5' &&
	    (memcmp(s + 1, "xx", 2) == 0 || memcmp(s + 1, "XX", 2) == 0)) {
		*low = (s[0] - '0') * 100;
		*high = *low + 99;
		return (true);
	}
	if ((len != 3 && len != 7) ||
	    str_int(s, 3, 100, 599, &a) != ERR_OK)
		return (false);
	b = a;
	if (len == 7 && (s[3] != '-' ||
	    str_int(s + 4, 3, a, 599, &b) != ERR_OK))
		return (false);
	*low = (int)a;
	*high = (int)b;
	return (true);
}
