/*
 * audit_export - see audit_export.h.
 */
#include "audit_export.h"

#include <jansson.h>
#include <string.h>

#include "codec.h"
#include "json_in.h"
#include "mem.h"
#include "str.h"

static enum err	export_wrong(struct audit_export *e, const char *why);
static enum err	export_head(struct audit_export *e, json_t *o);
static enum err	export_seal(struct audit_export *e, json_t *o);
static enum err	export_marks(json_t *o, struct audit_claim *claim);
static bool	export_hex(json_t *o, const char *name,
		    uint8_t out[SHA256_LEN]);

enum err
audit_export_line(struct audit_export *e, const char *line, size_t len)
{
	static const char	 row[] = "{\"id\":";
	json_t			*o = NULL;
	enum err		 r;

	if (e->has_end)
		return (export_wrong(e, "there are lines behind the end"));
	if (e->has_head && len > sizeof(row) &&
	    memcmp(line, row, sizeof(row) - 1) == 0)
		return (e->is_looking ? ERR_OK :
		    audit_check_row(e->check, line, len));
	if (json_in_object(line, len, &o) != ERR_OK)
		return (export_wrong(e, "a line is not one JSON object"));
	if (!e->has_head)
		r = export_head(e, o);
	else if (json_object_get(o, "seal") != NULL)
		r = export_seal(e, o);
	else if (json_is_integer(json_object_get(o, "end"))) {
		e->has_end = true;
		r = json_integer_value(json_object_get(o, "end")) ==
		    e->check->last.no || e->is_looking ? ERR_OK :
		    export_wrong(e, "seals are missing at the end");
	} else
		r = export_wrong(e, "a line is neither row nor seal");
	json_decref(o);
	return (r);
}

enum err
audit_export_end(struct audit_export *e)
{
	if (!e->has_end)
		return (export_wrong(e, "the file was cut off: it has no end"));
	return (e->is_looking ? ERR_OK : audit_check_end(e->check));
}

static enum err
export_head(struct audit_export *e, json_t *o)
{
	if (json_integer_value(json_object_get(o, "audit_export")) != 1)
		return (export_wrong(e, "this is no export of the audit log "
		    "(version 1)"));
	if (!json_is_true(json_object_get(o, "is_chain")))
		return (export_wrong(e, "a filter was used: what it left out "
		    "cannot be told from what was removed; export without "
		    "one, or with a time alone"));
	e->has_head = true;
	return (ERR_OK);
}

static enum err
export_seal(struct audit_export *e, json_t *o)
{
	struct audit_claim	 claim;
	struct audit_seal	 s;
	json_t			*line = json_object_get(o, "seal");
	uint8_t			 hash[SHA256_LEN], mac[SHA256_LEN];
	enum err		 r;

	memset(&claim, 0, sizeof(claim));
	claim.line = json_string_value(line);
	claim.line_len = json_string_length(line);
	claim.key_id = json_string_value(json_object_get(o, "key_id"));
	claim.hash = hash;
	claim.mac = mac;
	if (claim.line == NULL || claim.key_id == NULL ||
	    !export_hex(o, "hash", hash) || !export_hex(o, "mac", mac))
		return (export_wrong(e, "a seal lacks its line, hash, mac or "
		    "key_id"));
	if (e->is_looking) {
		if (audit_seal_parse(claim.line, claim.line_len, &s) ==
		    ERR_OK && s.kind == AUDIT_SEAL_PURGE && s.up_to > e->gone)
			e->gone = s.up_to;
		return (ERR_OK);	/* what is wrong is found later */
	}
	if ((r = export_marks(o, &claim)) != ERR_OK)
		return (r == ERR_FORMAT ? export_wrong(e,
		    "the marks of a seal are no base64") : r);
	r = audit_check_seal(e->check, &claim);
	mem_free((void *)(uintptr_t)claim.marks);
	return (r);
}

/* claim->marks is the caller's. */
static enum err
export_marks(json_t *o, struct audit_claim *claim)
{
	json_t		*j = json_object_get(o, "marks");
	uint8_t		*marks;
	size_t		 n;
	enum err	 r;

	if (!json_is_string(j) || json_string_length(j) == 0)
		return (ERR_OK);
	n = json_string_length(j);
	if ((marks = mem_new(n)) == NULL)
		return (ERR_NOMEM);
	if ((r = b64_decode(json_string_value(j), json_string_length(j),
	    marks, &n)) != ERR_OK) {
		mem_free(marks);
		return (r);
	}
	claim->marks = marks;
	claim->marks_len = n;
	return (ERR_OK);
}

static bool
export_hex(json_t *o, const char *name, uint8_t out[SHA256_LEN])
{
	json_t	*j = json_object_get(o, name);

	return (json_is_string(j) && hex_decode(json_string_value(j),
	    json_string_length(j), out, SHA256_LEN) == ERR_OK);
}

static enum err
export_wrong(struct audit_export *e, const char *why)
{
	if (str_copy(e->check->why, sizeof(e->check->why), why,
	    strlen(why)) != ERR_OK)
		e->check->why[0] = '\0';	/* not reached: they fit */
	return (ERR_FORMAT);
}
