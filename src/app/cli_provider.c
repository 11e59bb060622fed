/*
 * cli_provider - identityd provider list, apply, test.  Providers are
 * documents (api.md s.6); a secret that went in never comes out again.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "cli_db.h"
#include "cli_kit.h"
#include "command.h"
#include "contact.h"
#include "deliver_set.h"
#include "json_in.h"
#include "mem.h"
#include "mx.h"
#include "outbound.h"
#include "probe.h"
#include "provider_store.h"
#include "provider_view.h"
#include "seal.h"
#include "str.h"

/* Providers as they are stored, and what it takes to read them. */
struct cli_providers {
	struct sealer		*sealer;
	struct db_result	*rows;
	struct deliver_set	*set;
};

/* One test, from the call to what is printed. */
struct cli_probe {
	struct probe	probe;
	struct buf	out;
	bool		is_json;
};

static const char	cli_provider_help[] =
    "usage: identityd provider list [--json]\n"
    "       identityd provider apply FILE.json [--json]\n"
    "       identityd provider test NAME --to DESTINATION [--text TEXT]\n"
    "           [--json]\n";

static const char	cli_provider_list_help[] =
    "usage: identityd provider list [--json]\n\n"
    "Shows the providers that deliver codes, secrets masked. Carriers'\n"
    "gateways that are gone are told on standard error.\n";

static const char	cli_provider_apply_help[] =
    "usage: identityd provider apply FILE.json [--json]\n\n"
    "Makes the provider that the document describes, or replaces the one of\n"
    "that name. Secrets that the document leaves out stay as they are. FILE -\n"
    "reads standard input.\n";

static const char	cli_provider_test_help[] =
    "usage: identityd provider test NAME --to DESTINATION [--text TEXT]\n"
    "           [--json]\n\n"
    "Sends a message through this provider and shows what was said on both\n"
    "sides. A text message counts towards the ceiling of what may be spent.\n\n"
    "  --to DESTINATION  a mobile number, or for mail servers an address\n"
    "  --text TEXT       instead of the text of a sign-in code\n"
    "  --json            answer with one object\n";

static int	cli_provider_list(int argc, char **argv);
static int	cli_provider_apply(int argc, char **argv);
static int	cli_provider_test(int argc, char **argv);
static int	cli_providers_open(struct cli_db *d, const char *name,
		    struct cli_providers *p);
static void	cli_providers_close(struct cli_providers *p);
static int	cli_provider_print(struct cli_db *d, struct cli_providers *p,
		    bool is_json);
static int	cli_provider_warn(struct cli_db *d);
static int	cli_provider_read(const char *cmd, const char *file,
		    json_t **out);
static int	cli_provider_save(struct cli_db *d, json_t *doc,
		    bool is_json);
static int	cli_provider_look(struct cli_db *d,
		    const struct provider *p);
static int	cli_provider_store(struct cli_db *d, struct cli_providers *old,
		    struct provider *p);
static int	cli_provider_wrong(const char *cmd,
		    const struct provider_errors *e);
static int	cli_provider_probe(struct cli_db *d, const char *name,
		    const char *to, const struct probe_ask *ask,
		    bool is_json);
static int	cli_provider_may(struct cli_db *d, struct probe_ask *a,
		    char carrier[65]);
static void	cli_provider_answered(void *arg,
		    const struct outbound_result *r);
static int	cli_provider_end(struct cli_db *d, const struct cli_probe *x);
static void	cli_provider_accepted(const struct verdict *v,
		    struct buf *out);

static const struct cli_sub	cli_provider_subs[] = {
	{ "list", cli_provider_list },
	{ "apply", cli_provider_apply },
	{ "test", cli_provider_test },
};

int
cli_provider(int argc, char **argv)
{
	return (cli_kit_sub(cli_provider_subs, COUNT(cli_provider_subs),
	    cli_provider_help, argc, argv));
}

/* ---- list ---------------------------------------------------------------- */

static int
cli_provider_list(int argc, char **argv)
{
	bool			 is_json = false;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "provider list",
	    cli_provider_list_help, options, COUNT(options) };
	struct cli_providers	 p = { NULL, NULL, NULL };
	struct cli_db		 d;
	int			 status;

	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if ((status = cli_db_open(&d, "provider list")) == EXIT_STATUS_OK &&
	    (status = cli_providers_open(&d, NULL, &p)) == EXIT_STATUS_OK)
		status = cli_provider_print(&d, &p, is_json);
	if (status == EXIT_STATUS_OK)
		status = cli_provider_warn(&d);
	cli_providers_close(&p);
	cli_db_close(&d);
	return (status);
}

/* Gateways that are gone (deliver/mx.h), on standard error. */
static int
cli_provider_warn(struct cli_db *d)
{
	struct db_params	 q = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	int			 status, i;

	if ((status = cli_db_run(d, SQL_CARRIER_DOMAIN_LIST, &q, &res)) !=
	    EXIT_STATUS_OK)
		return (status);
	for (i = 0; i < db_result_rows(res); i++) {
		row = db_row_at(res, i);
		if (!db_row_is_null(&row, "mx_ok") &&
		    !db_row_bool(&row, "mx_ok"))
			cli_kit_say(d->cmd, "carrier gateway %s: %s",
			    db_row_str(&row, "domain", NULL),
			    db_row_str(&row, "mx_reason", NULL));
	}
	db_result_free(res);
	return (status);
}

/* The set leaves out what cannot be read, so rows are found by name. */
static int
cli_provider_print(struct cli_db *d, struct cli_providers *p, bool is_json)
{
	struct buf	 out;
	struct db_row	 row;
	const char	*name, *sep = "";
	int		 i, k;

	buf_init(&out, CLI_OUT_MAX);
	if (is_json)
		buf_char(&out, '[');
	for (i = 0; i < db_result_rows(p->rows); i++) {
		row = db_row_at(p->rows, i);
		name = db_row_str(&row, "name", NULL);
		k = deliver_set_find(p->set, name);
		if (is_json && k >= 0) {
			buf_str(&out, sep);
			provider_view_json(p->set->p[k].p,
			    db_row_str(&row, "about", NULL), &out);
			sep = ",";
		} else if (!is_json)
			buf_printf(&out, "%-24s  %-13s  %5lld  %s\n", name,
			    db_row_str(&row, "type", NULL),
			    (long long)db_row_i64(&row, "priority"),
			    k < 0 ? "unreadable" :
			    db_row_str(&row, "state", NULL));
	}
	if (is_json)
		buf_str(&out, "]\n");
	return (cli_kit_print(d->cmd, &out));
}

/* ---- apply --------------------------------------------------------------- */

static int
cli_provider_apply(int argc, char **argv)
{
	bool			 is_json = false;
	const char		*file;
	const struct cli_option	 options[] = {
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "provider apply",
	    cli_provider_apply_help, options, COUNT(options) };
	struct cli_db		 d;
	json_t			*doc = NULL;
	int			 status;

	/* The file stands before the options. */
	file = argc > 1 && (argv[1][0] != '-' || argv[1][1] == '\0') ?
	    argv[1] : NULL;
	if (file != NULL) {
		argc--;
		argv++;
	}
	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (file == NULL)
		return (cli_kit_wrong("provider apply", "FILE is missing"));
	if ((status = cli_provider_read("provider apply", file, &doc)) !=
	    EXIT_STATUS_OK)
		return (status);
	if ((status = cli_db_open(&d, "provider apply")) == EXIT_STATUS_OK)
		status = cli_provider_save(&d, doc, is_json);
	cli_db_close(&d);
	json_decref(doc);
	return (status);
}

static int
cli_provider_read(const char *cmd, const char *file, json_t **out)
{
	struct buf	text;
	char		part[4096];
	ssize_t		n;
	int		fd, status = EXIT_STATUS_FAILED;
	bool		is_stdin = strcmp(file, "-") == 0;

	fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		cli_kit_say(cmd, "cannot read %s", file);
		return (EXIT_STATUS_FAILED);
	}
	buf_init(&text, PROVIDER_DOC_MAX);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(&text, part, (size_t)n);
	mem_wipe(part, sizeof(part));
	if (n < 0)
		cli_kit_say(cmd, "cannot read %s", file);
	else if (buf_err(&text) != ERR_OK)
		cli_kit_say(cmd, "%s is too long", file);
	else if (json_in_object(text.data != NULL ? text.data : "", text.len,
	    out) != ERR_OK)
		cli_kit_say(cmd, "%s is not one JSON object", file);
	else
		status = EXIT_STATUS_OK;
	buf_clear(&text);
	if (!is_stdin)
		(void)close(fd);
	return (status);
}

static int
cli_provider_save(struct cli_db *d, json_t *doc, bool is_json)
{
	const char		*name;
	struct cli_providers	 old = { NULL, NULL, NULL };
	struct provider_errors	 errs;
	struct provider		*p = NULL;
	enum err		 e;
	int			 status;

	name = json_string_value(json_object_get(doc, "name"));
	if ((status = cli_providers_open(d, name != NULL ? name : "", &old)) !=
	    EXIT_STATUS_OK)
		goto done;
	const struct provider_parse_args	a = {
		.doc = doc, .allow = &d->settings.egress_allow,
		.old = old.set->n > 0 ? old.set->p[0].p : NULL,
	};
	memset(&errs, 0, sizeof(errs));
	if ((e = provider_parse(&a, &p, &errs)) == ERR_FORMAT)
		status = cli_provider_wrong(d->cmd, &errs);
	else if (e != ERR_OK) {
		cli_kit_say(d->cmd, "%s", err_text(e));
		status = EXIT_STATUS_FAILED;
	} else if ((status = cli_provider_look(d, p)) == EXIT_STATUS_OK)
		status = cli_provider_store(d, &old, p);
	cli_providers_close(&old);
	if (status == EXIT_STATUS_OK &&
	    (status = cli_providers_open(d, p->name, &old)) == EXIT_STATUS_OK)
		status = cli_provider_print(d, &old, is_json);
done:
	cli_providers_close(&old);
	provider_free(p);
	return (status);
}

/* A carrier's domain that is none; one that nobody answers for is let be. */
static int
cli_provider_look(struct cli_db *d, const struct provider *p)
{
	const char		*domains[CARRIERS_MAX];
	char			 why[MAIL_DOMAIN_WHY_LEN + 1];
	struct sockaddr_in	 at;
	const struct sockaddr_in *server = mx_server(&d->settings, &at);
	size_t			 i, n = mx_own_domains(p, domains);
	enum mail_domain	 is = MAIL_DOMAIN_OK;

	for (i = 0; i < n && is != MAIL_DOMAIN_UNKNOWN; i++) {
		is = mail_domain_ask(domains[i], server, why);
		if (is == MAIL_DOMAIN_NONE) {
			cli_kit_say(d->cmd, "carriers: there is no domain %s",
			    domains[i]);
			return (EXIT_STATUS_FAILED);
		}
	}
	return (EXIT_STATUS_OK);
}

static int
cli_provider_store(struct cli_db *d, struct cli_providers *old,
    struct provider *p)
{
	struct db_params	 q = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct provider_save	 save = { .p = p, .sealer = old->sealer };
	enum err		 e;
	int			 status;

	if (old->set->n > 0)
		save.id = old->set->id[0];
	else
		uuid_make(&save.id);
	if ((e = provider_store_save_params(&q, &save)) != ERR_OK) {
		db_params_clear(&q);
		cli_kit_say(d->cmd, "%s", err_text(e));
		return (EXIT_STATUS_FAILED);
	}
	db_null(&q);				/* the command line */
	cli_db_origin(&q);
	status = cli_db_run(d, SQL_PROVIDER_SAVE, &q, &res);
	db_result_free(res);
	return (status);
}

static int
cli_provider_wrong(const char *cmd, const struct provider_errors *e)
{
	size_t	i;

	for (i = 0; i < e->n; i++)
		cli_kit_say(cmd, "%s: %s", e->v[i].field, e->v[i].message);
	return (EXIT_STATUS_FAILED);
}

/* ---- test ---------------------------------------------------------------- */

static int
cli_provider_test(int argc, char **argv)
{
	bool			 is_json = false;
	const char		*name, *to = NULL;
	struct probe_ask	 ask = { .carrier = "", .host = "",
				    .brand = "Identity Services" };
	const struct cli_option	 options[] = {
		{ .name = "to", .text = &to },
		{ .name = "text", .text = &ask.text },
		{ .name = "json", .flag = &is_json },
	};
	const struct cli_page	 page = { "provider test",
	    cli_provider_test_help, options, COUNT(options) };
	struct cli_db		 d;
	int			 status;

	name = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	if (name != NULL) {
		argc--;
		argv++;
	}
	if ((status = cli_kit_options(&page, argc, argv)) != CLI_CONTINUE)
		return (status);
	if (name == NULL)
		return (cli_kit_wrong("provider test", "NAME is missing"));
	if (to == NULL)
		return (cli_kit_wrong("provider test", "--to is missing"));
	if ((status = cli_db_open(&d, "provider test")) == EXIT_STATUS_OK)
		status = cli_provider_probe(&d, name, to, &ask, is_json);
	cli_db_close(&d);
	return (status);
}

static int
cli_provider_probe(struct cli_db *d, const char *name, const char *to,
    const struct probe_ask *ask, bool is_json)
{
	struct cli_providers	p = { NULL, NULL, NULL };
	struct cli_probe	x = { .is_json = is_json };
	struct probe_ask	a = *ask;
	char			dest[EMAIL_MAX_LEN + 1], carrier[65];
	int			i, status;

	/* All of them: a carrier's gateway needs its mail server. */
	if ((status = cli_providers_open(d, NULL, &p)) != EXIT_STATUS_OK)
		goto done;
	status = EXIT_STATUS_FAILED;
	if ((i = deliver_set_find(p.set, name)) < 0) {
		cli_kit_say(d->cmd, "there is no provider named %s", name);
		goto done;
	}
	if (probe_to(p.set->p[i].p, to, d->country_code, dest) != ERR_OK) {
		cli_kit_say(d->cmd, "--to: %s", provider_is_sms(p.set->p[i].p) ?
		    "a mobile number" : "an e-mail address");
		goto done;
	}
	a.set = p.set;
	a.provider = (size_t)i;
	a.to = dest;
	a.carrier = carrier;
	uuid_make(&a.id);
	if ((status = cli_provider_may(d, &a, carrier)) != EXIT_STATUS_OK)
		goto done;
	buf_init(&x.out, PROBE_JSON_MAX);
	outbound_init(&d->settings);
	if (!probe_make(&x.probe, &a))
		probe_json(&x.probe, NULL, &x.out);
	else if (outbound_run(&x.probe.work.call, cli_provider_answered,
	    &x) != ERR_OK)
		cli_kit_say(d->cmd, "out of memory");
	status = cli_provider_end(d, &x);
	buf_clear(&x.out);
	probe_clear(&x.probe);
done:
	cli_providers_close(&p);
	return (status);
}

static int
cli_provider_may(struct cli_db *d, struct probe_ask *a, char carrier[65])
{
	struct db_params	 q = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct db_row		 row;
	char			 masked[CONTACT_MASK_LEN + 1], outcome[32];
	int			 status;

	contact_mask(a->to, masked);
	db_uuid(&q, &a->set->id[a->provider]);
	db_uuid(&q, &a->id);
	db_text(&q, a->to[0] == '+' ? "sms" : "email");
	db_text(&q, a->to);
	db_text(&q, masked);
	db_null(&q);
	cli_db_origin(&q);
	if ((status = cli_db_run(d, SQL_PROVIDER_TEST_BEGIN, &q, &res)) !=
	    EXIT_STATUS_OK)
		return (status);
	row = db_row_at(res, 0);
	db_row_text(&row, "outcome", outcome, sizeof(outcome));
	db_row_text(&row, "carrier", carrier, 65);
	if (strcmp(outcome, "ok") != 0) {
		cli_kit_say(d->cmd, "not sent: %s", strcmp(outcome,
		    "refused") == 0 ? db_row_str(&row, "reason", NULL) :
		    "more than ten tests in ten minutes");
		status = EXIT_STATUS_FAILED;
	}
	db_result_free(res);
	return (status);
}

static void
cli_provider_answered(void *arg, const struct outbound_result *r)
{
	struct cli_probe	*x = arg;

	probe_judge(&x->probe, r);
	probe_json(&x->probe, r, &x->out);
}

static void
cli_provider_accepted(const struct verdict *v, struct buf *out)
{
	char	cost[MONEY_TEXT_LEN + 1];

	buf_str(out, "accepted");
	if (v->ref[0] != '\0')
		buf_printf(out, " as %s", v->ref);
	if (v->has_cost) {
		money_text(v->cost, cost);
		buf_printf(out, ", for %s", cost);
	}
	if (v->note != NULL)
		buf_printf(out, "\nnote: %s", v->note);
}

/* Writes down what came of it and prints it. */
static int
cli_provider_end(struct cli_db *d, const struct cli_probe *x)
{
	const struct verdict	*v = &x->probe.verdict;
	struct db_params	 q = DB_PARAMS_INIT;
	struct db_result	*res = NULL;
	struct buf		 out;
	int			 status;

	db_uuid(&q, &x->probe.ask.id);
	db_uuid(&q, &x->probe.set->id[x->probe.ask.provider]);
	db_bool(&q, v->kind == VERDICT_OK);
	db_text_opt(&q, v->reason);
	db_text_opt(&q, v->ref);
	if (v->has_cost)
		db_i64(&q, v->cost);
	else
		db_null(&q);
	status = cli_db_run(d, SQL_PROVIDER_TEST_END, &q, &res);
	db_result_free(res);
	buf_init(&out, PROBE_JSON_MAX);
	if (x->is_json)
		buf_add(&out, x->out.data, x->out.len);
	else if (v->kind == VERDICT_OK)
		cli_provider_accepted(v, &out);
	else
		buf_printf(&out, "not accepted: %s", v->reason);
	buf_char(&out, '\n');
	if (status == EXIT_STATUS_OK)
		status = cli_kit_print(d->cmd, &out);
	buf_clear(&out);
	return (status == EXIT_STATUS_OK && v->kind != VERDICT_OK ?
	    EXIT_STATUS_FAILED : status);
}

/* ---- what is stored ------------------------------------------------------ */

/* |name| NULL: all of them. */
static int
cli_providers_open(struct cli_db *d, const char *name,
    struct cli_providers *p)
{
	struct db_params	q = DB_PARAMS_INIT;
	enum err		e = ERR_NOT_FOUND;
	int			status;

	if (d->settings.has_master_key &&
	    (e = cli_db_sealer(d, &p->sealer)) == ERR_OK) {
		db_text(&q, name);
		if ((status = cli_db_run(d, SQL_PROVIDER_ALL, &q, &p->rows)) !=
		    EXIT_STATUS_OK)
			return (status);
		e = deliver_set_make(p->rows, p->sealer, &p->set);
	}
	if (e == ERR_OK)
		return (EXIT_STATUS_OK);
	cli_kit_say(d->cmd, "%s", e == ERR_NOT_FOUND ? "there is no master "
	    "key: set IDENTITY_MASTER_KEY or IDENTITY_DATA_DIR as the service "
	    "has it" : err_text(e));
	return (EXIT_STATUS_FAILED);
}

static void
cli_providers_close(struct cli_providers *p)
{
	deliver_set_put(p->set);
	db_result_free(p->rows);
	sealer_free(p->sealer);
	memset(p, 0, sizeof(*p));
}
