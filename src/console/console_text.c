/*
 * console_text - what messages say: the shipped texts, the operator's, and how
 * they look with example values in.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_doc.h"
#include "console_guard.h"
#include "message_text.h"
#include "platform.h"
#include "routes.h"
#include "str.h"

#define TEXT_JSON_MAX	(4 * 1024 * 1024)
#define TEXT_NAME_LEN	40
#define TEXT_NAMES_MAX	400

/* One text, as the path and the body name it. */
struct text_input {
	char			 name[TEXT_NAME_LEN + 1];
	char			 language[TEXT_LANGUAGE_MAX + 1];
	enum text_channel	 channel;
	struct text		 text;		/* borrowed from the body */
	struct buf		 json;
};

static int	text_list_ask(struct http_request *req);
static int	text_list_got(struct http_request *req);
static int	text_put_ask(struct http_request *req);
static int	text_delete_ask(struct http_request *req);
static int	text_preview_reply(struct http_request *req);
static bool	text_path(struct http_request *req, int *ret);
static bool	text_fields(struct http_request *req, int *ret);
static bool	text_string(const json_t *doc, const char *name,
		    const char **out);
static bool	text_checked(struct http_request *req, int *ret);
static enum err	text_rows(const struct db_result *res, void *target);
static void	text_shipped(const struct db_result *res, struct buf *out);
static void	text_json(const char *name, const char *channel,
		    const char *language, const struct text *t,
		    struct buf *out);
static void	text_member(const char *name, const char *value,
		    struct buf *out);
static void	text_input_clear(void *arg);

#define TEXT_ROUTE(id, allowed, ...)					\
	CONSOLE_ROUTE(id, allowed, sizeof(struct text_input),		\
	    text_input_clear, __VA_ARGS__)

TEXT_ROUTE(text_list, API_GET, KORE_HTTP_STATE(text_list_ask),
    KORE_HTTP_STATE(text_list_got));
TEXT_ROUTE(text_put, API_PUT, KORE_HTTP_STATE(text_put_ask),
    KORE_HTTP_STATE(console_doc_got));
TEXT_ROUTE(text_delete, API_DELETE, KORE_HTTP_STATE(text_delete_ask),
    KORE_HTTP_STATE(console_doc_got));
TEXT_ROUTE(text_show, API_POST, KORE_HTTP_STATE(text_preview_reply));

static const struct api_route *const	text_one[] = {
	&text_put_route, &text_delete_route,
};

/* GET /setup/api/templates */
int
console_texts(struct http_request *req)
{
	return (api_run(req, &text_list_route));
}

/* PUT, DELETE /setup/api/templates/NAME/CHANNEL/LANGUAGE */
int
console_text(struct http_request *req)
{
	return (api_run_method(req, text_one, COUNT(text_one)));
}

/* POST /setup/api/templates/preview */
int
console_text_preview(struct http_request *req)
{
	return (api_run(req, &text_show_route));
}

static int
text_list_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;

	return (api_ask(req, SQL_MESSAGE_TEXT_ALL, &p, text_rows,
	    api_input(req)));
}

static int
text_list_got(struct http_request *req)
{
	struct text_input	*in = api_input(req);
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	return (api_reply(req, 200, &in->json));
}

static enum err
text_rows(const struct db_result *res, void *target)
{
	struct text_input	*in = target;
	struct db_row		 row;
	struct text		 t;
	int			 i;

	buf_init(&in->json, TEXT_JSON_MAX);
	buf_str(&in->json, "{\"data\":[");
	text_shipped(res, &in->json);
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		t.subject = db_row_str(&row, "subject", NULL);
		t.text = db_row_str(&row, "text", NULL);
		t.html = db_row_str(&row, "html", NULL);
		text_json(db_row_str(&row, "name", NULL),
		    db_row_str(&row, "channel", NULL),
		    db_row_str(&row, "language", NULL), &t, &in->json);
		buf_str(&in->json, ",\"is_default\":false,\"version\":null}");
		if (row.err != ERR_OK)
			return (row.err);
	}
	buf_str(&in->json, "]}");
	return (buf_err(&in->json));
}

/* Each of the English ones that no own text replaces. */
static void
text_shipped(const struct db_result *res, struct buf *out)
{
	struct db_row		 row;
	const char		*name, *channel;
	enum text_channel	 c;
	size_t			 k;
	int			 i, n = db_result_rows(res);

	for (k = 0; (name = text_name(k)) != NULL; k++)
		for (c = 0; c < TEXT_CHANNEL_MAX; c++) {
			channel = text_channel_name(c);
			for (i = 0; i < n; i++) {
				row = db_row_at(res, i);
				if (strcmp(db_row_str(&row, "name", NULL),
				    name) == 0 && strcmp(db_row_str(&row,
				    "channel", NULL), channel) == 0 &&
				    strcmp(db_row_str(&row, "language", NULL),
				    "en") == 0)
					break;
			}
			if (i < n || text_default(name, c) == NULL)
				continue;
			text_json(name, channel, "en", text_default(name, c),
			    out);
			buf_str(out, ",\"is_default\":true,\"version\":null}");
		}
}

/* Without its end. */
static void
text_json(const char *name, const char *channel, const char *language,
    const struct text *t, struct buf *out)
{
	struct buf	variables;

	buf_str(out, out->data[out->len - 1] == '[' ? "{" : ",{");
	buf_str(out, "\"name\":");
	buf_json(out, name, strlen(name));
	text_member("channel", channel, out);
	text_member("language", language, out);
	text_member("subject", t->subject, out);
	text_member("text", t->text, out);
	text_member("html", t->html, out);
	buf_init(&variables, TEXT_NAMES_MAX);
	text_variables(name, &variables);
	text_member("variables", variables.data, out);
	buf_clear(&variables);
}

static void
text_member(const char *name, const char *value, struct buf *out)
{
	buf_printf(out, ",\"%s\":", name);
	if (value == NULL || value[0] == '\0')
		buf_str(out, "null");
	else
		buf_json(out, value, strlen(value));
}

/* ---- changing ------------------------------------------------------------ */

static int
text_put_ask(struct http_request *req)
{
	struct text_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!text_path(req, &ret) || !text_fields(req, &ret) ||
	    !text_checked(req, &ret))
		return (ret);
	db_text(&p, in->name);
	db_text(&p, text_channel_name(in->channel));
	db_text(&p, in->language);
	db_text_opt(&p, in->text.subject);
	db_text(&p, in->text.text);
	db_text_opt(&p, in->text.html);
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_MESSAGE_TEXT_SAVE, &p));
}

static int
text_delete_ask(struct http_request *req)
{
	struct text_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!text_path(req, &ret))
		return (ret);
	db_text(&p, in->name);
	db_text(&p, text_channel_name(in->channel));
	db_text(&p, in->language);
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_MESSAGE_TEXT_DELETE, &p));
}

static bool
text_path(struct http_request *req, int *ret)
{
	struct text_input	*in = api_input(req);
	char			 channel[8];

	if (!console_path_text(req, 1, in->name, sizeof(in->name), ret) ||
	    !console_path_text(req, 2, channel, sizeof(channel), ret) ||
	    !console_path_text(req, 3, in->language, sizeof(in->language),
	    ret))
		return (false);
	if (text_channel_parse(channel, &in->channel) == ERR_OK &&
	    text_default(in->name, in->channel) != NULL &&
	    text_language_check(in->language))
		return (true);
	*ret = api_fail(req, PROBLEM_NOT_FOUND);
	return (false);
}

/* subject, text and html of the body. */
static bool
text_fields(struct http_request *req, int *ret)
{
	struct text_input	*in = api_input(req);
	const json_t		*doc;
	const char		*field = NULL;

	if ((doc = api_json(req, ret)) == NULL)
		return (false);
	if (!text_string(doc, "text", &in->text.text) ||
	    in->text.text == NULL)
		field = "text";
	else if (!text_string(doc, "subject", &in->text.subject))
		field = "subject";
	else if (!text_string(doc, "html", &in->text.html))
		field = "html";
	if (field == NULL)
		return (true);
	*ret = api_fail_field(req, field, "Send text.");
	return (false);
}

/* False: it is there, but no text.  Null is as if it were left out. */
static bool
text_string(const json_t *doc, const char *name, const char **out)
{
	const json_t	*v = json_object_get(doc, name);

	*out = json_string_value(v);
	return (v == NULL || json_is_null(v) || (json_is_string(v) &&
	    strlen(*out) == json_string_length(v)));
}

static bool
text_checked(struct http_request *req, int *ret)
{
	struct text_input	*in = api_input(req);
	struct text_errors	 errs;
	struct decode_errors	 e;
	size_t			 i;

	memset(&errs, 0, sizeof(errs));
	if (text_check(in->name, in->channel, &in->text, &errs) == ERR_OK)
		return (true);
	e.n = 0;
	for (i = 0; i < errs.n; i++) {
		e.v[e.n].field = errs.v[i].field;
		e.v[e.n++].message = errs.v[i].message;
	}
	*ret = api_fail_fields(req, &e);
	return (false);
}

/* ---- looking ------------------------------------------------------------- */

static int
text_preview_reply(struct http_request *req)
{
	struct text_input		*in = api_input(req);
	const struct message_var	 more[] = {
		{ "brand", platform_values()->brand_name },
		{ "host", platform_message_host() },
	};
	const struct text_vars		 vars = {
		.message = NULL, .more = more, .n_more = COUNT(more),
	};
	struct text_preview		 p;
	struct buf			 body;
	const json_t			*doc;
	const char			*name, *channel;
	size_t				 i;
	int				 ret;

	if ((doc = api_json(req, &ret)) == NULL)
		return (ret);
	name = json_string_value(json_object_get(doc, "name"));
	channel = json_string_value(json_object_get(doc, "channel"));
	if (channel == NULL ||
	    text_channel_parse(channel, &in->channel) != ERR_OK)
		return (api_fail_field(req, "channel", "Send sms or email."));
	if (name == NULL || str_copy(in->name, sizeof(in->name), name,
	    strlen(name)) != ERR_OK ||
	    text_default(in->name, in->channel) == NULL)
		return (api_fail_field(req, "name",
		    "Send the name of a message."));
	in->text = *text_default(in->name, in->channel);
	if (json_object_get(doc, "text") != NULL &&
	    (!text_fields(req, &ret) || !text_checked(req, &ret)))
		return (ret);
	memset(&p, 0, sizeof(p));
	if (text_preview(in->name, in->channel, &in->text, &vars, &p) !=
	    ERR_OK) {
		text_out_clear(&p.out);
		return (api_fail_field(req, "text",
		    "It is too long with the values in."));
	}
	buf_init(&body, TEXT_JSON_MAX);
	buf_printf(&body, "{\"segments\":%zu,\"encoding\":\"%s\","
	    "\"characters\":%zu", p.count.segments, p.count.is_gsm7 ?
	    "GSM-7" : "UCS-2", p.count.characters);
	text_member("subject", p.out.subject.data, &body);
	text_member("text", p.out.text.data, &body);
	text_member("html", p.out.html.data, &body);
	buf_str(&body, ",\"warnings\":[");
	for (i = 0; i < p.n_warnings; i++) {
		buf_str(&body, i > 0 ? "," : "");
		buf_json(&body, p.warnings[i], strlen(p.warnings[i]));
	}
	buf_str(&body, "]}");
	text_out_clear(&p.out);
	return (api_reply(req, 200, &body));
}

static void
text_input_clear(void *arg)
{
	struct text_input	*in = arg;

	buf_clear(&in->json);
}
