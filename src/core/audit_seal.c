/*
 * audit_seal - the line of a seal, read strictly, and the key of the chain.
 */
#include <jansson.h>
#include <string.h>

#include "audit_chain.h"
#include "codec.h"
#include "json_in.h"
#include "mem.h"
#include "str.h"

struct audit_key {
	struct hmac_key	*hmac;
	char		 id[AUDIT_KEY_ID_LEN + 1];
};

static int64_t	audit_seal_int(json_t *o, const char *name, bool *ok);
static void	audit_seal_hex(json_t *o, const char *name,
		    uint8_t out[SHA256_LEN], bool *ok);
static void	audit_seal_text(json_t *o, const char *name, char *dst,
		    size_t cap, bool *ok);
static void	audit_seal_kind(json_t *o, struct audit_seal *s, bool *ok);

enum err
audit_seal_parse(const char *line, size_t len, struct audit_seal *out)
{
	json_t		*o = NULL;
	char		 xid[24];
	bool		 ok = true;
	enum err	 r;

	memset(out, 0, sizeof(*out));
	if (len > AUDIT_LINE_MAX)
		return (ERR_FORMAT);
	if ((r = json_in_object(line, len, &o)) != ERR_OK)
		return (r);
	out->no = audit_seal_int(o, "no", &ok);
	out->after_id = audit_seal_int(o, "after_id", &ok);
	out->id = audit_seal_int(o, "id", &ok);
	out->n = audit_seal_int(o, "n", &ok);
	out->total = audit_seal_int(o, "total", &ok);
	audit_seal_text(o, "xid", xid, sizeof(xid), &ok);
	audit_seal_text(o, "at", out->at, sizeof(out->at), &ok);
	audit_seal_hex(o, "previous", out->previous, &ok);
	audit_seal_kind(o, out, &ok);
	if (ok && str_int(xid, strlen(xid), 0, INT64_MAX, &out->xid) !=
	    ERR_OK)
		ok = false;
	json_decref(o);
	return (ok && out->no >= 1 ? ERR_OK : ERR_FORMAT);
}

enum err
audit_key_new(const uint8_t *master, size_t len, struct audit_key **out)
{
	struct audit_key	*k;
	uint8_t			 key[SHA256_LEN], id[SHA256_LEN];
	enum err		 r;

	*out = NULL;
	if ((k = mem_new(sizeof(*k))) == NULL)
		return (ERR_NOMEM);
	if ((r = hkdf_sha256(master, len, "identity/audit/v1", key,
	    sizeof(key))) == ERR_OK)
		r = hmac_key_new(key, sizeof(key), &k->hmac);
	if (r == ERR_OK) {
		sha256_of(key, sizeof(key), id);
		hex_encode(id, AUDIT_KEY_ID_LEN / 2, k->id);
		*out = k;
	} else
		audit_key_free(k);
	mem_wipe(key, sizeof(key));
	return (r);
}

void
audit_key_free(struct audit_key *k)
{
	if (k == NULL)
		return;
	hmac_key_free(k->hmac);
	mem_free(k);
}

const char *
audit_key_id(const struct audit_key *k)
{
	return (k->id);
}

enum err
audit_key_mac(struct audit_key *k, const char *line, size_t len,
    uint8_t mac[SHA256_LEN])
{
	return (hmac_sha256(k->hmac, line, len, mac));
}

static void
audit_seal_kind(json_t *o, struct audit_seal *s, bool *ok)
{
	char	kind[16];

	audit_seal_text(o, "kind", kind, sizeof(kind), ok);
	if (!*ok)
		return;
	if (strcmp(kind, "rows") == 0) {
		s->kind = AUDIT_SEAL_ROWS;
		audit_seal_hex(o, "digest", s->digest, ok);
	} else if (strcmp(kind, "purge") == 0) {
		s->kind = AUDIT_SEAL_PURGE;
		s->up_to = audit_seal_int(o, "up_to", ok);
	} else if (strcmp(kind, "restore") == 0)
		s->kind = AUDIT_SEAL_RESTORE;
	else
		*ok = false;
}

static int64_t
audit_seal_int(json_t *o, const char *name, bool *ok)
{
	json_t	*j = json_object_get(o, name);

	if (!json_is_integer(j) || json_integer_value(j) < 0) {
		*ok = false;
		return (0);
	}
	return (json_integer_value(j));
}

static void
audit_seal_hex(json_t *o, const char *name, uint8_t out[SHA256_LEN], bool *ok)
{
	json_t	*j = json_object_get(o, name);

	if (!json_is_string(j) || hex_decode(json_string_value(j),
	    json_string_length(j), out, SHA256_LEN) != ERR_OK)
		*ok = false;
}

static void
audit_seal_text(json_t *o, const char *name, char *dst, size_t cap, bool *ok)
{
	json_t	*j = json_object_get(o, name);

	dst[0] = '\0';
	if (!json_is_string(j) || str_copy(dst, cap, json_string_value(j),
	    json_string_length(j)) != ERR_OK)
		*ok = false;
}
