/*
 * console_app - /setup/api/applications: the registry, who may call from
 * where, and keys.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "apikey.h"
#include "audit_store.h"
#include "console_call.h"
#include "console_doc.h"
#include "console_guard.h"
#include "mem.h"
#include "routes.h"
#include "str.h"

struct key_input {
	struct apikey	key;
	char		text[APIKEY_TEXT_LEN + 1];
};

static int	app_create(struct http_request *req);
static int	app_allow(struct http_request *req);
static int	app_test(struct http_request *req);
static int	app_suggest(struct http_request *req);
static int	key_create(struct http_request *req);
static int	key_rotate(struct http_request *req);
static int	key_made(struct http_request *req);
static int	key_ask(struct http_request *req, bool is_rotation);
static bool	app_blocks(struct http_request *req, const char *field,
		    struct buf *out, int *ret);
static bool	app_block(const json_t *e, struct buf *out,
		    char why[CIDR_TEXT_LEN + 96]);

#define STATES(name, ask, got)						\
	static struct http_state name[] = {				\
		CONSOLE_GUARD,						\
		KORE_HTTP_STATE(ask),					\
		KORE_HTTP_STATE(got),					\
	}
STATES(app_create_states, app_create, console_doc_got);
STATES(app_allow_states, app_allow, console_doc_got);
STATES(app_test_states, app_test, console_doc_got);
STATES(app_suggest_states, app_suggest, console_doc_got);
STATES(key_create_states, key_create, key_made);
STATES(key_rotate_states, key_rotate, key_made);
#undef STATES

#define OWN(what, method, s, size)					\
	{ .route = { .name = (what), .methods = (method),		\
	    .states = (s), .n_states = COUNT(s), .input_size = (size) } }

static const struct console_call apps[] = {
	CONSOLE_CALL("console_app_list", API_GET, SQL_CONSOLE_APP_LIST,
	    CALL_LIST),
	OWN("console_app_create", API_POST, app_create_states, 0),
};

static const struct console_call app[] = {
	CONSOLE_CALL("console_app_show", API_GET, SQL_CONSOLE_APP_SHOW,
	    CALL_ID),
	CONSOLE_CALL("console_app_patch", API_PATCH, SQL_CONSOLE_APP_PATCH,
	    CALL_ID | CALL_VERSION | CALL_BODY | CALL_ACTOR),
	CONSOLE_CALL("console_app_delete", API_DELETE, SQL_CONSOLE_APP_DELETE,
	    CALL_ID | CALL_VERSION | CALL_ACTOR | CALL_STEP_UP),
};

static const struct console_call allow[] = {
	OWN("console_app_allow", API_PUT, app_allow_states, 0),
};

static const struct console_call allow_test[] = {
	OWN("console_app_test", API_POST, app_test_states, 0),
};

static const struct console_call suggest[] = {
	OWN("console_app_suggest", API_GET, app_suggest_states, 0),
};

static const struct console_call keys[] = {
	CONSOLE_CALL("console_key_list", API_GET, SQL_CONSOLE_KEY_LIST,
	    CALL_ID),
	OWN("console_key_create", API_POST, key_create_states,
	    sizeof(struct key_input)),
};

static const struct console_call key[] = {
	CONSOLE_CALL("console_key_patch", API_PATCH, SQL_CONSOLE_KEY_PATCH,
	    CALL_ID | CALL_PART | CALL_BODY | CALL_ACTOR),
	CONSOLE_CALL("console_key_delete", API_DELETE, SQL_CONSOLE_KEY_DELETE,
	    CALL_ID | CALL_PART | CALL_ACTOR),
};

static const struct console_call rotation[] = {
	OWN("console_key_rotate", API_POST, key_rotate_states,
	    sizeof(struct key_input)),
};

#define ROUTE(symbol, calls)						\
	int symbol(struct http_request *req)				\
	{								\
		return (console_call_run(req, (calls), COUNT(calls)));	\
	}
ROUTE(console_apps, apps)			/* /applications */
ROUTE(console_app, app)				/* /applications/{id} */
ROUTE(console_app_allowed, allow)		/* …/{id}/allowed-ips */
ROUTE(console_app_tester, allow_test)		/* …/allowed-ips/test */
ROUTE(console_app_suggestions, suggest)		/* …/allowed-ips/suggest */
ROUTE(console_keys, keys)			/* …/{id}/keys */
ROUTE(console_key, key)				/* …/keys/{key_id} */
ROUTE(console_key_rotation, rotation)		/* …/keys/{key_id}/rotate */
#undef ROUTE

static int
app_create(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct buf		blocks;
	const void		*body;
	size_t			 len;
	int			 ret;

	if (api_json(req, &ret) == NULL ||
	    (body = api_body(req, &len, &ret)) == NULL ||
	    !app_blocks(req, "allowed_ips", &blocks, &ret))
		return (ret);
	db_text_len(&p, body, len);
	db_text_len(&p, blocks.data, blocks.len);
	buf_clear(&blocks);
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_APP_CREATE, &p));
}

static int
app_allow(struct http_request *req)
{
	struct db_params		 p = DB_PARAMS_INIT;
	struct buf			 blocks;
	int				 ret;

	if (!console_call_params(req, CALL_ID | CALL_VERSION, &p, &ret))
		return (ret);
	if (api_json(req, &ret) == NULL ||
	    !app_blocks(req, "entries", &blocks, &ret)) {
		db_params_clear(&p);
		return (ret);
	}
	db_text_len(&p, blocks.data, blocks.len);
	buf_clear(&blocks);
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_APP_ALLOW, &p));
}

static int
app_test(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	const json_t		*body;
	const char		*text;
	char			 canonical[IP_TEXT_LEN + 1];
	struct ip		 ip;
	int			 ret;

	if ((body = api_json(req, &ret)) == NULL)
		return (ret);
	text = json_string_value(json_object_get(body, "address"));
	if (text == NULL || ip_parse(text, strlen(text), &ip) != ERR_OK)
		return (api_fail_field(req, "address",
		    "Send an IPv4 or IPv6 address."));
	if (!console_call_params(req, CALL_ID, &p, &ret))
		return (ret);
	ip_format(&ip, canonical);
	db_text(&p, canonical);
	return (console_doc_ask(req, SQL_CONSOLE_APP_TEST, &p));
}

static int
app_suggest(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	char			ip[IP_TEXT_LEN + 1];
	int			ret;

	if (!console_call_params(req, CALL_ID, &p, &ret))
		return (ret);
	ip_format(api_ip(req), ip);
	db_text(&p, ip);
	return (console_doc_ask(req, SQL_CONSOLE_APP_SUGGEST, &p));
}

/* ---- keys ---- */

static int
key_create(struct http_request *req)
{
	return (key_ask(req, false));
}

static int
key_rotate(struct http_request *req)
{
	return (key_ask(req, true));
}

static int
key_ask(struct http_request *req, bool is_rotation)
{
	struct key_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 old[APIKEY_ID_LEN + 1];
	int			 ret;

	if (is_rotation && !console_path_text(req, 3, old, sizeof(old), &ret))
		return (ret);
	if (!console_call_params(req, CALL_ID | CALL_BODY, &p, &ret))
		return (ret);
	apikey_make(&in->key, in->text);
	db_text(&p, in->key.id);
	db_bytes(&p, in->key.hash, sizeof(in->key.hash));
	db_text(&p, in->key.last4);
	db_text(&p, is_rotation ? old : NULL);
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_KEY_CREATE, &p));
}

/* The one time that the key is seen. */
static int
key_made(struct http_request *req)
{
	struct key_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "created") == 0)
		console_doc_add(req, "key", in->text);
	return (console_doc_reply(req));
}

/* ---- blocks ---- */

/* [{block, label?}, ...] of |field|, checked, with blocks in their one
 * spelling.  False: 422 was replied. */
static bool
app_blocks(struct http_request *req, const char *field, struct buf *out,
    int *ret)
{
	const json_t	*list = json_object_get(api_json(req, ret), field), *e;
	struct buf	 errors;
	char		 why[CIDR_TEXT_LEN + 96];
	size_t		 i, n_wrong = 0;

	buf_init(out, 262144);
	buf_init(&errors, 65536);
	if (list != NULL && !json_is_array(list))
		*ret = api_fail_field(req, field, "Send a list.");
	else if (json_array_size(list) > CIDR_LIST_MAX)
		*ret = api_fail_field(req, field, "Send at most 256 blocks.");
	else if (list == NULL && strcmp(field, "entries") == 0)
		*ret = api_fail_field(req, field, "This field is required.");
	else {
		buf_char(out, '[');
		for (i = 0; i < json_array_size(list); i++) {
			e = json_array_get(list, i);
			if (i > n_wrong)
				buf_char(out, ',');
			if (app_block(e, out, why))
				continue;
			buf_printf(&errors, "%s{\"field\":\"%s[%zu]\","
			    "\"message\":", n_wrong++ > 0 ? "," :
			    ",\"errors\":[", field, i);
			buf_json(&errors, why, strlen(why));
			buf_char(&errors, '}');
		}
		buf_char(out, ']');
		buf_char(&errors, ']');
		if (n_wrong == 0 && buf_err(out) == ERR_OK) {
			buf_clear(&errors);
			return (true);
		}
		*ret = api_fail_with(req, n_wrong > 0 ?
		    PROBLEM_INVALID_PARAMETER : PROBLEM_TOO_LARGE, NULL,
		    n_wrong > 0 && buf_err(&errors) == ERR_OK ?
		    errors.data : NULL);
	}
	buf_clear(out);
	buf_clear(&errors);
	return (false);
}

static bool
app_block(const json_t *e, struct buf *out, char why[CIDR_TEXT_LEN + 96])
{
	static const char	 form[] = "Send an address, or a block as "
				    "203.0.113.0/24.";
	const char		*block = json_string_value(e);
	const json_t		*label = NULL;
	char			 text[CIDR_TEXT_LEN + 1];
	struct cidr		 c;
	enum err		 r;

	if (block == NULL) {
		block = json_string_value(json_object_get(e, "block"));
		label = json_object_get(e, "label");
	}
	memcpy(why, form, sizeof(form));
	if (block == NULL)
		return (false);
	r = cidr_parse(block, strlen(block), &c);
	if (r == ERR_RANGE && str_printf(why, CIDR_TEXT_LEN + 96,
	    "This address does not begin a block of that size.") != ERR_OK)
		why[0] = '\0';
	if (r != ERR_OK)
		return (false);
	if (label != NULL && !json_is_null(label) &&
	    (!json_is_string(label) || json_string_length(label) > 400 ||
	    str_utf8_count(json_string_value(label),
	    json_string_length(label)) > 100)) {
		if (str_printf(why, CIDR_TEXT_LEN + 96,
		    "A label has 100 characters at most.") != ERR_OK)
			why[0] = '\0';
		return (false);
	}
	cidr_format(&c, text);
	buf_printf(out, "{\"block\":\"%s\",\"label\":", text);
	if (json_is_string(label))
		buf_json(out, json_string_value(label),
		    json_string_length(label));
	else
		buf_str(out, "null");
	buf_char(out, '}');
	return (true);
}
