/*
 * cli_import - see cli_import.h.  The rows go straight from the file to the
 * staged ones; from there it is the same as in the console.
 */
#include "cli_import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli_db.h"
#include "cli_kit.h"
#include "command.h"
#include "import_feed.h"
#include "json_in.h"
#include "mem.h"
#include "str.h"

#define IMPORT_CMD		"user import"
#define IMPORT_ERRORS_PAGE	1000
/* 64 columns, their mapping and preview. */
#define CLI_IMPORT_JSON		(1024 * 1024)

struct cli_import {
	struct cli_db		 d;
	const char		*path, *mode, *delimiter, *encoding, *errors;
	struct cli_list		 apps;
	bool			 is_dry, is_json, has_skip, is_missing_off;
	FILE			*f;
	struct uuid		 id, ticket;
	struct import_feed	*feed;
	char			 data[IMPORT_FEED_BYTES];
	size_t			 len;
	int64_t			 n_create, n_update, n_same, n_error, n_warning;
	int64_t			 n_missing, n_active;
	char			 refused[40];	/* of disabling who is missing */
};

static const char	cli_import_help[] =
    "usage: identityd user import FILE.csv [--dry-run] [--app ID-or-NAME...]\n"
    "           [--mode create|update|both] [--skip-errors]\n"
    "           [--errors FILE.csv] [--delimiter C] [--encoding NAME]\n"
    "           [--disable-missing] [--json]\n\n"
    "Reads people from a CSV file, as the console's import does: columns are\n"
    "known by their names, people are matched by employee id, e-mail address\n"
    "or mobile number.  All is done in one step, or nothing.\n\n"
    "  --dry-run          only check\n"
    "  --app ID-or-NAME   an application they all may use; repeat it\n"
    "  --mode MODE        create, update or both (both)\n"
    "  --skip-errors      import the good rows; without it, a row that is\n"
    "                     wrong stops all\n"
    "  --errors FILE.csv  write the rows that are wrong there, with why\n"
    "  --delimiter C      , ; | or tab (as the file looks)\n"
    "  --encoding NAME    utf-8, utf-16le, utf-16be, windows-1252 (likewise)\n"
    "  --disable-missing  then disable who is active and not in the file, but\n"
    "                     not the last administrator; nobody when it would be\n"
    "                     more than a tenth.  With --dry-run: say how many\n"
    "  --json             answer with the Import\n";

static int	import_run(struct cli_import *m);
static int	import_open(struct cli_import *m);
static int	import_create(struct cli_import *m);
static int	import_describe(struct cli_import *m,
		    const struct import_look *look);
static int	import_rows(struct cli_import *m);
static int	import_stage(struct cli_import *m);
static int	import_count(struct cli_import *m);
static int	import_commit(struct cli_import *m);
static int	import_do(struct cli_import *m, enum sql_id act);
static int	import_missing(struct cli_import *m);
static int	import_disable(struct cli_import *m);
static int	import_errors(struct cli_import *m, FILE *out);
static int	import_report(struct cli_import *m);
static void	import_say(const struct cli_import *m, bool is_off,
		    struct buf *out);
static int	import_body(struct cli_import *m, enum sql_id q,
		    struct db_params *p, json_t **out);
static int	import_failed(const char *what, enum err r);

int
cli_import(int argc, char **argv)
{
	struct cli_import	*m;
	int			 status;
	bool			 has_file = argc > 1 && argv[1][0] != '-';

	if ((m = mem_new(sizeof(*m))) == NULL)
		return (import_failed("start", ERR_NOMEM));
	const struct cli_option	 options[] = {
		{ .name = "dry-run", .flag = &m->is_dry },
		{ .name = "app", .list = &m->apps },
		{ .name = "mode", .text = &m->mode },
		{ .name = "skip-errors", .flag = &m->has_skip },
		{ .name = "errors", .text = &m->errors },
		{ .name = "delimiter", .text = &m->delimiter },
		{ .name = "encoding", .text = &m->encoding },
		{ .name = "disable-missing", .flag = &m->is_missing_off },
		{ .name = "json", .flag = &m->is_json },
	};
	const struct cli_page	 page = { IMPORT_CMD, cli_import_help, options,
	    COUNT(options) };

	m->path = has_file ? argv[1] : NULL;
	status = cli_kit_options(&page, argc - has_file, argv + has_file);
	if (status == CLI_CONTINUE && m->path == NULL)
		status = cli_kit_wrong(IMPORT_CMD, "FILE.csv is missing");
	if (status == CLI_CONTINUE)
		status = import_run(m);
	import_feed_free(m->feed);
	if (m->f != NULL)
		(void)fclose(m->f);
	cli_db_close(&m->d);
	mem_free(m);
	return (status);
}

static int
import_run(struct cli_import *m)
{
	int	status;

	if (m->mode == NULL)
		m->mode = "both";
	if (strcmp(m->mode, "create") != 0 && strcmp(m->mode, "update") != 0 &&
	    strcmp(m->mode, "both") != 0)
		return (cli_kit_wrong(IMPORT_CMD,
		    "--mode: create, update or both"));
	if (m->delimiter != NULL && (strlen(m->delimiter) != 1 ||
	    strchr(",;|\t", m->delimiter[0]) == NULL))
		return (cli_kit_wrong(IMPORT_CMD,
		    "--delimiter: a comma, a semicolon, | or a tab"));
	if (m->is_missing_off && m->has_skip)
		return (cli_kit_wrong(IMPORT_CMD, "--disable-missing: whom a "
		    "row with errors is about is not known, so not with "
		    "--skip-errors"));
	if ((status = import_open(m)) != EXIT_STATUS_OK ||
	    (status = import_rows(m)) != EXIT_STATUS_OK ||
	    (status = import_count(m)) != EXIT_STATUS_OK ||
	    (status = import_commit(m)) != EXIT_STATUS_OK)
		return (status);
	return (import_report(m));
}

/* The file, the database, and what the file looks like. */
static int
import_open(struct cli_import *m)
{
	enum csv_encoding	 e = CSV_UTF8;
	struct import_look	*look;
	struct import_feed_how	 how;
	enum err		 r;
	int			 status;

	if (m->encoding != NULL && csv_encoding_parse(m->encoding, &e) !=
	    ERR_OK)
		return (cli_kit_wrong(IMPORT_CMD, "--encoding: utf-8, "
		    "utf-16le, utf-16be or windows-1252"));
	if ((m->f = fopen(m->path, "rb")) == NULL) {
		cli_kit_say(IMPORT_CMD, "%s: %s", m->path, strerror(errno));
		return (EXIT_STATUS_FAILED);
	}
	m->len = fread(m->data, 1, sizeof(m->data), m->f);
	if (ferror(m->f)) {
		cli_kit_say(IMPORT_CMD, "%s: %s", m->path, strerror(errno));
		return (EXIT_STATUS_FAILED);
	}
	if ((status = cli_db_open(&m->d, IMPORT_CMD)) != EXIT_STATUS_OK)
		return (status);
	if ((look = mem_new(sizeof(*look))) == NULL)
		return (import_failed("look at the file", ERR_NOMEM));
	r = import_look(m->data, m->len, m->encoding != NULL ? &e : NULL,
	    m->delimiter != NULL ? m->delimiter[0] : 0, look);
	how = (struct import_feed_how){ &look->map, look->encoding,
	    look->delimiter, m->d.country_code };
	if (r == ERR_OK)
		r = import_feed_new(&how, &m->feed);
	if (r != ERR_OK)
		status = import_failed("read the first rows", r);
	else if ((status = import_create(m)) == EXIT_STATUS_OK)
		status = import_describe(m, look);
	json_decref(look->preview);
	mem_free(look);
	return (status);
}

static int
import_create(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct buf		 apps;
	const char		*name = strrchr(m->path, '/'), *id;
	json_t			*o = NULL;
	int			 status;

	name = name != NULL ? name + 1 : m->path;
	buf_init(&apps, CLI_DB_APPS_LEN);
	if ((status = cli_db_apps(&m->d, &m->apps, &apps)) ==
	    EXIT_STATUS_OK) {
		db_text_len(&p, name, strnlen(name, 255));
		db_text(&p, m->mode);
		db_text(&p, "{emp_id,email,mobile_number}");
		db_null(&p);
		db_null(&p);
		db_text(&p, apps.data);
		db_uuid(&p, NULL);
		status = import_body(m, SQL_IMPORT_CREATE, &p, &o);
	}
	buf_clear(&apps);
	id = json_string_value(json_object_get(o, "id"));
	if (status == EXIT_STATUS_OK && (id == NULL || uuid_parse(id,
	    strlen(id), &m->id) != ERR_OK))
		status = import_failed("begin", ERR_DB);
	json_decref(o);
	return (status);
}

static int
import_describe(struct cli_import *m, const struct import_look *look)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	json_t			*part[2];
	char			 dump[65536];
	size_t			 i, len;
	int			 status;

	part[0] = import_map_names(&look->map);
	part[1] = import_map_json(&look->map);
	uuid_make(&m->ticket);
	db_uuid(&p, &m->id);
	db_uuid(&p, &m->ticket);
	db_text_len(&p, &look->delimiter, 1);
	db_text(&p, csv_encoding_name(look->encoding));
	for (i = 0; i < COUNT(part); i++) {
		len = json_dumpb(part[i], dump, sizeof(dump), JSON_COMPACT);
		if (len == 0 || len > sizeof(dump))
			p.err = ERR_NOMEM;
		else
			db_text_len(&p, dump, len);
		json_decref(part[i]);
	}
	status = cli_db_run(&m->d, SQL_IMPORT_OPEN, &p, &res);
	db_result_free(res);
	return (status);
}

static int
import_rows(struct cli_import *m)
{
	char		why[IMPORT_FEED_WHY_LEN + 1];
	bool		is_last;
	enum err	r;
	int		status;

	do {
		is_last = m->len < sizeof(m->data);
		r = ferror(m->f) ? ERR_IO :
		    import_feed_bytes(m->feed, m->data, m->len, is_last);
		if (r != ERR_OK) {
			import_feed_why(m->feed, r, why);
			cli_kit_say(IMPORT_CMD, "%s: %s", m->path, why);
			return (EXIT_STATUS_FAILED);
		}
		if ((status = import_stage(m)) != EXIT_STATUS_OK)
			return (status);
		if (!is_last)
			m->len = fread(m->data, 1, sizeof(m->data), m->f);
	} while (!is_last);
	return (EXIT_STATUS_OK);
}

static int
import_stage(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	int			 status;

	if (import_feed_waiting(m->feed) == 0)
		return (EXIT_STATUS_OK);
	import_feed_stage(m->feed, &m->id, &m->ticket, &p);
	status = cli_db_run(&m->d, SQL_IMPORT_STAGE, &p, &res);
	db_result_free(res);
	return (status);
}

/* What would be done; rows that are wrong are named. */
static int
import_count(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	const json_t		*t;
	json_t			*o = NULL;
	uint8_t			 hash[SHA256_LEN];
	FILE			*out;
	int			 status;

	import_feed_hash(m->feed, hash);
	db_uuid(&p, &m->id);
	db_uuid(&p, &m->ticket);
	db_bytes(&p, hash, sizeof(hash));
	status = cli_db_run(&m->d, SQL_IMPORT_CHECK_END, &p, &res);
	db_result_free(res);
	if (status != EXIT_STATUS_OK)
		return (status);
	db_uuid(&p, &m->id);
	if ((status = import_body(m, SQL_IMPORT_GET, &p, &o)) !=
	    EXIT_STATUS_OK)
		return (status);
	t = json_object_get(o, "totals");
	m->n_create = json_integer_value(json_object_get(t, "create"));
	m->n_update = json_integer_value(json_object_get(t, "update"));
	m->n_same = json_integer_value(json_object_get(t, "same"));
	m->n_error = json_integer_value(json_object_get(t, "error"));
	m->n_warning = json_integer_value(json_object_get(t, "warning"));
	json_decref(o);
	if (m->errors == NULL)
		return (EXIT_STATUS_OK);
	if ((out = fopen(m->errors, "wb")) == NULL) {
		cli_kit_say(IMPORT_CMD, "%s: %s", m->errors, strerror(errno));
		return (EXIT_STATUS_FAILED);
	}
	status = import_errors(m, out);
	if (fclose(out) != 0)
		status = import_failed("write the errors", ERR_IO);
	return (status);
}

static int
import_commit(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	json_t			*o = NULL;
	int			 status;

	if (m->is_dry || (m->n_error > 0 && !m->has_skip)) {
		if (m->is_missing_off && m->n_error == 0 &&
		    (status = import_missing(m)) != EXIT_STATUS_OK)
			return (status);
		db_uuid(&p, &m->id);
		status = cli_db_run(&m->d, SQL_IMPORT_CANCEL, &p, &res);
		db_result_free(res);
		return (status);
	}
	db_uuid(&p, &m->id);
	db_text(&p, "importing");
	db_null(&p);
	db_bool(&p, false);
	db_uuid(&p, NULL);
	status = import_body(m, SQL_IMPORT_START, &p, &o);
	json_decref(o);
	if (status != EXIT_STATUS_OK)
		return (status);
	status = import_do(m, SQL_IMPORT_APPLY);
	if (status == EXIT_STATUS_OK && m->is_missing_off &&
	    (status = import_missing(m)) == EXIT_STATUS_OK)
		status = import_disable(m);
	return (status);
}

/* Takes up what was asked for, and does it. */
static int
import_do(struct cli_import *m, enum sql_id act)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	int			 status;

	db_uuid(&p, &m->id);
	db_uuid(&p, &m->ticket);
	status = cli_db_run(&m->d, SQL_IMPORT_CLAIM, &p, &res);
	db_result_free(res);
	if (status != EXIT_STATUS_OK)
		return (status);
	res = NULL;
	db_uuid(&p, &m->id);
	db_uuid(&p, &m->ticket);
	cli_db_origin(&p);
	status = cli_db_run(&m->d, act, &p, &res);
	db_result_free(res);
	return (status);
}

/* How many are missing, and why they would not be disabled. */
static int
import_missing(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*v;
	json_t			*o = NULL;
	int			 status;

	db_uuid(&p, &m->id);
	db_uuid(&p, NULL);
	db_uuid(&p, NULL);
	db_i32(&p, 1);
	if ((status = import_body(m, SQL_IMPORT_MISSING, &p, &o)) !=
	    EXIT_STATUS_OK)
		return (status);
	m->n_missing = json_integer_value(json_object_get(o, "count"));
	m->n_active = json_integer_value(json_object_get(o, "active"));
	v = json_string_value(json_object_get(o, "refused"));
	if (v != NULL && str_copy(m->refused, sizeof(m->refused), v,
	    strlen(v)) != ERR_OK)
		status = import_failed("look who is missing", ERR_DB);
	json_decref(o);
	return (status);
}

static int
import_disable(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	json_t			*o = NULL;
	int			 status;

	if (m->refused[0] != '\0')
		return (EXIT_STATUS_OK);	/* import_report() says so */
	db_uuid(&p, &m->id);
	db_text(&p, "disabling");
	db_i64(&p, m->n_missing);
	db_uuid(&p, NULL);
	status = import_body(m, SQL_IMPORT_MISSING_START, &p, &o);
	json_decref(o);
	return (status != EXIT_STATUS_OK ? status :
	    import_do(m, SQL_IMPORT_DISABLE));
}

/* The rows that are wrong, page by page. */
static int
import_errors(struct cli_import *m, FILE *out)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	const char		*piece;
	char			 next[16] = "0";
	size_t			 len;
	int64_t			 after;
	int			 status;

	while (next[0] != '\0') {
		if (str_int(next, strlen(next), 0, INT32_MAX, &after) !=
		    ERR_OK)
			return (import_failed("write the errors", ERR_DB));
		db_uuid(&p, &m->id);
		db_i32(&p, (int32_t)after);
		db_i32(&p, IMPORT_ERRORS_PAGE);
		if ((status = cli_db_run(&m->d, SQL_IMPORT_ERRORS, &p,
		    &res)) != EXIT_STATUS_OK)
			return (status);
		row = db_row_at(res, 0);
		piece = db_row_str(&row, "piece", &len);
		db_row_text(&row, "next", next, sizeof(next));
		if (piece != NULL && fwrite(piece, 1, len, out) != len)
			row.err = ERR_IO;
		db_result_free(res);
		if (row.err != ERR_OK)
			return (import_failed("write the errors", row.err));
	}
	return (EXIT_STATUS_OK);
}

static int
import_report(struct cli_import *m)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct buf		 out;
	json_t			*o = NULL;
	char			*text = NULL;
	bool			 is_off = m->n_error > 0 && !m->has_skip;
	int			 status;

	buf_init(&out, CLI_OUT_MAX);
	if (m->is_json) {
		db_uuid(&p, &m->id);
		if ((status = import_body(m, SQL_IMPORT_GET, &p, &o)) !=
		    EXIT_STATUS_OK)
			return (status);
		if ((text = mem_new(CLI_IMPORT_JSON)) != NULL &&
		    json_dumpb(o, text, CLI_IMPORT_JSON - 1, JSON_COMPACT) <
		    CLI_IMPORT_JSON)
			buf_str(&out, text);
		buf_char(&out, '\n');
		mem_free(text);
		json_decref(o);
	} else
		import_say(m, is_off, &out);
	status = cli_kit_print(IMPORT_CMD, &out);
	if (status == EXIT_STATUS_OK && is_off) {
		cli_kit_say(IMPORT_CMD, "some rows are wrong; --errors FILE "
		    "writes them down, --skip-errors leaves them out");
		status = EXIT_STATUS_FAILED;
	}
	if (status == EXIT_STATUS_OK && m->refused[0] != '\0') {
		cli_kit_say(IMPORT_CMD, strcmp(m->refused, "too_many_missing")
		    == 0 ? "more than a tenth of the people who are active are "
		    "missing from the file; nobody %s disabled" :
		    "not every row of the file is known, so nobody %s disabled",
		    m->is_dry ? "would be" : "was");
		status = EXIT_STATUS_FAILED;
	}
	return (status);
}

static void
import_say(const struct cli_import *m, bool is_off, struct buf *out)
{
	bool	is_idle = m->is_dry || is_off;

	buf_printf(out, "%s: %lld to create, %lld to update, %lld the same, "
	    "%lld wrong, %lld warnings; %s\n", m->path,
	    (long long)m->n_create, (long long)m->n_update,
	    (long long)m->n_same, (long long)m->n_error,
	    (long long)m->n_warning, is_idle ? "nothing was done" : "done");
	if (m->is_missing_off && !is_off)
		buf_printf(out, "%s: %lld of %lld active people are missing"
		    "%s\n", m->path, (long long)m->n_missing,
		    (long long)m->n_active, is_idle || m->refused[0] != '\0' ?
		    "" : ", and are disabled now");
}

/* A statement of the console: its body, or its refusal as a message. */
static int
import_body(struct cli_import *m, enum sql_id q, struct db_params *p,
    json_t **out)
{
	struct db_result	*res = NULL;
	struct db_row		 row;
	const char		*body;
	char			 outcome[64];
	size_t			 len;
	int			 status;

	if ((status = cli_db_run(&m->d, q, p, &res)) != EXIT_STATUS_OK)
		return (status);
	row = db_row_at(res, 0);
	db_row_text(&row, "outcome", outcome, sizeof(outcome));
	body = db_row_str(&row, "body", &len);
	if (row.err != ERR_OK || body == NULL || (strcmp(outcome, "ok") != 0 &&
	    strcmp(outcome, "created") != 0) ||
	    json_in_object(body, len, out) != ERR_OK) {
		cli_kit_say(IMPORT_CMD, "the database refuses: %s", outcome);
		status = EXIT_STATUS_FAILED;
	}
	db_result_free(res);
	return (status);
}

static int
import_failed(const char *what, enum err r)
{
	cli_kit_say(IMPORT_CMD, "cannot %s: %s", what, r == ERR_FORMAT ?
	    "it is no CSV file with a row of column names" :
	    r == ERR_TOO_LONG ? "one of them is too long, or a quote is never "
	    "closed" : r == ERR_SPACE ? "there are more than 64 columns" :
	    err_text(r));
	return (EXIT_STATUS_FAILED);
}
