/*
 * kore_config - expands the embedded kore.conf and feeds it to Kore.
 * Owns the language of the lines that start with '@'; must not know what a
 * setting means.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kore/kore.h>

#include "kore_config.h"
#include "log.h"
#include "str.h"

#define CONFIG_TEXT_MAX_LEN	65536
#define CONFIG_LISTS_MAX	8
#define CONFIG_NAME_MAX_LEN	31
#define CONFIG_NEST_MAX		4

/* The file kore.conf, embedded by kodev. */
extern const u_int8_t	asset_builtin_kore_conf[];
extern const u_int32_t	asset_len_builtin_kore_conf;

struct config_list {
	char		name[CONFIG_NAME_MAX_LEN + 1];
	struct buf	text;
};

struct config_state {
	const struct kore_var	*vars;
	struct buf		*out;
	struct config_list	 list[CONFIG_LISTS_MAX];
	size_t			 n_lists;
	bool			 in_list;	/* lines go to the last list */
	bool			 keep[CONFIG_NEST_MAX];	/* of each open @if */
	size_t			 depth;
};

static const struct kore_var	*config_var(const struct config_state *st,
				    const char *name, size_t len);
static enum err	config_line(struct config_state *st, const char *s,
		    size_t len);
static enum err	config_directive(struct config_state *st, const char *s,
		    size_t len);
static enum err	config_if(struct config_state *st, const char *name,
		    size_t len);
static enum err	config_list_begin(struct config_state *st, const char *name,
		    size_t len);
static enum err	config_use(struct config_state *st, const char *name,
		    size_t len);
static enum err	config_end(struct config_state *st);
static enum err	config_substitute(struct config_state *st, const char *s,
		    size_t len, struct buf *out);
static bool	config_is_kept(const struct config_state *st);
static bool	config_is(const char *s, size_t len, const char *word);
static void	config_check(void);
static void	config_die(const char *why) __attribute__((noreturn));

/* Values for the expansion, set before Kore asks for its configuration. */
static const struct kore_var	*config_vars;

void
kore_config_set(const struct kore_var *vars)
{
	config_vars = vars;
}

enum err
kore_config_expand(const char *text, size_t len, const struct kore_var *vars,
    struct buf *out, int *line)
{
	struct config_state	 st = { .vars = vars, .out = out };
	const char		*end = text + len, *nl;
	enum err		 r = ERR_OK;
	size_t			 i;

	for (*line = 1; text < end; (*line)++, text = nl + 1) {
		if ((nl = memchr(text, '\n', (size_t)(end - text))) == NULL)
			nl = end;
		r = config_line(&st, text, (size_t)(nl - text));
		if (r != ERR_OK)
			goto done;
	}
	if (st.depth > 0 || st.in_list)
		r = ERR_FORMAT;
	else
		r = buf_err(out);
done:
	for (i = 0; i < st.n_lists; i++)
		buf_clear(&st.list[i].text);
	return (r);
}

/*
 * Called in the parent, after kore_parent_configure() and before anything is
 * started.  Errors of Kore's own directives end the process inside Kore.
 */
void
__wrap_kore_parse_config(void)
{
	struct buf	 text;
	FILE		*fp;
	int		 line;

	if (config_vars == NULL)
		config_die("configuration read before the settings");
	buf_init(&text, CONFIG_TEXT_MAX_LEN);
	if (kore_config_expand((const char *)asset_builtin_kore_conf,
	    asset_len_builtin_kore_conf, config_vars, &text, &line) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "kore.conf: line %d is wrong", line);
		exit(1);
	}
	if ((fp = fmemopen(text.data, text.len, "r")) == NULL)
		config_die("no memory for the configuration");
	kore_parse_config_file(fp);
	(void)fclose(fp);
	buf_clear(&text);
	config_check();
}

/*
 * What the wrapped function checks after reading: without these Kore runs
 * its workers as root or in a folder that nobody chose.
 */
static void
config_check(void)
{
	if (!kore_module_loaded())
		config_die("the program has no symbols to call");
	if (kore_root_path == NULL || keymgr_root_path == NULL)
		config_die("root or keymgr_root is missing in kore.conf");
	if (getuid() != 0 && (!skip_chroot || !skip_runas))
		config_die("only root can chroot or change its account");
	if (!skip_runas &&
	    (kore_runas_user == NULL || keymgr_runas_user == NULL))
		config_die("runas or keymgr_runas is missing in kore.conf");
}

static enum err
config_line(struct config_state *st, const char *s, size_t len)
{
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	if (len == 0 || *s == '#')
		return (ERR_OK);
	if (*s == '@')
		return (config_directive(st, s, len));
	if (!config_is_kept(st))
		return (ERR_OK);
	return (config_substitute(st, s, len, st->in_list ?
	    &st->list[st->n_lists - 1].text : st->out));
}

static enum err
config_directive(struct config_state *st, const char *s, size_t len)
{
	const char	*name;
	size_t		 word_len, name_len;

	for (word_len = 0; word_len < len && s[word_len] != ' ' &&
	    s[word_len] != '\t'; word_len++)
		;
	name = s + word_len;
	while (name < s + len && (*name == ' ' || *name == '\t'))
		name++;
	name_len = (size_t)(s + len - name);

	if (config_is(s, word_len, "@end"))
		return (name_len == 0 ? config_end(st) : ERR_FORMAT);
	if (config_is(s, word_len, "@if"))
		return (config_if(st, name, name_len));
	if (config_is(s, word_len, "@list"))
		return (config_list_begin(st, name, name_len));
	if (config_is(s, word_len, "@use"))
		return (config_use(st, name, name_len));
	return (ERR_FORMAT);
}

static enum err
config_if(struct config_state *st, const char *name, size_t len)
{
	const struct kore_var	*var;

	if (st->in_list || st->depth == CONFIG_NEST_MAX ||
	    (var = config_var(st, name, len)) == NULL)
		return (ERR_FORMAT);
	st->keep[st->depth++] = var->value[0] != '\0';
	return (ERR_OK);
}

static enum err
config_list_begin(struct config_state *st, const char *name, size_t len)
{
	struct config_list	*list;

	if (st->in_list || st->depth > 0 || st->n_lists == CONFIG_LISTS_MAX)
		return (ERR_FORMAT);
	list = &st->list[st->n_lists];
	if (str_copy(list->name, sizeof(list->name), name, len) != ERR_OK)
		return (ERR_FORMAT);
	buf_init(&list->text, CONFIG_TEXT_MAX_LEN);
	st->n_lists++;
	st->in_list = true;
	return (ERR_OK);
}

static enum err
config_use(struct config_state *st, const char *name, size_t len)
{
	size_t	i;

	if (st->in_list)
		return (ERR_FORMAT);
	if (!config_is_kept(st))
		return (ERR_OK);
	for (i = 0; i < st->n_lists; i++) {
		if (!config_is(name, len, st->list[i].name))
			continue;
		if (buf_err(&st->list[i].text) != ERR_OK)
			return (ERR_SPACE);
		if (st->list[i].text.len > 0)
			buf_add(st->out, st->list[i].text.data,
			    st->list[i].text.len);
		return (ERR_OK);
	}
	return (ERR_FORMAT);
}

static enum err
config_end(struct config_state *st)
{
	if (st->in_list)
		st->in_list = false;
	else if (st->depth > 0)
		st->depth--;
	else
		return (ERR_FORMAT);
	return (ERR_OK);
}

/* A regular expression ends in '$', so only "${" starts a variable. */
static enum err
config_substitute(struct config_state *st, const char *s, size_t len,
    struct buf *out)
{
	const struct kore_var	*var;
	const char		*end = s + len, *close;

	while (s < end) {
		if (*s != '$' || end - s < 2 || s[1] != '{') {
			buf_char(out, *s++);
			continue;
		}
		s += 2;
		if ((close = memchr(s, '}', (size_t)(end - s))) == NULL ||
		    (var = config_var(st, s, (size_t)(close - s))) == NULL)
			return (ERR_FORMAT);
		buf_str(out, var->value);
		s = close + 1;
	}
	buf_char(out, '\n');
	return (ERR_OK);
}

static const struct kore_var *
config_var(const struct config_state *st, const char *name, size_t len)
{
	const struct kore_var	*var;

	for (var = st->vars; var->name != NULL; var++)
		if (config_is(name, len, var->name))
			return (var);
	return (NULL);
}

static bool
config_is_kept(const struct config_state *st)
{
	size_t	i;

	for (i = 0; i < st->depth; i++)
		if (!st->keep[i])
			return (false);
	return (true);
}

static bool
config_is(const char *s, size_t len, const char *word)
{
	return (strlen(word) == len && memcmp(s, word, len) == 0);
}

static void
config_die(const char *why)
{
	log_msg(LOG_LEVEL_ERROR, "%s", why);
	exit(1);
}
