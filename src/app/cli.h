/*
 * cli - the commands that are not "serve".  Each works in the parent, without
 * Kore, prints data to stdout and messages to stderr, knows --help, and
 * returns an exit status of command.h.
 */
#ifndef CLI_H
#define CLI_H

int	cli_migrate(int argc, char **argv);
int	cli_config(int argc, char **argv);
int	cli_admin(int argc, char **argv);
int	cli_app(int argc, char **argv);
int	cli_key(int argc, char **argv);
int	cli_token_key(int argc, char **argv);
int	cli_user(int argc, char **argv);
int	cli_setup_link(int argc, char **argv);
/* A sub-command of `admin`. */
int	cli_recovery_link(int argc, char **argv);
int	cli_reseal(int argc, char **argv);
int	cli_audit(int argc, char **argv);
int	cli_provider(int argc, char **argv);
int	cli_backup(int argc, char **argv);
int	cli_restore(int argc, char **argv);
int	cli_healthcheck(int argc, char **argv);
int	cli_version(int argc, char **argv);

#endif
