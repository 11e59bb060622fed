/*
 * list_cursor - see list_cursor.h.  One byte of kind, the list's digest, the
 * id, then the key; as base64url.  There is nothing secret in it and
 * nothing that a forged one could reach: the list's own filters still hold.
 */
#include "list_cursor.h"

#include <string.h>

#include "codec.h"
#include "digest.h"
#include "str.h"

/* The first byte. */
#define CURSOR_WHOLE	1
#define CURSOR_CUT	2
#define CURSOR_HEAD_LEN	(1 + LIST_CURSOR_BOUND_LEN + 16)

void
list_cursor_bind(const char *list, size_t len,
    uint8_t bound[LIST_CURSOR_BOUND_LEN])
{
	uint8_t	hash[SHA256_LEN];

	sha256_of(list, len, hash);
	memcpy(bound, hash, LIST_CURSOR_BOUND_LEN);
}

enum err
list_cursor_parse(const char *s, size_t len,
    const uint8_t bound[LIST_CURSOR_BOUND_LEN], struct list_cursor *out)
{
	uint8_t		raw[LIST_CURSOR_RAW_MAX];
	size_t		n = sizeof(raw);
	const char	*key = (const char *)raw + CURSOR_HEAD_LEN;

	memset(out, 0, sizeof(*out));
	if (len > LIST_CURSOR_TEXT_MAX ||
	    b64url_decode(s, len, raw, &n) != ERR_OK || n < CURSOR_HEAD_LEN ||
	    (raw[0] != CURSOR_WHOLE && raw[0] != CURSOR_CUT) ||
	    !str_is_utf8(key, n - CURSOR_HEAD_LEN))
		return (ERR_FORMAT);
	if (memcmp(raw + 1, bound, LIST_CURSOR_BOUND_LEN) != 0)
		return (ERR_CONFLICT);
	memcpy(out->bound, bound, LIST_CURSOR_BOUND_LEN);
	out->is_cut = raw[0] == CURSOR_CUT;
	memcpy(out->id.b, raw + 1 + LIST_CURSOR_BOUND_LEN,
	    sizeof(out->id.b));
	return (str_copy(out->key, sizeof(out->key), key,
	    n - CURSOR_HEAD_LEN));
}
