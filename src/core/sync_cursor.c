/*
 * sync_cursor - see sync_cursor.h.
 */
#include "sync_cursor.h"

#include <string.h>

#include "codec.h"
#include "mem.h"

#define CURSOR_MAC_LEN	16
#define CURSOR_TAG_BYTES	16
#define CURSOR_PLACE_LEN	(1 + 16 + 8 + 16)
#define CURSOR_BODY_LEN		(CURSOR_PLACE_LEN + 8)
#define CURSOR_MORE_MAX		128

static void	cursor_place(const struct sync_cursor *c, uint8_t *out);
static void	cursor_put64(uint8_t *out, int64_t v);
static int64_t	cursor_get64(const uint8_t *p);
static enum err	cursor_mac(const uint8_t *body, const struct uuid *app,
		    struct hmac_key *key, uint8_t *out);

enum err
sync_cursor_format(const struct sync_cursor *c, const struct uuid *app,
    struct hmac_key *key, char out[SYNC_CURSOR_LEN + 1])
{
	uint8_t		b[SYNC_CURSOR_BYTES];
	enum err	r;

	out[0] = '\0';
	cursor_place(c, b);
	cursor_put64(b + CURSOR_PLACE_LEN, c->made_s);
	if ((r = cursor_mac(b, app, key, b + CURSOR_BODY_LEN)) != ERR_OK)
		return (r);
	b64url_encode(b, sizeof(b), out);
	return (ERR_OK);
}

enum err
sync_cursor_parse(const char *s, size_t len, const struct uuid *app,
    struct hmac_key *key, struct sync_cursor *out)
{
	uint8_t		b[SYNC_CURSOR_BYTES], mac[CURSOR_MAC_LEN];
	size_t		n = sizeof(b);
	enum err	r;

	memset(out, 0, sizeof(*out));
	if (len != SYNC_CURSOR_LEN || b64url_decode(s, len, b, &n) != ERR_OK ||
	    n != sizeof(b))
		return (ERR_FORMAT);
	if ((r = cursor_mac(b, app, key, mac)) != ERR_OK)
		return (r);
	if (!mem_eq_ct(mac, b + CURSOR_BODY_LEN, sizeof(mac)))
		return (ERR_SIGNATURE);
	/* Ours, so it is whole; a later version may have made it. */
	if (b[0] < SYNC_SNAPSHOT || b[0] > SYNC_DELTA)
		return (ERR_FORMAT);
	out->kind = (enum sync_kind)b[0];
	memcpy(out->epoch.b, b + 1, 16);
	out->xid = cursor_get64(b + 17);
	memcpy(out->id.b, b + 25, 16);
	out->made_s = cursor_get64(b + CURSOR_PLACE_LEN);
	return (ERR_OK);
}

void
sync_cursor_tag(const struct sync_cursor *c, const struct uuid *app,
    const char *more, char out[SYNC_TAG_LEN + 1])
{
	uint8_t	b[sizeof(app->b) + CURSOR_PLACE_LEN + CURSOR_MORE_MAX];
	uint8_t	hash[SHA256_LEN];
	size_t	n = strlen(more);

	if (n > CURSOR_MORE_MAX)
		n = CURSOR_MORE_MAX;
	memcpy(b, app->b, sizeof(app->b));
	cursor_place(c, b + sizeof(app->b));
	memcpy(b + sizeof(app->b) + CURSOR_PLACE_LEN, more, n);
	sha256_of(b, sizeof(app->b) + CURSOR_PLACE_LEN + n, hash);
	out[0] = '"';
	b64url_encode(hash, CURSOR_TAG_BYTES, out + 1);
	out[SYNC_TAG_LEN - 1] = '"';
	out[SYNC_TAG_LEN] = '\0';
}

static void
cursor_place(const struct sync_cursor *c, uint8_t *out)
{
	out[0] = (uint8_t)c->kind;
	memcpy(out + 1, c->epoch.b, 16);
	cursor_put64(out + 17, c->xid);
	memcpy(out + 25, c->id.b, 16);
}

static void
cursor_put64(uint8_t *out, int64_t v)
{
	uint64_t	u = (uint64_t)v;
	int		i;

	for (i = 7; i >= 0; i--) {
		out[i] = (uint8_t)u;
		u >>= 8;
	}
}

static int64_t
cursor_get64(const uint8_t *p)
{
	uint64_t	u = 0;
	int		i;

	for (i = 0; i < 8; i++)
		u = u << 8 | p[i];
	return ((int64_t)u);
}

static enum err
cursor_mac(const uint8_t *body, const struct uuid *app, struct hmac_key *key,
    uint8_t *out)
{
	uint8_t		b[sizeof(app->b) + CURSOR_BODY_LEN], mac[SHA256_LEN];
	enum err	r;

	memcpy(b, app->b, sizeof(app->b));
	memcpy(b + sizeof(app->b), body, CURSOR_BODY_LEN);
	if ((r = hmac_sha256(key, b, sizeof(b), mac)) == ERR_OK)
		memcpy(out, mac, CURSOR_MAC_LEN);
	return (r);
}
