/*
 * db_wire - constants and byte order of PostgreSQL's binary format, shared by
 * db_param and db_row alone.
 */
#ifndef DB_WIRE_H
#define DB_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* 2000-01-01T00:00:00Z, where timestamptz counts from, in us since 1970. */
#define DB_WIRE_EPOCH_US	INT64_C(946684800000000)
/* A field's length is an int32, and the server refuses more than 1 GB. */
#define DB_WIRE_VALUE_MAX	((size_t)1 << 30)

/* Types that this program reads or writes in binary (pg_type.dat). */
#define DB_OID_BOOL		16
#define DB_OID_BYTEA		17
#define DB_OID_INT8		20
#define DB_OID_INT2		21
#define DB_OID_INT4		23
#define DB_OID_TEXT		25
#define DB_OID_VARCHAR		1043
#define DB_OID_TIMESTAMPTZ	1184
#define DB_OID_UUID		2950

static inline void
db_wire_put(uint8_t *b, size_t n, uint64_t v)
{
	while (n-- > 0) {
		b[n] = (uint8_t)v;
		v >>= 8;
	}
}

/* |n| bytes, big-endian, two's complement. */
static inline int64_t
db_wire_get(const uint8_t *b, size_t n)
{
	uint64_t	v = b[0] & 0x80 ? UINT64_MAX : 0;
	size_t		i;

	for (i = 0; i < n; i++)
		v = v << 8 | b[i];
	return ((int64_t)v);
}

#endif
