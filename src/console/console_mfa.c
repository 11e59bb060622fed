/*
 * console_mfa - /setup/api/account/mfa: the administrator's own authenticator
 * app and recovery codes.  All but looking and confirming want a fresh proof:
 * a session that was stolen must not get a factor of its own to step up with.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_call.h"
#include "console_doc.h"
#include "console_guard.h"
#include "console_sign_in.h"
#include "otp_send.h"
#include "platform.h"
#include "recovery_set.h"
#include "routes.h"
#include "totp_enrol.h"

struct mfa_input {
	char			code[FACTOR_CODE_LEN + 1];
	struct totp_enrol	enrol;
	struct recovery_set	codes;
};

static int	mfa_begin_ask(struct http_request *req);
static int	mfa_begin_got(struct http_request *req);
static int	mfa_confirm_parse(struct http_request *req);
static int	mfa_confirm_ask(struct http_request *req);
static int	mfa_confirm_got(struct http_request *req);
static int	mfa_prove(struct http_request *req);
static int	mfa_remove_ask(struct http_request *req);
static int	mfa_recovery_ask(struct http_request *req);
static int	mfa_recovery_got(struct http_request *req);
static bool	mfa_notice(struct http_request *req, const char *template,
		    struct otp_notice *out, int *ret);

static const struct decode_field mfa_confirm_fields[] = {
	FACTOR_CODE_F(mfa_input, true),
};

static struct http_state mfa_begin_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(mfa_prove),
	KORE_HTTP_STATE(mfa_begin_ask),
	KORE_HTTP_STATE(mfa_begin_got),
};

static struct http_state mfa_confirm_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(mfa_confirm_parse),
	KORE_HTTP_STATE(mfa_confirm_ask),
	KORE_HTTP_STATE(mfa_confirm_got),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state mfa_remove_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(mfa_prove),
	KORE_HTTP_STATE(mfa_remove_ask),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state mfa_recovery_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(mfa_prove),
	KORE_HTTP_STATE(mfa_recovery_ask),
	KORE_HTTP_STATE(mfa_recovery_got),
};

static const struct console_call mfa[] = {
	CONSOLE_CALL("console_mfa_show", API_GET, SQL_CONSOLE_FACTORS,
	    CALL_PERSON),
};

static const struct api_route mfa_begin_route = {
	.name = "console_totp_begin", .methods = API_POST,
	.states = mfa_begin_states, .n_states = COUNT(mfa_begin_states),
	.input_size = sizeof(struct mfa_input),
};

static const struct api_route mfa_remove_route = {
	.name = "console_totp_remove", .methods = API_DELETE,
	.states = mfa_remove_states, .n_states = COUNT(mfa_remove_states),
	.input_size = sizeof(struct mfa_input),
};

static const struct api_route mfa_confirm_route = {
	.name = "console_totp_confirm", .methods = API_POST,
	.states = mfa_confirm_states, .n_states = COUNT(mfa_confirm_states),
	.fields = mfa_confirm_fields, .n_fields = COUNT(mfa_confirm_fields),
	.input_size = sizeof(struct mfa_input),
};

static const struct api_route mfa_recovery_route = {
	.name = "console_recovery_codes", .methods = API_POST,
	.states = mfa_recovery_states, .n_states = COUNT(mfa_recovery_states),
	.input_size = sizeof(struct mfa_input),
};

/* GET /setup/api/account/mfa */
int
console_mfa(struct http_request *req)
{
	return (console_call_run(req, mfa, COUNT(mfa)));
}

/* POST, DELETE /setup/api/account/mfa/totp */
int
console_mfa_totp(struct http_request *req)
{
	static const struct api_route	*const routes[] = {
		&mfa_begin_route, &mfa_remove_route,
	};

	return (api_run_method(req, routes, COUNT(routes)));
}

/* POST /setup/api/account/mfa/totp/confirm */
int
console_mfa_confirm(struct http_request *req)
{
	return (api_run(req, &mfa_confirm_route));
}

/* POST /setup/api/account/mfa/recovery-codes */
int
console_mfa_recovery(struct http_request *req)
{
	return (api_run(req, &mfa_recovery_route));
}

/* ---- enrolling ---- */

static int
mfa_begin_ask(struct http_request *req)
{
	struct mfa_input		*in = api_input(req);
	const struct console_admin	*a = console_admin(req);
	int				 ret;

	if (!api_got(req, &ret))
		return (ret);
	return (totp_enrol_begin(req, &in->enrol, &a->session, &a->person));
}

/* What the app shows beside the code is the person's contact. */
static int
mfa_begin_got(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	const struct otp_proof	*p = &in->enrol.proof;

	return (totp_enrol_begun(req, &in->enrol, p->email[0] != '\0' ?
	    p->email : p->mobile_number[0] != '\0' ? p->mobile_number :
	    console_admin(req)->name));
}

static int
mfa_confirm_parse(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	int			 ret;

	if (!api_decode(req, &ret) ||
	    !second_factor_read(req, in->code, &in->enrol.typed, &ret))
		return (ret);
	console_sign_in_origin(req);
	return (totp_enrol_look(req, &in->enrol,
	    &console_admin(req)->person));
}

static int
mfa_confirm_ask(struct http_request *req)
{
	struct mfa_input		*in = api_input(req);
	const struct console_admin	*a = console_admin(req);

	return (totp_enrol_confirm(req, &in->enrol, &a->session, &a->person));
}

static int
mfa_confirm_got(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	int			 ret;

	if (!totp_enrol_confirmed(req, &in->enrol,
	    &console_admin(req)->person, &ret))
		return (ret);
	db_uuid(&p, &console_admin(req)->person);
	return (console_doc_ask(req, SQL_CONSOLE_FACTORS, &p));
}

/* ---- removing, recovery codes ---- */

/* The first state of all that changes: the proof, and whose factors. */
static int
mfa_prove(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	int			 ret;

	if (!console_step_up(req, &ret))
		return (ret);
	console_sign_in_origin(req);
	return (totp_enrol_look(req, &in->enrol,
	    &console_admin(req)->person));
}

static int
mfa_remove_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;
	struct otp_notice	notice;
	int			ret;

	if (!mfa_notice(req, MESSAGE_MFA_REMOVED, &notice, &ret))
		return (ret);
	db_uuid(&p, &console_admin(req)->session);
	db_bool(&p, platform_settings()->dev_otp);
	otp_store_notice_params(&p, &notice);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_CONSOLE_TOTP_REMOVE, &p));
}

static int
mfa_recovery_ask(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	struct otp_notice	 notice;
	enum err		 e;
	int			 ret;

	if (!mfa_notice(req, MESSAGE_RECOVERY_CODES, &notice, &ret))
		return (ret);
	if ((e = recovery_set_make(&console_admin(req)->person, &in->codes)) !=
	    ERR_OK)
		return (api_fail_retry(req, problem_of_err(e), 1));
	db_uuid(&p, &console_admin(req)->session);
	recovery_set_params(&p, &in->codes);
	otp_store_notice_params(&p, &notice);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_CONSOLE_RECOVERY_REPLACE, &p));
}

static int
mfa_recovery_got(struct http_request *req)
{
	struct mfa_input	*in = api_input(req);
	const char		*outcome;
	int			 ret;

	if ((outcome = console_doc_wait(req, &ret)) == NULL)
		return (ret);
	if (strcmp(outcome, "ok") != 0)
		return (console_doc_reply(req));
	return (recovery_set_reply(req, &in->codes));
}

/* After totp_enrol_look(): the notice that goes out.  False: |*ret|. */
static bool
mfa_notice(struct http_request *req, const char *template,
    struct otp_notice *out, int *ret)
{
	const struct mfa_input	*in = api_input(req);
	enum err		 e;

	if (!api_got(req, ret))
		return (false);
	if ((e = otp_send_notice(req, template, in->enrol.proof.email,
	    in->enrol.proof.mobile_number, out)) == ERR_OK)
		return (true);
	*ret = api_fail_retry(req, problem_of_err(e), 1);
	return (false);
}
