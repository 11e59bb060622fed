/*
 * fuzz_sync_cursor - two ways in, by the first byte: the text of a cursor, and
 * the bytes of one that is then well signed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sync_cursor.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct uuid	app = { { 1, 2, 3 } };
static struct hmac_key		*key;		/* made by the first run */

static void
check_text(const char *s, size_t len)
{
	struct sync_cursor	c, zero;
	char			again[SYNC_CURSOR_LEN + 1];

	memset(&zero, 0, sizeof(zero));
	switch (sync_cursor_parse(s, len, &app, key, &c)) {
	case ERR_OK:
		/* One spelling for each cursor. */
		if (sync_cursor_format(&c, &app, key, again) != ERR_OK ||
		    len != SYNC_CURSOR_LEN || memcmp(again, s, len) != 0)
			abort();
		break;
	case ERR_FORMAT:
	case ERR_SIGNATURE:
		if (memcmp(&c, &zero, sizeof(c)) != 0)
			abort();
		break;
	default:
		abort();
	}
}

static void
check_signed(const uint8_t *data, size_t len)
{
	struct sync_cursor	c, back;
	char			text[SYNC_CURSOR_LEN + 1];
	uint8_t			b[49] = { 0 };
	int			kind;

	memcpy(b, data, len < sizeof(b) ? len : sizeof(b));
	memset(&c, 0, sizeof(c));
	kind = b[0] & 7;
	c.kind = (enum sync_kind)kind;
	memcpy(c.epoch.b, b + 1, 16);
	memcpy(&c.xid, b + 17, 8);
	memcpy(c.id.b, b + 25, 16);
	memcpy(&c.made_s, b + 41, 8);
	if (sync_cursor_format(&c, &app, key, text) != ERR_OK)
		abort();
	switch (sync_cursor_parse(text, SYNC_CURSOR_LEN, &app, key, &back)) {
	case ERR_OK:
		if (memcmp(&c, &back, sizeof(c)) != 0)
			abort();
		break;
	case ERR_FORMAT:
		if (kind >= SYNC_SNAPSHOT && kind <= SYNC_DELTA)
			abort();
		break;
	default:
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (key == NULL && hmac_key_new("fuzz", 4, &key) != ERR_OK)
		abort();
	if (len > 0 && data[0] == 's')
		check_signed(data + 1, len - 1);
	else
		check_text((const char *)data, len);
	return (0);
}
