/*
 * console_person - one person of the directory, and what hangs on one:
 * assignments, sessions, devices, what is signed in with.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "console_doc.h"
#include "console_guard.h"
#include "mem.h"
#include "message.h"
#include "otp.h"
#include "password_store.h"
#include "person_input.h"
#include "platform.h"
#include "reset_token.h"
#include "routes.h"
#include "str.h"

/* A code in a text message lives for ten minutes at most (NIST SP 800-63B-4
 * s.4.2.1.2). */
#define PERSON_CODE_TTL_S	600

static int	person_ask(struct http_request *req);
static int	person_edit_ask(struct http_request *req,
		    const struct uuid *id);
static int	person_act_ask(struct http_request *req);
static int	person_act_send(struct http_request *req, const char *act,
		    const struct uuid *id, const int64_t *version);
static int	person_recovery_ask(struct http_request *req);
static enum err	person_recovery_make(struct db_params *p,
		    const struct uuid *id);
static int	person_totp_ask(struct http_request *req);
static int	person_app_ask(struct http_request *req);
static int	person_part_ask(struct http_request *req);
static int	person_session_ask(struct http_request *req);
static int	person_device_ask(struct http_request *req);

/* Each endpoint asks one statement, which makes the whole answer. */
#define PERSON_ROUTE(ask, allowed)					\
	CONSOLE_ROUTE(ask, allowed, 0, NULL, KORE_HTTP_STATE(ask),	\
	    KORE_HTTP_STATE(console_doc_got))

PERSON_ROUTE(person_ask, API_GET | API_PATCH | API_DELETE);
PERSON_ROUTE(person_act_ask, API_POST);
PERSON_ROUTE(person_recovery_ask, API_POST);
PERSON_ROUTE(person_totp_ask, API_DELETE);
PERSON_ROUTE(person_app_ask, API_PUT | API_DELETE);
PERSON_ROUTE(person_part_ask, API_GET);
PERSON_ROUTE(person_session_ask, API_DELETE);
PERSON_ROUTE(person_device_ask, API_POST);

/* GET, PATCH, DELETE /setup/api/users/ID. */
int
console_person(struct http_request *req)
{
	return (api_run(req, &person_ask_route));
}

/* POST /setup/api/users/ID/disable, enable, sign-out, unlock. */
int
console_person_act(struct http_request *req)
{
	return (api_run(req, &person_act_ask_route));
}

/* POST /setup/api/users/ID/recovery. */
int
console_person_recovery(struct http_request *req)
{
	return (api_run(req, &person_recovery_ask_route));
}

/* DELETE /setup/api/users/ID/totp. */
int
console_person_totp(struct http_request *req)
{
	return (api_run(req, &person_totp_ask_route));
}

/* PUT, DELETE /setup/api/users/ID/applications/ID. */
int
console_person_app(struct http_request *req)
{
	return (api_run(req, &person_app_ask_route));
}

/* GET /setup/api/users/ID/sessions, devices, security. */
int
console_person_part(struct http_request *req)
{
	return (api_run(req, &person_part_ask_route));
}

/* DELETE /setup/api/users/ID/sessions/ID. */
int
console_person_session(struct http_request *req)
{
	return (api_run(req, &person_session_ask_route));
}

/* POST /setup/api/users/ID/devices/forget. */
int
console_person_device(struct http_request *req)
{
	return (api_run(req, &person_device_ask_route));
}

static int
person_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct uuid		id;
	int64_t			version;
	int			ret;

	if (!console_path_uuid(req, 1, &id, &ret))
		return (ret);
	if (api_method(req) == API_PATCH)
		return (person_edit_ask(req, &id));
	if (api_method(req) == API_GET) {
		db_uuid(&p, &id);
		return (console_doc_ask(req, SQL_PERSON_GET, &p));
	}
	if (!console_if_match(req, &version, &ret) ||
	    !console_step_up(req, &ret))
		return (ret);
	return (person_act_send(req, "delete", &id, &version));
}

static int
person_edit_ask(struct http_request *req, const struct uuid *id)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct person_in	in;
	char			fields[PERSON_INPUT_FIELDS_LEN];
	int64_t			version;
	int			ret;
	bool			is_good;

	if (!console_if_match(req, &version, &ret) ||
	    !person_input_read(req, false, &in, &ret))
		return (ret);
	is_good = !in.has_admin || console_step_up(req, &ret);
	if (is_good && !person_input_text(in.fields, fields,
	    sizeof(fields))) {
		ret = api_fail(req, PROBLEM_INTERNAL);
		is_good = false;
	}
	person_in_clear(&in);
	if (!is_good)
		return (ret);
	db_uuid(&p, id);
	db_i64(&p, version);
	db_text(&p, fields);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_EDIT, &p));
}

static int
person_act_ask(struct http_request *req)
{
	struct uuid	id;
	char		act[16];
	int		ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    !console_path_text(req, 2, act, sizeof(act), &ret))
		return (ret);
	return (person_act_send(req, strcmp(act, "sign-out") == 0 ?
	    "sign_out" : act, &id, NULL));
}

static int
person_act_send(struct http_request *req, const char *act,
    const struct uuid *id, const int64_t *version)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_text(&p, act);
	db_uuid(&p, id);
	if (version != NULL)
		db_i64(&p, *version);
	else
		db_null(&p);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_ACT, &p));
}

static int
person_recovery_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct uuid		id;
	int			ret;

	if (!console_path_uuid(req, 1, &id, &ret))
		return (ret);
	if (person_recovery_make(&p, &id) != ERR_OK) {
		db_params_clear(&p);
		return (api_fail(req, PROBLEM_INTERNAL));
	}
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_RECOVER, &p));
}

/* Token and code are made both: the statement knows which can be sent. */
static enum err
person_recovery_make(struct db_params *p, const struct uuid *id)
{
	const struct platform_values	*v = platform_values();
	struct uuid			 reset, outbox;
	char				 token[RESET_TOKEN_LEN + 1];
	char				 code[OTP_DIGITS_MAX + 1], ttl[2][16];
	uint8_t				 hash[SHA256_LEN], mac[OTP_MAC_LEN];
	uint8_t				 sealed[2][MESSAGE_SEALED_MAX];
	size_t				 len[2];
	const int			 code_ttl_s = v->reset_ttl_s <
	    PERSON_CODE_TTL_S ? v->reset_ttl_s : PERSON_CODE_TTL_S;
	const struct message_var	 email[] = {
		{ "token", token }, { "ttl_s", ttl[0] },
		{ "app_name", v->brand_name },
	};
	const struct message_var	 sms[] = {
		{ "code", code }, { "ttl_s", ttl[1] },
		{ "app_name", v->brand_name },
	};
	const struct message		 by_email = { MESSAGE_RESET_TOKEN,
	    email, COUNT(email) };
	const struct message		 by_sms = { MESSAGE_RESET_CODE, sms,
	    COUNT(sms) };
	enum err			 r;

	uuid_make(&reset);
	uuid_make(&outbox);
	reset_token_make(token, hash);
	otp_make(v->otp_length, code);
	if ((r = str_printf(ttl[0], sizeof(ttl[0]), "%d",
	    (int)v->reset_ttl_s)) == ERR_OK &&
	    (r = str_printf(ttl[1], sizeof(ttl[1]), "%d", code_ttl_s)) ==
	    ERR_OK && (r = otp_mac(platform_otp_key(), &reset, code,
	    strlen(code), mac)) == ERR_OK &&
	    (r = message_seal(platform_sealer(), &outbox, &by_email,
	    sealed[0], &len[0])) == ERR_OK)
		r = message_seal(platform_sealer(), &outbox, &by_sms,
		    sealed[1], &len[1]);
	mem_wipe(token, sizeof(token));
	mem_wipe(code, sizeof(code));
	if (r != ERR_OK)
		return (r);
	db_uuid(p, &reset);
	db_uuid(p, id);
	db_bytes(p, hash, sizeof(hash));
	db_bytes(p, mac, sizeof(mac));
	db_i32(p, v->reset_ttl_s);
	db_i32(p, code_ttl_s);
	db_uuid(p, &outbox);
	db_bytes(p, sealed[0], len[0]);
	db_bytes(p, sealed[1], len[1]);
	db_bool(p, platform_settings()->dev_otp);
	return (ERR_OK);
}

static int
person_totp_ask(struct http_request *req)
{
	const struct message_var	 vars[] = {
		{ "app_name", platform_values()->brand_name },
	};
	const struct message		 m = { MESSAGE_MFA_REMOVED, vars,
	    COUNT(vars) };
	struct db_params		 p = DB_PARAMS_INIT;
	struct uuid			 id, outbox;
	uint8_t				 sealed[MESSAGE_SEALED_MAX];
	size_t				 len;
	int				 ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    !console_step_up(req, &ret))
		return (ret);
	uuid_make(&outbox);
	if (message_seal(platform_sealer(), &outbox, &m, sealed, &len) !=
	    ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	db_uuid(&p, &id);
	db_uuid(&p, &outbox);
	db_bytes(&p, sealed, len);
	db_bool(&p, platform_settings()->dev_otp);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_TOTP_REMOVE, &p));
}

static int
person_app_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct uuid		id, app;
	int			ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    !console_path_uuid(req, 3, &app, &ret))
		return (ret);
	db_bool(&p, api_method(req) == API_PUT);
	db_uuid(&p, &id);
	db_uuid(&p, &app);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_ASSIGN, &p));
}

static int
person_part_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct uuid		id;
	char			part[16];
	int			ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    !console_path_text(req, 2, part, sizeof(part), &ret))
		return (ret);
	db_uuid(&p, &id);
	return (console_doc_ask(req, strcmp(part, "sessions") == 0 ?
	    SQL_PERSON_SESSIONS : strcmp(part, "devices") == 0 ?
	    SQL_PERSON_DEVICES : SQL_PERSON_SECURITY, &p));
}

static int
person_session_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct uuid		id, session;
	int			ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    !console_path_uuid(req, 3, &session, &ret))
		return (ret);
	db_uuid(&p, &id);
	db_uuid(&p, &session);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_SESSION_END, &p));
}

/* The id of a device is the application's own text: no part of a path. */
static int
person_device_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct uuid		 id, app;
	const json_t		*o;
	const char		*text, *device;
	int			 ret;

	if (!console_path_uuid(req, 1, &id, &ret) ||
	    (o = api_json(req, &ret)) == NULL)
		return (ret);
	text = json_string_value(json_object_get(o, "application_id"));
	device = json_string_value(json_object_get(o, "device_id"));
	if (text == NULL || uuid_parse(text, strlen(text), &app) != ERR_OK)
		return (api_fail_field(req, "application_id",
		    "Send the id of an application."));
	if (device == NULL || device[0] == '\0' || strlen(device) > 128)
		return (api_fail_field(req, "device_id",
		    "Send the id of one of the person's devices."));
	db_uuid(&p, &id);
	db_uuid(&p, &app);
	db_text(&p, device);
	person_input_actor(req, &p);
	return (console_doc_ask(req, SQL_PERSON_DEVICE_FORGET, &p));
}
