/*
 * cli_recovery_link - identityd admin recovery-link: a one-time link for an
 * administrator who is locked out.  Whoever may run this has the database
 * anyway; the link goes to the person, who chooses the password.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "command.h"
#include "contact.h"
#include "mem.h"
#include "reset_token.h"

#define CLI_RECOVERY_TTL_S	900

static const char	cli_recovery_link_help[] =
    "usage: identityd admin recovery-link --email E | --mobile M [--json]\n\n"
    "Prints a link, good for 15 minutes and for one use, with which this\n"
    "administrator sets a new password.  Using it removes the second factor\n"
    "and ends all sessions of the person.  An earlier link becomes void.\n"
    "Exit 1 when there is no such active administrator.\n\n"
    "  --email E    e-mail address of the administrator\n"
    "  --mobile M   mobile number, international\n"
    "  --json       answer with {\"url\",\"expires_at\"}\n";

static int	cli_recovery_link_make(struct cli_db *d,
		    const struct contact *who, bool is_json);

int
cli_recovery_link(int argc, char **argv)
{
	const char		*email = NULL, *mobile = NULL, *text;
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "email", .text = &email },
		{ .name = "mobile", .text = &mobile },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "admin recovery-link",
	    cli_recovery_link_help, options, COUNT(options) };
	struct contact		 who;
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((email == NULL) == (mobile == NULL))
		return (cli_kit_wrong(page.cmd,
		    "one of --email and --mobile is needed"));
	text = email != NULL ? email : mobile;
	if (contact_parse(text, strlen(text), "", &who) != ERR_OK ||
	    (who.kind == CONTACT_EMAIL) != (email != NULL))
		return (cli_kit_wrong(page.cmd, email != NULL ?
		    "--email is no e-mail address" :
		    "--mobile is no international number"));
	if ((status = cli_db_open(&d, page.cmd)) == EXIT_STATUS_OK)
		status = cli_recovery_link_make(&d, &who, is_json);
	cli_db_close(&d);
	return (status);
}

static int
cli_recovery_link_make(struct cli_db *d, const struct contact *who,
    bool is_json)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	struct buf		 out;
	uint8_t			 hash[SHA256_LEN];
	char			 token[RESET_TOKEN_LEN + 1];
	char			 at[CLOCK_RFC3339_LEN + 1];
	int			 status;

	reset_token_make(token, hash);
	db_text(&p, who->kind == CONTACT_EMAIL ? "email" : "phone");
	db_text(&p, who->text);
	db_bytes(&p, hash, sizeof(hash));
	db_i32(&p, CLI_RECOVERY_TTL_S);
	cli_db_origin(&p);
	if ((status = cli_db_run(d, SQL_RECOVERY_LINK_CREATE, &p, &res)) !=
	    EXIT_STATUS_OK)
		goto done;
	if (db_result_rows(res) == 0) {
		cli_kit_say(d->cmd, "there is no such active administrator");
		status = EXIT_STATUS_FAILED;
		goto done;
	}
	row = db_row_at(res, 0);
	clock_format(db_row_time(&row, "expires_at"), at);
	buf_init(&out, CLI_OUT_MAX);
	buf_printf(&out, "%s%s/setup/recover?token=%s", is_json ?
	    "{\"url\":\"" : "", d->settings.public_url, token);
	if (is_json)
		buf_printf(&out, "\",\"expires_at\":\"%s\"}", at);
	buf_char(&out, '\n');
	if (out.err == ERR_OK)
		out.err = row.err;
	status = cli_kit_print(d->cmd, &out);
done:
	mem_wipe(token, sizeof(token));
	db_result_free(res);
	return (status);
}
