/*
 * cli_token_key - identityd token-key rotate and list.  Secrets are made here,
 * sealed under the master key, and shown to nobody.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "command.h"
#include "seal.h"
#include "token_key.h"

static const char	cli_token_key_help[] =
    "usage: identityd token-key rotate [--drop-old] [--json]\n"
    "       identityd token-key list [--json]\n";

static const char	cli_token_key_rotate_help[] =
    "usage: identityd token-key rotate [--drop-old] [--json]\n\n"
    "Makes a new key for access tokens, of the kind that the setting\n"
    "token_alg says.  It signs after 5 seconds, when every node knows it;\n"
    "tokens of the key before it stay good for as long as the setting\n"
    "token_overlap_s says.\n\n"
    "  --drop-old  after a theft: all other keys, and with them all access\n"
    "              tokens given out, are void at once (sessions go on:\n"
    "              applications refresh)\n"
    "  --json      answer with {\"kid\",\"alg\"}\n";

static const char	cli_token_key_list_help[] =
    "usage: identityd token-key list [--json]\n\n"
    "Shows the keys of access tokens: which signs, which still verify.\n\n"
    "  --json  answer with [{\"kid\",\"alg\",\"state\",...}]\n";

static int	cli_token_key_rotate(int argc, char **argv);
static int	cli_token_key_list(int argc, char **argv);
static int	cli_token_key_make(struct cli_db *d, bool is_drop,
		    bool is_json);
static int	cli_token_key_made(struct cli_db *d,
		    const struct db_result *res, bool is_json);
static int	cli_token_key_print(struct cli_db *d,
		    const struct db_result *res, bool is_json);
static void	cli_token_key_time(struct buf *out, const char *name,
		    int64_t us);

static const struct cli_sub	cli_token_key_subs[] = {
	{ "rotate", cli_token_key_rotate },
	{ "list", cli_token_key_list },
};

int
cli_token_key(int argc, char **argv)
{
	return (cli_kit_sub(cli_token_key_subs, COUNT(cli_token_key_subs),
	    cli_token_key_help, argc, argv));
}

static int
cli_token_key_rotate(int argc, char **argv)
{
	bool			 is_drop = false, is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "drop-old", .flag = &is_drop },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "token-key rotate",
	    cli_token_key_rotate_help, options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "token-key rotate")) == EXIT_STATUS_OK)
		status = cli_token_key_make(&d, is_drop, is_json);
	cli_db_close(&d);
	return (status);
}

static int
cli_token_key_list(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "token-key list",
	    cli_token_key_list_help, options, COUNT(options) };
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "token-key list")) == EXIT_STATUS_OK &&
	    (status = cli_db_run(&d, SQL_TOKEN_KEY_SHOW, &p, &res)) ==
	    EXIT_STATUS_OK)
		status = cli_token_key_print(&d, res, is_json);
	db_result_free(res);
	cli_db_close(&d);
	return (status);
}

static int
cli_token_key_make(struct cli_db *d, bool is_drop, bool is_json)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct sealer		*s = NULL;
	uint8_t			 sealed[TOKEN_KEY_SEALED_LEN];
	char			 kid[TOKEN_KID_LEN + 1];
	int			 status = EXIT_STATUS_FAILED;
	enum err		 r;

	if (!d->settings.has_master_key) {
		cli_kit_say(d->cmd, "IDENTITY_MASTER_KEY is not set and there "
		    "is none in the data directory");
		return (EXIT_STATUS_FAILED);
	}
	if ((r = sealer_new(d->settings.master_key, &s)) != ERR_OK ||
	    (r = token_key_make(s, kid, sealed)) != ERR_OK) {
		cli_kit_say(d->cmd, "cannot make a key: %s", err_text(r));
		goto done;
	}
	db_text(&p, kid);
	db_bytes(&p, sealed, sizeof(sealed));
	db_bool(&p, is_drop);
	db_i32(&p, TOKEN_KEYS_MAX);
	cli_db_origin(&p);
	db_null(&p);			/* nobody of the directory */
	if ((status = cli_db_run(d, SQL_TOKEN_KEY_ROTATE, &p, &res)) ==
	    EXIT_STATUS_OK)
		status = cli_token_key_made(d, res, is_json);
done:
	db_result_free(res);
	sealer_free(s);
	return (status);
}

static int
cli_token_key_made(struct cli_db *d, const struct db_result *res,
    bool is_json)
{
	struct db_row	row = db_row_at(res, 0);
	struct buf	out;
	char		kid[TOKEN_KID_LEN + 1], alg[16];
	int64_t		n_alive;

	n_alive = db_row_i64(&row, "n_alive");
	db_row_text(&row, "kid", kid, sizeof(kid));
	db_row_text(&row, "alg", alg, sizeof(alg));
	if (row.err == ERR_OK && kid[0] == '\0') {
		if (n_alive >= TOKEN_KEYS_MAX)
			cli_kit_say(d->cmd, "%d keys are alive already; wait "
			    "until one expires (token-key list), or drop them "
			    "with --drop-old", TOKEN_KEYS_MAX);
		else
			cli_kit_say(d->cmd, "the key was rotated just now; "
			    "wait 5 seconds");
		return (EXIT_STATUS_FAILED);
	}
	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_printf(&out, "{\"kid\":\"%s\",\"alg\":\"%s\"}\n", kid, alg);
	else
		buf_printf(&out, "%s  %s\n", kid, alg);
	if (out.err == ERR_OK)
		out.err = row.err;
	return (cli_kit_print(d->cmd, &out));
}

static int
cli_token_key_print(struct cli_db *d, const struct db_result *res,
    bool is_json)
{
	struct db_row	row;
	struct buf	out;
	char		kid[TOKEN_KID_LEN + 1], alg[16], state[16];
	int		i;

	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_char(&out, '[');
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		db_row_text(&row, "kid", kid, sizeof(kid));
		db_row_text(&row, "alg", alg, sizeof(alg));
		db_row_text(&row, "state", state, sizeof(state));
		if (is_json) {
			buf_printf(&out, "%s{\"kid\":\"%s\",\"alg\":\"%s\","
			    "\"state\":\"%s\"", i > 0 ? "," : "", kid, alg,
			    state);
			cli_token_key_time(&out, ",\"created_at\":",
			    db_row_time(&row, "created_at"));
			cli_token_key_time(&out, ",\"retired_at\":",
			    db_row_time(&row, "retired_at"));
			cli_token_key_time(&out, ",\"expires_at\":",
			    db_row_time(&row, "expires_at"));
			buf_char(&out, '}');
		} else
			buf_printf(&out, "%s  %-5s  %s\n", kid, alg, state);
		if (out.err == ERR_OK)
			out.err = row.err;
	}
	if (is_json)
		buf_str(&out, "]\n");
	return (cli_kit_print(d->cmd, &out));
}

/* 0 is null. */
static void
cli_token_key_time(struct buf *out, const char *name, int64_t us)
{
	char	at[CLOCK_RFC3339_LEN + 1];

	buf_str(out, name);
	if (us == 0) {
		buf_str(out, "null");
		return;
	}
	clock_format(us, at);
	buf_printf(out, "\"%s\"", at);
}
