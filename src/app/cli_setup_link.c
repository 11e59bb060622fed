/*
 * cli_setup_link - identityd setup-link: the one-time link with which the
 * first administrator is made.  The database holds the token's hash alone.
 * Ref: security.md 3.8 (no default administrator).
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "codec.h"
#include "command.h"
#include "digest.h"
#include "mem.h"
#include "rnd.h"

#define CLI_SETUP_TOKEN_LEN	32	/* bytes */
#define CLI_SETUP_TTL_S		900

static const char	cli_setup_link_help[] =
    "usage: identityd setup-link [--json]\n\n"
    "Prints a link, good for 15 minutes and for one use, with which the\n"
    "first administrator is made.  An earlier link becomes void.  Exit 1\n"
    "when there is an administrator already.\n\n"
    "  --json    answer with {\"url\",\"expires_at\"}\n";

static int	cli_setup_link_make(struct cli_db *d, bool is_json);

int
cli_setup_link(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "setup-link", cli_setup_link_help,
	    options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "setup-link")) == EXIT_STATUS_OK)
		status = cli_setup_link_make(&d, is_json);
	cli_db_close(&d);
	return (status);
}

static int
cli_setup_link_make(struct cli_db *d, bool is_json)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	struct buf		 out;
	uint8_t			 secret[CLI_SETUP_TOKEN_LEN];
	uint8_t			 hash[SHA256_LEN];
	char			 token[CODEC_B64URL_LEN(sizeof(secret)) + 1];
	char			 at[CLOCK_RFC3339_LEN + 1];
	int			 status;

	rnd_bytes(secret, sizeof(secret));
	b64url_encode(secret, sizeof(secret), token);
	sha256_of(token, strlen(token), hash);
	db_bytes(&p, hash, sizeof(hash));
	db_i32(&p, CLI_SETUP_TTL_S);
	cli_db_origin(&p);
	if ((status = cli_db_run(d, SQL_SETUP_TOKEN_CREATE, &p, &res)) !=
	    EXIT_STATUS_OK)
		goto done;
	if (db_result_rows(res) == 0) {
		cli_kit_say(d->cmd, "there is an administrator already");
		status = EXIT_STATUS_FAILED;
		goto done;
	}
	row = db_row_at(res, 0);
	clock_format(db_row_time(&row, "expires_at"), at);
	buf_init(&out, CLI_OUT_MAX);
	if (is_json) {
		buf_printf(&out, "{\"url\":\"%s/setup?token=%s\","
		    "\"expires_at\":\"%s\"}\n", d->settings.public_url, token,
		    at);
	} else
		buf_printf(&out, "%s/setup?token=%s\n",
		    d->settings.public_url, token);
	if (out.err == ERR_OK)
		out.err = row.err;
	status = cli_kit_print(d->cmd, &out);
done:
	mem_wipe(secret, sizeof(secret));
	mem_wipe(token, sizeof(token));
	db_result_free(res);
	return (status);
}
