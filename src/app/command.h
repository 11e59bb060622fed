/*
 * command - the table of the command line's commands.
 */
#ifndef COMMAND_H
#define COMMAND_H

/* Exit statuses of every command (api.md s.5). */
#define EXIT_STATUS_OK		0
#define EXIT_STATUS_FAILED	1
#define EXIT_STATUS_USAGE	2

struct command {
	const char	*name;
	const char	*summary;
	/* argv[0] is the command's name.  Returns an exit status. */
	int		(*run)(int argc, char **argv);
};

#endif
