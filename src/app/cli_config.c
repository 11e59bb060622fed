/*
 * cli_config - identityd config: the settings in force, secrets masked.
 */
#include <string.h>

#include "cli.h"
#include "cli_kit.h"
#include "command.h"
#include "settings.h"

static const char	cli_config_help[] =
    "usage: identityd config [--json]\n\n"
    "Prints the settings in force, as IDENTITY_* variables and files give\n"
    "them, with where each came from.  Secrets are masked.  Exit 2 and one\n"
    "line on stderr if a value is wrong.\n\n"
    "  --json    one object: name to {\"value\",\"source\"}\n";

int
cli_config(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "config", cli_config_help, options,
	    COUNT(options) };
	struct settings		 s;
	enum err		 r;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_kit_settings("config", &s, false)) == CLI_CONTINUE) {
		status = EXIT_STATUS_OK;
		if ((r = settings_print(&s, is_json)) != ERR_OK) {
			cli_kit_say("config", "%s", err_text(r));
			status = EXIT_STATUS_FAILED;
		}
	}
	settings_clear(&s);
	return (status);
}
