/*
 * cli_key - identityd key create.  The key is printed once and is nowhere
 * else: the database holds its hash.
 */
#include <string.h>

#include "apikey.h"
#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "command.h"
#include "mem.h"
#include "str.h"

#define CLI_KEY_DAYS_MAX	3650

struct cli_key_wish {
	const char	*app;		/* id or name */
	const char	*label;		/* NULL = none */
	int64_t		 days;		/* 0 = never expires */
	bool		 is_json;
};

static const char	cli_key_help[] =
    "usage: identityd key create --app ID-or-NAME [--expires DAYS]\n"
    "           [--label TEXT] [--json]\n";

static const char	cli_key_create_help[] =
    "usage: identityd key create --app ID-or-NAME [--expires DAYS]\n"
    "           [--label TEXT] [--json]\n\n"
    "Makes another key for an application and prints it, once.\n\n"
    "  --app ID-or-NAME  whose key it is\n"
    "  --expires DAYS    good for 1 to 3650 days; without it, for good\n"
    "  --label TEXT      what it is for\n"
    "  --json            answer with {\"id\",\"key\",...}\n";

static int	cli_key_create(int argc, char **argv);
static int	cli_key_make(struct cli_db *d, const struct cli_key_wish *w);
static int	cli_key_print(struct cli_db *d, const struct db_result *res,
		    const struct apikey *k, const char *text, bool is_json);

static const struct cli_sub	cli_key_subs[] = {
	{ "create", cli_key_create },
};

int
cli_key(int argc, char **argv)
{
	return (cli_kit_sub(cli_key_subs, COUNT(cli_key_subs), cli_key_help,
	    argc, argv));
}

static int
cli_key_create(int argc, char **argv)
{
	struct cli_key_wish	 w = { .days = 0 };
	const char		*expires = NULL;
	const struct cli_option	 options[] = {
		{ .name = "app", .text = &w.app },
		{ .name = "expires", .text = &expires },
		{ .name = "label", .text = &w.label },
		{ .name = "json", .flag = &w.is_json },
	};
	const struct cli_page	 page = { "key create", cli_key_create_help,
	    options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (w.app == NULL)
		return (cli_kit_wrong("key create", "--app is missing"));
	if (expires != NULL && str_int(expires, strlen(expires), 1,
	    CLI_KEY_DAYS_MAX, &w.days) != ERR_OK)
		return (cli_kit_wrong("key create",
		    "--expires: a number of days from 1 to %d",
		    CLI_KEY_DAYS_MAX));
	if ((status = cli_db_open(&d, "key create")) == EXIT_STATUS_OK)
		status = cli_key_make(&d, &w);
	cli_db_close(&d);
	return (status);
}

static int
cli_key_make(struct cli_db *d, const struct cli_key_wish *w)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct apikey		 k;
	struct uuid		 app;
	char			 name[256], text[APIKEY_TEXT_LEN + 1];
	int			 status;

	if ((status = cli_db_app(d, w->app, &app, name)) != EXIT_STATUS_OK)
		return (status);
	apikey_make(&k, text);
	db_uuid(&p, &app);
	db_text(&p, k.id);
	db_bytes(&p, k.hash, sizeof(k.hash));
	db_text(&p, k.last4);
	db_text(&p, w->label);
	db_time(&p, w->days == 0 ? 0 :
	    clock_us() + w->days * 86400 * US_PER_S);
	cli_db_origin(&p);
	if ((status = cli_db_run(d, SQL_KEY_CREATE, &p, &res)) ==
	    EXIT_STATUS_OK)
		status = cli_key_print(d, res, &k, text, w->is_json);
	db_result_free(res);
	mem_wipe(text, sizeof(text));
	return (status);
}

static int
cli_key_print(struct cli_db *d, const struct db_result *res,
    const struct apikey *k, const char *text, bool is_json)
{
	struct buf	 out;
	struct db_row	 row;
	char		 at[CLOCK_RFC3339_LEN + 1];
	int64_t		 expires;

	if (db_result_rows(res) == 0) {
		cli_kit_say(d->cmd, "the application was deleted just now");
		return (EXIT_STATUS_FAILED);
	}
	row = db_row_at(res, 0);
	buf_init(&out, CLI_OUT_MAX);
	if (is_json) {
		clock_format(db_row_time(&row, "created_at"), at);
		buf_printf(&out, "{\"id\":\"%s\",\"key\":\"%s\","
		    "\"created_at\":\"%s\",\"expires_at\":", k->id, text, at);
		if ((expires = db_row_time(&row, "expires_at")) != 0) {
			clock_format(expires, at);
			buf_printf(&out, "\"%s\"}\n", at);
		} else
			buf_str(&out, "null}\n");
	} else
		buf_printf(&out, "%s\n", text);
	if (out.err == ERR_OK)
		out.err = row.err;
	return (cli_kit_print(d->cmd, &out));
}
