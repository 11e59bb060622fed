/*
 * provider_store - see provider_store.h.
 */
#include "provider_store.h"

#include <string.h>

#include "buf.h"
#include "mem.h"
#include "str.h"

static enum err	provider_store_seal(struct sealer *s, const struct uuid *id,
		    const struct buf *in, struct buf *out);
static enum err	provider_store_aad(const struct uuid *id, char *out,
		    size_t cap);

enum err
provider_store_save_params(struct db_params *q, const struct provider_save *a)
{
	const struct provider	*p = a->p;
	struct buf		 countries, config, secrets, sealed;
	enum err		 r;

	buf_init(&countries, 1024);
	buf_init(&config, PROVIDER_DOC_MAX);
	buf_init(&secrets, PROVIDER_SECRETS_MAX);
	buf_init(&sealed, PROVIDER_SECRETS_MAX + SEAL_OVERHEAD);
	provider_countries_text(p, &countries);
	provider_config_json(p, &config);
	provider_secrets_json(p, &secrets);
	if ((r = buf_err(&countries)) != ERR_OK ||
	    (r = buf_err(&config)) != ERR_OK ||
	    (provider_has_secrets(p) && (r = provider_store_seal(a->sealer,
	    &a->id, &secrets, &sealed)) != ERR_OK))
		goto done;
	db_uuid(q, &a->id);
	if (a->has_version)
		db_i64(q, a->version);
	else
		db_null(q);
	db_text(q, p->name);
	db_text(q, provider_type_name(p->type));
	db_bool(q, p->is_enabled);
	db_i32(q, p->priority);
	db_i32(q, p->timeout_s);
	db_text(q, countries.data != NULL ? countries.data : "");
	db_text(q, config.data);
	if (sealed.len > 0)
		db_bytes(q, sealed.data, sealed.len);
	else
		db_null(q);
done:
	buf_clear(&countries);
	buf_clear(&config);
	buf_clear(&secrets);
	buf_clear(&sealed);
	return (r);
}

enum err
provider_store_open(struct sealer *s, const struct uuid *id,
    const uint8_t *p, size_t len, char **out)
{
	char		aad[64];
	size_t		n;
	enum err	r;

	*out = NULL;
	if (p == NULL)
		return (ERR_OK);
	if (len <= SEAL_OVERHEAD || len > PROVIDER_SECRETS_MAX)
		return (ERR_SIGNATURE);
	n = len - SEAL_OVERHEAD;
	if ((r = provider_store_aad(id, aad, sizeof(aad))) != ERR_OK)
		return (r);
	if ((*out = mem_new(n + 1)) == NULL)
		return (ERR_NOMEM);
	if ((r = seal_open(s, aad, p, len, (uint8_t *)*out)) != ERR_OK) {
		mem_free_secret(*out, n + 1);
		*out = NULL;
	}
	return (r);
}

static enum err
provider_store_seal(struct sealer *s, const struct uuid *id,
    const struct buf *in, struct buf *out)
{
	uint8_t		*sealed;
	char		 aad[64];
	enum err	 r;

	if ((r = buf_err(in)) != ERR_OK ||
	    (r = provider_store_aad(id, aad, sizeof(aad))) != ERR_OK)
		return (r);
	if ((sealed = mem_new(in->len + SEAL_OVERHEAD)) == NULL)
		return (ERR_NOMEM);
	if ((r = seal(s, aad, in->data, in->len, sealed)) == ERR_OK) {
		buf_add(out, sealed, in->len + SEAL_OVERHEAD);
		r = buf_err(out);
	}
	mem_free(sealed);
	return (r);
}

static enum err
provider_store_aad(const struct uuid *id, char *out, size_t cap)
{
	char	text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	return (str_printf(out, cap, "provider/secrets/%s", text));
}
