/*
 * cli_admin - identityd admin create: the way in when there is no
 * administrator, or none who can still sign in.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "command.h"
#include "mem.h"
#include "user.h"

struct cli_admin_wish {
	const char	*name, *email, *mobile;
	bool		 has_password, is_json;
};

/* The wish in the form that statements take. */
struct cli_admin_row {
	char	email[EMAIL_MAX_LEN + 1];		/* "" = none */
	char	mobile[PHONE_MAX_LEN + 1];		/* "" = none */
	char	hash[PASSWORD_HASH_MAX_LEN + 1];	/* "" = none */
};

static const char	cli_admin_help[] =
    "usage: identityd admin create --name NAME [--email E] [--mobile M]\n"
    "           [--password-stdin] [--json]\n"
    "       identityd admin recovery-link --email E | --mobile M [--json]\n";

static const char	cli_admin_create_help[] =
    "usage: identityd admin create --name NAME [--email E] [--mobile M]\n"
    "           [--password-stdin] [--json]\n\n"
    "Makes an administrator.  Somebody who is in the directory with this\n"
    "e-mail address or mobile number is promoted: enabled, without a wait\n"
    "after wrong passwords, with the new password if one is given.\n\n"
    "  --name NAME        what a new person is called\n"
    "  --email E          e-mail address; this or --mobile is needed\n"
    "  --mobile M         mobile number\n"
    "  --password-stdin   read a password, one line, from standard input\n"
    "  --json             answer with the User\n";

static int	cli_admin_create(int argc, char **argv);
static int	cli_admin_make(struct cli_db *d,
		    const struct cli_admin_wish *w);
static int	cli_admin_promote(struct cli_db *d, const char *kind,
		    const char *value, const char *hash,
		    struct db_result **res);
static int	cli_admin_insert(struct cli_db *d, const char *name,
		    const struct cli_admin_row *row, struct db_result **res);

static const struct cli_sub	cli_admin_subs[] = {
	{ "create", cli_admin_create },
	{ "recovery-link", cli_recovery_link },
};

int
cli_admin(int argc, char **argv)
{
	return (cli_kit_sub(cli_admin_subs, COUNT(cli_admin_subs),
	    cli_admin_help, argc, argv));
}

static int
cli_admin_create(int argc, char **argv)
{
	struct cli_admin_wish	 w;
	const struct cli_option	 options[] = {
		{ .name = "name", .text = &w.name },
		{ .name = "email", .text = &w.email },
		{ .name = "mobile", .text = &w.mobile },
		{ .name = "password-stdin", .flag = &w.has_password },
		{ .name = "json", .flag = &w.is_json },
	};
	const struct cli_page	 page = { "admin create",
	    cli_admin_create_help, options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	memset(&w, 0, sizeof(w));
	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (w.name == NULL)
		return (cli_kit_wrong("admin create", "--name is missing"));
	if (w.email == NULL && w.mobile == NULL)
		return (cli_kit_wrong("admin create",
		    "--email or --mobile is missing"));
	if ((status = cli_db_open(&d, "admin create")) == EXIT_STATUS_OK)
		status = cli_admin_make(&d, &w);
	cli_db_close(&d);
	return (status);
}

static int
cli_admin_make(struct cli_db *d, const struct cli_admin_wish *w)
{
	struct cli_admin_row	 row;
	struct password_rule	 rule;
	struct db_result	*res = NULL;
	struct user		 u;
	struct buf		 out;
	int			 status;

	memset(&row, 0, sizeof(row));
	if ((status = cli_db_contacts(d, w->email, w->mobile, row.email,
	    row.mobile)) != EXIT_STATUS_OK)
		goto done;
	cli_db_rule(d, w->name, row.email, row.mobile, &rule);
	if (w->has_password && (status = cli_db_password(d, &rule,
	    row.hash)) != EXIT_STATUS_OK)
		goto done;
	status = cli_admin_promote(d, "email", row.email, row.hash, &res);
	if (status == EXIT_STATUS_OK && res == NULL)
		status = cli_admin_promote(d, "phone", row.mobile, row.hash,
		    &res);
	if (status == EXIT_STATUS_OK && res != NULL)
		cli_kit_say(d->cmd,
		    "the person was in the directory and was promoted");
	if (status == EXIT_STATUS_OK && res == NULL)
		status = cli_admin_insert(d, w->name, &row, &res);
	if (status != EXIT_STATUS_OK ||
	    (status = cli_db_user(d, res, &u)) != EXIT_STATUS_OK)
		goto done;
	buf_init(&out, CLI_OUT_MAX);
	cli_kit_user(&out, &u, w->is_json);
	status = cli_kit_print(d->cmd, &out);
done:
	mem_wipe(&row, sizeof(row));
	db_result_free(res);
	return (status);
}

/* |*res| stays NULL when nobody is found. */
static int
cli_admin_promote(struct cli_db *d, const char *kind, const char *value,
    const char *hash, struct db_result **res)
{
	struct db_params	p = DB_PARAMS_INIT;
	int			status;

	if (value[0] == '\0')
		return (EXIT_STATUS_OK);
	db_text(&p, kind);
	db_text(&p, value);
	db_text_opt(&p, hash);
	cli_db_origin(&p);
	status = cli_db_run(d, SQL_ADMIN_PROMOTE, &p, res);
	if (status == EXIT_STATUS_OK && db_result_rows(*res) == 0) {
		db_result_free(*res);
		*res = NULL;
	}
	return (status);
}

static int
cli_admin_insert(struct cli_db *d, const char *name,
    const struct cli_admin_row *row, struct db_result **res)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_text(&p, name);
	db_text_opt(&p, row->email);
	db_text_opt(&p, row->mobile);
	db_null(&p);
	db_bool(&p, false);
	db_text_opt(&p, row->hash);
	db_text(&p, "{}");
	db_bool(&p, true);
	cli_db_origin(&p);
	return (cli_db_run(d, SQL_USER_CREATE, &p, res));
}
