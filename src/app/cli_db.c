/*
 * cli_db - a command's connection to the database.
 * Owns the words for what the database refuses.
 */
#include "cli_db.h"

#include <string.h>

#include "audit_store.h"
#include "cli_kit.h"
#include "command.h"
#include "contact.h"
#include "db_migrate.h"
#include "json_in.h"
#include "mem.h"
#include "seal.h"
#include "str.h"
#include "user_store.h"

/* What a violated constraint means to the operator. */
static const struct {
	const char	*constraint;
	const char	*text;
} cli_db_reasons[] = {
	{ "person_email_key",
	    "somebody with this e-mail address is in the directory already" },
	{ "person_mobile_number_key",
	    "somebody with this mobile number is in the directory already" },
	{ "person_emp_id_key",
	    "somebody with this employee id is in the directory already" },
	{ "person_name_length", "--name: 1 to 200 characters" },
	{ "person_email_shape", "--email: not an e-mail address" },
	{ "person_mobile_number_e164", "--mobile: not a mobile number" },
	{ "person_emp_id_length", "--emp-id: 1 to 64 bytes" },
	{ "application_name_key",
	    "there is an application of this name already" },
	{ "application_name_length",
	    "--name: 1 to 100 characters, no blanks at its ends" },
	{ "application_key_label_length", "--label: 1 to 100 characters" },
	{ "assignment_application_id_fkey", "there is no such application" },
	{ "import_stale",
	    "the directory has changed since the check; nothing was done" },
	{ "last_administrator", "nobody could administer any more" },
};

static int	cli_db_settings(struct cli_db *d);
static int	cli_db_values(struct cli_db *d, const char *text, size_t len);
static int	cli_db_failed(struct cli_db *d, enum err r,
		    const char *constraint);
static int	cli_db_password_check(struct cli_db *d, const char *pw,
		    const struct password_rule *rule);

int
cli_db_open(struct cli_db *d, const char *cmd)
{
	struct db_migrate_result	 m;
	char				 why[512] = "";
	enum err			 r;
	int				 status;

	memset(d, 0, sizeof(*d));
	d->cmd = cmd;
	if ((status = cli_kit_settings(cmd, &d->settings, true)) !=
	    CLI_CONTINUE)
		return (status);
	if ((r = db_migrate(d->settings.database_url, true, &m)) != ERR_OK) {
		cli_kit_say(cmd, "%s", m.why[0] != '\0' ? m.why :
		    err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	if ((r = db_sync_open(d->settings.database_url, &d->sync, why)) !=
	    ERR_OK) {
		cli_kit_say(cmd, "%s", why[0] != '\0' ? why : err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	return (cli_db_settings(d));
}

void
cli_db_close(struct cli_db *d)
{
	db_sync_close(d->sync);
	d->sync = NULL;
	settings_clear(&d->settings);
}

void
cli_db_origin(struct db_params *p)
{
	const struct audit_origin	o = { .request_id = "cli" };

	audit_store_origin(p, &o);
}

int
cli_db_run(struct cli_db *d, enum sql_id q, struct db_params *p,
    struct db_result **res)
{
	char		 constraint[64];
	enum err	 r;

	r = db_sync_run(d->sync, q, p, res, constraint);
	if (r != ERR_OK)
		return (cli_db_failed(d, r, constraint));
	return (EXIT_STATUS_OK);
}

enum err
cli_db_sealer(const struct cli_db *d, struct sealer **out)
{
	enum err	r;

	if ((r = sealer_new(d->settings.master_key, out)) == ERR_OK &&
	    d->settings.has_master_old)
		r = sealer_add_old(*out, d->settings.master_old);
	return (r);
}

int
cli_db_app(struct cli_db *d, const char *id_or_name, struct uuid *id,
    char name[256])
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	int			 status;

	db_text(&p, id_or_name);
	if ((status = cli_db_run(d, SQL_APP_FIND, &p, &res)) !=
	    EXIT_STATUS_OK)
		return (status);
	status = EXIT_STATUS_FAILED;
	if (db_result_rows(res) == 0)
		cli_kit_say(d->cmd, "there is no application \"%s\"",
		    id_or_name);
	else if (db_result_rows(res) > 1)
		cli_kit_say(d->cmd, "\"%s\" is the id of one application and "
		    "the name of another", id_or_name);
	else {
		row = db_row_at(res, 0);
		db_row_uuid(&row, "app_id", id);
		db_row_text(&row, "name", name, 256);
		status = row.err == ERR_OK ? EXIT_STATUS_OK :
		    cli_db_failed(d, row.err, "");
	}
	db_result_free(res);
	return (status);
}

int
cli_db_apps(struct cli_db *d, const struct cli_list *apps, struct buf *out)
{
	struct uuid	 id;
	char		 name[256], text[UUID_TEXT_LEN + 1];
	size_t		 i;
	int		 status;

	buf_char(out, '{');
	for (i = 0; i < apps->n; i++) {
		if ((status = cli_db_app(d, apps->v[i], &id, name)) !=
		    EXIT_STATUS_OK)
			return (status);
		uuid_format(&id, text);
		if (i > 0)
			buf_char(out, ',');
		buf_str(out, text);
	}
	buf_char(out, '}');
	if (buf_err(out) != ERR_OK) {
		cli_kit_say(d->cmd, "%s", err_text(buf_err(out)));
		return (EXIT_STATUS_FAILED);
	}
	return (EXIT_STATUS_OK);
}

int
cli_db_user(struct cli_db *d, const struct db_result *res, struct user *out)
{
	struct db_row	row = db_row_at(res, 0);

	memset(out, 0, sizeof(*out));
	user_store_row(&row, out);
	if (row.err != ERR_OK)
		return (cli_db_failed(d, row.err, ""));
	return (EXIT_STATUS_OK);
}

int
cli_db_contacts(struct cli_db *d, const char *email, const char *mobile,
    char email_out[EMAIL_MAX_LEN + 1], char mobile_out[PHONE_MAX_LEN + 1])
{
	email_out[0] = '\0';
	mobile_out[0] = '\0';
	if (email != NULL &&
	    email_normalise(email, strlen(email), email_out) != ERR_OK)
		return (cli_kit_wrong(d->cmd,
		    "--email: \"%s\" is not an e-mail address", email));
	if (mobile != NULL && phone_normalise(mobile, strlen(mobile),
	    d->country_code, mobile_out) != ERR_OK)
		return (cli_kit_wrong(d->cmd,
		    "--mobile: \"%s\" is not a mobile number", mobile));
	return (EXIT_STATUS_OK);
}

int
cli_db_password(struct cli_db *d, const struct password_rule *rule,
    char hash[PASSWORD_HASH_MAX_LEN + 1])
{
	struct password_policy	policy = PASSWORD_POLICY_DEFAULT;
	/* One byte more than allowed, a line's end and a NUL. */
	char			pw[PASSWORD_MAX_LEN + 4];
	int			status;
	enum err		r;

	r = cli_kit_line(pw, sizeof(pw));
	if (r == ERR_OK && strlen(pw) > PASSWORD_MAX_LEN)
		r = ERR_TOO_LONG;
	status = EXIT_STATUS_FAILED;
	if (r == ERR_NOT_FOUND)
		cli_kit_say(d->cmd, "no password on standard input");
	else if (r == ERR_TOO_LONG)
		cli_kit_say(d->cmd, "the password is longer than %d bytes",
		    PASSWORD_MAX_LEN);
	else if (r == ERR_FORMAT)
		cli_kit_say(d->cmd, "the password must be one line of text");
	else if (r != ERR_OK)
		cli_kit_say(d->cmd, "cannot read the password: %s",
		    err_text(r));
	else
		status = cli_db_password_check(d, pw, rule);
	if (status == EXIT_STATUS_OK) {
		if (d->settings.has_pepper)
			r = password_policy_pepper(&policy,
			    d->settings.pepper);
		if (r == ERR_OK)
			r = password_hash(&policy, pw, strlen(pw), hash);
		if (r != ERR_OK) {
			cli_kit_say(d->cmd, "cannot hash the password: %s",
			    err_text(r));
			status = EXIT_STATUS_FAILED;
		}
	}
	mem_wipe(pw, sizeof(pw));
	mem_wipe(&policy, sizeof(policy));
	return (status);
}

void
cli_db_rule(const struct cli_db *d, const char *name, const char *email,
    const char *mobile, struct password_rule *out)
{
	struct user	*u = &out->user;

	memset(out, 0, sizeof(*out));
	out->min_len = d->password_min;
	/* A name that is too long is refused later, with a better message. */
	if (str_copy(u->name, sizeof(u->name), name, strlen(name)) != ERR_OK)
		u->name[0] = '\0';
	memcpy(u->email, email, strlen(email) + 1);
	memcpy(u->mobile_number, mobile, strlen(mobile) + 1);
}

static int
cli_db_password_check(struct cli_db *d, const char *pw,
    const struct password_rule *rule)
{
	enum password_fault	fault;
	enum err		r;
	char			text[PASSWORD_RULE_TEXT_LEN + 1];

	if ((r = password_rule_check(rule, pw, strlen(pw), &fault)) !=
	    ERR_OK) {
		cli_kit_say(d->cmd, "cannot check the password: %s",
		    err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	if (fault != PASSWORD_GOOD) {
		password_rule_text(rule, fault, text);
		cli_kit_say(d->cmd, "%s", text);
		return (EXIT_STATUS_FAILED);
	}
	return (EXIT_STATUS_OK);
}

static int
cli_db_settings(struct cli_db *d)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	const char		*text;
	size_t			 len = 0;
	int			 status;

	if ((status = cli_db_run(d, SQL_SETTING_ALL, &p, &res)) !=
	    EXIT_STATUS_OK)
		return (status);
	row = db_row_at(res, 0);
	text = db_row_str(&row, "settings", &len);
	if (row.err != ERR_OK || text == NULL)
		status = cli_db_failed(d, ERR_DB, "");
	else
		status = cli_db_values(d, text, len);
	db_result_free(res);
	return (status);
}

static int
cli_db_values(struct cli_db *d, const char *text, size_t len)
{
	json_t		*o = NULL;
	const char	*cc;
	enum err	 r;

	if ((r = json_in_object(text, len, &o)) != ERR_OK)
		return (cli_db_failed(d, r, ""));
	cc = json_string_value(json_object_get(o, "default_country_code"));
	d->password_min = (int)json_integer_value(
	    json_object_get(o, "password_min_len"));
	d->password_min_mfa = (int)json_integer_value(
	    json_object_get(o, "password_min_len_mfa"));
	/* The table's own checks keep both at 8 or more: 0 means missing. */
	if (cc == NULL || d->password_min <= 0 || d->password_min_mfa <= 0)
		r = ERR_NOT_FOUND;
	else
		r = str_copy(d->country_code, sizeof(d->country_code), cc,
		    strlen(cc));
	json_decref(o);
	if (r != ERR_OK)
		return (cli_db_failed(d, r, ""));
	return (EXIT_STATUS_OK);
}

static int
cli_db_failed(struct cli_db *d, enum err r, const char *constraint)
{
	const char	*detail = d->sync != NULL ? db_sync_error(d->sync) : "";
	size_t		 i;

	for (i = 0; i < COUNT(cli_db_reasons); i++)
		if (strcmp(constraint, cli_db_reasons[i].constraint) == 0) {
			cli_kit_say(d->cmd, "%s", cli_db_reasons[i].text);
			return (EXIT_STATUS_FAILED);
		}
	cli_kit_say(d->cmd, "%s%s%s", err_text(r), detail[0] != '\0' ? ": " :
	    "", detail);
	return (EXIT_STATUS_FAILED);
}
