/*
 * cli_app - identityd app create, app list.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "command.h"
#include "ip.h"

static const char	cli_app_help[] =
    "usage: identityd app create --name NAME --allow-ip CIDR... [--json]\n"
    "       identityd app list [--json]\n";

static const char	cli_app_create_help[] =
    "usage: identityd app create --name NAME --allow-ip CIDR... [--json]\n\n"
    "Registers an application.\n\n"
    "  --name NAME       its name, unique\n"
    "  --allow-ip CIDR   an address or a block, IPv4 or IPv6, from which it\n"
    "                    may call; repeat it, or separate with commas; with\n"
    "                    none, every call is refused\n"
    "  --json            answer with {\"id\",\"name\",...}\n";

static const char	cli_app_list_help[] =
    "usage: identityd app list [--json]\n\n"
    "Lists the applications by name.\n";

static int	cli_app_create(int argc, char **argv);
static int	cli_app_list(int argc, char **argv);
static int	cli_app_insert(struct cli_db *d, const char *name,
		    const char *allow, bool is_json);
static enum err	cli_app_allow(const struct cli_list *list, struct buf *out,
		    struct buf *bad);
static void	cli_app_json_ips(struct buf *out, const char *allow);
static void	cli_app_item(struct buf *out, struct db_row *row, bool is_json);

static const struct cli_sub	cli_app_subs[] = {
	{ "create", cli_app_create },
	{ "list", cli_app_list },
};

int
cli_app(int argc, char **argv)
{
	return (cli_kit_sub(cli_app_subs, COUNT(cli_app_subs), cli_app_help,
	    argc, argv));
}

static int
cli_app_create(int argc, char **argv)
{
	const char		*name = NULL;
	struct cli_list		 ips = { .n = 0 };
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "name", .text = &name },
		{ .name = "allow-ip", .list = &ips },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "app create", cli_app_create_help,
	    options, COUNT(options) };
	struct cli_db		 d;
	struct buf		 allow, bad;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (name == NULL)
		return (cli_kit_wrong("app create", "--name is missing"));
	buf_init(&allow, CIDR_LIST_MAX * (CIDR_TEXT_LEN + 1));
	buf_init(&bad, 256);
	if (cli_app_allow(&ips, &allow, &bad) != ERR_OK) {
		status = cli_kit_wrong("app create", "--allow-ip: \"%s\" is "
		    "not an address or a block (its host bits must be 0)",
		    bad.data != NULL ? bad.data : "");
		goto done;
	}
	if (allow.len == 0)
		cli_kit_say("app create",
		    "no --allow-ip: every call will be refused");
	if ((status = cli_db_open(&d, "app create")) == EXIT_STATUS_OK)
		status = cli_app_insert(&d, name,
		    allow.len == 0 ? "" : allow.data, is_json);
	cli_db_close(&d);
done:
	buf_clear(&allow);
	buf_clear(&bad);
	return (status);
}

static int
cli_app_insert(struct cli_db *d, const char *name, const char *allow,
    bool is_json)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	struct buf		 out;
	struct uuid		 id;
	char			 text[UUID_TEXT_LEN + 1];
	char			 at[CLOCK_RFC3339_LEN + 1];
	int			 status;

	db_text(&p, name);
	db_text(&p, allow);
	cli_db_origin(&p);
	if ((status = cli_db_run(d, SQL_APP_CREATE, &p, &res)) !=
	    EXIT_STATUS_OK)
		return (status);
	row = db_row_at(res, 0);
	db_row_uuid(&row, "app_id", &id);
	uuid_format(&id, text);
	buf_init(&out, CLI_OUT_MAX);
	if (is_json) {
		clock_format(db_row_time(&row, "created_at"), at);
		buf_printf(&out, "{\"id\":\"%s\",\"name\":", text);
		buf_json(&out, name, strlen(name));
		cli_app_json_ips(&out, db_row_str(&row, "allow", NULL));
		buf_printf(&out, ",\"created_at\":\"%s\"}\n", at);
	} else
		buf_printf(&out, "%s\n", text);
	if (out.err == ERR_OK)
		out.err = row.err;
	db_result_free(res);
	return (cli_kit_print(d->cmd, &out));
}

static int
cli_app_list(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "app list", cli_app_list_help,
	    options, COUNT(options) };
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	struct cli_db		 d;
	struct buf		 out;
	int			 i, status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "app list")) != EXIT_STATUS_OK ||
	    (status = cli_db_run(&d, SQL_APP_LIST, &p, &res)) !=
	    EXIT_STATUS_OK)
		goto done;
	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_char(&out, '[');
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		if (is_json && i > 0)
			buf_char(&out, ',');
		cli_app_item(&out, &row, is_json);
		if (out.err == ERR_OK)
			out.err = row.err;
	}
	if (is_json)
		buf_str(&out, "]\n");
	status = cli_kit_print("app list", &out);
done:
	db_result_free(res);
	cli_db_close(&d);
	return (status);
}

static void
cli_app_item(struct buf *out, struct db_row *row, bool is_json)
{
	struct uuid	 id;
	const char	*name, *allow;
	size_t		 len = 0;
	char		 text[UUID_TEXT_LEN + 1], at[CLOCK_RFC3339_LEN + 1];
	bool		 is_enabled;
	long long	 users, keys;

	db_row_uuid(row, "app_id", &id);
	uuid_format(&id, text);
	name = db_row_str(row, "name", &len);
	allow = db_row_str(row, "allow", NULL);
	is_enabled = db_row_bool(row, "is_enabled");
	users = (long long)db_row_i64(row, "users");
	keys = (long long)db_row_i64(row, "keys");
	clock_format(db_row_time(row, "created_at"), at);
	if (row->err != ERR_OK)
		return;
	if (!is_json) {
		buf_printf(out, "%s  %-8s %6lld users %3lld keys  %s  [%s]\n",
		    text, is_enabled ? "enabled" : "disabled", users, keys,
		    name, allow);
		return;
	}
	buf_printf(out, "{\"id\":\"%s\",\"name\":", text);
	buf_json(out, name, len);
	buf_printf(out, ",\"status\":\"%s\"",
	    is_enabled ? "enabled" : "disabled");
	cli_app_json_ips(out, allow);
	buf_printf(out, ",\"users\":%lld,\"keys\":%lld,\"created_at\":\"%s\"}",
	    users, keys, at);
}

/* All of --allow-ip as one normal list; |bad| gets the first wrong entry. */
static enum err
cli_app_allow(const struct cli_list *list, struct buf *out, struct buf *bad)
{
	struct cidr_list	 c;
	const char		*wrong;
	char			 text[CIDR_TEXT_LEN + 1];
	size_t			 i, j, len;
	enum err		 r;

	for (i = 0; i < list->n; i++) {
		wrong = list->v[i];
		len = strlen(wrong);
		if ((r = cidr_list_parse(list->v[i], strlen(list->v[i]), &c,
		    &wrong, &len)) != ERR_OK) {
			buf_add(bad, wrong, len);
			return (r);
		}
		for (j = 0; j < c.n; j++) {
			cidr_format(&c.v[j], text);
			if (out->len > 0)
				buf_char(out, ',');
			buf_str(out, text);
		}
		cidr_list_clear(&c);
	}
	return (buf_err(out));
}

/* ,"allowed_ips":[...] from "a,b"; addresses need no escapes. */
static void
cli_app_json_ips(struct buf *out, const char *allow)
{
	const char	*p;
	size_t		 len;

	buf_str(out, ",\"allowed_ips\":[");
	for (p = allow; p != NULL && *p != '\0'; p += len) {
		if (*p == ',')
			p++;
		len = strcspn(p, ",");
		if (p != allow)
			buf_char(out, ',');
		buf_json(out, p, len);
	}
	buf_char(out, ']');
}
