/*
 * console_platform - /setup/api/settings, /setup/api/token-keys.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "clock.h"
#include "console_call.h"
#include "console_doc.h"
#include "console_guard.h"
#include "console_sign_in.h"
#include "generation.h"
#include "platform.h"
#include "routes.h"
#include "token_key.h"

struct rotation_input {
	bool		is_drop;
	bool		is_done;
	int64_t		n_alive;
};

static int	settings_patch(struct http_request *req);
static int	rotation_ask(struct http_request *req);
static int	rotation_got(struct http_request *req);
static enum err	rotation_rows(const struct db_result *res, void *target);

static const struct decode_field rotation_fields[] = {
	{ "drop", DECODE_BOOL, NULL, offsetof(struct rotation_input, is_drop),
	    sizeof(bool), false, "Send true or false." },
};

static struct http_state settings_patch_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(settings_patch),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state rotation_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(rotation_ask),
	KORE_HTTP_STATE(rotation_got),
	KORE_HTTP_STATE(console_doc_got),
};

static const struct console_call settings[] = {
	CONSOLE_CALL("console_setting_list", API_GET,
	    SQL_CONSOLE_SETTING_LIST, 0),
	{ .route = { .name = "console_setting_patch", .methods = API_PATCH,
	    .states = settings_patch_states,
	    .n_states = COUNT(settings_patch_states) } },
};

static const struct console_call token_keys[] = {
	CONSOLE_CALL("console_token_keys", API_GET, SQL_CONSOLE_TOKEN_KEYS, 0),
};

static const struct api_route rotation_route = {
	.name = "console_token_key_rotate", .methods = API_POST,
	.states = rotation_states, .n_states = COUNT(rotation_states),
	.fields = rotation_fields, .n_fields = COUNT(rotation_fields),
	.input_size = sizeof(struct rotation_input),
};

/* GET, PATCH /setup/api/settings */
int
console_settings(struct http_request *req)
{
	return (console_call_run(req, settings, COUNT(settings)));
}

/* GET /setup/api/token-keys */
int
console_token_keys(struct http_request *req)
{
	return (console_call_run(req, token_keys, COUNT(token_keys)));
}

/* POST /setup/api/token-keys/rotate */
int
console_token_key_rotate(struct http_request *req)
{
	return (api_run(req, &rotation_route));
}

/* Which settings want a fresh proof is the database's to say. */
static int
settings_patch(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	int			ret;

	if (!console_call_params(req, CALL_BODY, &p, &ret))
		return (ret);
	db_bool(&p, console_is_stepped_up(req));
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_SETTING_PATCH, &p));
}

static int
rotation_ask(struct http_request *req)
{
	struct rotation_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	char			 kid[TOKEN_KID_LEN + 1];
	uint8_t			 sealed[TOKEN_KEY_SEALED_LEN];
	enum err		 e;
	int			 ret;

	if (!console_step_up(req, &ret) || !api_decode(req, &ret))
		return (ret);
	if ((e = token_key_make(platform_sealer(), kid, sealed)) != ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	console_sign_in_origin(req);
	db_text(&p, kid);
	db_bytes(&p, sealed, sizeof(sealed));
	db_bool(&p, in->is_drop);
	db_i32(&p, TOKEN_KEYS_MAX);
	audit_store_origin(&p, api_origin(req));
	db_uuid(&p, &console_admin(req)->person);
	return (api_ask(req, SQL_TOKEN_KEY_ROTATE, &p, rotation_rows, in));
}

static int
rotation_got(struct http_request *req)
{
	struct rotation_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (!in->is_done)
		return (api_fail_with(req, PROBLEM_CONFLICT,
		    in->n_alive >= TOKEN_KEYS_MAX ? "Too many keys are alive. "
		    "Wait until one expires, or drop the old ones." :
		    "The key was rotated just now. Wait 5 seconds.", NULL));
	generation_bump(platform_generations(), GENERATION_PLATFORM, NULL, 0);
	return (console_doc_ask(req, SQL_CONSOLE_TOKEN_KEYS, &p));
}

static enum err
rotation_rows(const struct db_result *res, void *target)
{
	struct rotation_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	in->is_done = !db_row_is_null(&r, "kid");
	in->n_alive = db_row_i64(&r, "n_alive");
	return (r.err);
}
