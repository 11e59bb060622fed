/*
 * app - entry points that Kore calls by name, and the choice of the command.
 * Owns the table of commands; must not know what they do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kore/kore.h>

#include "cert_wait.h"
#include "cli.h"
#include "command.h"
#include "deliver.h"
#include "log.h"
#include "routes.h"
#include "serve.h"
#include "service.h"
#include "supervise.h"

static int	app_help(int argc, char **argv);
static int	app_usage(FILE *to);

/* Commands besides serve, in the order of the help text. */
static const struct command	app_commands[] = {
	{ "migrate", "bring the schema to this binary's version",
	    cli_migrate },
	{ "config", "print the settings in force, secrets masked",
	    cli_config },
	{ "admin", "make or promote an administrator", cli_admin },
	{ "app", "create and list applications", cli_app },
	{ "key", "create keys of applications", cli_key },
	{ "user", "create people, import them from a file", cli_user },
	{ "provider", "list, set up and test what delivers codes",
	    cli_provider },
	{ "token-key", "rotate and list the keys of access tokens",
	    cli_token_key },
	{ "reseal", "after a change of the master key", cli_reseal },
	{ "audit", "verify the audit log", cli_audit },
	{ "backup", "write database and branding to one file", cli_backup },
	{ "restore", "read such a file into an empty database", cli_restore },
	{ "setup-link", "print the link that makes the first administrator",
	    cli_setup_link },
	{ "healthcheck", "ask the running service whether it is ready",
	    cli_healthcheck },
	{ "version", "print the version and that of its schema",
	    cli_version },
	{ "help", "show this text", app_help },
};

/* Kore's main() calls this first, as root where the service is. */
void
kore_parent_configure(int argc, char **argv)
{
	const char	*name = argc > 1 ? argv[1] : "serve";
	size_t		 i;

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	for (i = 0; i < COUNT(app_commands); i++)
		if (strcmp(name, app_commands[i].name) == 0)
			exit(app_commands[i].run(argc - 1, argv + 1));
	if (strcmp(name, "serve") != 0) {
		(void)fprintf(stderr, "identityd: unknown command \"%s\"\n",
		    name);
		exit(app_usage(stderr));
	}
	if (argc > 2) {
		if (strcmp(argv[2], "--help") == 0) {
			(void)puts("usage: identityd serve\n\n"
			    "Applies migrations, then serves.  Settings come "
			    "from IDENTITY_* variables;\n\"identityd config\" "
			    "prints them.  SIGTERM drains and stops, SIGHUP "
			    "reads the\ncertificate again.");
			exit(EXIT_STATUS_OK);
		}
		(void)fprintf(stderr,
		    "identityd: serve takes no arguments, got \"%s\"\n",
		    argv[2]);
		exit(EXIT_STATUS_USAGE);
	}
	serve_prepare(argc, argv);
}

/*
 * After the last worker.  Kore would end with status 0 whatever happened, and
 * give back piecemeal what the end of the process gives back at once.
 */
void
kore_parent_teardown(void)
{
	log_flush();
	(void)unlink(kore_pidfile);
	exit(supervise_status());
}

/* In each worker, without privileges, inside the filter of system calls. */
void
kore_worker_configure(void)
{
	enum err	r;

	supervise_worker_begin();
	deliver_worker_init(serve_settings());
	if ((r = service_worker_init(serve_settings())) != ERR_OK)
		supervise_worker_fail(err_text(r));
	/* Last: what the key manager's messages meet is all there. */
	if (!cert_wait(supervise_is_asked))
		supervise_worker_fail("no certificate from the key manager");
	supervise_worker_up();
	log_msg(LOG_LEVEL_INFO, "worker %d started", worker->id);
}

/*
 * Kore would go on to free the memory in which its task threads sleep
 * (worker.c:570, tasks.c:358): one that wakes up then aborts.  So this is the
 * end, after the word to the parent that Kore sends next.
 */
void
kore_worker_teardown(void)
{
	/* Others are draining still: the next of them may accept. */
	kore_worker_make_busy();
	service_worker_stop();
	log_flush();
	kore_msg_send(KORE_MSG_PARENT, KORE_MSG_SHUTDOWN, NULL, 0);
	exit(0);
}

static int
app_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	(void)app_usage(stdout);
	return (EXIT_STATUS_OK);
}

static int
app_usage(FILE *to)
{
	size_t	i;

	(void)fprintf(to, "usage: identityd [COMMAND] [OPTIONS]\n\n"
	    "  %-12s apply migrations, then serve (the default)\n", "serve");
	for (i = 0; i < COUNT(app_commands); i++)
		(void)fprintf(to, "  %-12s %s\n", app_commands[i].name,
		    app_commands[i].summary);
	(void)fprintf(to, "\nidentityd COMMAND --help tells more.\n");
	return (EXIT_STATUS_USAGE);
}
