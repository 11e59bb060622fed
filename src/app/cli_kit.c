/*
 * cli_kit - options, help, messages and output of the command line.
 * Knows no command, no settings and no database.
 */
#include "cli_kit.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "mem.h"

static int	cli_kit_take(const struct cli_page *page,
		    const struct cli_option *o, const char *value);
static int	cli_kit_next(const struct cli_page *page, int argc, char **argv,
		    const struct option *longs, const struct cli_option **last);
static void	cli_kit_vsay(const char *cmd, const char *fmt, va_list ap);

int
cli_kit_options(const struct cli_page *page, int argc, char **argv)
{
	const struct cli_option	*last = NULL;
	struct option		 longs[CLI_OPTIONS_MAX + 2];
	size_t			 i;
	int			 status;

	memset(longs, 0, sizeof(longs));
	for (i = 0; i < page->n_options && i < CLI_OPTIONS_MAX; i++) {
		longs[i].name = page->options[i].name;
		longs[i].has_arg = page->options[i].flag != NULL ?
		    no_argument : required_argument;
		longs[i].val = (int)(256 + i);
	}
	longs[i].name = "help";
	longs[i].val = 'h';
	opterr = 0;
	optind = 0;	/* Kore's main has used getopt before us */
	do {
		status = cli_kit_next(page, argc, argv, longs, &last);
	} while (status == CLI_CONTINUE && optind < argc);
	return (status);
}

int
cli_kit_sub(const struct cli_sub *subs, size_t n, const char *help, int argc,
    char **argv)
{
	size_t	i;

	if (argc < 2) {
		(void)fputs(help, stderr);
		return (EXIT_STATUS_USAGE);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		(void)fputs(help, stdout);
		return (EXIT_STATUS_OK);
	}
	for (i = 0; i < n; i++)
		if (strcmp(argv[1], subs[i].name) == 0)
			return (subs[i].run(argc - 1, argv + 1));
	return (cli_kit_wrong(argv[0], "there is no \"%s %s\"", argv[0],
	    argv[1]));
}

void
cli_kit_say(const char *cmd, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	cli_kit_vsay(cmd, fmt, ap);
	va_end(ap);
}

int
cli_kit_wrong(const char *cmd, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	cli_kit_vsay(cmd, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "identityd %s --help tells more.\n", cmd);
	return (EXIT_STATUS_USAGE);
}

int
cli_kit_settings(const char *cmd, struct settings *s, bool needs_database)
{
	char		why[512] = "";
	enum err	r;

	memset(s, 0, sizeof(*s));
	if ((r = settings_load(s, true, why)) != ERR_OK) {
		cli_kit_say(cmd, "%s", why[0] != '\0' ? why : err_text(r));
		return (r == ERR_USAGE ? EXIT_STATUS_USAGE :
		    EXIT_STATUS_FAILED);
	}
	if (needs_database && s->database_url == NULL) {
		cli_kit_say(cmd, "IDENTITY_DATABASE_URL is not set; give it "
		    "the connection string of the database");
		return (EXIT_STATUS_USAGE);
	}
	return (CLI_CONTINUE);
}

int
cli_kit_print(const char *cmd, struct buf *out)
{
	enum err	r = buf_err(out);

	if (r == ERR_OK && (fwrite(out->data == NULL ? "" : out->data, 1,
	    out->len, stdout) != out->len || fflush(stdout) != 0))
		r = ERR_IO;
	buf_clear(out);
	if (r != ERR_OK) {
		cli_kit_say(cmd, "cannot write the answer: %s", err_text(r));
		return (EXIT_STATUS_FAILED);
	}
	return (EXIT_STATUS_OK);
}

void
cli_kit_user(struct buf *out, const struct user *u, bool is_json)
{
	char	id[UUID_TEXT_LEN + 1];

	if (is_json) {
		user_json(u, out);
		buf_char(out, '\n');
		return;
	}
	uuid_format(&u->id, id);
	buf_printf(out, "%s  %s", id, u->name);
	if (u->email[0] != '\0')
		buf_printf(out, "  %s", u->email);
	if (u->mobile_number[0] != '\0')
		buf_printf(out, "  %s", u->mobile_number);
	buf_char(out, '\n');
}

enum err
cli_kit_line(char *dst, size_t cap)
{
	size_t	 len = 0;
	ssize_t	 n;
	char	*end;

	/* read(2), not stdio: no copy stays behind in a buffer. */
	while ((n = read(STDIN_FILENO, dst + len, cap - len)) > 0) {
		len += (size_t)n;
		if (len == cap)
			return (ERR_TOO_LONG);
	}
	if (n < 0)
		return (ERR_IO);
	if ((end = memchr(dst, '\n', len)) != NULL) {
		if (end != dst + len - 1)
			return (ERR_FORMAT);
		len--;
		if (len > 0 && dst[len - 1] == '\r')
			len--;
	}
	dst[len] = '\0';
	if (strlen(dst) != len)
		return (ERR_FORMAT);
	return (len == 0 ? ERR_NOT_FOUND : ERR_OK);
}

/* One step of getopt; |*last| is the list that bare words go on. */
static int
cli_kit_next(const struct cli_page *page, int argc, char **argv,
    const struct option *longs, const struct cli_option **last)
{
	const char	*word = argv[optind > 0 ? optind : 1];
	int		 c;

	if ((c = getopt_long(argc, argv, "-:h", longs, NULL)) == -1) {
		if (optind < argc)
			return (cli_kit_wrong(page->cmd, "unexpected \"%s\"",
			    argv[optind]));
		return (CLI_CONTINUE);
	}
	if (c == 'h') {
		(void)fputs(page->help, stdout);
		return (EXIT_STATUS_OK);
	}
	if (c == 1) {
		if (*last == NULL)
			return (cli_kit_wrong(page->cmd, "unexpected \"%s\"",
			    optarg));
		return (cli_kit_take(page, *last, optarg));
	}
	if (c == ':')
		return (cli_kit_wrong(page->cmd, "%s needs a value", word));
	if (c == '?')
		return (cli_kit_wrong(page->cmd, "unknown option %s", word));
	*last = page->options[c - 256].list != NULL ?
	    &page->options[c - 256] : NULL;
	return (cli_kit_take(page, &page->options[c - 256], optarg));
}

static int
cli_kit_take(const struct cli_page *page, const struct cli_option *o,
    const char *value)
{
	if (o->flag != NULL) {
		*o->flag = true;
		return (CLI_CONTINUE);
	}
	if (value[0] == '\0')
		return (cli_kit_wrong(page->cmd, "--%s needs a value",
		    o->name));
	if (o->list != NULL) {
		if (o->list->n == CLI_LIST_MAX)
			return (cli_kit_wrong(page->cmd,
			    "--%s: more than %d values", o->name,
			    CLI_LIST_MAX));
		o->list->v[o->list->n++] = value;
		return (CLI_CONTINUE);
	}
	if (*o->text != NULL)
		return (cli_kit_wrong(page->cmd, "--%s was given twice",
		    o->name));
	*o->text = value;
	return (CLI_CONTINUE);
}

static void
cli_kit_vsay(const char *cmd, const char *fmt, va_list ap)
{
	(void)fprintf(stderr, "identityd %s: ", cmd);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
}
