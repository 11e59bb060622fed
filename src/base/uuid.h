/*
 * uuid - RFC 9562 identifiers; the service makes version 7 only.
 */
#ifndef UUID_H
#define UUID_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define UUID_TEXT_LEN	36

struct uuid {
	uint8_t	b[16];
};

/* New version 7 id; unix time in ms from clock_us(), 74 random bits. */
void		uuid_make(struct uuid *u);
/* 36 characters 8-4-4-4-12, either case, any version.  ERR_FORMAT. */
enum err	uuid_parse(const char *s, size_t len, struct uuid *u) MUSTCHECK;
/* Lower-case text and a NUL. */
void		uuid_format(const struct uuid *u, char out[UUID_TEXT_LEN + 1]);
int		uuid_cmp(const struct uuid *a, const struct uuid *b);

#endif
