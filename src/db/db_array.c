/*
 * db_array - see db_array.h.  Form: array_recv() of PostgreSQL: dimensions,
 * has nulls, type; length and first index; then each element with its length.
 */
#include "db_array.h"

#include <string.h>

#include "db_wire.h"

#define ARRAY_HEAD_LEN	20
/* pg_type.h: their numbers never change. */
#define ARRAY_OID_BOOL	16
#define ARRAY_OID_TEXT	25

static void	db_array_int(struct db_array *a, int32_t v);

void
db_array_init(struct db_array *a, enum db_array_of of, size_t max)
{
	memset(a, 0, sizeof(*a));
	a->of = of;
	buf_init(&a->b, max);
	db_array_reset(a);
}

void
db_array_clear(struct db_array *a)
{
	buf_clear(&a->b);
}

void
db_array_reset(struct db_array *a)
{
	static const char	head[ARRAY_HEAD_LEN] = { 0 };

	buf_reset(&a->b);
	buf_add(&a->b, head, sizeof(head));
	a->n = 0;
	a->has_null = false;
}

void
db_array_text(struct db_array *a, const char *s, size_t len)
{
	a->n++;
	if (s == NULL) {
		a->has_null = true;
		db_array_int(a, -1);
		return;
	}
	db_array_int(a, (int32_t)len);
	buf_add(&a->b, s, len);
}

void
db_array_bool(struct db_array *a, bool v)
{
	a->n++;
	db_array_int(a, 1);
	buf_char(&a->b, v ? 1 : 0);
}

void
db_array_param(struct db_array *a, struct db_params *p)
{
	uint8_t	*h = (uint8_t *)a->b.data;

	if (buf_err(&a->b) != ERR_OK) {
		if (p->err == ERR_OK)
			p->err = buf_err(&a->b);
		db_null(p);
		return;
	}
	db_wire_put(h, 4, a->n > 0 ? 1 : 0);
	db_wire_put(h + 4, 4, a->has_null ? 1 : 0);
	db_wire_put(h + 8, 4, a->of == DB_ARRAY_TEXT ? ARRAY_OID_TEXT :
	    ARRAY_OID_BOOL);
	db_wire_put(h + 12, 4, (uint32_t)a->n);
	db_wire_put(h + 16, 4, 1);
	db_bytes(p, h, a->n > 0 ? a->b.len : 12);
}

static void
db_array_int(struct db_array *a, int32_t v)
{
	uint8_t	b[4];

	db_wire_put(b, sizeof(b), (uint32_t)v);
	buf_add(&a->b, b, sizeof(b));
}
