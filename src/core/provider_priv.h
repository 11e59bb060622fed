/*
 * provider_priv - what the files of provider.h share: reading a document
 * (provider_parse.c), its rules (provider_rules.c), life and export
 * (provider.c).
 */
#ifndef PROVIDER_PRIV_H
#define PROVIDER_PRIV_H

#include "provider.h"

/* One parse under way. */
struct provider_work {
	json_t			*doc;
	const struct provider	*old;		/* NULL: nothing to keep */
	const struct cidr_list	*allow;
	struct provider		*p;
	struct provider_errors	*errs;
	bool			 is_nomem;
	struct {			/* secret fields that keep their value */
		char	field[PROVIDER_FIELD_MAX + 1];
	}			 kept[PROVIDER_ERRORS_MAX];
	size_t			 n_kept;
};

/* Adds an error, unless |field| has one already (printf). */
void		provider_bad(struct provider_work *w, const char *field,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
/* What a field holds: PF_DIGITS is text that a number may be given for,
 * PF_OTHER is read by other code. */
enum pf_kind { PF_TEXT, PF_DIGITS, PF_SECRET, PF_BOOL, PF_INT, PF_OTHER };

#define PF_SECRET_MAX	4096
#define PF_TEMPLATE_ID_MAX	100

/* A table of them ends with a NULL name. */
struct pf_field {
	const char	*name;
	enum pf_kind	 kind;
	size_t		 max;		/* bytes; PF_INT: the largest value */
};

/* The fields of |from|, an object, that |f| lists, to config and secrets;
 * |part| is the object's name in the document, NULL: the document itself. */
void		pf_fields(struct provider_work *w, const struct pf_field *f,
		    json_t *from, const char *part);
/* A string of |f|'s length and kind, as it is stored; NULL: told as |field|. */
json_t		*pf_text(struct provider_work *w, const struct pf_field *f,
		    const json_t *v, const char *field);
/* A secret to p->secrets at |path| (its first part may be NULL): the value of
 * |v|, or where it has none the one there was. */
void		pf_secret(struct provider_work *w, const json_t *v,
		    const char *field, const char *const path[2]);
/* Takes |v|, which is NULL after an error that was told. */
void		pf_set(struct provider_work *w, json_t *to, const char *name,
		    json_t *v);
/* The object |name| of |of|, made when it is not there; borrowed. */
json_t		*pf_child(struct provider_work *w, json_t *of,
		    const char *name);
/* All parts of a generic document (provider_parts.c). */
void		pf_generic_parts(struct provider_work *w);
/* The part "receipt": read, bound, judged (provider_receipt.c). */
void		pf_receipt(struct provider_work *w);
void		provider_bind_receipt(struct provider *p);
void		provider_rules_receipt(struct provider_work *w);
/* Sets p->u from p->config and p->secrets; what is not there is "" or a
 * default.  Tolerant: rules come after. */
void		provider_bind(struct provider *p);
/* The rules of p's type on what provider_bind() made. */
void		provider_rules(struct provider_work *w);
void		provider_rules_generic(struct provider_work *w);
/* The host that the secrets go to, into |out|; "" when there is none. */
#define PROVIDER_HOST_CAP	254
void		provider_host(const struct provider *p,
		    char out[PROVIDER_HOST_CAP]);

#endif
