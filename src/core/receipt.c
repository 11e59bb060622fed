/*
 * receipt - see receipt.h.  Whatever a gateway sends ends here as an id of at
 * most VERDICT_REF_MAX bytes, one of two states, and a line of clean text.
 */
#include "receipt.h"

#include <string.h>

#include "digest.h"
#include "json_pointer.h"
#include "mem.h"
#include "verdict.h"

#define RECEIPT_VALUE_MAX	2048	/* of one field; what is longer is cut */
#define RECEIPT_JSON_MAX	(RECEIPT_ROWS_MAX * 4096)

static const char *const	receipt_states[] = {
	[RECEIPT_DELIVERED] = "delivered", [RECEIPT_FAILED] = "failed",
	[RECEIPT_IGNORED] = "ignored",
};

static const json_t	*receipt_list(const struct provider_receipt *r,
			    const struct receipt_said *said, bool *is_list);
static void	receipt_entry(const struct provider_receipt *r,
		    const struct receipt_said *said, struct receipt_facts *f);
static bool	receipt_value(const struct receipt_said *said,
		    const char *place, struct buf *out);
static bool	receipt_field(const struct form *f, const char *name,
		    struct buf *out);
static void	receipt_cut(struct buf *out, const char *s, size_t len);
static enum receipt_state	receipt_state_of(const json_t *map,
		    const char *status);
static void	receipt_row(const char *ref, enum receipt_state state,
		    const struct buf *error, struct receipt_facts *f);
static void	receipt_line(struct buf *out, const char *s, size_t max);

const char *
receipt_state_name(enum receipt_state s)
{
	return (receipt_states[s]);
}

enum err
receipt_state_parse(const char *s, enum receipt_state *out)
{
	size_t	i;

	for (i = 0; i < COUNT(receipt_states); i++) {
		if (strcmp(s, receipt_states[i]) == 0) {
			*out = (enum receipt_state)i;
			return (ERR_OK);
		}
	}
	return (ERR_NOT_FOUND);
}

bool
receipt_is_secret(const struct provider_receipt *r, const char *given)
{
	uint8_t	is[SHA256_LEN], want[SHA256_LEN];
	bool	is_known = r != NULL && r->is_there && r->secret[0] != '\0';

	/* Hashed, so that no length shows. */
	sha256_of(given != NULL ? given : "", given != NULL ? strlen(given) : 0,
	    is);
	sha256_of(is_known ? r->secret : "", is_known ? strlen(r->secret) : 0,
	    want);
	return (mem_eq_ct(is, want, sizeof(is)) && is_known);
}

void
receipt_facts_init(struct receipt_facts *f)
{
	memset(f, 0, sizeof(*f));
	buf_init(&f->rows, RECEIPT_JSON_MAX);
}

void
receipt_facts_clear(struct receipt_facts *f)
{
	buf_clear(&f->rows);
}

enum err
receipt_read(const struct provider_receipt *r,
    const struct receipt_said *said, struct receipt_facts *f)
{
	struct receipt_said	 one = *said;
	const json_t		*list;
	bool			 is_list;
	size_t			 i;

	if ((list = receipt_list(r, said, &is_list)) == NULL && is_list)
		return (ERR_FORMAT);
	if (json_array_size(list) > RECEIPT_ROWS_MAX)
		return (ERR_SPACE);
	buf_char(&f->rows, '[');
	if (!is_list)
		receipt_entry(r, &one, f);
	for (i = 0; i < json_array_size(list); i++) {
		one.json = json_array_get(list, i);
		receipt_entry(r, &one, f);
	}
	buf_char(&f->rows, ']');
	if (buf_err(&f->rows) != ERR_OK)
		return (buf_err(&f->rows));
	if (f->n_rows + f->n_ignored + f->n_unmapped > 0)
		f->missing = NULL;
	return (f->missing != NULL ? ERR_NOT_FOUND : ERR_OK);
}

/* The array of receipts: the body itself, or where the document says. */
static const json_t *
receipt_list(const struct provider_receipt *r,
    const struct receipt_said *said, bool *is_list)
{
	const json_t	*list = said->json;

	if (r->list[0] != '\0' && json_is_object(list)) {
		*is_list = true;
		list = json_pointer_get(list, r->list);
	} else
		*is_list = json_is_array(list);
	return (json_is_array(list) ? list : NULL);
}

static void
receipt_entry(const struct provider_receipt *r,
    const struct receipt_said *said, struct receipt_facts *f)
{
	struct buf		ref, status, error;
	enum receipt_state	state;

	buf_init(&ref, RECEIPT_VALUE_MAX);
	buf_init(&status, RECEIPT_VALUE_MAX);
	buf_init(&error, RECEIPT_VALUE_MAX);
	if (!receipt_value(said, r->id, &ref))
		f->missing = "id";
	else if (!receipt_value(said, r->status, &status))
		f->missing = "status";
	else if ((state = receipt_state_of(r->map, status.data)) ==
	    RECEIPT_UNMAPPED) {
		f->n_unmapped++;
		receipt_line(&error, status.data, RECEIPT_WORD_MAX);
		if (buf_err(&error) == ERR_OK && error.len > 0)
			memcpy(f->unmapped, error.data, error.len + 1);
	} else if (state == RECEIPT_IGNORED || ref.len > VERDICT_REF_MAX)
		f->n_ignored++;		/* such an id was never kept */
	else {
		if (state == RECEIPT_FAILED && r->error[0] != '\0')
			(void)receipt_value(said, r->error, &error);
		receipt_row(ref.data, state, &error, f);
	}
	if (buf_err(&ref) == ERR_NOMEM || buf_err(&status) == ERR_NOMEM ||
	    buf_err(&error) == ERR_NOMEM)
		f->rows.err = ERR_NOMEM;
	buf_clear(&ref);
	buf_clear(&status);
	buf_clear(&error);
}

/* The text at |place|; false: there is none, or it is empty. */
static bool
receipt_value(const struct receipt_said *said, const char *place,
    struct buf *out)
{
	const json_t	*v = NULL;

	if (place[0] == '/')
		v = json_pointer_get(said->json, place);
	else if (receipt_field(said->form, place, out) ||
	    receipt_field(said->query, place, out))
		return (true);
	else
		v = json_object_get(said->json, place);
	if (json_is_string(v))
		receipt_cut(out, json_string_value(v),
		    json_string_length(v));
	else if (v != NULL)
		(void)json_scalar_text(v, out);
	return (buf_err(out) == ERR_OK && out->len > 0);
}

static bool
receipt_field(const struct form *f, const char *name, struct buf *out)
{
	const struct form_pair	*p;

	if (f == NULL || (p = form_find(f, name)) == NULL ||
	    p->value_len == 0)
		return (false);
	receipt_cut(out, p->value, p->value_len);
	return (buf_err(out) == ERR_OK);
}

static void
receipt_cut(struct buf *out, const char *s, size_t len)
{
	buf_add(out, s, len < RECEIPT_VALUE_MAX / 2 ? len :
	    RECEIPT_VALUE_MAX / 2);
}

static enum receipt_state
receipt_state_of(const json_t *map, const char *status)
{
	const char		*s;
	enum receipt_state	 state;

	s = json_string_value(json_object_get(map, status));
	if (s == NULL || receipt_state_parse(s, &state) != ERR_OK)
		return (RECEIPT_UNMAPPED);
	return (state);
}

static void
receipt_row(const char *ref, enum receipt_state state,
    const struct buf *error, struct receipt_facts *f)
{
	struct buf	line;

	buf_init(&line, RECEIPT_VALUE_MAX);
	if (error->len > 0)
		receipt_line(&line, error->data, RECEIPT_ERROR_MAX);
	buf_str(&f->rows, f->n_rows++ > 0 ? ",{\"ref\":" : "{\"ref\":");
	buf_json(&f->rows, ref, strlen(ref));
	buf_printf(&f->rows, ",\"state\":\"%s\"", receipt_states[state]);
	if (line.len > 0) {
		buf_str(&f->rows, ",\"error\":");
		buf_json(&f->rows, line.data, line.len);
	}
	buf_char(&f->rows, '}');
	if (buf_err(&line) != ERR_OK)
		f->rows.err = buf_err(&line);
	buf_clear(&line);
}

/* At most |max| bytes of |s|, whole characters without control characters: it
 * is read by people, in logs and pages. */
static void
receipt_line(struct buf *out, const char *s, size_t max)
{
	size_t	i, len = strnlen(s, max + 1);

	/* No character begins with 10......: back to where one does. */
	for (; len > max || (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80);
	    len--)
		;
	for (i = 0; i < len; i++)
		buf_char(out, (unsigned char)s[i] >= 0x20 && s[i] != 0x7f ?
		    s[i] : '?');
}
