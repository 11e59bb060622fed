/*
 * cli_kit - what all commands of the command line share: options, help,
 * messages and output.  Data goes to stdout, everything else to stderr.
 */
#ifndef CLI_KIT_H
#define CLI_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "settings.h"
#include "user.h"

#define CLI_LIST_MAX	256	/* values of one repeatable option */
#define CLI_OPTIONS_MAX	12
#define CLI_CONTINUE	(-1)	/* no exit status yet: go on */

/* What one run of a command prints at most: a list of applications. */
#define CLI_OUT_MAX	(64 * 1024 * 1024)

/* Values of a repeatable option, borrowed from argv. */
struct cli_list {
	const char	*v[CLI_LIST_MAX];
	size_t		 n;
};

/* One option; exactly one of the targets is set.  None is set to begin with. */
struct cli_option {
	const char	 *name;		/* without the dashes */
	bool		 *flag;		/* takes no value */
	const char	**text;		/* at most once, not empty */
	struct cli_list	 *list;		/* --x A --x B, or --x A B */
};

/* A command, or one of its sub-commands. */
struct cli_page {
	const char		*cmd;		/* "app create" */
	const char		*help;		/* the whole text of --help */
	const struct cli_option	*options;
	size_t			 n_options;
};

/* A sub-command: argv[0] is its name. */
struct cli_sub {
	const char	*name;
	int		(*run)(int argc, char **argv);
};

/*
 * Reads the options behind argv[0].  CLI_CONTINUE; EXIT_STATUS_OK after
 * --help; EXIT_STATUS_USAGE, with a message, when something is wrong.
 */
int	cli_kit_options(const struct cli_page *page, int argc, char **argv)
	    MUSTCHECK;
/* Runs the sub-command argv[1]; |help| is shown for --help and for none. */
int	cli_kit_sub(const struct cli_sub *subs, size_t n, const char *help,
	    int argc, char **argv) MUSTCHECK;
/* One line to stderr: "identityd CMD: ...". */
void	cli_kit_say(const char *cmd, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* The same with a pointer to --help; gives EXIT_STATUS_USAGE. */
int	cli_kit_wrong(const char *cmd, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/*
 * The settings of a command, which never makes files: whoever runs it need not
 * own the data directory.  |needs_database|: IDENTITY_DATABASE_URL must be set.
 * CLI_CONTINUE; another exit status after a message.  The caller calls
 * settings_clear() in any case.
 */
int	cli_kit_settings(const char *cmd, struct settings *s,
	    bool needs_database) MUSTCHECK;
/* Writes |out| to stdout and clears it.  An exit status. */
int	cli_kit_print(const char *cmd, struct buf *out) MUSTCHECK;
/* Appends the User as JSON, or a line of its id, name and contacts. */
void	cli_kit_user(struct buf *out, const struct user *u, bool is_json);
/*
 * The first line of stdin without its end, with a NUL, into |dst| of |cap|
 * bytes; more than one line is a mistake.  ERR_FORMAT (NUL, two lines),
 * ERR_TOO_LONG, ERR_NOT_FOUND (empty), ERR_IO.  The caller wipes |dst|.
 */
enum err	cli_kit_line(char *dst, size_t cap) MUSTCHECK;

#endif
