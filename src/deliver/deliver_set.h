/*
 * deliver_set - the providers and the operator's texts as they were at one
 * moment.  A message keeps the set it was begun with; a change makes another.
 */
#ifndef DELIVER_SET_H
#define DELIVER_SET_H

#include "db_row.h"
#include "delivery.h"
#include "err.h"
#include "message_text.h"
#include "seal.h"
#include "uuid.h"

#define DELIVER_PROVIDERS_MAX	64
#define DELIVER_TEXTS_MAX	512

struct deliver_text;

struct deliver_set {
	int				 refs;
	struct delivery_provider	 p[DELIVER_PROVIDERS_MAX];
	struct uuid			 id[DELIVER_PROVIDERS_MAX];
	size_t				 n;
	struct deliver_text		*texts;
	size_t				 n_texts;
};

/*
 * From the rows of provider_all.  A provider that cannot be read is left out
 * and logged.  ERR_NOMEM, ERR_DB.
 */
enum err	 deliver_set_make(const struct db_result *providers,
		    struct sealer *s, struct deliver_set **out) MUSTCHECK;
/* Adds the rows of message_text_all, once.  ERR_NOMEM, ERR_DB. */
enum err	 deliver_set_texts(struct deliver_set *s,
		    const struct db_result *texts) MUSTCHECK;
/* One more, one less who uses it; NULL is fine. */
struct deliver_set *deliver_set_ref(struct deliver_set *s);
void		 deliver_set_put(struct deliver_set *s);
/* The provider of this name (any case), or -1. */
int		 deliver_set_find(const struct deliver_set *s,
		    const char *name);
/* The provider of this id, or NULL. */
const struct provider *deliver_set_by_id(const struct deliver_set *s,
		    const struct uuid *id);
/* The text to use: of |language|, of its first subtag, the shipped one;
 * |*locale|, borrowed, is the language that it has. */
const struct text *deliver_set_text(const struct deliver_set *s,
		    const char *name, enum text_channel c,
		    const char *language, const char **locale);
/* Seconds that the slowest enabled provider may take. */
int		 deliver_set_slowest(const struct deliver_set *s);

/* ---- in a worker: the set in force -------------------------------------- */

/* Loads again when the platform's generation moved; every 100 ms. */
void		 deliver_set_tick(void);
/* NULL: not loaded yet, or another one is in force by now: it is being loaded
 * after the next tick. */
struct deliver_set *deliver_set_now(void);
/* The same, but the one before until the next is loaded. */
struct deliver_set *deliver_set_last(void);

#endif
