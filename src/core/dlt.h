/*
 * dlt - texts approved on India's DLT platforms: a template with variables,
 * filled and held against the filled text character for character.  One wrong
 * character, and the operator drops the message.  Ref: providers.md 4.2.
 */
#ifndef DLT_H
#define DLT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

#define DLT_VARS_MAX	8
#define DLT_VALUE_MAX	30	/* characters for one variable */
#define DLT_TEXT_MAX	2000	/* bytes of a template */
#define DLT_WHY_MAX	160

/* Tags of DLT: {#var#} any, {#numeric#}, {#alphanumeric#}, {#url#}, {#urlott#},
 * {#email#}, {#cbn#} (a number to call).  Or ours, which say what goes there:
 * {code}, {ttl_minutes} (digits), {app_name}, {brand}, {request_id} (any). */
enum dlt_kind {
	DLT_ANY, DLT_NUMERIC, DLT_ALPHANUMERIC, DLT_URL, DLT_EMAIL, DLT_CALL
};

struct dlt_template {
	const char	*text;			/* borrowed */
	enum dlt_kind	 kind[DLT_VARS_MAX];
	size_t		 at[DLT_VARS_MAX];	/* offset of the tag */
	size_t		 len[DLT_VARS_MAX];	/* of the tag */
	const char	*name[DLT_VARS_MAX];	/* "code" of {code}; else NULL */
	size_t		 n;
};

/* ERR_FORMAT: unknown tag, unclosed "{#", too many, too long, not UTF-8. */
enum err	dlt_parse(const char *text, struct dlt_template *out,
		    char why[DLT_WHY_MAX]) MUSTCHECK;
/* Does |value| fit a variable of |kind|: length, characters, no control? */
enum err	dlt_value_check(enum dlt_kind kind, const char *value,
		    char why[DLT_WHY_MAX]) MUSTCHECK;
/*
 * Appends the text with |values| put in, each checked.  ERR_FORMAT: a value
 * does not fit or their number is another.
 */
enum err	dlt_fill(const struct dlt_template *t,
		    const char *const *values, size_t n, struct buf *out,
		    char why[DLT_WHY_MAX]) MUSTCHECK;
/*
 * The values within |text|, which must be the template filled: t->n strings,
 * the shortest where several readings fit.  ERR_FORMAT: it is not.
 */
struct dlt_values {
	char	v[DLT_VARS_MAX][DLT_VALUE_MAX * 4 + 1];
};
enum err	dlt_extract(const struct dlt_template *t, const char *text,
		    struct dlt_values *out) MUSTCHECK;
/* Is |text| the template with fitting values in the places of its tags, and
 * every other character the same? */
bool		dlt_matches(const struct dlt_template *t, const char *text);

#endif
