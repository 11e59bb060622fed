/*
 * conf_text - expands a configuration text: ${NAME}, @if, @list, @use.
 * Owns the language of the lines that start with '@'; must not know what a
 * variable means or who reads the result.
 */
#include "conf_text.h"

#include <string.h>

#include "str.h"

#define CONF_LISTS_MAX		8
#define CONF_NAME_MAX_LEN	31
#define CONF_NEST_MAX		4

struct conf_list {
	char		name[CONF_NAME_MAX_LEN + 1];
	struct buf	text;
};

struct conf_state {
	const struct conf_var	*vars;
	struct buf		*out;
	struct conf_list	 list[CONF_LISTS_MAX];
	size_t			 n_lists;
	bool			 in_list;	/* lines go to the last list */
	bool			 keep[CONF_NEST_MAX];	/* of each open @if */
	size_t			 depth;
};

static const struct conf_var	*conf_var(const struct conf_state *st,
				    const char *name, size_t len);
static enum err	conf_line(struct conf_state *st, const char *s, size_t len);
static enum err	conf_directive(struct conf_state *st, const char *s,
		    size_t len);
static enum err	conf_if(struct conf_state *st, const char *name, size_t len);
static enum err	conf_list_begin(struct conf_state *st, const char *name,
		    size_t len);
static enum err	conf_use(struct conf_state *st, const char *name, size_t len);
static enum err	conf_end(struct conf_state *st);
static enum err	conf_substitute(const struct conf_state *st, const char *s,
		    size_t len, struct buf *out);
static bool	conf_is_kept(const struct conf_state *st);
static bool	conf_is(const char *s, size_t len, const char *word);

enum err
conf_text_expand(const char *text, size_t len, const struct conf_var *vars,
    struct buf *out, int *line)
{
	struct conf_state	 st = { .vars = vars, .out = out };
	const char		*end = text + len, *nl;
	enum err		 r = ERR_OK;
	size_t			 i;

	for (*line = 1; text < end; (*line)++, text = nl + 1) {
		if ((nl = memchr(text, '\n', (size_t)(end - text))) == NULL)
			nl = end;
		r = conf_line(&st, text, (size_t)(nl - text));
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

static enum err
conf_line(struct conf_state *st, const char *s, size_t len)
{
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	if (len == 0 || *s == '#')
		return (ERR_OK);
	if (*s == '@')
		return (conf_directive(st, s, len));
	if (!conf_is_kept(st))
		return (ERR_OK);
	return (conf_substitute(st, s, len, st->in_list ?
	    &st->list[st->n_lists - 1].text : st->out));
}

static enum err
conf_directive(struct conf_state *st, const char *s, size_t len)
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

	if (conf_is(s, word_len, "@end"))
		return (name_len == 0 ? conf_end(st) : ERR_FORMAT);
	if (conf_is(s, word_len, "@if"))
		return (conf_if(st, name, name_len));
	if (conf_is(s, word_len, "@list"))
		return (conf_list_begin(st, name, name_len));
	if (conf_is(s, word_len, "@use"))
		return (conf_use(st, name, name_len));
	return (ERR_FORMAT);
}

static enum err
conf_if(struct conf_state *st, const char *name, size_t len)
{
	const struct conf_var	*var;

	if (st->in_list || st->depth == CONF_NEST_MAX ||
	    (var = conf_var(st, name, len)) == NULL)
		return (ERR_FORMAT);
	st->keep[st->depth++] = var->value[0] != '\0';
	return (ERR_OK);
}

static enum err
conf_list_begin(struct conf_state *st, const char *name, size_t len)
{
	struct conf_list	*list;

	if (st->in_list || st->depth > 0 || st->n_lists == CONF_LISTS_MAX)
		return (ERR_FORMAT);
	list = &st->list[st->n_lists];
	if (str_copy(list->name, sizeof(list->name), name, len) != ERR_OK)
		return (ERR_FORMAT);
	buf_init(&list->text, CONF_TEXT_MAX_LEN);
	st->n_lists++;
	st->in_list = true;
	return (ERR_OK);
}

static enum err
conf_use(struct conf_state *st, const char *name, size_t len)
{
	size_t	i;

	if (st->in_list)
		return (ERR_FORMAT);
	if (!conf_is_kept(st))
		return (ERR_OK);
	for (i = 0; i < st->n_lists; i++) {
		if (!conf_is(name, len, st->list[i].name))
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
conf_end(struct conf_state *st)
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
conf_substitute(const struct conf_state *st, const char *s, size_t len,
    struct buf *out)
{
	const struct conf_var	*var;
	const char		*end = s + len, *close;

	while (s < end) {
		if (*s != '$' || end - s < 2 || s[1] != '{') {
			buf_char(out, *s++);
			continue;
		}
		s += 2;
		if ((close = memchr(s, '}', (size_t)(end - s))) == NULL ||
		    (var = conf_var(st, s, (size_t)(close - s))) == NULL)
			return (ERR_FORMAT);
		buf_str(out, var->value);
		s = close + 1;
	}
	buf_char(out, '\n');
	return (ERR_OK);
}

static const struct conf_var *
conf_var(const struct conf_state *st, const char *name, size_t len)
{
	const struct conf_var	*var;

	for (var = st->vars; var->name != NULL; var++)
		if (conf_is(name, len, var->name))
			return (var);
	return (NULL);
}

static bool
conf_is_kept(const struct conf_state *st)
{
	size_t	i;

	for (i = 0; i < st->depth; i++)
		if (!st->keep[i])
			return (false);
	return (true);
}

static bool
conf_is(const char *s, size_t len, const char *word)
{
	return (strlen(word) == len && memcmp(s, word, len) == 0);
}
