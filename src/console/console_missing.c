/*
 * console_missing - who is missing from the file of an import: shown, disabled,
 * and enabled again.  The doing is import_run's.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "console_doc.h"
#include "console_guard.h"
#include "import_run.h"
#include "json_in.h"
#include "routes.h"
#include "str.h"

#define MISSING_LIMIT		50
#define MISSING_LIMIT_MAX	200

struct missing_input {
	struct uuid	import;
};

static int	missing_list_ask(struct http_request *req);
static int	missing_act_ask(struct http_request *req);
static int	missing_act_got(struct http_request *req);

static struct http_state missing_list_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(missing_list_ask),
	KORE_HTTP_STATE(console_doc_got),
};
static const struct api_route missing_list_route = {
	.name = "import_missing", .methods = API_GET,
	.states = missing_list_states,
	.n_states = COUNT(missing_list_states),
	.input_size = sizeof(struct missing_input),
};

static struct http_state missing_act_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(missing_act_ask),
	KORE_HTTP_STATE(missing_act_got),
};
static const struct api_route missing_act_route = {
	.name = "import_missing_act", .methods = API_POST,
	.states = missing_act_states, .n_states = COUNT(missing_act_states),
	.input_size = sizeof(struct missing_input),
};

/* GET /setup/api/imports/ID/missing. */
int
console_missing(struct http_request *req)
{
	return (api_run(req, &missing_list_route));
}

/* POST /setup/api/imports/ID/missing/disable, enable. */
int
console_missing_act(struct http_request *req)
{
	return (api_run(req, &missing_act_route));
}

static int
missing_list_ask(struct http_request *req)
{
	struct missing_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct uuid		 after;
	const char		*v;
	int64_t			 limit = MISSING_LIMIT;
	bool			 has_after;
	int			 ret;

	if (!console_path_uuid(req, 1, &in->import, &ret))
		return (ret);
	v = api_query(req, "cursor");
	has_after = v != NULL && v[0] != '\0';
	if (has_after && uuid_parse(v, strlen(v), &after) != ERR_OK)
		return (api_fail_field(req, "cursor",
		    "Send the next_cursor of this very list."));
	if ((v = api_query(req, "limit")) != NULL && str_int(v, strlen(v), 1,
	    MISSING_LIMIT_MAX, &limit) != ERR_OK)
		return (api_fail_field(req, "limit", "Send 1 to 200."));
	db_uuid(&p, &in->import);
	db_uuid(&p, &console_admin(req)->person);
	db_uuid(&p, has_after ? &after : NULL);
	db_i32(&p, (int32_t)limit);
	return (console_doc_ask(req, SQL_IMPORT_MISSING, &p));
}

/* Disabling wants proof, and the number that the list gave. */
static int
missing_act_ask(struct http_request *req)
{
	struct missing_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*body, *n = NULL;
	char			 act[16];
	bool			 is_off;
	int			 ret;

	if (!console_path_uuid(req, 1, &in->import, &ret) ||
	    !console_path_text(req, 3, act, sizeof(act), &ret))
		return (ret);
	is_off = strcmp(act, "disable") == 0;
	if (is_off) {
		if (!console_step_up(req, &ret) ||
		    (body = api_json(req, &ret)) == NULL)
			return (ret);
		n = json_object_get(body, "confirm_count");
		if (!json_is_integer(n) || json_integer_value(n) < 0)
			return (api_fail_field(req, "confirm_count",
			    "Send the count of the list of who is missing."));
	}
	db_uuid(&p, &in->import);
	db_text(&p, is_off ? "disabling" : "enabling");
	if (is_off)
		db_i64(&p, json_integer_value(n));
	else
		db_null(&p);
	db_uuid(&p, &console_admin(req)->person);
	return (console_doc_ask(req, SQL_IMPORT_MISSING_START, &p));
}

static int
missing_act_got(struct http_request *req)
{
	struct missing_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "ok") == 0)
		import_run_kick(&in->import, api_origin(req));
	return (console_doc_reply(req));
}
