/*
 * cli_version - identityd version: which build this is.  Needs neither
 * settings nor a database.
 */
#include "buf.h"
#include "cli.h"
#include "cli_kit.h"
#include "command.h"
#include "db_migrate.h"
#include "version.h"

static const char	cli_version_help[] =
    "usage: identityd version [--json]\n\n"
    "Prints the version of this binary, and of the schema that it brings a\n"
    "database to.\n\n"
    "  --json    answer with {\"version\",\"schema_version\"}\n";

int
cli_version(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "version", cli_version_help, options,
	    COUNT(options) };
	struct buf		 out;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	buf_init(&out, CLI_OUT_MAX);
	buf_printf(&out, is_json ? "{\"version\":\"%s\",\"schema_version\":%d}"
	    "\n" : "identityd %s, schema %d\n", VERSION_TEXT,
	    db_migrate_version());
	return (cli_kit_print("version", &out));
}
