/*
 * db_param - typed parameters of one statement.
 * Owns copies of the values and wipes them; must not know statements.
 * Binary forms: PostgreSQL documentation, "Protocol"; the types' *_recv.
 */
#include <string.h>

#include "db_param.h"
#include "db_wire.h"
#include "mem.h"

static void	db_param_add(struct db_params *p, const void *v, size_t len,
		    int format);

void
db_text(struct db_params *p, const char *s)
{
	if (s == NULL)
		db_null(p);
	else
		db_param_add(p, s, strlen(s), 0);
}

void
db_text_len(struct db_params *p, const char *s, size_t len)
{
	/* libpq ends a text value at its first NUL, silently. */
	if (s != NULL && memchr(s, '\0', len) != NULL && p->err == ERR_OK)
		p->err = ERR_FORMAT;
	if (s == NULL)
		db_null(p);
	else
		db_param_add(p, s, len, 0);
}

void
db_text_opt(struct db_params *p, const char *s)
{
	db_text(p, s != NULL && s[0] == '\0' ? NULL : s);
}

void
db_uuid(struct db_params *p, const struct uuid *u)
{
	if (u == NULL)
		db_null(p);
	else
		db_param_add(p, u->b, sizeof(u->b), 1);
}

void
db_i64(struct db_params *p, int64_t v)
{
	uint8_t	 b[8];

	db_wire_put(b, sizeof(b), (uint64_t)v);
	db_param_add(p, b, sizeof(b), 1);
}

void
db_i32(struct db_params *p, int32_t v)
{
	uint8_t	 b[4];

	db_wire_put(b, sizeof(b), (uint32_t)v);
	db_param_add(p, b, sizeof(b), 1);
}

void
db_bool(struct db_params *p, bool v)
{
	uint8_t	 b = v;

	db_param_add(p, &b, sizeof(b), 1);
}

void
db_bytes(struct db_params *p, const void *b, size_t len)
{
	if (b == NULL)
		db_null(p);
	else
		db_param_add(p, b, len, 1);
}

void
db_time(struct db_params *p, int64_t us)
{
	if (us == 0)
		db_null(p);
	else
		db_i64(p, us - DB_WIRE_EPOCH_US);
}

void
db_null(struct db_params *p)
{
	db_param_add(p, NULL, 0, 0);
}

void
db_params_clear(struct db_params *p)
{
	int	 i;

	for (i = 0; i < p->n; i++)
		mem_free_secret(p->value[i], (size_t)p->len[i]);
	memset(p, 0, sizeof(*p));
}

static void
db_param_add(struct db_params *p, const void *v, size_t len, int format)
{
	if (p->err != ERR_OK)
		return;
	if (p->n == DB_PARAMS_MAX) {
		p->err = ERR_RANGE;
		return;
	}
	if (len > DB_WIRE_VALUE_MAX) {
		p->err = ERR_TOO_LONG;
		return;
	}
	p->value[p->n] = NULL;
	if (v != NULL && (p->value[p->n] = mem_dup(v, len)) == NULL) {
		p->err = ERR_NOMEM;
		return;
	}
	p->len[p->n] = (int)len;
	p->format[p->n] = format;
	p->n++;
}
