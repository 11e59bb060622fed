/*
 * console_import - CSV files of people: upload in chunks, check, commit, undo.
 * What takes long is import_run's.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "api_stream.h"
#include "console_doc.h"
#include "console_guard.h"
#include "import_file.h"
#include "import_run.h"
#include "json_in.h"
#include "mem.h"
#include "person_input.h"
#include "routes.h"
#include "str.h"

#define IMPORT_CHUNKS_MAX	256
#define IMPORT_ROWS_LIMIT	50
#define IMPORT_ERRORS_PAGE	1000
/* 64 names of 200 bytes, each at most \u00xx, and the fields. */
#define IMPORT_JSON_LEN		131072

/* What was said before, or seen of the first chunk. */
struct import_options {
	bool	is_found;
	char	delimiter[2], encoding[16];
	char	columns[IMPORT_JSON_LEN], mapping[IMPORT_JSON_LEN];
};

struct import_input {
	struct uuid		 id;
	struct api_stream	 stream;	/* errors.csv */
};

struct import_with_options {
	struct import_input	 in;		/* first, as import_id() needs */
	struct import_options	 o;
};

static int	import_all_ask(struct http_request *req);
static int	import_create_ask(struct http_request *req);
static bool	import_create_read(const json_t *o, struct db_params *p,
		    json_t **errors);
static bool	import_create_match(const json_t *a, struct db_params *p);
static bool	import_create_apps(const json_t *a, struct db_params *p);
static int	import_one_ask(struct http_request *req);
static int	import_one_got(struct http_request *req);
static int	import_options_ask(struct http_request *req);
static enum err	import_options_rows(const struct db_result *res,
		    void *target);
static int	import_chunk_got(struct http_request *req);
static enum err	import_chunk_look(const struct import_options *o,
		    const void *data, size_t len, struct db_params *p);
static int	import_check_got(struct http_request *req);
static bool	import_check_mapping(struct http_request *req,
		    const struct import_options *o, const json_t *wish,
		    char out[IMPORT_JSON_LEN], int *ret);
static int	import_start(struct http_request *req, const char *state,
		    const char *mapping, bool only_if_clean);
static int	import_start_got(struct http_request *req);
static int	import_act_ask(struct http_request *req);
static int	import_rows_ask(struct http_request *req);
static int	import_errors_begin(struct http_request *req);
static void	import_errors_params(struct http_request *req,
		    struct db_params *p, const char *next);
static int	import_template_reply(struct http_request *req);
static bool	import_id(struct http_request *req, int *ret);

#define IMPORT_ROUTE(id, allowed, input, ...)				\
	CONSOLE_ROUTE(id, allowed, sizeof(struct input), NULL, __VA_ARGS__)

IMPORT_ROUTE(import_all, API_GET | API_POST, import_input,
    KORE_HTTP_STATE(import_all_ask), KORE_HTTP_STATE(console_doc_got));
IMPORT_ROUTE(import_one, API_GET | API_DELETE, import_input,
    KORE_HTTP_STATE(import_one_ask), KORE_HTTP_STATE(import_one_got));
IMPORT_ROUTE(import_chunk, API_PUT, import_with_options,
    KORE_HTTP_STATE(import_options_ask), KORE_HTTP_STATE(import_chunk_got),
    KORE_HTTP_STATE(console_doc_got));
IMPORT_ROUTE(import_check, API_POST, import_with_options,
    KORE_HTTP_STATE(import_options_ask), KORE_HTTP_STATE(import_check_got),
    KORE_HTTP_STATE(import_start_got));
IMPORT_ROUTE(import_act, API_POST, import_input,
    KORE_HTTP_STATE(import_act_ask), KORE_HTTP_STATE(import_start_got));
IMPORT_ROUTE(import_rows, API_GET, import_input,
    KORE_HTTP_STATE(import_rows_ask), KORE_HTTP_STATE(console_doc_got));
IMPORT_ROUTE(import_errors, API_GET, import_input,
    KORE_HTTP_STATE(import_errors_begin), API_STREAM);
IMPORT_ROUTE(import_template, API_GET, import_input,
    KORE_HTTP_STATE(import_template_reply));

/* GET, POST /setup/api/imports. */
int
console_imports(struct http_request *req)
{
	return (api_run(req, &import_all_route));
}

/* GET, DELETE /setup/api/imports/ID. */
int
console_import(struct http_request *req)
{
	return (api_run(req, &import_one_route));
}

/* PUT /setup/api/imports/ID/chunks/N. */
int
console_import_chunk(struct http_request *req)
{
	return (api_run(req, &import_chunk_route));
}

/* POST /setup/api/imports/ID/check. */
int
console_import_check(struct http_request *req)
{
	return (api_run(req, &import_check_route));
}

/* POST /setup/api/imports/ID/commit, undo. */
int
console_import_act(struct http_request *req)
{
	return (api_run(req, &import_act_route));
}

/* GET /setup/api/imports/ID/rows. */
int
console_import_rows(struct http_request *req)
{
	return (api_run(req, &import_rows_route));
}

/* GET /setup/api/imports/ID/errors.csv. */
int
console_import_errors(struct http_request *req)
{
	return (api_run(req, &import_errors_route));
}

/* GET /setup/api/imports/template.csv. */
int
console_import_template(struct http_request *req)
{
	return (api_run(req, &import_template_route));
}

/* ---- all of them --------------------------------------------------------- */

static int
import_all_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;

	if (api_method(req) == API_POST)
		return (import_create_ask(req));
	return (console_doc_ask(req, SQL_IMPORT_LIST, &p));
}

static int
import_create_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*o;
	json_t			*errors = NULL;
	int			 ret;

	if ((o = api_json(req, &ret)) == NULL)
		return (ret);
	if (!import_create_read(o, &p, &errors)) {
		db_params_clear(&p);
		return (person_input_fail(req, errors));
	}
	db_uuid(&p, &console_admin(req)->person);
	return (console_doc_ask(req, SQL_IMPORT_CREATE, &p));
}

static bool
import_create_read(const json_t *o, struct db_params *p, json_t **errors)
{
	const char		*v;
	enum csv_encoding	 e;

	v = json_string_value(json_object_get(o, "file_name"));
	if (v == NULL || v[0] == '\0' || strlen(v) > 255)
		person_in_error(errors, "file_name",
		    "Send the name of the file, 255 bytes at most.");
	db_text(p, v);
	v = json_string_value(json_object_get(o, "mode"));
	if (v == NULL || (strcmp(v, "create") != 0 &&
	    strcmp(v, "update") != 0 && strcmp(v, "both") != 0))
		person_in_error(errors, "mode",
		    "Send create, update or both.");
	db_text(p, v);
	if (!import_create_match(json_object_get(o, "match"), p))
		person_in_error(errors, "match", "Send an array of emp_id, "
		    "email and mobile_number, in the order to try them.");
	v = json_string_value(json_object_get(o, "delimiter"));
	if (v != NULL && (strlen(v) != 1 || strchr(",;\t|", v[0]) == NULL))
		person_in_error(errors, "delimiter",
		    "Send a comma, a semicolon, a tab or |.");
	db_text_opt(p, v);
	v = json_string_value(json_object_get(o, "encoding"));
	if (v != NULL && csv_encoding_parse(v, &e) != ERR_OK)
		person_in_error(errors, "encoding",
		    "Send utf-8, utf-16le, utf-16be or windows-1252.");
	else if (v != NULL)
		v = csv_encoding_name(e);
	db_text_opt(p, v);
	if (!import_create_apps(json_object_get(o, "applications"), p))
		person_in_error(errors, "applications",
		    "Send an array of ids of applications, 256 at most.");
	return (*errors == NULL);
}

static bool
import_create_match(const json_t *a, struct db_params *p)
{
	const json_t	*v;
	const char	*name;
	size_t		 i;
	bool		 is_good = json_is_array(a) &&
	    json_array_size(a) >= 1 && json_array_size(a) <= 3;

	if (a == NULL) {
		db_text(p, "{emp_id,email,mobile_number}");
		return (true);
	}
	json_array_foreach(a, i, v) {
		name = json_string_value(v);
		is_good = is_good && name != NULL &&
		    (strcmp(name, "emp_id") == 0 ||
		    strcmp(name, "email") == 0 ||
		    strcmp(name, "mobile_number") == 0);
	}
	if (is_good)
		person_input_array(a, p);
	return (is_good);
}

static bool
import_create_apps(const json_t *a, struct db_params *p)
{
	if (a != NULL && !person_in_uuids(a, PERSON_IN_APPS_MAX))
		return (false);
	person_input_array(a, p);
	return (true);
}

/* ---- one ----------------------------------------------------------------- */

static bool
import_id(struct http_request *req, int *ret)
{
	struct import_input	*in = api_input(req);

	return (console_path_uuid(req, 1, &in->id, ret));
}

static int
import_one_ask(struct http_request *req)
{
	struct import_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!import_id(req, &ret))
		return (ret);
	db_uuid(&p, &in->id);
	return (console_doc_ask(req, api_method(req) == API_DELETE ?
	    SQL_IMPORT_CANCEL : SQL_IMPORT_GET, &p));
}

/* Who looks how far it is also sees to it that it goes on. */
static int
import_one_got(struct http_request *req)
{
	struct import_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (api_method(req) == API_GET && strcmp(outcome, "ok") == 0)
		import_run_kick(&in->id, api_origin(req));
	return (console_doc_reply(req));
}

/* ---- chunks -------------------------------------------------------------- */

static int
import_options_ask(struct http_request *req)
{
	struct import_with_options	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	int				 ret;

	if (!import_id(req, &ret))
		return (ret);
	db_uuid(&p, &in->in.id);
	return (api_ask(req, SQL_IMPORT_OPTIONS, &p, import_options_rows,
	    &in->o));
}

static enum err
import_options_rows(const struct db_result *res, void *target)
{
	struct import_options	*o = target;
	struct db_row		 r;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	o->is_found = true;
	db_row_text(&r, "delimiter", o->delimiter, sizeof(o->delimiter));
	db_row_text(&r, "encoding", o->encoding, sizeof(o->encoding));
	db_row_text(&r, "columns", o->columns, sizeof(o->columns));
	db_row_text(&r, "mapping", o->mapping, sizeof(o->mapping));
	return (r.err);
}

static int
import_chunk_got(struct http_request *req)
{
	struct import_with_options	*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	const void			*data;
	char				 text[16];
	size_t				 len;
	int64_t				 n;
	enum err			 e;
	int				 ret;

	if (!api_got(req, &ret) ||
	    !console_path_text(req, 3, text, sizeof(text), &ret))
		return (ret);
	if (!in->o.is_found || str_int(text, strlen(text), 0,
	    IMPORT_CHUNKS_MAX - 1, &n) != ERR_OK)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	if ((data = api_body(req, &len, &ret)) == NULL)
		return (ret);
	db_uuid(&p, &in->in.id);
	db_i32(&p, (int32_t)n);
	db_bytes(&p, data, len);
	e = n == 0 ? import_chunk_look(&in->o, data, len, &p) : ERR_OK;
	while (n > 0 && p.n < 8)
		db_null(&p);
	if (e != ERR_OK) {
		db_params_clear(&p);
		return (api_fail_field(req, "body", e == ERR_FORMAT ?
		    "The file must be a CSV with a row of column names." :
		    e == ERR_TOO_LONG ?
		    "One of the first rows is too long, or a quote in them is "
		    "never closed." : e == ERR_SPACE ?
		    "The file must have 64 columns at most." :
		    "The file must be a CSV: its first row cannot be read."));
	}
	return (console_doc_ask(req, SQL_IMPORT_CHUNK_PUT, &p));
}

static enum err
import_chunk_look(const struct import_options *o, const void *data,
    size_t len, struct db_params *p)
{
	struct import_look	 look;
	enum csv_encoding	 encoding;
	json_t			*parts[3] = { NULL, NULL, NULL };
	char			*text;
	enum err		 e;
	size_t			 i;
	bool			 is_given;

	is_given = csv_encoding_parse(o->encoding, &encoding) == ERR_OK;
	e = import_look(data, len, is_given ? &encoding : NULL,
	    o->delimiter[0], &look);
	if (e == ERR_OK) {
		db_text_len(p, &look.delimiter, 1);
		db_text(p, csv_encoding_name(look.encoding));
		parts[0] = import_map_names(&look.map);
		parts[1] = import_map_json(&look.map);
		parts[2] = json_incref(look.preview);
	}
	for (i = 0; e == ERR_OK && i < COUNT(parts); i++) {
		if ((text = mem_new(IMPORT_JSON_LEN * 2)) == NULL ||
		    !person_input_text(parts[i], text, IMPORT_JSON_LEN * 2))
			e = ERR_NOMEM;
		else
			db_text(p, text);
		mem_free(text);
	}
	for (i = 0; i < COUNT(parts); i++)
		json_decref(parts[i]);
	json_decref(look.preview);
	return (e);
}

/* ---- check, commit, undo ------------------------------------------------- */

static int
import_check_got(struct http_request *req)
{
	struct import_with_options	*in = api_input(req);
	const json_t			*o, *wish;
	char				*text;
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->o.is_found)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	if ((o = api_json(req, &ret)) == NULL)
		return (ret);
	wish = json_object_get(o, "mapping");
	if (wish == NULL || in->o.columns[0] == '\0')
		return (import_start(req, "checking", NULL, false));
	if ((text = mem_new(IMPORT_JSON_LEN)) == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	if (import_check_mapping(req, &in->o, wish, text, &ret))
		ret = import_start(req, "checking", text, false);
	mem_free(text);
	return (ret);
}

static bool
import_check_mapping(struct http_request *req, const struct import_options *o,
    const json_t *wish, char out[IMPORT_JSON_LEN], int *ret)
{
	struct import_map	*m = mem_new(sizeof(*m));
	json_t			*names, *old = NULL, *all = NULL;
	const char		*why = "Send an object of column: field.";
	enum err		 e = ERR_FORMAT;

	names = json_loads(o->columns, 0, NULL);
	if (m != NULL && names != NULL && json_is_object(wish) &&
	    json_in_object(o->mapping, strlen(o->mapping), &old) == ERR_OK &&
	    (e = import_map_load(m, names, old)) == ERR_OK &&
	    (e = import_map_set(m, wish, &why)) == ERR_OK &&
	    ((all = import_map_json(m)) == NULL ||
	    !person_input_text(all, out, IMPORT_JSON_LEN)))
		e = ERR_NOMEM;
	json_decref(names);
	json_decref(old);
	json_decref(all);
	mem_free(m);
	if (e == ERR_OK)
		return (true);
	*ret = e == ERR_NOMEM ? api_fail_retry(req, PROBLEM_OVERLOADED, 1) :
	    api_fail_field(req, "mapping", why);
	return (false);
}

static int
import_act_ask(struct http_request *req)
{
	const json_t	*o;
	char		 act[16];
	bool		 only_if_clean = false;
	int		 ret;

	if (!import_id(req, &ret) ||
	    !console_path_text(req, 2, act, sizeof(act), &ret))
		return (ret);
	/* A body is a wish, not a need. */
	if (req->http_body_length > 0) {
		if ((o = api_json(req, &ret)) == NULL)
			return (ret);
		only_if_clean = json_is_true(json_object_get(o,
		    "only_if_clean"));
	}
	return (import_start(req, strcmp(act, "undo") == 0 ? "undoing" :
	    "importing", NULL, only_if_clean));
}

static int
import_start(struct http_request *req, const char *state, const char *mapping,
    bool only_if_clean)
{
	struct import_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_uuid(&p, &in->id);
	db_text(&p, state);
	db_text(&p, mapping);
	db_bool(&p, only_if_clean);
	db_uuid(&p, &console_admin(req)->person);
	return (console_doc_ask(req, SQL_IMPORT_START, &p));
}

static int
import_start_got(struct http_request *req)
{
	struct import_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "ok") == 0)
		import_run_kick(&in->id, api_origin(req));
	return (console_doc_reply(req));
}

/* ---- what is in it ------------------------------------------------------- */

static int
import_rows_ask(struct http_request *req)
{
	static const char *const	 actions[] = { "error", "create",
	    "update", "same", "warning" };
	struct import_input		*in = api_input(req);
	struct db_params		 p = DB_PARAMS_INIT;
	const char			*action = api_query(req, "action");
	const char			*v;
	int64_t				 after = 0, limit = IMPORT_ROWS_LIMIT;
	size_t				 i;
	int				 ret;

	if (!import_id(req, &ret))
		return (ret);
	if (action == NULL)
		action = actions[0];
	for (i = 0; i < COUNT(actions) && strcmp(action, actions[i]) != 0;
	    i++)
		;
	if (i == COUNT(actions))
		return (api_fail_field(req, "action",
		    "Send error, create, update, same or warning."));
	if ((v = api_query(req, "cursor")) != NULL && v[0] != '\0' &&
	    str_int(v, strlen(v), 0, INT32_MAX, &after) != ERR_OK)
		return (api_fail_field(req, "cursor",
		    "Send the next_cursor of this very list."));
	if ((v = api_query(req, "limit")) != NULL && str_int(v, strlen(v), 1,
	    200, &limit) != ERR_OK)
		return (api_fail_field(req, "limit", "Send 1 to 200."));
	db_uuid(&p, &in->id);
	db_text(&p, action);
	db_i32(&p, (int32_t)after);
	db_i32(&p, (int32_t)limit);
	return (console_doc_ask(req, SQL_IMPORT_ROWS, &p));
}

static int
import_errors_begin(struct http_request *req)
{
	struct import_input	*in = api_input(req);
	int			 ret;

	if (!import_id(req, &ret))
		return (ret);
	in->stream = (struct api_stream){
		.type = "text/csv; charset=utf-8",
		.file_name = "errors.csv",
		.query = SQL_IMPORT_ERRORS,
		.params = import_errors_params,
	};
	api_stream_init(req, &in->stream);
	return (api_next(req));
}

static void
import_errors_params(struct http_request *req, struct db_params *p,
    const char *next)
{
	struct import_input	*in = api_input(req);
	int64_t			 after = 0;

	if (next != NULL && str_int(next, strlen(next), 1, INT32_MAX,
	    &after) != ERR_OK)
		p->err = ERR_FORMAT;
	db_uuid(p, &in->id);
	db_i32(p, (int32_t)after);
	db_i32(p, IMPORT_ERRORS_PAGE);
}

static int
import_template_reply(struct http_request *req)
{
	static const char	text[] =
	    "name,email,mobile_number,emp_id,status,mfa_enabled,language,"
	    "carrier\r\n"
	    "Asha Rao,asha.rao@example.org,+919876543210,E1001,active,false,"
	    "en,\r\n";

	api_set_header(req, "content-disposition",
	    "attachment; filename=\"people.csv\"");
	return (api_reply_bytes(req, 200, "text/csv; charset=utf-8", text,
	    sizeof(text) - 1));
}
