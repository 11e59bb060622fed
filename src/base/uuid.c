/*
 * uuid - RFC 9562 identifiers.  Makes version 7 only; reads any.
 */
#include "uuid.h"

#include <string.h>

#include "clock.h"
#include "codec.h"
#include "rnd.h"

/* Bytes in each group of the text: 8-4-4-4-12. */
static const uint8_t	uuid_groups[5] = { 4, 2, 2, 2, 6 };

void
uuid_make(struct uuid *u)
{
	int64_t		us = clock_us();
	uint64_t	ms = us > 0 ? (uint64_t)us / US_PER_MS : 0;
	int		i;

	rnd_bytes(u->b, sizeof(u->b));
	for (i = 5; i >= 0; i--) {
		u->b[i] = (uint8_t)ms;
		ms >>= 8;
	}
	u->b[6] = (uint8_t)((u->b[6] & 0x0f) | 0x70);	/* version 7 */
	u->b[8] = (uint8_t)((u->b[8] & 0x3f) | 0x80);	/* variant 10 */
}

enum err
uuid_parse(const char *s, size_t len, struct uuid *u)
{
	struct uuid	v;
	size_t		i, at = 0, n = 0;

	if (len != UUID_TEXT_LEN)
		return (ERR_FORMAT);
	for (i = 0; i < COUNT(uuid_groups); i++) {
		if (i > 0 && s[at++] != '-')
			return (ERR_FORMAT);
		if (hex_decode(s + at, 2 * (size_t)uuid_groups[i], v.b + n,
		    uuid_groups[i]) != ERR_OK)
			return (ERR_FORMAT);
		at += 2 * (size_t)uuid_groups[i];
		n += uuid_groups[i];
	}
	*u = v;
	return (ERR_OK);
}

void
uuid_format(const struct uuid *u, char out[UUID_TEXT_LEN + 1])
{
	size_t	i, at = 0, n = 0;

	for (i = 0; i < COUNT(uuid_groups); i++) {
		if (i > 0)
			out[at++] = '-';
		hex_encode(u->b + n, uuid_groups[i], out + at);
		at += 2 * (size_t)uuid_groups[i];
		n += uuid_groups[i];
	}
}

int
uuid_cmp(const struct uuid *a, const struct uuid *b)
{
	return (memcmp(a->b, b->b, sizeof(a->b)));
}
