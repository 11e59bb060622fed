/*
 * console_people - the directory as a whole: list, new people, many at once,
 * and the export.  One person is console_person's.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "api_stream.h"
#include "console_doc.h"
#include "console_guard.h"
#include "list_cursor.h"
#include "mem.h"
#include "person_input.h"
#include "platform.h"
#include "routes.h"
#include "str.h"

#define PEOPLE_LIMIT		50
#define PEOPLE_LIMIT_MAX	200
#define PEOPLE_EXPORT_ROWS	1000

struct people_list {
	char			sort[16];
	bool			is_desc, do_count, has_cursor;
	int32_t			limit;
	struct list_cursor	cursor;		/* .bound in any case */
};

struct people_create {
	char			 fields[PERSON_INPUT_FIELDS_LEN];
	struct password_rule	 rule;
	char			 password[PASSWORD_MAX_LEN + 1];
	char			 hash[PASSWORD_HASH_MAX_LEN + 1];
};

struct people_export {
	struct api_stream	 stream;
	char			 filters[PERSON_INPUT_FILTERS_LEN];
};

static int	people_list_ask(struct http_request *req);
static int	people_list_got(struct http_request *req);
static bool	people_list_size(struct http_request *req,
		    struct people_list *in, int *ret);
static bool	people_list_order(struct http_request *req,
		    struct people_list *in, int *ret);
static bool	people_list_cursor(struct http_request *req,
		    struct people_list *in, const char *filters, int *ret);
static int	people_create_parse(struct http_request *req);
static int	people_create_hashed(struct http_request *req);
static int	people_create_ask(struct http_request *req);
static bool	people_create_password(struct people_create *in,
		    const struct person_in *p);
static int	people_bulk_ask(struct http_request *req);
static bool	people_bulk_read(struct http_request *req, const json_t *o,
		    struct db_params *p, int *ret);
static bool	people_bulk_whom(const json_t *o, struct db_params *p,
		    json_t **errors);
static int	people_export_begin(struct http_request *req);
static void	people_export_params(struct http_request *req,
		    struct db_params *p, const char *next);

static struct http_state people_list_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(people_list_ask),
	KORE_HTTP_STATE(people_list_got),
};
static const struct api_route people_list_route = {
	.name = "people_list", .methods = API_GET | API_POST,
	.states = people_list_states, .n_states = COUNT(people_list_states),
	.input_size = sizeof(struct people_list),
};

static struct http_state people_create_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(people_create_parse),
	KORE_HTTP_STATE(people_create_hashed),
	KORE_HTTP_STATE(people_create_ask),
	KORE_HTTP_STATE(console_doc_got),
};
static const struct api_route people_create_route = {
	.name = "people_create", .methods = API_GET | API_POST,
	.states = people_create_states,
	.n_states = COUNT(people_create_states),
	.input_size = sizeof(struct people_create),
};

static struct http_state people_bulk_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(people_bulk_ask),
	KORE_HTTP_STATE(console_doc_got),
};
static const struct api_route people_bulk_route = {
	.name = "people_bulk", .methods = API_POST,
	.states = people_bulk_states, .n_states = COUNT(people_bulk_states),
};

static struct http_state people_export_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(people_export_begin),
	API_STREAM,
};
static const struct api_route people_export_route = {
	.name = "people_export", .methods = API_GET,
	.states = people_export_states,
	.n_states = COUNT(people_export_states),
	.input_size = sizeof(struct people_export),
};

/* GET, POST /setup/api/users. */
int
console_people(struct http_request *req)
{
	return (api_run(req, api_method(req) == API_POST ?
	    &people_create_route : &people_list_route));
}

/* POST /setup/api/users/bulk. */
int
console_people_bulk(struct http_request *req)
{
	return (api_run(req, &people_bulk_route));
}

/* GET /setup/api/users/export. */
int
console_people_export(struct http_request *req)
{
	return (api_run(req, &people_export_route));
}

/* ---- the list ------------------------------------------------------------ */

static int
people_list_ask(struct http_request *req)
{
	struct people_list	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 filters[PERSON_INPUT_FILTERS_LEN];
	int			 ret;

	if (!person_input_filters(req, filters, &ret) ||
	    !people_list_size(req, in, &ret) ||
	    !people_list_order(req, in, &ret) ||
	    !people_list_cursor(req, in, filters, &ret))
		return (ret);
	db_text(&p, filters);
	db_text(&p, in->sort);
	db_bool(&p, in->is_desc);
	db_i32(&p, in->limit);
	db_uuid(&p, in->has_cursor ? &in->cursor.id : NULL);
	db_text(&p, in->has_cursor ? in->cursor.key : NULL);
	db_bool(&p, in->do_count);
	db_bytes(&p, in->cursor.bound, sizeof(in->cursor.bound));
	db_bool(&p, in->has_cursor && in->cursor.is_cut);
	return (console_doc_ask(req, SQL_PERSON_LIST, &p));
}

static int
people_list_got(struct http_request *req)
{
	const char	*constraint;
	enum err	 e;
	int		 ret;

	if (!api_got_err(req, &ret, &e, &constraint))
		return (ret);
	if (e == ERR_TIMEOUT)
		return (api_fail(req, PROBLEM_SEARCH_TOO_SLOW));
	return (console_doc_got(req));
}

static bool
people_list_size(struct http_request *req, struct people_list *in, int *ret)
{
	const char	*v;
	int64_t		 n = PEOPLE_LIMIT;

	if ((v = api_query(req, "limit")) != NULL && str_int(v, strlen(v), 1,
	    PEOPLE_LIMIT_MAX, &n) != ERR_OK) {
		*ret = api_fail_field(req, "limit", "Send 1 to 200.");
		return (false);
	}
	in->limit = (int32_t)n;
	v = api_query(req, "count");
	in->do_count = v != NULL && strcmp(v, "1") == 0;
	return (true);
}

/* Newest first, names from A, the last sign-in first. */
static bool
people_list_order(struct http_request *req, struct people_list *in, int *ret)
{
	const char	*sort = api_query(req, "sort");
	const char	*dir = api_query(req, "dir");

	if (sort == NULL || sort[0] == '\0')
		sort = "created";
	if ((strcmp(sort, "created") != 0 && strcmp(sort, "name") != 0 &&
	    strcmp(sort, "last_login") != 0) || str_copy(in->sort,
	    sizeof(in->sort), sort, strlen(sort)) != ERR_OK) {
		*ret = api_fail_field(req, "sort",
		    "Send created, name or last_login.");
		return (false);
	}
	if (dir == NULL || dir[0] == '\0')
		dir = strcmp(sort, "name") == 0 ? "asc" : "desc";
	in->is_desc = strcmp(dir, "desc") == 0;
	if (in->is_desc || strcmp(dir, "asc") == 0)
		return (true);
	*ret = api_fail_field(req, "dir", "Send asc or desc.");
	return (false);
}

/* A cursor is good for the list that gave it out, and for no other. */
static bool
people_list_cursor(struct http_request *req, struct people_list *in,
    const char *filters, int *ret)
{
	const char	*v = api_query(req, "cursor");
	struct buf	 list;
	uint8_t		 bound[LIST_CURSOR_BOUND_LEN];
	enum err	 r;

	buf_init(&list, 16384);
	buf_printf(&list, "users %s %s %d %s", in->sort,
	    in->is_desc ? "desc" : "asc", (int)in->limit, filters);
	if ((r = buf_err(&list)) == ERR_OK)
		list_cursor_bind(list.data, list.len, bound);
	buf_clear(&list);
	if (r != ERR_OK) {
		*ret = api_fail(req, PROBLEM_INTERNAL);
		return (false);
	}
	in->has_cursor = v != NULL && v[0] != '\0';
	if (in->has_cursor && list_cursor_parse(v, strlen(v), bound,
	    &in->cursor) != ERR_OK) {
		*ret = api_fail_field(req, "cursor",
		    "Send the next_cursor of this very list.");
		return (false);
	}
	memcpy(in->cursor.bound, bound, sizeof(bound));
	return (true);
}

/* ---- a new person -------------------------------------------------------- */

static int
people_create_parse(struct http_request *req)
{
	struct people_create	*in = api_input(req);
	struct person_in	 p;
	int			 ret;

	if (!person_input_read(req, true, &p, &ret))
		return (ret);
	if (p.is_admin && !console_step_up(req, &ret)) {
		person_in_clear(&p);
		return (ret);
	}
	if (!person_input_text(p.fields, in->fields, sizeof(in->fields)) ||
	    !people_create_password(in, &p))
		ret = api_fail_retry(req, PROBLEM_OVERLOADED, 1);
	else if (p.password == NULL)
		ret = api_skip(req, 1);
	else
		ret = api_hash_make(req, &in->rule, in->password);
	person_in_clear(&p);
	return (ret);
}

static bool
people_create_password(struct people_create *in, const struct person_in *p)
{
	const struct platform_values	*v = platform_values();
	struct user			*u = &in->rule.user;

	if (p->password == NULL)
		return (true);
	in->rule.min_len = json_is_true(json_object_get(p->fields,
	    "mfa_enabled")) ? v->password_min_len_mfa : v->password_min_len;
	person_input_user(p->fields, u);
	return (str_copy(in->password, sizeof(in->password), p->password,
	    strlen(p->password)) == ERR_OK);
}

static int
people_create_hashed(struct http_request *req)
{
	struct people_create	*in = api_input(req);
	const char		*made;
	char			 text[PASSWORD_RULE_TEXT_LEN + 1];
	enum password_fault	 fault;
	enum err		 e;
	int			 ret;

	if (!api_hashed(req, &ret, &e, &made))
		return (ret);
	mem_wipe(in->password, sizeof(in->password));
	if ((fault = api_hash_fault(req)) != PASSWORD_GOOD) {
		password_rule_text(&in->rule, fault, text);
		return (api_fail_field(req, "password", text));
	}
	if (made == NULL || str_copy(in->hash, sizeof(in->hash), made,
	    strlen(made)) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	return (api_next(req));
}

static int
people_create_ask(struct http_request *req)
{
	struct people_create	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;

	db_text(&p, in->fields);
	db_text_opt(&p, in->hash);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_CREATE, &p));
}

/* ---- many people --------------------------------------------------------- */

static int
people_bulk_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*o;
	int			 ret;

	if ((o = api_json(req, &ret)) == NULL)
		return (ret);
	if (!people_bulk_read(req, o, &p, &ret)) {
		db_params_clear(&p);
		return (ret);
	}
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_BULK, &p));
}

static bool
people_bulk_read(struct http_request *req, const json_t *o,
    struct db_params *p, int *ret)
{
	static const char *const	 acts[] = { "assign", "unassign",
	    "disable", "enable", "sign_out", "require_mfa", "delete" };
	const char			*act, *app;
	json_t				*errors = NULL;
	struct uuid			 id = { { 0 } };
	size_t				 i;

	act = json_string_value(json_object_get(o, "action"));
	app = json_string_value(json_object_get(o, "application_id"));
	for (i = 0; act != NULL && i < COUNT(acts); i++)
		if (strcmp(act, acts[i]) == 0)
			break;
	if (act == NULL || i == COUNT(acts))
		person_in_error(&errors, "action", "Send disable, enable, "
		    "sign_out, assign, unassign, require_mfa or delete.");
	db_text(p, act);
	if (act != NULL && i < 2) {	/* assign, unassign */
		if (app == NULL || uuid_parse(app, strlen(app), &id) != ERR_OK)
			person_in_error(&errors, "application_id",
			    "Send the id of an application.");
		db_uuid(p, &id);
	} else
		db_uuid(p, NULL);
	if (people_bulk_whom(o, p, &errors) && errors == NULL)
		return (strcmp(act, "delete") != 0 ||
		    console_step_up(req, ret));
	*ret = person_input_fail(req, errors);
	return (false);
}

/* Ids, or a filter, and never everybody by mistake. */
static bool
people_bulk_whom(const json_t *o, struct db_params *p, json_t **errors)
{
	const json_t	*ids = json_object_get(o, "ids");
	const json_t	*filter = json_object_get(o, "filter");
	json_t		*filters = NULL, *more = NULL;
	char		 text[PERSON_INPUT_FILTERS_LEN];

	if (json_is_object(filter) == (ids != NULL) ||
	    (ids != NULL && !person_in_uuids(ids, 10000))) {
		person_in_error(errors, ids != NULL ? "ids" : "filter",
		    "Send ids, 10 000 at most, or a filter.");
		return (false);
	}
	if (person_filter_json(filter, &filters, &more) != ERR_OK) {
		if (*errors == NULL)
			*errors = json_array();
		(void)json_array_extend(*errors, more);
		json_decref(more);
		return (false);
	}
	if (!person_input_text(filters, text, sizeof(text)))
		p->err = ERR_NOMEM;
	if (ids != NULL)
		person_input_array(ids, p);
	else
		db_null(p);
	db_text(p, text);
	json_decref(filters);
	return (true);
}

/* ---- export -------------------------------------------------------------- */

static int
people_export_begin(struct http_request *req)
{
	struct people_export	*in = api_input(req);
	int			 ret;

	if (!person_input_filters(req, in->filters, &ret))
		return (ret);
	in->stream = (struct api_stream){
		.type = "text/csv; charset=utf-8",
		.file_name = "people.csv",
		.query = SQL_PERSON_EXPORT,
		.params = people_export_params,
	};
	api_stream_init(req, &in->stream);
	return (api_next(req));
}

static void
people_export_params(struct http_request *req, struct db_params *p,
    const char *next)
{
	struct people_export	*in = api_input(req);

	db_text(p, in->filters);
	db_text(p, next);
	db_i32(p, PEOPLE_EXPORT_ROWS);
	person_input_actor(req, p);
}
