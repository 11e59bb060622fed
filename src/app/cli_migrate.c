/*
 * cli_migrate - identityd migrate: the schema of this binary, on demand.
 */
#include <string.h>

#include "cli.h"
#include "cli_kit.h"
#include "command.h"
#include "db_migrate.h"
#include "settings.h"

static const char	cli_migrate_help[] =
    "usage: identityd migrate [--check] [--json]\n\n"
    "Brings the schema to this binary's version, once, whatever runs\n"
    "concurrently.  The database is IDENTITY_DATABASE_URL.\n\n"
    "  --check   change nothing; exit 1 if something is missing\n"
    "  --json    answer with {\"from\",\"to\",\"applied\"}\n";

static int	cli_migrate_run(const struct settings *s, bool is_check,
		    bool is_json);

int
cli_migrate(int argc, char **argv)
{
	bool			 is_check = false, is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "check", .flag = &is_check },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "migrate", cli_migrate_help, options,
	    COUNT(options) };
	struct settings		 s;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_kit_settings("migrate", &s, true)) == CLI_CONTINUE)
		status = cli_migrate_run(&s, is_check, is_json);
	settings_clear(&s);
	return (status);
}

static int
cli_migrate_run(const struct settings *s, bool is_check, bool is_json)
{
	struct db_migrate_result	 m;
	struct buf			 out;
	enum err			 r;

	if ((r = db_migrate(s->database_url, is_check, &m)) != ERR_OK) {
		cli_kit_say("migrate", "%s", m.why[0] != '\0' ? m.why :
		    err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_printf(&out, "{\"from\":%d,\"to\":%d,\"applied\":%d}\n",
		    m.from, m.to, m.applied);
	else if (m.applied > 0)
		buf_printf(&out, "schema brought from version %d to %d\n",
		    m.from, m.to);
	else
		buf_printf(&out, "schema is at version %d\n", m.to);
	return (cli_kit_print("migrate", &out));
}
