/*
 * cli_user - identityd user create; import is cli_import's.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_import.h"
#include "cli_kit.h"
#include "command.h"
#include "mem.h"
#include "user.h"

struct cli_user_wish {
	const char	*name, *email, *mobile, *emp_id;
	struct cli_list	 apps;
	bool		 has_mfa, has_password, is_json;
};

static const char	cli_user_help[] =
    "usage: identityd user create --name NAME [--email E] [--mobile M]\n"
    "           [--emp-id X] [--app ID-or-NAME...] [--mfa]\n"
    "           [--password-stdin] [--json]\n"
    "       identityd user import FILE.csv [--dry-run] [--app ID-or-NAME...]\n"
    "           [--mode create|update|both] [--disable-missing] [--json] ...\n";

static const char	cli_user_create_help[] =
    "usage: identityd user create --name NAME [--email E] [--mobile M]\n"
    "           [--emp-id X] [--app ID-or-NAME...] [--mfa]\n"
    "           [--password-stdin] [--json]\n\n"
    "Puts a person into the directory.\n\n"
    "  --name NAME        what the person is called\n"
    "  --email E          e-mail address, unique\n"
    "  --mobile M         mobile number, unique; a national one gets the\n"
    "                     platform's default country code\n"
    "  --emp-id X         employee id, unique\n"
    "  --app ID-or-NAME   an application the person may use; repeat it\n"
    "  --mfa              a second factor is needed\n"
    "  --password-stdin   read a password, one line, from standard input\n"
    "  --json             answer with the User\n";

static int	cli_user_create(int argc, char **argv);
static int	cli_user_insert(struct cli_db *d,
		    const struct cli_user_wish *w);

static const struct cli_sub	cli_user_subs[] = {
	{ "create", cli_user_create },
	{ "import", cli_import },
};

int
cli_user(int argc, char **argv)
{
	return (cli_kit_sub(cli_user_subs, COUNT(cli_user_subs),
	    cli_user_help, argc, argv));
}

static int
cli_user_create(int argc, char **argv)
{
	struct cli_user_wish	 w;
	const struct cli_option	 options[] = {
		{ .name = "name", .text = &w.name },
		{ .name = "email", .text = &w.email },
		{ .name = "mobile", .text = &w.mobile },
		{ .name = "emp-id", .text = &w.emp_id },
		{ .name = "app", .list = &w.apps },
		{ .name = "mfa", .flag = &w.has_mfa },
		{ .name = "password-stdin", .flag = &w.has_password },
		{ .name = "json", .flag = &w.is_json },
	};
	const struct cli_page	 page = { "user create", cli_user_create_help,
	    options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	memset(&w, 0, sizeof(w));
	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (w.name == NULL)
		return (cli_kit_wrong("user create", "--name is missing"));
	if ((status = cli_db_open(&d, "user create")) == EXIT_STATUS_OK)
		status = cli_user_insert(&d, &w);
	cli_db_close(&d);
	return (status);
}

static int
cli_user_insert(struct cli_db *d, const struct cli_user_wish *w)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct user		 u;
	struct buf		 apps, out;
	char			 email[EMAIL_MAX_LEN + 1];
	char			 mobile[PHONE_MAX_LEN + 1];
	char			 hash[PASSWORD_HASH_MAX_LEN + 1] = "";
	struct password_rule	 rule;
	int			 status;

	buf_init(&apps, CLI_DB_APPS_LEN);
	if ((status = cli_db_contacts(d, w->email, w->mobile, email,
	    mobile)) != EXIT_STATUS_OK ||
	    (status = cli_db_apps(d, &w->apps, &apps)) != EXIT_STATUS_OK)
		goto done;
	cli_db_rule(d, w->name, email, mobile, &rule);
	if (w->has_mfa)
		rule.min_len = d->password_min_mfa;
	if (w->has_password && (status = cli_db_password(d, &rule, hash)) !=
	    EXIT_STATUS_OK)
		goto done;
	db_text(&p, w->name);
	db_text_opt(&p, email);
	db_text_opt(&p, mobile);
	db_text(&p, w->emp_id);
	db_bool(&p, w->has_mfa);
	db_text_opt(&p, hash);
	db_text(&p, apps.data);
	db_bool(&p, false);
	cli_db_origin(&p);
	if ((status = cli_db_run(d, SQL_USER_CREATE, &p, &res)) !=
	    EXIT_STATUS_OK ||
	    (status = cli_db_user(d, res, &u)) != EXIT_STATUS_OK)
		goto done;
	buf_init(&out, CLI_OUT_MAX);
	cli_kit_user(&out, &u, w->is_json);
	status = cli_kit_print(d->cmd, &out);
done:
	mem_wipe(hash, sizeof(hash));
	buf_clear(&apps);
	db_result_free(res);
	return (status);
}
