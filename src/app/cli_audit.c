/*
 * cli_audit - identityd audit verify: is the log what it was when it was
 * sealed?  In the database, with the key; or in an exported file, with nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "audit_chain.h"
#include "audit_export.h"
#include "cli.h"
#include "cli_audit.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "codec.h"
#include "command.h"
#include "mem.h"
#include "str.h"

#define CLI_AUDIT_SEALS		20	/* of one statement; 40 KiB each */

static const char	cli_audit_help[] =
    "usage: identityd audit verify [--export FILE] [--head NO:HASH]\n"
    "                              [--json]\n";

static const char	cli_audit_verify_help[] =
    "usage: identityd audit verify [--export FILE] [--head NO:HASH] [--json]\n"
    "\n"
    "Checks that the audit log is as it was when it was sealed, and says the\n"
    "first thing that is not.  Exit 0: it is.  Exit 1: it is not.\n\n"
    "  --export FILE   check this file, which the console exported (NDJSON,\n"
    "                  no filter but time), instead of the database; needs\n"
    "                  neither database nor key\n"
    "  --head NO:HASH  a seal that was noted earlier (the service's log and\n"
    "                  this command print them) must be in it: finds an end\n"
    "                  that was cut off\n"
    "  --json          answer with {\"ok\",\"rows\",\"seals\",...}\n";

static int	cli_audit_verify(int argc, char **argv);
static bool	cli_audit_head(const char *text, struct audit_check *c);
static int	cli_audit_database(struct audit_check *c);
static int	cli_audit_seals(struct cli_db *d, struct audit_check *c,
		    int64_t *after, enum err *verdict);
static int	cli_audit_rows(struct cli_db *d, struct audit_check *c,
		    int64_t no, enum err *verdict);
static int	cli_audit_file(const char *path, struct audit_check *c);
static enum err	cli_audit_read(FILE *f, struct audit_export *e);
static int	cli_audit_verdict(struct audit_check *c, bool is_json,
		    enum err verdict);

static const struct cli_sub	cli_audit_subs[] = {
	{ "verify", cli_audit_verify },
};

int
cli_audit(int argc, char **argv)
{
	return (cli_kit_sub(cli_audit_subs, COUNT(cli_audit_subs),
	    cli_audit_help, argc, argv));
}

static int
cli_audit_verify(int argc, char **argv)
{
	const char		*file = NULL, *head = NULL;
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "export", .text = &file },
		{ .name = "head", .text = &head },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "audit verify",
	    cli_audit_verify_help, options, COUNT(options) };
	struct audit_check	 c;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	audit_check_init(&c, NULL, 0);
	if (head != NULL && !cli_audit_head(head, &c))
		status = cli_kit_wrong("audit verify",
		    "--head: \"%s\" is not NO:HASH", head);
	else if (file != NULL)
		status = cli_audit_file(file, &c);
	else
		status = cli_audit_database(&c);
	if (status == EXIT_STATUS_OK || c.why[0] != '\0')
		status = cli_audit_verdict(&c, is_json,
		    status == EXIT_STATUS_OK ? ERR_OK : ERR_SIGNATURE);
	audit_check_clear(&c);
	return (status);
}

static bool
cli_audit_head(const char *text, struct audit_check *c)
{
	const char	*colon = strchr(text, ':');
	uint8_t		 hash[SHA256_LEN];
	int64_t		 no;

	if (colon == NULL || str_int(text, (size_t)(colon - text), 1,
	    INT64_MAX, &no) != ERR_OK || hex_decode(colon + 1,
	    strlen(colon + 1), hash, sizeof(hash)) != ERR_OK)
		return (false);
	audit_check_head(c, no, hash);
	return (true);
}

/* ---- the database -------------------------------------------------------- */

/* EXIT_STATUS_OK: nothing is wrong; c->why says what is. */
static int
cli_audit_database(struct audit_check *c)
{
	struct cli_db	d;
	int		status;

	if ((status = cli_db_open(&d, "audit verify")) == EXIT_STATUS_OK)
		status = cli_audit_check(&d, c);
	cli_db_close(&d);
	return (status);
}

int
cli_audit_check(struct cli_db *d, struct audit_check *c)
{
	struct audit_key	*key = NULL;
	enum err		 verdict = ERR_OK;
	int64_t			 after = 0, last;
	int			 status = EXIT_STATUS_OK;

	if (d->settings.has_master_key && audit_key_new(
	    d->settings.master_key, sizeof(d->settings.master_key), &key) !=
	    ERR_OK) {
		cli_kit_say(d->cmd, "the key of the chain cannot be derived");
		return (EXIT_STATUS_FAILED);
	}
	if (key == NULL)
		cli_kit_say(d->cmd, "no master key here: only what needs none "
		    "is checked");
	c->key = key;
	do {
		last = after;
		status = cli_audit_seals(d, c, &after, &verdict);
	} while (status == EXIT_STATUS_OK && verdict == ERR_OK &&
	    after > last);
	if (status == EXIT_STATUS_OK && verdict == ERR_OK)
		verdict = audit_check_end(c);
	c->key = NULL;
	audit_key_free(key);
	return (status == EXIT_STATUS_OK && verdict != ERR_OK ?
	    EXIT_STATUS_FAILED : status);
}

/* Some more seals; |*after| moves on to the last of them. */
static int
cli_audit_seals(struct cli_db *d, struct audit_check *c, int64_t *after,
    enum err *verdict)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct audit_claim	 claim;
	struct db_row		 r;
	uint8_t			 hash[SHA256_LEN], mac[SHA256_LEN];
	int			 i, status;

	db_i64(&p, *after);
	db_i32(&p, CLI_AUDIT_SEALS);
	status = cli_db_run(d, SQL_AUDIT_VERIFY_SEALS, &p, &res);
	for (i = 0; status == EXIT_STATUS_OK && *verdict == ERR_OK &&
	    i < db_result_rows(res); i++) {
		r = db_row_at(res, i);
		memset(&claim, 0, sizeof(claim));
		claim.line = db_row_str(&r, "line", &claim.line_len);
		claim.key_id = db_row_str(&r, "key_id", NULL);
		claim.marks = db_row_blob(&r, "marks", &claim.marks_len);
		db_row_bytes(&r, "hash", hash, sizeof(hash));
		db_row_bytes(&r, "mac", mac, sizeof(mac));
		claim.hash = hash;
		claim.mac = mac;
		*after = db_row_i64(&r, "no");
		c->gone = db_row_i64(&r, "gone");
		if (!db_row_bool(&r, "agrees") && r.err == ERR_OK) {
			*verdict = ERR_SIGNATURE;
			if (str_printf(c->why, sizeof(c->why), "seal %lld: its "
			    "columns do not say what its line says",
			    (long long)*after) != ERR_OK)
				*verdict = ERR_SPACE;
		} else if (r.err == ERR_OK) {
			status = cli_audit_rows(d, c, *after, verdict);
			if (status == EXIT_STATUS_OK && *verdict == ERR_OK)
				*verdict = audit_check_seal(c, &claim);
		} else
			status = EXIT_STATUS_FAILED;
	}
	db_result_free(res);
	return (status);
}

static int
cli_audit_rows(struct cli_db *d, struct audit_check *c, int64_t no,
    enum err *verdict)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 r;
	const char		*line;
	size_t			 len;
	int			 i, status;

	if (no <= c->gone)
		return (EXIT_STATUS_OK);
	db_i64(&p, no);
	status = cli_db_run(d, SQL_AUDIT_VERIFY_ROWS, &p, &res);
	for (i = 0; status == EXIT_STATUS_OK && *verdict == ERR_OK &&
	    i < db_result_rows(res); i++) {
		r = db_row_at(res, i);
		line = db_row_str(&r, "line", &len);
		*verdict = line == NULL ? ERR_DB :
		    audit_check_row(c, line, len);
	}
	db_result_free(res);
	return (status);
}

/* ---- a file -------------------------------------------------------------- */

/* Read twice: the newest purge, which comes last, says what may be missing. */
static int
cli_audit_file(const char *path, struct audit_check *c)
{
	struct audit_export	 look = { .check = c, .is_looking = true };
	struct audit_export	 e = { .check = c };
	enum err		 r;
	FILE			*f;

	if ((f = fopen(path, "r")) == NULL) {
		cli_kit_say("audit verify", "%s: %s", path, strerror(errno));
		return (EXIT_STATUS_FAILED);
	}
	if ((r = cli_audit_read(f, &look)) == ERR_OK) {
		c->gone = look.gone;
		rewind(f);
		r = cli_audit_read(f, &e);
	}
	(void)fclose(f);
	if (r != ERR_OK && c->why[0] == '\0')
		cli_kit_say("audit verify", "%s: %s", path, err_text(r));
	return (r == ERR_OK ? EXIT_STATUS_OK : EXIT_STATUS_FAILED);
}

static enum err
cli_audit_read(FILE *f, struct audit_export *e)
{
	struct buf	line;
	enum err	r = ERR_OK;
	int		ch;

	buf_init(&line, AUDIT_EXPORT_LINE_MAX);
	while (r == ERR_OK && (ch = getc_unlocked(f)) != EOF) {
		if (ch != '\n') {
			buf_char(&line, (char)ch);
			continue;
		}
		if ((r = buf_err(&line)) == ERR_OK)
			r = audit_export_line(e, line.len > 0 ? line.data : "",
			    line.len);
		buf_reset(&line);
	}
	if (r == ERR_OK && ferror(f))
		r = ERR_IO;
	buf_clear(&line);
	return (r != ERR_OK ? r : audit_export_end(e));
}

/* ---- what comes out ------------------------------------------------------ */

static int
cli_audit_verdict(struct audit_check *c, bool is_json, enum err verdict)
{
	struct buf	out;
	char		hash[CODEC_HEX_LEN(SHA256_LEN) + 1];
	int		status;

	hex_encode(c->last_hash, sizeof(c->last_hash), hash);
	buf_init(&out, CLI_OUT_MAX);
	if (is_json) {
		buf_printf(&out, "{\"ok\":%s,\"rows\":%lld,\"seals\":%lld,"
		    "\"purged\":%lld,\"other_key\":%lld,\"head\":",
		    verdict == ERR_OK ? "true" : "false", (long long)c->rows,
		    (long long)c->seals, (long long)c->purged,
		    (long long)c->unkeyed);
		if (c->has_last)
			buf_printf(&out, "\"%lld:%s\"", (long long)c->last.no,
			    hash);
		else
			buf_str(&out, "null");
		buf_str(&out, ",\"problem\":");
		if (verdict == ERR_OK)
			buf_str(&out, "null");
		else
			buf_json(&out, c->why, strlen(c->why));
		buf_str(&out, "}\n");
	} else if (verdict == ERR_OK) {
		buf_printf(&out, "%lld rows in %lld seals are as they were "
		    "sealed; %lld rows were purged\n", (long long)c->rows,
		    (long long)c->seals, (long long)c->purged);
		if (c->has_last)
			buf_printf(&out, "head %lld:%s of %s\n",
			    (long long)c->last.no, hash, c->last.at);
		if (c->unkeyed > 0)
			buf_printf(&out, "%lld seals are of another master "
			    "key: only their hashes were checked\n",
			    (long long)c->unkeyed);
	}
	status = cli_kit_print("audit verify", &out);
	if (verdict == ERR_OK)
		return (status);
	cli_kit_say("audit verify", "%s", c->why);
	return (EXIT_STATUS_FAILED);
}
