/*
 * cli_db - a command's connection to the database: settings of the
 * environment, a schema that fits, the administrators' settings, statements,
 * and what goes wrong in words of the operator.
 */
#ifndef CLI_DB_H
#define CLI_DB_H

#include <stdbool.h>

#include "buf.h"
#include "db_sync.h"
#include "err.h"
#include "password.h"
#include "password_rule.h"
#include "settings.h"
#include "user.h"

struct cli_list;
struct sealer;

#define CLI_DB_APPS_LEN	(256 * (UUID_TEXT_LEN + 1) + 2)	/* CLI_LIST_MAX */

struct cli_db {
	const char	*cmd;		/* what messages begin with */
	struct settings	 settings;
	struct db_sync	*sync;
	char		 country_code[4];
	int		 password_min;		/* code points */
	int		 password_min_mfa;
};

/*
 * All return an exit status, EXIT_STATUS_OK or after a message another one.
 * cli_db_close() afterwards in any case.
 */
int	cli_db_open(struct cli_db *d, const char *cmd) MUSTCHECK;
void	cli_db_close(struct cli_db *d);
/* Appends the origin of a command (docs/queries.md) to the parameters. */
void	cli_db_origin(struct db_params *p);
/* Runs |q| with |p|; |*res| is the caller's, NULL unless EXIT_STATUS_OK. */
int	cli_db_run(struct cli_db *d, enum sql_id q, struct db_params *p,
	    struct db_result **res) MUSTCHECK;
/* Of the master key, which is there, and of the one before. */
enum err	cli_db_sealer(const struct cli_db *d, struct sealer **out)
	    MUSTCHECK;
/* The one application of this id or name. */
int	cli_db_app(struct cli_db *d, const char *id_or_name, struct uuid *id,
	    char name[256]) MUSTCHECK;
/* The ids of all --app as an array of PostgreSQL, {uuid,uuid}, into |out|,
 * which holds CLI_DB_APPS_LEN. */
int	cli_db_apps(struct cli_db *d, const struct cli_list *apps,
	    struct buf *out) MUSTCHECK;
/* Row 0 of |res| as a person. */
int	cli_db_user(struct cli_db *d, const struct db_result *res,
	    struct user *out) MUSTCHECK;
/* Normalised --email and --mobile (NULL: ""). */
int	cli_db_contacts(struct cli_db *d, const char *email,
	    const char *mobile, char email_out[EMAIL_MAX_LEN + 1],
	    char mobile_out[PHONE_MAX_LEN + 1]) MUSTCHECK;
/* A password from stdin, as |rule| wants it, hashed. */
int	cli_db_password(struct cli_db *d, const struct password_rule *rule,
	    char hash[PASSWORD_HASH_MAX_LEN + 1]) MUSTCHECK;
/* The rule for somebody without a second factor; contacts as
 * cli_db_contacts() gave them. */
void	cli_db_rule(const struct cli_db *d, const char *name,
	    const char *email, const char *mobile,
	    struct password_rule *out);

#endif
