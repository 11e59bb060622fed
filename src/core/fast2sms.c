/*
 * fast2sms - see fast2sms.h.  Owns the meaning of its codes.
 * Ref: providers.md 4.1 (docs.fast2sms.com/reference).
 */
#include "fast2sms.h"

#include <stdio.h>
#include <string.h>

#include "dlt.h"
#include "json_in.h"
#include "mem.h"
#include "placeholder.h"
#include "sms_count.h"
#include "str.h"

#define F2S_PATH	"/dev/bulkV2"
#define F2S_WALLET	"/dev/wallet"
#define F2S_NATIONAL	10	/* digits of an Indian mobile number */
#define F2S_VALUES_MAX	1024
#define F2S_TEXT_MAX	2000

static const struct {
	int			 code;
	enum verdict_kind	 kind;
	const char		*text;
} f2s_codes[] = {
	{ 401, VERDICT_CONFIG, "the sender id is missing" },
	{ 402, VERDICT_CONFIG, "the message is missing" },
	{ 403, VERDICT_CONFIG, "the route is missing" },
	{ 404, VERDICT_CONFIG, "the language is missing" },
	{ 405, VERDICT_USER, "the number is missing" },
	{ 406, VERDICT_CONFIG, "the sender id is invalid" },
	{ 407, VERDICT_CONFIG, "the text has words that are not allowed" },
	{ 408, VERDICT_CONFIG, "the route is invalid" },
	{ 409, VERDICT_CONFIG, "the account may not use this route" },
	{ 410, VERDICT_CONFIG, "the language is invalid" },
	{ 411, VERDICT_USER, "the number is invalid" },
	{ 412, VERDICT_CONFIG, "the API key is wrong" },
	{ 413, VERDICT_CONFIG, "the API key is disabled" },
	{ 414, VERDICT_CONFIG, "this server's address is blocked at Fast2SMS "
	    "(Dev API)" },
	{ 415, VERDICT_CONFIG, "the account is disabled" },
	{ 416, VERDICT_BALANCE, "the wallet's balance is too low" },
	{ 417, VERDICT_CONFIG, "the language must be english or unicode" },
	{ 424, VERDICT_CONFIG, "the message id is invalid" },
	{ 425, VERDICT_CONFIG, "the template is invalid" },
	{ 426, VERDICT_CONFIG, "a variable holds a link that is not allowed" },
	{ 500, VERDICT_CONFIG, "template or sender is blacklisted at DLT" },
	{ 990, VERDICT_CONFIG, "the old API was called" },
	{ 995, VERDICT_THROTTLED, "repeated to the same number: taken for "
	    "spam" },
	{ 996, VERDICT_CONFIG, "the account's KYC is not complete" },
	{ 997, VERDICT_CONFIG, "route otp takes digits only" },
	{ 998, VERDICT_CONFIG, "route otp is not for bulk: use dlt or q" },
	{ 999, VERDICT_CONFIG, "the account needs a first payment" },
};

/* What is sent, made before any of it is written. */
struct f2s_content {
	struct dlt_values	found;		/* in the text */
	char			ttl[16];
	const char		*v[DLT_VARS_MAX];
	size_t			 n;
	struct buf		 text;		/* dlt_manual: filled */
};

/* Names that "variables" may hold. */
static const char *const	f2s_names[] = {
	"code", "ttl_minutes", "app_name", "brand", "request_id"
};

static bool	f2s_number(const char *to, const char **national);
static enum err	f2s_fail(struct verdict *why, enum verdict_kind kind,
		    const char *text);
static enum err	f2s_content_make(const struct provider_fast2sms *f,
		    const struct sms_send *s, struct f2s_content *c,
		    struct verdict *why);
static enum err	f2s_template(const struct provider_fast2sms *f,
		    const struct sms_send *s, struct f2s_content *c,
		    char why[DLT_WHY_MAX]);
static const char *f2s_value(const char *name, const struct sms_send *s,
		    const char *ttl);
static enum err	f2s_check(const struct provider_fast2sms *f,
		    const struct sms_send *s, const struct f2s_content *c,
		    struct verdict *why);
static void	f2s_body(const struct provider_fast2sms *f,
		    const struct sms_send *s, const struct f2s_content *c,
		    struct buf *out);
static void	f2s_pair(struct buf *out, const char *name,
		    const char *value);
static void	f2s_values(const struct f2s_content *c, struct buf *out);
static enum err	f2s_call(const struct provider_fast2sms *f, const char *path,
		    struct http_call *out);
static void	f2s_refused(const struct http_answer *a, const json_t *j,
		    struct verdict *out);
static void	f2s_message(const json_t *j, struct buf *out);
static bool	f2s_paise(const json_t *v, int64_t *out);

bool
fast2sms_is_variable(const char *name)
{
	size_t	i;

	for (i = 0; i < COUNT(f2s_names); i++) {
		if (strcmp(name, f2s_names[i]) == 0)
			return (true);
	}
	return (false);
}

enum err
fast2sms_request(const struct provider *p, const struct sms_send *s,
    struct http_call *out, struct verdict *why)
{
	const struct provider_fast2sms	*f = &p->u.fast2sms;
	struct f2s_content		 c;
	const char			*national;
	enum err			 r;

	memset(&c, 0, sizeof(c));
	buf_init(&c.text, F2S_TEXT_MAX);
	if (!f2s_number(s->to, &national)) {
		r = f2s_fail(why, VERDICT_USER,
		    "Fast2SMS sends to Indian mobile numbers only");
		goto done;
	}
	if ((r = f2s_content_make(f, s, &c, why)) != ERR_OK ||
	    (r = f2s_check(f, s, &c, why)) != ERR_OK)
		goto done;
	f2s_body(f, s, &c, &out->body);
	f2s_pair(&out->body, "numbers", national);
	if ((r = f2s_call(f, F2S_PATH, out)) != ERR_OK ||
	    (r = http_call_err(out)) != ERR_OK)
		(void)f2s_fail(why, VERDICT_RETRY, "no room for the request");
done:
	buf_clear(&c.text);
	mem_wipe(&c, sizeof(c));
	return (r);
}

void
fast2sms_judge(const struct provider *p, const struct http_answer *a,
    struct verdict *out)
{
	struct buf	 ref;
	json_t		*j = NULL;
	const char	*id;

	(void)p;
	if (json_in_object(a->body, a->len, &j) != ERR_OK)
		j = NULL;
	if (a->status == 200 && json_is_true(json_object_get(j, "return"))) {
		verdict_set(out, VERDICT_OK, "%s", "");
		id = json_string_value(json_object_get(j, "request_id"));
		buf_init(&ref, VERDICT_REF_MAX);
		if (id != NULL)
			buf_str(&ref, id);
		if (buf_err(&ref) == ERR_OK && ref.data != NULL)
			memcpy(out->ref, ref.data, ref.len + 1);
		buf_clear(&ref);
	} else
		f2s_refused(a, j, out);
	json_decref(j);
}

enum verdict_kind
fast2sms_code(int code, const char **text)
{
	size_t	i;

	for (i = 0; i < COUNT(f2s_codes); i++) {
		if (f2s_codes[i].code == code) {
			*text = f2s_codes[i].text;
			return (f2s_codes[i].kind);
		}
	}
	*text = "an unknown code";
	return (VERDICT_RETRY);
}

enum err
fast2sms_wallet_request(const struct provider *p, struct http_call *out)
{
	enum err	r;

	if ((r = f2s_call(&p->u.fast2sms, F2S_WALLET, out)) != ERR_OK)
		return (r);
	return (http_call_err(out));
}

void
fast2sms_wallet_judge(const struct http_answer *a, struct fast2sms_wallet *w,
    struct verdict *out)
{
	const json_t	*n;
	json_t		*j = NULL;

	w->paise = 0;
	w->n_sms = -1;
	if (a->fault != FAULT_NONE || a->status == 0) {
		verdict_fault(out, a->fault, a->detail);
		return;
	}
	if (json_in_object(a->body, a->len, &j) != ERR_OK)
		j = NULL;
	if (a->status != 200 || !json_is_true(json_object_get(j, "return")))
		f2s_refused(a, j, out);
	else if (!f2s_paise(json_object_get(j, "wallet"), &w->paise))
		verdict_set(out, VERDICT_RETRY,
		    "the answer does not hold the wallet's balance");
	else {
		n = json_object_get(j, "sms_count");
		if (json_is_integer(n) && json_integer_value(n) >= 0)
			w->n_sms = json_integer_value(n);
		verdict_set(out, VERDICT_OK, "%s", "");
	}
	json_decref(j);
}

/* +91 and ten digits, the first of mobile numbers 6 to 9. */
static bool
f2s_number(const char *to, const char **national)
{
	if (strncmp(to, "+91", 3) != 0)
		return (false);
	*national = to + 3;
	return (strlen(*national) == F2S_NATIONAL &&
	    strspn(*national, "0123456789") == F2S_NATIONAL &&
	    (*national)[0] >= '6');
}

static enum err
f2s_fail(struct verdict *why, enum verdict_kind kind, const char *text)
{
	verdict_set(why, kind, "%s", text);
	return (ERR_FORMAT);
}

/* The variables' values, and the text of dlt_manual. */
static enum err
f2s_content_make(const struct provider_fast2sms *f,
    const struct sms_send *s, struct f2s_content *c, struct verdict *why)
{
	char	text[DLT_WHY_MAX];
	size_t	i;

	if (f->route == F2S_QUICK)
		return (ERR_OK);
	if (s->code[0] == '\0')
		return (f2s_fail(why, VERDICT_CONFIG,
		    "this route sends codes only"));
	(void)snprintf(c->ttl, sizeof(c->ttl), "%d", (s->ttl_s + 59) / 60);
	if (f->route == F2S_OTP) {
		c->v[c->n++] = s->code;
		return (ERR_OK);
	}
	for (i = 0; i < f->n_variables; i++)
		c->v[c->n++] = f2s_value(f->variables[i], s, c->ttl);
	if (f->template_text[0] != '\0' &&
	    f2s_template(f, s, c, text) != ERR_OK)
		return (f2s_fail(why, VERDICT_CONFIG, text));
	return (ERR_OK);
}

/* Holds the values against the approved text, or finds them in the message. */
static enum err
f2s_template(const struct provider_fast2sms *f, const struct sms_send *s,
    struct f2s_content *c, char why[DLT_WHY_MAX])
{
	struct dlt_template	t;
	size_t			i;

	if (dlt_parse(f->template_text, &t, why) != ERR_OK)
		return (ERR_FORMAT);
	if (c->n == 0) {
		if (dlt_extract(&t, s->message, &c->found) != ERR_OK) {
			(void)snprintf(why, DLT_WHY_MAX, "the text is not the "
			    "approved template with its variables filled");
			return (ERR_FORMAT);
		}
		for (i = 0; i < t.n; i++)
			c->v[c->n++] = c->found.v[i];
	}
	return (dlt_fill(&t, c->v, c->n, &c->text, why));
}

static const char *
f2s_value(const char *name, const struct sms_send *s, const char *ttl)
{
	if (strcmp(name, "code") == 0)
		return (s->code);
	if (strcmp(name, "ttl_minutes") == 0)
		return (ttl);
	if (strcmp(name, "app_name") == 0)
		return (s->app_name);
	if (strcmp(name, "brand") == 0)
		return (s->brand);
	return (s->request_id);
}

/* What Fast2SMS or an operator would refuse later, or drop in silence. */
static enum err
f2s_check(const struct provider_fast2sms *f, const struct sms_send *s,
    const struct f2s_content *c, struct verdict *why)
{
	const char		*sent;
	char			 text[DLT_WHY_MAX];
	struct sms_count	 n;
	size_t			 i;

	if (f->route == F2S_OTP &&
	    dlt_value_check(DLT_NUMERIC, s->code, text) != ERR_OK)
		return (f2s_fail(why, VERDICT_CONFIG,
		    "route otp takes digits only"));
	for (i = 0; i < c->n; i++) {
		if (dlt_value_check(DLT_ANY, c->v[i], text) != ERR_OK)
			return (f2s_fail(why, VERDICT_CONFIG, text));
		if (f->route == F2S_DLT && strchr(c->v[i], '|') != NULL)
			return (f2s_fail(why, VERDICT_CONFIG,
			    "a variable holds '|', which separates them"));
	}
	if (f->route != F2S_QUICK && f->route != F2S_DLT_MANUAL)
		return (ERR_OK);
	sent = f->route == F2S_QUICK ? s->message : c->text.data;
	if (sent == NULL || sent[0] == '\0')
		return (f2s_fail(why, VERDICT_CONFIG, "the text is empty"));
	sms_count(sent, strlen(sent), &n);
	if (n.segments > SMS_SEGMENTS_MAX)
		return (f2s_fail(why, VERDICT_CONFIG, "the text is too long"));
	return (ERR_OK);
}

static void
f2s_body(const struct provider_fast2sms *f, const struct sms_send *s,
    const struct f2s_content *c, struct buf *out)
{
	struct sms_count	n;

	switch (f->route) {
	case F2S_OTP:
		f2s_pair(out, "route", "otp");
		f2s_values(c, out);
		break;
	case F2S_DLT:
		f2s_pair(out, "route", "dlt");
		f2s_pair(out, "sender_id", f->sender_id);
		f2s_pair(out, "message", f->message_id);
		f2s_values(c, out);
		break;
	case F2S_DLT_MANUAL:
		f2s_pair(out, "route", "dlt_manual");
		f2s_pair(out, "sender_id", f->sender_id);
		f2s_pair(out, "template_id", f->template_id);
		f2s_pair(out, "entity_id", f->entity_id);
		f2s_pair(out, "message", c->text.data);
		break;
	case F2S_QUICK:
		sms_count(s->message, strlen(s->message), &n);
		f2s_pair(out, "route", "q");
		f2s_pair(out, "message", s->message);
		f2s_pair(out, "language", n.is_gsm7 ? "english" : "unicode");
		break;
	}
	if (f->is_flash)
		f2s_pair(out, "flash", "1");
}

static void
f2s_pair(struct buf *out, const char *name, const char *value)
{
	if (out->len > 0)
		buf_char(out, '&');
	buf_str(out, name);
	buf_char(out, '=');
	placeholder_escape(value, PH_IN_FORM, out);
}

static void
f2s_values(const struct f2s_content *c, struct buf *out)
{
	struct buf	b;
	size_t		i;

	buf_init(&b, F2S_VALUES_MAX);
	for (i = 0; i < c->n; i++) {
		if (i > 0)
			buf_char(&b, '|');
		buf_str(&b, c->v[i]);
	}
	if (buf_err(&b) == ERR_OK && b.data != NULL)
		f2s_pair(out, "variables_values", b.data);
	else if (out->err == ERR_OK)
		out->err = ERR_SPACE;
	buf_clear(&b);
}

/*
 * The key goes in a header: in a query, which they take as well, it would end
 * up in the logs of everybody between.
 */
static enum err
f2s_call(const struct provider_fast2sms *f, const char *path,
    struct http_call *out)
{
	size_t		len = strlen(f->base_url);
	enum err	r;

	while (len > 0 && f->base_url[len - 1] == '/')
		len--;
	out->method = "POST";
	buf_add(&out->url, f->base_url, len);
	buf_str(&out->url, path);
	if ((r = http_call_header(out, "authorization", f->api_key)) != ERR_OK)
		return (r);
	return (http_call_header(out, "Content-Type",
	    "application/x-www-form-urlencoded"));
}

/* Anything but "return":true. */
static void
f2s_refused(const struct http_answer *a, const json_t *j, struct verdict *out)
{
	const json_t		*v = json_object_get(j, "status_code");
	const char		*text;
	enum verdict_kind	 kind;
	struct buf		 said;
	int			 code = 0;
	int64_t			 n;

	if (json_is_integer(v) && json_integer_value(v) > 0 &&
	    json_integer_value(v) < 1000)
		code = (int)json_integer_value(v);
	else if (json_is_string(v) && str_int(json_string_value(v),
	    json_string_length(v), 1, 999, &n) == ERR_OK)
		code = (int)n;
	if (code == 0) {
		kind = a->status == 401 || a->status == 403 ||
		    a->status == 404 || (a->status >= 300 && a->status < 400) ?
		    VERDICT_CONFIG : VERDICT_RETRY;
		verdict_set(out, kind, "status %d without Fast2SMS's "
		    "\"return\":true or a code", a->status);
		return;
	}
	kind = fast2sms_code(code, &text);
	buf_init(&said, VERDICT_REASON_MAX);
	f2s_message(j, &said);
	if (buf_err(&said) == ERR_OK && said.data != NULL)
		verdict_set(out, kind, "Fast2SMS %d: %s (\"%s\")", code, text,
		    said.data);
	else
		verdict_set(out, kind, "Fast2SMS %d: %s", code, text);
	buf_clear(&said);
}

/* "message" is a string, or an array of them. */
static void
f2s_message(const json_t *j, struct buf *out)
{
	const json_t	*v = json_object_get(j, "message");

	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (json_is_string(v))
		buf_str(out, json_string_value(v));
}

/* "494.10", or a number. */
static bool
f2s_paise(const json_t *v, int64_t *out)
{
	char		 text[32];
	const char	*s = json_string_value(v), *dot;
	int64_t		 rupees, paise = 0;
	size_t		 n;

	if (json_is_number(v)) {
		(void)snprintf(text, sizeof(text), "%.2f",
		    json_number_value(v));
		s = text;
	}
	if (s == NULL)
		return (false);
	n = strcspn(s, ".");
	if (str_int(s, n, 0, INT64_C(1000000000000), &rupees) != ERR_OK)
		return (false);
	if (s[n] == '.') {
		dot = s + n + 1;
		n = strlen(dot);
		if (n == 0 || str_int(dot, n > 2 ? 2 : n, 0, 99, &paise) !=
		    ERR_OK)
			return (false);
		if (n == 1)
			paise *= 10;
	}
	*out = rupees * 100 + paise;
	return (true);
}
