/*
 * provider_receipt - the part "receipt" of a document: where a provider's
 * reports about delivery say which message, and what its words mean.
 * Ref: docs/providers.md.
 */
#include <string.h>

#include "json_pointer.h"
#include "placeholder.h"
#include "provider_priv.h"
#include "receipt.h"

#define PF_SECRET_MIN	16		/* it stands in a URL, and strangers guess */
#define PF_PLACE_MAX	256
#define PF_MAP_MAX	64
#define PF_WORD_MAX	100

static const struct pf_field	pf_receipt_fields[] = {
	{ "secret", PF_OTHER, 0 }, { "list", PF_TEXT, PF_PLACE_MAX },
	{ "id", PF_TEXT, PF_PLACE_MAX }, { "status", PF_TEXT, PF_PLACE_MAX },
	{ "error", PF_TEXT, PF_PLACE_MAX }, { "map", PF_OTHER, 0 },
	{ NULL, PF_OTHER, 0 }
};

static const char	*receipt_text(const json_t *j, const char *name);
static void		 rules_receipt_secret(struct provider_work *w);
static void		 rules_receipt_places(struct provider_work *w);
static void		 rules_receipt_map(struct provider_work *w);
static void		 rules_receipt_ref(struct provider_work *w);
static bool		 receipt_is_place(const char *s);

void
pf_receipt(struct provider_work *w)
{
	static const char *const	 path[2] = { NULL, "receipt" };
	json_t				*v = json_object_get(w->doc, "receipt");
	const json_t			*map;

	if (v == NULL || json_is_null(v))
		return;
	if (!json_is_object(v)) {
		provider_bad(w, "receipt", "must be an object");
		return;
	}
	pf_fields(w, pf_receipt_fields, v, "receipt");
	pf_secret(w, json_object_get(v, "secret"), "receipt.secret", path);
	map = json_object_get(v, "map");
	if (json_is_object(map))
		pf_set(w, pf_child(w, w->p->config, "receipt"), "map",
		    json_deep_copy(map));
	else if (map != NULL && !json_is_null(map))
		provider_bad(w, "receipt.map", "must be an object");
}

void
provider_bind_receipt(struct provider *p)
{
	struct provider_receipt	*r = &p->receipt;
	const json_t		*j = json_object_get(p->config, "receipt");

	r->is_there = j != NULL;
	r->secret = receipt_text(p->secrets, "receipt");
	r->list = receipt_text(j, "list");
	r->id = receipt_text(j, "id");
	r->status = receipt_text(j, "status");
	r->error = receipt_text(j, "error");
	r->map = json_object_get(j, "map");
}

void
provider_rules_receipt(struct provider_work *w)
{
	if (!w->p->receipt.is_there)
		return;
	rules_receipt_secret(w);
	rules_receipt_places(w);
	rules_receipt_map(w);
	rules_receipt_ref(w);
}

static const char *
receipt_text(const json_t *j, const char *name)
{
	const char	*s = json_string_value(json_object_get(j, name));

	return (s == NULL ? "" : s);
}

/* Many gateways can only call a URL: it has to stand there as it is. */
static void
rules_receipt_secret(struct provider_work *w)
{
	const char	*s = w->p->receipt.secret;
	size_t		 len = strlen(s);

	if (len == 0)
		provider_bad(w, "receipt.secret", "is needed");
	else if (len < PF_SECRET_MIN || len > RECEIPT_SECRET_MAX ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")] != '\0')
		provider_bad(w, "receipt.secret", "must be %d to %d letters, "
		    "digits, '-', '.', '_' or '~'", PF_SECRET_MIN,
		    RECEIPT_SECRET_MAX);
}

static void
rules_receipt_places(struct provider_work *w)
{
	const struct provider_receipt	*r = &w->p->receipt;
	static const char		 what[] = "a JSON pointer, like "
					    "/message/id, or the name of a "
					    "field of a form or query";

	if (!receipt_is_place(r->id))
		provider_bad(w, "receipt.id", "must be %s", what);
	if (!receipt_is_place(r->status))
		provider_bad(w, "receipt.status", "must be %s", what);
	if (r->error[0] != '\0' && !receipt_is_place(r->error))
		provider_bad(w, "receipt.error", "must be %s", what);
	if (r->list[0] != '\0' && !json_pointer_check(r->list))
		provider_bad(w, "receipt.list",
		    "must be a JSON pointer to an array, like /results");
}

/* Without one that is delivered no receipt would ever say anything. */
static void
rules_receipt_map(struct provider_work *w)
{
	json_t			*map, *v;
	const char		*key;
	enum receipt_state	 state;
	bool			 is_delivered = false;

	map = json_object_get(json_object_get(w->p->config, "receipt"), "map");
	if (json_object_size(map) > PF_MAP_MAX)
		provider_bad(w, "receipt.map", "must have at most %d values",
		    PF_MAP_MAX);
	json_object_foreach(map, key, v) {
		if (strlen(key) > PF_WORD_MAX || !json_is_string(v) ||
		    receipt_state_parse(json_string_value(v), &state) !=
		    ERR_OK) {
			provider_bad(w, "receipt.map", "must map values of at "
			    "most %d bytes to delivered, failed or ignored",
			    PF_WORD_MAX);
			return;
		}
		is_delivered |= state == RECEIPT_DELIVERED;
	}
	if (!is_delivered)
		provider_bad(w, "receipt.map", "must say which status means "
		    "delivered, like {\"DELIVRD\":\"delivered\"}");
}

/* A receipt is known by the id that the answer gave, or by ours. */
static void
rules_receipt_ref(struct provider_work *w)
{
	const struct provider_generic	*g = &w->p->u.generic;

	if (w->p->type == PROVIDER_GENERIC && g->message_id_pointer[0] ==
	    '\0' && (g->used & PH_BIT(PH_REQUEST_ID)) == 0)
		provider_bad(w, "message_id_pointer", "is needed with "
		    "receipt, or {request_id} in what is sent");
}

static bool
receipt_is_place(const char *s)
{
	if (s[0] == '/')
		return (json_pointer_check(s));
	return (s[0] != '\0' && strlen(s) <= PF_WORD_MAX &&
	    strchr(s, '\n') == NULL);
}
