/*
 * cli_backup - identityd backup FILE and restore FILE: all that the service
 * keeps, in one file of its own format, so that neither needs PostgreSQL's
 * client programs.  docs/guide.md says what is in it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit_chain.h"
#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "clock.h"
#include "codec.h"
#include "command.h"
#include "db_dump.h"
#include "db_migrate.h"
#include "json_in.h"
#include "mem.h"
#include "seal.h"
#include "version.h"

#define CLI_BACKUP_LINE_MAX	65536
#define CLI_BACKUP_AAD		"backup/check/v1"
#define CLI_BACKUP_CHECK	16	/* zero bytes, sealed */

/* One run of restore. */
struct cli_restore {
	struct cli_db		 d;
	struct gzfile		*f;
	struct buf		 line;
	struct db_dump_total	 total;
	char			 made_at[40];
};

static const char	cli_backup_help[] =
    "usage: identityd backup FILE [--json]\n\n"
    "Writes the whole database as it is at one moment, branding included, to\n"
    "FILE (gzip, mode 0600), while the service runs.\n\n"
    "The master key is NOT in it.  Keep IDENTITY_MASTER_KEY apart: without\n"
    "it nobody's second factor, no provider and no token key can be read\n"
    "from the backup, and whoever has both has everything.\n";

static const char	cli_restore_help[] =
    "usage: identityd restore FILE [--replace] [--json]\n\n"
    "Reads what \"identityd backup\" wrote into an empty database, in one\n"
    "transaction.  Needs the master key of that time.  Afterwards nobody is\n"
    "signed in, and every application syncs from the start.  Stop the\n"
    "service first.\n\n"
    "  --replace   the database is not empty: throw away what is in it\n";

/* What was typed behind the command. */
struct cli_backup_args {
	const char	*file;
	bool		 is_json, is_replace;
};

static int	cli_backup_options(struct cli_page *page, int argc,
		    char **argv, struct cli_backup_args *a);
static int	cli_backup_write(struct cli_db *d, const char *file,
		    bool is_json);
static enum err	cli_backup_head(struct cli_db *d, struct gzfile *f);
static int	cli_backup_done(struct cli_db *d, const char *file,
		    const struct db_dump_total *t, long long bytes,
		    int64_t ms);
static int	cli_restore_run(struct cli_restore *x, const char *file,
		    bool is_replace);
static int	cli_restore_open(struct cli_restore *x, const char *file);
static int	cli_restore_head(struct cli_restore *x);
static bool	cli_restore_key(struct cli_restore *x, json_t *head);
static int	cli_restore_tables(struct cli_restore *x);
static int	cli_restore_audit(struct cli_restore *x);
static int	cli_restore_seal(struct cli_db *d, struct audit_key *key,
		    enum sql_id q, bool *is_more);
static int	cli_restore_finish(struct cli_restore *x);
static int	cli_backup_failed(struct cli_db *d, const char *file,
		    enum err r);

int
cli_backup(int argc, char **argv)
{
	struct cli_page		page = { .cmd = "backup",
				    .help = cli_backup_help, .n_options = 1 };
	struct cli_backup_args	a = { .file = NULL };
	struct cli_db		d;
	int			status;

	if ((status = cli_backup_options(&page, argc, argv, &a)) !=
	    CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "backup")) == EXIT_STATUS_OK) {
		if (d.settings.has_master_key)
			status = cli_backup_write(&d, a.file, a.is_json);
		else {
			cli_kit_say("backup", "needs the master key, to note "
			    "which one belongs to the backup");
			status = EXIT_STATUS_FAILED;
		}
	}
	cli_db_close(&d);
	return (status);
}

int
cli_restore(int argc, char **argv)
{
	struct cli_page		page = { .cmd = "restore",
				    .help = cli_restore_help, .n_options = 2 };
	struct cli_backup_args	a = { .file = NULL };
	struct cli_restore	x;
	struct buf		out;
	int			status;

	if ((status = cli_backup_options(&page, argc, argv, &a)) !=
	    CLI_CONTINUE)
		return (status);
	memset(&x, 0, sizeof(x));
	buf_init(&x.line, CLI_BACKUP_LINE_MAX);
	status = cli_restore_run(&x, a.file, a.is_replace);
	gzfile_close(x.f);
	cli_db_close(&x.d);
	buf_clear(&x.line);
	if (status != EXIT_STATUS_OK)
		return (status);
	buf_init(&out, CLI_OUT_MAX);
	buf_printf(&out, a.is_json ? "{\"tables\":%lld,\"rows\":%lld,"
	    "\"made_at\":\"%s\"}\n" : "%lld tables with %lld rows of %s are "
	    "restored\n", (long long)x.total.tables, (long long)x.total.rows,
	    x.made_at);
	return (cli_kit_print("restore", &out));
}

/* FILE first or last, as people type it. */
static int
cli_backup_options(struct cli_page *page, int argc, char **argv,
    struct cli_backup_args *a)
{
	const struct cli_option	options[] = {
		{ .name = "json", .flag = &a->is_json },
		{ .name = "replace", .flag = &a->is_replace },
	};
	int			i;

	page->options = options;
	for (i = 1; i < argc; i++) {
		if (argv[i][0] == '-' || a->file != NULL)
			continue;
		a->file = argv[i];
		memmove(&argv[i], &argv[i + 1],
		    (size_t)(argc - i) * sizeof(argv[i]));
		argc--;
		i--;
	}
	if ((i = cli_kit_options(page, argc, argv)) != CLI_CONTINUE)
		return (i);
	if (a->file == NULL)
		return (cli_kit_wrong(page->cmd, "FILE is missing"));
	return (CLI_CONTINUE);
}

/* ---- backup -------------------------------------------------------------- */

static int
cli_backup_write(struct cli_db *d, const char *file, bool is_json)
{
	struct db_dump_total	 t = { 0, 0 };
	struct gzfile		*f = NULL;
	struct buf		 end, out;
	long long		 bytes = 0;
	int64_t			 began = clock_mono_us();
	enum err		 r;
	int			 status;

	buf_init(&end, 256);
	if ((r = gzfile_create(file, &f)) != ERR_OK ||
	    (r = cli_backup_head(d, f)) != ERR_OK ||
	    (r = db_dump_write(d->sync, f, &t)) != ERR_OK)
		goto done;
	buf_printf(&end, "{\"end\":{\"tables\":%lld,\"rows\":%lld}}\n",
	    (long long)t.tables, (long long)t.rows);
	if ((r = buf_err(&end)) == ERR_OK &&
	    (r = gzfile_add(f, end.data, end.len)) == ERR_OK)
		r = gzfile_finish(f, &bytes);
done:
	status = r == ERR_OK ? EXIT_STATUS_OK : cli_backup_failed(d, file, r);
	gzfile_close(f);
	buf_clear(&end);
	if (status == EXIT_STATUS_OK)
		status = cli_backup_done(d, file, &t, bytes,
		    (clock_mono_us() - began) / US_PER_MS);
	if (status != EXIT_STATUS_OK)
		return (status);
	buf_init(&out, CLI_OUT_MAX);
	buf_printf(&out, is_json ?
	    "{\"tables\":%lld,\"rows\":%lld,\"bytes\":%lld}\n" :
	    "%lld tables with %lld rows, %lld bytes\n", (long long)t.tables,
	    (long long)t.rows, bytes);
	cli_kit_say("backup", "the master key is not in the backup: keep it "
	    "apart, nothing that is encrypted can be read without it");
	return (cli_kit_print("backup", &out));
}

/* Which version, and which master key, without telling it. */
static enum err
cli_backup_head(struct cli_db *d, struct gzfile *f)
{
	const uint8_t	 zero[CLI_BACKUP_CHECK] = { 0 };
	uint8_t		 sealed[CLI_BACKUP_CHECK + SEAL_OVERHEAD];
	char		 text[CODEC_HEX_LEN(sizeof(sealed)) + 1];
	char		 at[CLOCK_RFC3339_LEN + 1];
	struct sealer	*s = NULL;
	struct buf	 head;
	enum err	 r;

	buf_init(&head, 1024);
	if ((r = sealer_new(d->settings.master_key, &s)) == ERR_OK &&
	    (r = seal(s, CLI_BACKUP_AAD, zero, sizeof(zero), sealed)) ==
	    ERR_OK) {
		hex_encode(sealed, sizeof(sealed), text);
		clock_format(clock_us(), at);
		buf_printf(&head, "{\"identity_backup\":1,\"version\":\"%s\","
		    "\"schema_version\":%d,\"at\":\"%s\",\"check\":\"%s\"}\n",
		    VERSION_TEXT, db_migrate_version(), at, text);
		if ((r = buf_err(&head)) == ERR_OK)
			r = gzfile_add(f, head.data, head.len);
	}
	sealer_free(s);
	buf_clear(&head);
	return (r);
}

/* The backup is there; now the database knows of it. */
static int
cli_backup_done(struct cli_db *d, const char *file,
    const struct db_dump_total *t, long long bytes, int64_t ms)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct buf		 detail;
	int			 status;

	buf_init(&detail, 8192);
	buf_str(&detail, "{\"file\":");
	buf_json(&detail, file, strlen(file));
	buf_printf(&detail, ",\"rows\":%lld,\"bytes\":%lld}",
	    (long long)t->rows, bytes);
	db_i64(&p, bytes);
	db_i64(&p, ms);
	db_text(&p, detail.data);
	cli_db_origin(&p);
	buf_clear(&detail);
	status = cli_db_run(d, SQL_BACKUP_MADE, &p, &res);
	db_result_free(res);
	return (status);
}

/* ---- restore ------------------------------------------------------------- */

static int
cli_restore_run(struct cli_restore *x, const char *file, bool is_replace)
{
	bool		is_empty = false;
	enum err	r;
	int		status;

	if ((status = cli_restore_open(x, file)) != EXIT_STATUS_OK)
		return (status);
	if ((r = db_dump_is_empty(x->d.sync, &is_empty)) != ERR_OK)
		return (cli_backup_failed(&x->d, file, r));
	if (!is_empty && !is_replace) {
		cli_kit_say("restore", "the database is not empty; --replace "
		    "throws away what is in it");
		return (EXIT_STATUS_FAILED);
	}
	if ((r = db_dump_begin(x->d.sync)) != ERR_OK)
		return (cli_backup_failed(&x->d, file, r));
	if ((status = cli_restore_tables(x)) != EXIT_STATUS_OK)
		return (status);
	if ((r = db_dump_done(x->d.sync)) != ERR_OK)
		return (cli_backup_failed(&x->d, file, r));
	if ((status = cli_restore_audit(x)) != EXIT_STATUS_OK ||
	    (status = cli_restore_finish(x)) != EXIT_STATUS_OK)
		return (status);
	if ((r = db_dump_commit(x->d.sync)) != ERR_OK)
		return (cli_backup_failed(&x->d, file, r));
	return (EXIT_STATUS_OK);
}

/* The file, its head, the key, and a database of this schema. */
static int
cli_restore_open(struct cli_restore *x, const char *file)
{
	struct db_migrate_result	 m;
	struct settings			 s;
	enum err			 r;
	int				 status;

	if ((r = gzfile_open(file, &x->f)) != ERR_OK)
		return (cli_backup_failed(&x->d, file, r));
	if ((r = gzfile_line(x->f, &x->line)) != ERR_OK) {
		cli_kit_say("restore", "%s is no backup", file);
		return (EXIT_STATUS_FAILED);
	}
	if ((status = cli_kit_settings("restore", &s, true)) != CLI_CONTINUE) {
		settings_clear(&s);
		return (status);
	}
	r = db_migrate(s.database_url, false, &m);
	settings_clear(&s);
	if (r != ERR_OK) {
		cli_kit_say("restore", "%s", m.why);
		return (EXIT_STATUS_FAILED);
	}
	if ((status = cli_db_open(&x->d, "restore")) != EXIT_STATUS_OK)
		return (status);
	return (cli_restore_head(x));
}

static int
cli_restore_head(struct cli_restore *x)
{
	json_t		*o = NULL;
	const char	*at;
	const char	*by;
	json_int_t	 version;
	int		 status = EXIT_STATUS_FAILED;

	if (json_in_object(x->line.data, x->line.len, &o) != ERR_OK ||
	    json_integer_value(json_object_get(o, "identity_backup")) != 1 ||
	    (at = json_string_value(json_object_get(o, "at"))) == NULL ||
	    strlen(at) >= sizeof(x->made_at)) {
		cli_kit_say("restore", "the file is no backup of this "
		    "service");
		json_decref(o);
		return (status);
	}
	memcpy(x->made_at, at, strlen(at) + 1);
	version = json_integer_value(json_object_get(o, "schema_version"));
	by = json_string_value(json_object_get(o, "version"));
	if (version != db_migrate_version())
		cli_kit_say("restore", "the backup has schema %lld, this "
		    "program needs %d: restore it with the version that made "
		    "it (%s), then start this one", (long long)version,
		    db_migrate_version(), by != NULL ? by : "it does not say");
	else if (!cli_restore_key(x, o))
		cli_kit_say("restore", "the master key is not the one of the "
		    "backup: what is encrypted in it could not be read");
	else
		status = EXIT_STATUS_OK;
	json_decref(o);
	return (status);
}

static bool
cli_restore_key(struct cli_restore *x, json_t *head)
{
	json_t		*j = json_object_get(head, "check");
	uint8_t		 sealed[CLI_BACKUP_CHECK + SEAL_OVERHEAD];
	uint8_t		 zero[CLI_BACKUP_CHECK];
	struct sealer	*s = NULL;
	bool		 ok;

	ok = x->d.settings.has_master_key && json_is_string(j) &&
	    hex_decode(json_string_value(j), json_string_length(j), sealed,
	    sizeof(sealed)) == ERR_OK &&
	    cli_db_sealer(&x->d, &s) == ERR_OK &&
	    seal_open(s, CLI_BACKUP_AAD, sealed, sizeof(sealed), zero) ==
	    ERR_OK;
	sealer_free(s);
	return (ok);
}

/* Up to the line that says how many there were. */
static int
cli_restore_tables(struct cli_restore *x)
{
	json_t		*o, *end;
	enum err	 r;
	bool		 is_whole = false;

	while ((r = gzfile_line(x->f, &x->line)) == ERR_OK) {
		o = NULL;
		if ((r = json_in_object(x->line.data, x->line.len, &o)) !=
		    ERR_OK)
			break;
		if ((end = json_object_get(o, "end")) != NULL)
			is_whole = json_integer_value(json_object_get(end,
			    "tables")) == x->total.tables &&
			    json_integer_value(json_object_get(end,
			    "rows")) == x->total.rows;
		json_decref(o);
		if (end == NULL && (r = db_dump_read(x->d.sync, x->line.data,
		    x->line.len, x->f, &x->total)) != ERR_OK)
			break;
	}
	if (r == ERR_NOT_FOUND && is_whole)
		return (EXIT_STATUS_OK);
	cli_kit_say("restore", "the file is damaged or cut off%s%s",
	    r == ERR_DB ? ": " : "", r == ERR_DB ?
	    db_sync_error(x->d.sync) : "");
	return (EXIT_STATUS_FAILED);
}

/* Rows that were not sealed yet are, and then the count begins anew. */
static int
cli_restore_audit(struct cli_restore *x)
{
	struct audit_key	*key = NULL;
	bool			 is_more = true;
	int			 status = EXIT_STATUS_OK;

	if (audit_key_new(x->d.settings.master_key,
	    sizeof(x->d.settings.master_key), &key) != ERR_OK) {
		cli_kit_say("restore", "the key of the audit log cannot be "
		    "derived");
		return (EXIT_STATUS_FAILED);
	}
	while (is_more && status == EXIT_STATUS_OK)
		status = cli_restore_seal(&x->d, key, SQL_AUDIT_SEAL_REST,
		    &is_more);
	if (status == EXIT_STATUS_OK)
		status = cli_restore_seal(&x->d, key, SQL_AUDIT_SEAL_RESTORE,
		    &is_more);
	audit_key_free(key);
	return (status);
}

/* One seal whose line |q| makes; |*is_more| false: none was due. */
static int
cli_restore_seal(struct cli_db *d, struct audit_key *key, enum sql_id q,
    bool *is_more)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL, *added = NULL;
	struct db_row		 r;
	const char		*line;
	const uint8_t		*marks = NULL;
	uint8_t			 mac[SHA256_LEN];
	size_t			 len, n = 0;
	int			 status;

	if (q == SQL_AUDIT_SEAL_REST)
		db_i32(&p, 1000);
	if ((status = cli_db_run(d, q, &p, &res)) != EXIT_STATUS_OK)
		return (status);
	*is_more = db_result_rows(res) > 0;
	if (!*is_more)
		goto done;
	r = db_row_at(res, 0);
	line = db_row_str(&r, "line", &len);
	if (q == SQL_AUDIT_SEAL_REST)
		marks = db_row_blob(&r, "marks", &n);
	status = EXIT_STATUS_FAILED;
	if (r.err != ERR_OK || line == NULL ||
	    audit_key_mac(key, line, len, mac) != ERR_OK) {
		cli_kit_say(d->cmd, "the audit log cannot be sealed");
		goto done;
	}
	db_text_len(&p, line, len);
	db_bytes(&p, mac, sizeof(mac));
	db_text(&p, audit_key_id(key));
	if (marks != NULL)
		db_bytes(&p, marks, n);
	else
		db_null(&p);
	status = cli_db_run(d, SQL_AUDIT_SEAL_ADD, &p, &added);
done:
	db_result_free(added);
	db_result_free(res);
	return (status);
}

static int
cli_restore_finish(struct cli_restore *x)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct buf		 detail;
	int			 status;

	buf_init(&detail, 256);
	buf_printf(&detail, "{\"made_at\":\"%s\",\"rows\":%lld}", x->made_at,
	    (long long)x->total.rows);
	db_text(&p, detail.data);
	cli_db_origin(&p);
	buf_clear(&detail);
	status = cli_db_run(&x->d, SQL_DATABASE_RESTORED, &p, &res);
	db_result_free(res);
	return (status);
}

static int
cli_backup_failed(struct cli_db *d, const char *file, enum err r)
{
	const char	*cmd = d->cmd != NULL ? d->cmd : "restore";

	if (r == ERR_IO)
		cli_kit_say(cmd, "%s: %s", file, strerror(errno));
	else if (d->sync != NULL && db_sync_error(d->sync)[0] != '\0')
		cli_kit_say(cmd, "%s", db_sync_error(d->sync));
	else
		cli_kit_say(cmd, "%s", err_text(r));
	return (EXIT_STATUS_FAILED);
}
