/*
 * audit_chain - the check of a log: see audit_chain.h.
 * Says the first thing that is wrong, as near to the row as can be told.
 */
#include "audit_chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "str.h"

static enum err	check_wrong(struct audit_check *c, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));
static enum err	check_link(struct audit_check *c,
		    const struct audit_claim *claim,
		    const struct audit_seal *s);
static enum err	check_key(struct audit_check *c,
		    const struct audit_claim *claim,
		    const struct audit_seal *s);
static enum err	check_kind(struct audit_check *c,
		    const struct audit_claim *claim,
		    const struct audit_seal *s);
static enum err	check_rows(struct audit_check *c,
		    const struct audit_claim *claim,
		    const struct audit_seal *s);
static enum err	check_find(struct audit_check *c,
		    const struct audit_claim *claim,
		    const struct audit_seal *s);
static bool	check_has(const uint8_t *marks, size_t n, const uint8_t *id);
static int64_t	check_id(const uint8_t *mark);

void
audit_check_init(struct audit_check *c, struct audit_key *key, int64_t gone)
{
	memset(c, 0, sizeof(*c));
	c->key = key;
	c->gone = gone;
	buf_init(&c->marks, (size_t)AUDIT_SEAL_ROWS_MAX * AUDIT_MARK_LEN);
}

void
audit_check_clear(struct audit_check *c)
{
	buf_clear(&c->marks);
}

void
audit_check_head(struct audit_check *c, int64_t no,
    const uint8_t hash[SHA256_LEN])
{
	c->head_no = no;
	memcpy(c->head_hash, hash, SHA256_LEN);
}

enum err
audit_check_row(struct audit_check *c, const char *line, size_t len)
{
	static const char	 begin[] = "{\"id\":";
	const size_t		 skip = sizeof(begin) - 1;
	const char		*end;
	uint8_t			 mark[AUDIT_MARK_LEN];
	int64_t			 id;
	int			 i;

	if (len < skip || memcmp(line, begin, skip) != 0 ||
	    (end = memchr(line, ',', len)) == NULL ||
	    str_int(line + skip, (size_t)(end - line) - skip, 1, INT64_MAX,
	    &id) != ERR_OK)
		return (check_wrong(c, "a line behind seal %lld is no row of "
		    "the log", (long long)c->last.no));
	for (i = 0; i < 8; i++)
		mark[i] = (uint8_t)((uint64_t)id >> (56 - 8 * i));
	sha256_of(line, len, mark + 8);
	buf_add(&c->marks, mark, sizeof(mark));
	c->n_rows++;
	if (buf_err(&c->marks) != ERR_OK)
		return (check_wrong(c, "behind seal %lld are more rows than "
		    "one seal covers", (long long)c->last.no));
	return (ERR_OK);
}

enum err
audit_check_seal(struct audit_check *c, const struct audit_claim *claim)
{
	struct audit_seal	s;
	enum err		r;

	if (audit_seal_parse(claim->line, claim->line_len, &s) != ERR_OK)
		return (check_wrong(c, "the seal behind seal %lld cannot be "
		    "read", (long long)c->last.no));
	if ((r = check_link(c, claim, &s)) != ERR_OK ||
	    (r = check_key(c, claim, &s)) != ERR_OK ||
	    (r = check_kind(c, claim, &s)) != ERR_OK)
		return (r);
	if (c->head_no == s.no) {
		if (memcmp(c->head_hash, claim->hash, SHA256_LEN) != 0)
			return (check_wrong(c, "seal %lld is not the one that "
			    "was noted: the log was written anew",
			    (long long)s.no));
		c->is_head_seen = true;
	}
	c->seals++;
	c->has_last = true;
	c->last = s;
	memcpy(c->last_hash, claim->hash, SHA256_LEN);
	buf_reset(&c->marks);
	c->n_rows = 0;
	return (ERR_OK);
}

enum err
audit_check_end(struct audit_check *c)
{
	if (c->n_rows > 0)
		return (check_wrong(c, "rows from id %lld on have no seal",
		    (long long)check_id((const uint8_t *)c->marks.data)));
	if (c->seen_gone != c->gone)
		return (check_wrong(c, "the seal of the newest purge is "
		    "missing"));
	if (c->head_no != 0 && !c->is_head_seen)
		return (check_wrong(c, "seal %lld, which was noted, is "
		    "missing: the end of the log was cut off",
		    (long long)c->head_no));
	return (ERR_OK);
}

/* The line's hash, its number, and the hash of the line before. */
static enum err
check_link(struct audit_check *c, const struct audit_claim *claim,
    const struct audit_seal *s)
{
	static const uint8_t	none[SHA256_LEN];
	uint8_t			hash[SHA256_LEN];

	sha256_of(claim->line, claim->line_len, hash);
	if (memcmp(hash, claim->hash, SHA256_LEN) != 0)
		return (check_wrong(c, "seal %lld was changed: its hash is "
		    "another one", (long long)s->no));
	if (c->has_last && s->no != c->last.no + 1)
		return (check_wrong(c, "seal %lld is missing",
		    (long long)c->last.no + 1));
	if (c->has_last && memcmp(s->previous, c->last_hash, SHA256_LEN) != 0)
		return (check_wrong(c, "seal %lld does not follow seal %lld: "
		    "one of them was exchanged", (long long)s->no,
		    (long long)c->last.no));
	if (s->no == 1 && memcmp(s->previous, none, SHA256_LEN) != 0)
		return (check_wrong(c, "seal 1 is not the first one"));
	return (ERR_OK);
}

static enum err
check_key(struct audit_check *c, const struct audit_claim *claim,
    const struct audit_seal *s)
{
	uint8_t		mac[SHA256_LEN];
	enum err	r;

	if (c->key == NULL)
		return (ERR_OK);
	if (strcmp(claim->key_id, audit_key_id(c->key)) != 0) {
		c->unkeyed++;		/* of another master key */
		return (ERR_OK);
	}
	if ((r = audit_key_mac(c->key, claim->line, claim->line_len, mac)) !=
	    ERR_OK)
		return (r);
	if (!mem_eq_ct(mac, claim->mac, SHA256_LEN))
		return (check_wrong(c, "seal %lld was not made by this "
		    "service: its MAC is wrong", (long long)s->no));
	return (ERR_OK);
}

static enum err
check_kind(struct audit_check *c, const struct audit_claim *claim,
    const struct audit_seal *s)
{
	int64_t	total = c->last.total + (s->kind == AUDIT_SEAL_ROWS ? s->n : 0);

	if (c->has_last && s->total != total)
		return (check_wrong(c, "seal %lld counts %lld rows in all, "
		    "not %lld", (long long)s->no, (long long)s->total,
		    (long long)total));
	if (s->kind == AUDIT_SEAL_ROWS)
		return (check_rows(c, claim, s));
	if (c->n_rows > 0)
		return (check_wrong(c, "rows from id %lld on have no seal",
		    (long long)check_id((const uint8_t *)c->marks.data)));
	if (s->kind == AUDIT_SEAL_PURGE && s->up_to > c->seen_gone) {
		if (s->up_to >= s->no)
			return (check_wrong(c, "seal %lld purges what comes "
			    "after it", (long long)s->no));
		c->seen_gone = s->up_to;
	}
	return (ERR_OK);
}

static enum err
check_rows(struct audit_check *c, const struct audit_claim *claim,
    const struct audit_seal *s)
{
	uint8_t	digest[SHA256_LEN];

	if (s->no <= c->gone) {		/* whatever is left is on its way out */
		c->purged += s->n;
		return (ERR_OK);
	}
	sha256_of(c->marks.len > 0 ? c->marks.data : "", c->marks.len, digest);
	if (memcmp(digest, s->digest, SHA256_LEN) != 0)
		return (check_find(c, claim, s));
	if (c->n_rows != s->n)
		return (check_wrong(c, "seal %lld counts %lld rows, not %lld",
		    (long long)s->no, (long long)s->n, (long long)c->n_rows));
	c->rows += c->n_rows;
	return (ERR_OK);
}

/* Which row it is that does not fit; the marks say, if they can be trusted. */
static enum err
check_find(struct audit_check *c, const struct audit_claim *claim,
    const struct audit_seal *s)
{
	const uint8_t	*want = claim->marks;
	const uint8_t	*have = (const uint8_t *)c->marks.data;
	size_t		 n = claim->marks_len / AUDIT_MARK_LEN, i;
	size_t		 m = (size_t)c->n_rows;
	uint8_t		 digest[SHA256_LEN];

	if (want != NULL)
		sha256_of(want, claim->marks_len, digest);
	if (want == NULL || claim->marks_len % AUDIT_MARK_LEN != 0 ||
	    memcmp(digest, s->digest, SHA256_LEN) != 0)
		return (check_wrong(c, "the rows of seal %lld are not those "
		    "that were sealed (its marks are missing or changed, so "
		    "that the row cannot be told)", (long long)s->no));
	for (i = 0; i < n && i < m && memcmp(want + i * AUDIT_MARK_LEN,
	    have + i * AUDIT_MARK_LEN, AUDIT_MARK_LEN) == 0; i++)
		;
	want += i * AUDIT_MARK_LEN;
	have += i * AUDIT_MARK_LEN;
	if (i < n && i < m && check_id(want) == check_id(have))
		return (check_wrong(c, "row %lld was changed after seal %lld",
		    (long long)check_id(want), (long long)s->no));
	if (i < n && !check_has(have, m - i, want))
		return (check_wrong(c, "row %lld of seal %lld was removed",
		    (long long)check_id(want), (long long)s->no));
	if (i < m && !check_has(want, n - i, have))
		return (check_wrong(c, "row %lld was put in among those of "
		    "seal %lld", (long long)check_id(have),
		    (long long)s->no));
	return (check_wrong(c, "row %lld of seal %lld is not in its place",
	    (long long)check_id(want), (long long)s->no));
}

static bool
check_has(const uint8_t *marks, size_t n, const uint8_t *id)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		if (memcmp(marks + i * AUDIT_MARK_LEN, id, 8) == 0)
			return (true);
	}
	return (false);
}

static int64_t
check_id(const uint8_t *mark)
{
	uint64_t	v = 0;
	int		i;

	for (i = 0; i < 8; i++)
		v = v << 8 | mark[i];
	return ((int64_t)v);
}

static enum err
check_wrong(struct audit_check *c, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	return (ERR_SIGNATURE);
}
