/*
 * cli_reseal - identityd reseal: what was sealed under the master key before is
 * sealed under the present one, a page at a time, while the service runs.
 * Ref: security.md 3.10.
 */
#include <string.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "codec.h"
#include "command.h"
#include "mem.h"
#include "seal.h"
#include "str.h"

#define CLI_RESEAL_PAGE		200
#define CLI_RESEAL_MAX		(1024 * 1024)	/* bytes of one secret */
#define CLI_RESEAL_ID_LEN	64

struct cli_reseal {
	struct cli_db	 d;
	struct sealer	*sealer;
	const char	*place;
	char		 after[CLI_RESEAL_ID_LEN];	/* "": from the start */
	struct buf	 rows;
	int64_t		 done, lost;
};

/* Table and column; with the id behind them, the additional data of a seal. */
static const char *const	cli_reseal_places[] = {
	"provider/secrets", "token_key/secret", "totp/secret",
	"webhook/secret", "outbox/payload"
};

static const char	cli_reseal_help[] =
    "usage: identityd reseal [--json]\n\n"
    "After a change of the master key: seals the secrets of providers,\n"
    "webhooks, token keys and authenticator apps under IDENTITY_MASTER_KEY\n"
    "that were sealed under IDENTITY_MASTER_KEY_OLD.  The service may run,\n"
    "with both set.  Exit 1 if one can be opened with neither; the others\n"
    "are done.\n\n"
    "  --json    answer with {\"resealed\",\"unreadable\"}\n";

static int	cli_reseal_start(struct cli_reseal *x);
static int	cli_reseal_place(struct cli_reseal *x);
static int	cli_reseal_page(struct cli_reseal *x,
		    const struct db_result *res);
static enum err	cli_reseal_row(struct cli_reseal *x, const char *id,
		    const uint8_t *p, size_t len);
static void	cli_reseal_hex(struct buf *out, const uint8_t *p, size_t len);

int
cli_reseal(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "reseal", cli_reseal_help, options,
	    COUNT(options) };
	struct cli_reseal	 x;
	struct buf		 out;
	size_t			 i;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	memset(&x, 0, sizeof(x));
	buf_init(&x.rows, CLI_OUT_MAX);
	if ((status = cli_db_open(&x.d, "reseal")) == EXIT_STATUS_OK)
		status = cli_reseal_start(&x);
	for (i = 0; i < COUNT(cli_reseal_places) &&
	    status == EXIT_STATUS_OK; i++) {
		x.place = cli_reseal_places[i];
		status = cli_reseal_place(&x);
	}
	if (status == EXIT_STATUS_OK) {
		buf_init(&out, CLI_OUT_MAX);
		buf_printf(&out, is_json ? "{\"resealed\":%lld,"
		    "\"unreadable\":%lld}\n" : "%lld sealed anew, %lld cannot "
		    "be opened\n", (long long)x.done, (long long)x.lost);
		status = cli_kit_print("reseal", &out);
	}
	if (status == EXIT_STATUS_OK && x.lost > 0) {
		cli_kit_say("reseal", "%lld secrets are sealed under neither "
		    "master key", (long long)x.lost);
		status = EXIT_STATUS_FAILED;
	}
	buf_clear(&x.rows);
	sealer_free(x.sealer);
	cli_db_close(&x.d);
	return (status);
}

static int
cli_reseal_start(struct cli_reseal *x)
{
	const struct settings	*s = &x->d.settings;
	enum err		 r;

	if (!s->has_master_key || !s->has_master_old) {
		cli_kit_say("reseal", "needs both: the present master key, and "
		    "the one before in IDENTITY_MASTER_KEY_OLD");
		return (EXIT_STATUS_USAGE);
	}
	if ((r = cli_db_sealer(&x->d, &x->sealer)) == ERR_OK)
		return (EXIT_STATUS_OK);
	cli_kit_say("reseal", "%s", err_text(r));
	return (EXIT_STATUS_FAILED);
}

/* All pages of one column. */
static int
cli_reseal_place(struct cli_reseal *x)
{
	struct db_params	 p;
	struct db_result	*res;
	int			 n, status;

	x->after[0] = '\0';
	do {
		p = (struct db_params)DB_PARAMS_INIT;
		res = NULL;
		db_text(&p, x->place);
		db_bytes(&p, seal_head(x->sealer), SEAL_HEAD_LEN);
		db_text(&p, x->after[0] != '\0' ? x->after : NULL);
		db_i32(&p, CLI_RESEAL_PAGE);
		if ((status = cli_db_run(&x->d, SQL_RESEAL_LIST, &p, &res)) !=
		    EXIT_STATUS_OK)
			return (status);
		n = db_result_rows(res);
		status = cli_reseal_page(x, res);
		db_result_free(res);
	} while (n == CLI_RESEAL_PAGE && status == EXIT_STATUS_OK);
	return (status);
}

static int
cli_reseal_page(struct cli_reseal *x, const struct db_result *res)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct db_result	*put = NULL;
	struct db_row		 row;
	const uint8_t		*sealed;
	size_t			 len;
	enum err		 r = ERR_OK;
	int			 i, status;

	buf_clear(&x->rows);
	buf_init(&x->rows, CLI_OUT_MAX);
	for (i = 0; i < db_result_rows(res) && r == ERR_OK; i++) {
		row = db_row_at(res, i);
		db_row_text(&row, "id", x->after, sizeof(x->after));
		sealed = db_row_blob(&row, "sealed", &len);
		if ((r = row.err) == ERR_OK)
			r = cli_reseal_row(x, x->after, sealed, len);
		if (r == ERR_SIGNATURE || r == ERR_FORMAT) {
			x->lost++;
			r = ERR_OK;
		}
	}
	if (x->rows.len == 0 && r == ERR_OK)
		return (EXIT_STATUS_OK);
	buf_char(&x->rows, ']');
	if (r != ERR_OK || (r = buf_err(&x->rows)) != ERR_OK) {
		cli_kit_say("reseal", "%s: %s", x->place, err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	db_text(&p, x->place);
	db_text(&p, x->rows.data);
	cli_db_origin(&p);
	if ((status = cli_db_run(&x->d, SQL_RESEAL_PUT, &p, &put)) ==
	    EXIT_STATUS_OK) {
		row = db_row_at(put, 0);
		x->done += db_row_i64(&row, "n");
	}
	db_result_free(put);
	return (status);
}

/* Appends one row for reseal_put.  ERR_SIGNATURE, ERR_FORMAT: nobody's. */
static enum err
cli_reseal_row(struct cli_reseal *x, const char *id, const uint8_t *p,
    size_t len)
{
	uint8_t		*plain = NULL, *sealed = NULL;
	char		 aad[CLI_RESEAL_ID_LEN + 32];
	size_t		 n = len - SEAL_OVERHEAD;
	enum err	 r;

	if (len < SEAL_OVERHEAD || len > CLI_RESEAL_MAX)
		return (ERR_FORMAT);
	if ((r = str_printf(aad, sizeof(aad), "%s/%s", x->place, id)) !=
	    ERR_OK)
		return (r);
	if ((plain = mem_new(n + 1)) == NULL ||
	    (sealed = mem_new(len)) == NULL) {
		r = ERR_NOMEM;
		goto done;
	}
	if ((r = seal_open(x->sealer, aad, p, len, plain)) != ERR_OK ||
	    (r = seal(x->sealer, aad, plain, n, sealed)) != ERR_OK)
		goto done;
	buf_str(&x->rows, x->rows.len == 0 ? "[{\"id\":" : ",{\"id\":");
	buf_json(&x->rows, id, strlen(id));
	buf_str(&x->rows, ",\"was\":\"");
	cli_reseal_hex(&x->rows, p, len);
	buf_str(&x->rows, "\",\"now\":\"");
	cli_reseal_hex(&x->rows, sealed, len);
	buf_str(&x->rows, "\"}");
done:
	if (plain != NULL)
		mem_free_secret(plain, n + 1);
	mem_free(sealed);
	return (r);
}

static void
cli_reseal_hex(struct buf *out, const uint8_t *p, size_t len)
{
	char	text[CODEC_HEX_LEN(1) + 1];
	size_t	i;

	for (i = 0; i < len; i++) {
		hex_encode(p + i, 1, text);
		buf_add(out, text, CODEC_HEX_LEN(1));
	}
}
