/*
 * receipt - what a provider reports later about a message that it took: read
 * by its document's "receipt" from JSON, a form or a query.  Knows no request
 * and no database.
 */
#ifndef RECEIPT_H
#define RECEIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "form.h"
#include "provider.h"

#define RECEIPT_SECRET_MAX	128
#define RECEIPT_ROWS_MAX	100	/* of one call */
#define RECEIPT_ERROR_MAX	200	/* outbox.receipt_error, characters */
#define RECEIPT_WORD_MAX	40	/* of a status, for the log */

enum receipt_state {
	RECEIPT_DELIVERED, RECEIPT_FAILED,
	RECEIPT_IGNORED,	/* says nothing final */
	RECEIPT_UNMAPPED	/* a status that the document does not name */
};

/* "delivered", "failed", "ignored"; the other way round ERR_NOT_FOUND. */
const char	*receipt_state_name(enum receipt_state s);
enum err	 receipt_state_parse(const char *s, enum receipt_state *out)
		    MUSTCHECK;

/* Is |given| (NULL: none) the secret of |r| (NULL: of no provider)?  Takes the
 * same time whatever they are. */
bool		 receipt_is_secret(const struct provider_receipt *r,
		    const char *given);

/* What was sent, parsed; each may be NULL. */
struct receipt_said {
	const struct form	*query, *form;
	const json_t		*json;		/* an object or an array */
};

/* What it says: |rows| is [{"ref","state","error"}..], each delivered or
 * failed. */
struct receipt_facts {
	struct buf	 rows;
	size_t		 n_rows, n_ignored, n_unmapped;
	char		 unmapped[RECEIPT_WORD_MAX + 1];	/* the last */
	const char	*missing;	/* "id" or "status", or NULL */
};

void		 receipt_facts_init(struct receipt_facts *f);
void		 receipt_facts_clear(struct receipt_facts *f);
/*
 * Reads |said| by |r|.  A list's entries without id or status are left out as
 * long as others have them.  ERR_NOT_FOUND: f->missing is in none; ERR_FORMAT:
 * r->list is no array; ERR_SPACE: more than RECEIPT_ROWS_MAX; ERR_NOMEM.
 */
enum err	 receipt_read(const struct provider_receipt *r,
		    const struct receipt_said *said, struct receipt_facts *f)
		    MUSTCHECK;

#endif
