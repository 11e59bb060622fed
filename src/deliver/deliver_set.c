/*
 * deliver_set - see deliver_set.h.
 */
#include "deliver_set.h"

#include <string.h>

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "provider_store.h"
#include "str.h"

struct deliver_text {
	char			*held[6];	/* what the next ones point to */
	const char		*name, *language;
	enum text_channel	 channel;
	struct text		 text;
};

static enum err	deliver_set_provider(struct deliver_set *s,
		    struct db_row *r, struct sealer *sealer);
static enum err	deliver_set_text_add(struct deliver_set *s, struct db_row *r);
static void	deliver_set_free(struct deliver_set *s);
static const struct deliver_text *deliver_set_own(const struct deliver_set *s,
		    const char *name, enum text_channel c,
		    const char *language, size_t len);

enum err
deliver_set_make(const struct db_result *providers, struct sealer *sealer,
    struct deliver_set **out)
{
	struct deliver_set	*s;
	struct db_row		 row;
	enum err		 r = ERR_OK;
	int			 i, n;

	if ((s = mem_new(sizeof(*s))) == NULL)
		return (ERR_NOMEM);
	s->refs = 1;
	n = db_result_rows(providers);
	for (i = 0; i < n && i < DELIVER_PROVIDERS_MAX && r == ERR_OK; i++) {
		row = db_row_at(providers, i);
		r = deliver_set_provider(s, &row, sealer);
	}
	if (r == ERR_OK) {
		*out = s;
		s = NULL;		/* transferred */
	}
	deliver_set_put(s);
	return (r);
}

enum err
deliver_set_texts(struct deliver_set *s, const struct db_result *texts)
{
	struct db_row	row;
	enum err	r = ERR_OK;
	int		i, n = db_result_rows(texts);

	if (n > DELIVER_TEXTS_MAX)
		n = DELIVER_TEXTS_MAX;
	if (n > 0 && (s->texts = mem_new((size_t)n * sizeof(*s->texts))) ==
	    NULL)
		return (ERR_NOMEM);
	for (i = 0; i < n && r == ERR_OK; i++) {
		row = db_row_at(texts, i);
		r = deliver_set_text_add(s, &row);
	}
	return (r);
}

static enum err
deliver_set_provider(struct deliver_set *s, struct db_row *r,
    struct sealer *sealer)
{
	struct provider		*p = NULL;
	struct uuid		 id;
	const uint8_t		*sealed;
	char			*secrets = NULL;
	size_t			 len;
	enum err		 e;
	struct provider_row	 row = {
		.name = db_row_str(r, "name", NULL),
		.type = db_row_str(r, "type", NULL),
		.countries = db_row_str(r, "countries", NULL),
		.config = db_row_str(r, "config", NULL),
		.priority = (int)db_row_i64(r, "priority"),
		.timeout_s = (int)db_row_i64(r, "timeout_s"),
		.is_enabled = db_row_bool(r, "is_enabled"),
	};

	db_row_uuid(r, "id", &id);
	sealed = db_row_blob(r, "secrets", &len);
	s->p[s->n].paused_until_us = db_row_time(r, "paused_until");
	if (r->err != ERR_OK)
		return (r->err);
	if ((e = provider_store_open(sealer, &id, sealed, len, &secrets)) ==
	    ERR_OK) {
		row.secrets = secrets;
		e = provider_load(&row, &p);
	}
	if (secrets != NULL)
		mem_free_secret(secrets, strlen(secrets));
	if (e == ERR_NOMEM)
		return (e);
	if (e != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "provider %s cannot be read: %s%s",
		    row.name, err_text(e), e == ERR_SIGNATURE ?
		    "; is IDENTITY_MASTER_KEY the one it was saved with?" : "");
		return (ERR_OK);
	}
	s->p[s->n].p = p;
	s->id[s->n++] = id;
	return (ERR_OK);
}

static enum err
deliver_set_text_add(struct deliver_set *s, struct db_row *r)
{
	static const char	*const cols[] = {
		"name", "language", "subject", "text", "html", "channel",
	};
	struct deliver_text	*t = &s->texts[s->n_texts];
	const char		*v;
	size_t			 i, len;

	for (i = 0; i < COUNT(cols); i++) {
		v = db_row_str(r, cols[i], &len);
		if (v != NULL && (t->held[i] = mem_dup(v, len)) == NULL)
			return (ERR_NOMEM);
	}
	s->n_texts++;
	if (r->err != ERR_OK)
		return (r->err);
	t->name = t->held[0];
	t->language = t->held[1];
	t->text.subject = t->held[2];
	t->text.text = t->held[3];
	t->text.html = t->held[4];
	return (text_channel_parse(t->held[5], &t->channel));
}

struct deliver_set *
deliver_set_ref(struct deliver_set *s)
{
	if (s != NULL)
		s->refs++;
	return (s);
}

void
deliver_set_put(struct deliver_set *s)
{
	if (s != NULL && --s->refs == 0)
		deliver_set_free(s);
}

static void
deliver_set_free(struct deliver_set *s)
{
	size_t	i, k;

	for (i = 0; i < s->n; i++)
		/* Made by provider_load() for this set alone. */
		provider_free((struct provider *)(uintptr_t)s->p[i].p);
	for (i = 0; i < s->n_texts; i++) {
		for (k = 0; k < COUNT(s->texts[i].held); k++)
			mem_free(s->texts[i].held[k]);
	}
	mem_free(s->texts);
	mem_free(s);
}

int
deliver_set_find(const struct deliver_set *s, const char *name)
{
	size_t	i;

	for (i = 0; i < s->n; i++) {
		if (str_caseeq(s->p[i].p->name, name))
			return ((int)i);
	}
	return (-1);
}

const struct provider *
deliver_set_by_id(const struct deliver_set *s, const struct uuid *id)
{
	size_t	i;

	for (i = 0; i < s->n; i++) {
		if (uuid_cmp(&s->id[i], id) == 0)
			return (s->p[i].p);
	}
	return (NULL);
}

const struct text *
deliver_set_text(const struct deliver_set *s, const char *name,
    enum text_channel c, const char *language, const char **locale)
{
	const struct deliver_text	*t;

	if ((t = deliver_set_own(s, name, c, language, strlen(language))) ==
	    NULL)
		t = deliver_set_own(s, name, c, language,
		    strcspn(language, "-"));
	if (t == NULL)
		t = deliver_set_own(s, name, c, "en", 2);
	*locale = t != NULL ? t->language : "en";
	return (t != NULL ? &t->text : text_default(name, c));
}

static const struct deliver_text *
deliver_set_own(const struct deliver_set *s, const char *name,
    enum text_channel c, const char *language, size_t len)
{
	const struct deliver_text	*t;
	char				 tag[TEXT_LANGUAGE_MAX + 1];
	size_t				 i;

	if (str_copy(tag, sizeof(tag), language, len) != ERR_OK)
		return (NULL);
	for (i = 0; i < s->n_texts; i++) {
		t = &s->texts[i];
		if (t->channel == c && strcmp(t->name, name) == 0 &&
		    str_caseeq(t->language, tag))
			return (t);
	}
	return (NULL);
}

int
deliver_set_slowest(const struct deliver_set *s)
{
	size_t	i;
	int	max = 1;

	for (i = 0; i < s->n; i++) {
		if (s->p[i].p->is_enabled && s->p[i].p->timeout_s > max)
			max = s->p[i].p->timeout_s;
	}
	return (max);
}
