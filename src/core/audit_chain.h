/*
 * audit_chain - the seals over the audit log: their lines, their key, and the
 * check that rows and seals belong together.  Knows neither the database nor
 * files; docs/PROTOCOL.audit.md is the specification.
 */
#ifndef AUDIT_CHAIN_H
#define AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"
#include "err.h"

#define AUDIT_KEY_ID_LEN	16	/* hex */
#define AUDIT_MARK_LEN		(8 + SHA256_LEN)
#define AUDIT_LINE_MAX		2048	/* of a seal, bytes */
/* Rows that one seal covers at most; a sealer makes seals of 1 000. */
#define AUDIT_SEAL_ROWS_MAX	100000

enum audit_seal_kind {
	AUDIT_SEAL_ROWS,
	AUDIT_SEAL_PURGE,
	AUDIT_SEAL_RESTORE
};

/* What a seal's line says. */
struct audit_seal {
	int64_t			no;
	enum audit_seal_kind	kind;
	uint8_t			previous[SHA256_LEN];
	int64_t			after_id, id;
	int64_t			xid;
	int64_t			n, total;
	uint8_t			digest[SHA256_LEN];	/* of AUDIT_SEAL_ROWS */
	int64_t			up_to;			/* of AUDIT_SEAL_PURGE */
	char			at[32];
};

/* ERR_FORMAT: not the line of a seal. */
enum err	audit_seal_parse(const char *line, size_t len,
		    struct audit_seal *out) MUSTCHECK;

/* ---- the key ------------------------------------------------------------- */

struct audit_key;

/* Derived from the master key.  ERR_NOMEM, ERR_CRYPTO. */
enum err	 audit_key_new(const uint8_t *master, size_t len,
		    struct audit_key **out) MUSTCHECK;
void		 audit_key_free(struct audit_key *k);
/* Which key it is, without telling it. */
const char	*audit_key_id(const struct audit_key *k);
enum err	 audit_key_mac(struct audit_key *k, const char *line,
		    size_t len, uint8_t mac[SHA256_LEN]) MUSTCHECK;

/* ---- the check ----------------------------------------------------------- */

/* What came with a seal. */
struct audit_claim {
	const char	*line;
	size_t		 line_len;
	const uint8_t	*hash;		/* SHA256_LEN bytes */
	const uint8_t	*mac;		/* SHA256_LEN bytes */
	const char	*key_id;
	const uint8_t	*marks;		/* NULL: they did not come */
	size_t		 marks_len;
};

/* One run over a log, seals in order, the rows of each before it. */
struct audit_check {
	struct audit_key	*key;		/* NULL: nothing keyed is checked */
	int64_t			 gone;		/* seals whose rows were purged */
	bool			 has_last;
	struct audit_seal	 last;
	uint8_t			 last_hash[SHA256_LEN];
	struct buf		 marks;		/* of the rows since .last */
	int64_t			 n_rows;
	int64_t			 rows, seals, purged, unkeyed;
	int64_t			 seen_gone;
	bool			 is_head_seen;
	int64_t			 head_no;	/* 0: none is looked for */
	uint8_t			 head_hash[SHA256_LEN];
	char			 why[320];	/* after ERR_SIGNATURE, FORMAT */
};

/* |gone|: what the newest purge says in up_to, 0 if there is none. */
void		audit_check_init(struct audit_check *c, struct audit_key *key,
		    int64_t gone);
void		audit_check_clear(struct audit_check *c);
/* The seal |no| must be there and have |hash|: from an earlier check. */
void		audit_check_head(struct audit_check *c, int64_t no,
		    const uint8_t hash[SHA256_LEN]);
/* The line of a row of the next seal. */
enum err	audit_check_row(struct audit_check *c, const char *line,
		    size_t len) MUSTCHECK;
/* ERR_SIGNATURE, ERR_FORMAT and |c->why|: the first thing that is wrong. */
enum err	audit_check_seal(struct audit_check *c,
		    const struct audit_claim *claim) MUSTCHECK;
enum err	audit_check_end(struct audit_check *c) MUSTCHECK;

#endif
