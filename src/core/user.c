/*
 * user - a person as applications see one, and the sync hash over it.
 * Owns the User object and the hashed text; the database computes the same
 * hash in a trigger.  Ref: api.md s.3, RFC 8785.
 */
#include "user.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "codec.h"
#include "digest.h"

/* Five values of 255 + 64 + 16 + 400 + 8 bytes, each at most \u00XX, names. */
#define USER_CANONICAL_MAX	8192

static const char	*user_status(const struct user *u);
static void		 user_json_or_null(struct buf *b, const char *s);
static void		 user_canonical(const struct user *u, struct buf *b);

void
user_sync_hash(struct user *u)
{
	struct buf	b;
	uint8_t		hash[SHA256_LEN];

	buf_init(&b, USER_CANONICAL_MAX);
	user_canonical(u, &b);
	/* Only memory can be lacking: a wrong hash would be worse than none. */
	if (buf_err(&b) != ERR_OK)
		abort();
	sha256_of(b.data, b.len, hash);
	hex_encode(hash, sizeof(hash), u->sync_hash);
	buf_clear(&b);
}

void
user_json(const struct user *u, struct buf *out)
{
	char	id[UUID_TEXT_LEN + 1], updated[CLOCK_RFC3339_LEN + 1];

	uuid_format(&u->id, id);
	clock_format(u->updated_us, updated);
	buf_str(out, "{\"auth_user_id\":\"");
	buf_str(out, id);
	buf_str(out, "\",\"name\":");
	buf_json(out, u->name, strlen(u->name));
	buf_str(out, ",\"mobile_number\":");
	user_json_or_null(out, u->mobile_number);
	buf_str(out, ",\"email\":");
	user_json_or_null(out, u->email);
	buf_str(out, ",\"emp_id\":");
	user_json_or_null(out, u->emp_id);
	buf_str(out, ",\"status\":\"");
	buf_str(out, user_status(u));
	buf_str(out, "\",\"mfa_enabled\":");
	buf_str(out, u->mfa_enabled ? "true" : "false");
	buf_str(out, ",\"updated_at\":\"");
	buf_str(out, updated);
	buf_str(out, "\",\"sync_hash\":");
	buf_json(out, u->sync_hash, strlen(u->sync_hash));
	buf_char(out, '}');
}

static const char *
user_status(const struct user *u)
{
	return (u->is_active ? "active" : "disabled");
}

static void
user_json_or_null(struct buf *b, const char *s)
{
	if (s[0] == '\0')
		buf_str(b, "null");
	else
		buf_json(b, s, strlen(s));
}

/* RFC 8785 s.3.2.3: names in the order of UTF-16 code units, no blanks. */
static void
user_canonical(const struct user *u, struct buf *b)
{
	buf_str(b, "{\"email\":");
	user_json_or_null(b, u->email);
	buf_str(b, ",\"emp_id\":");
	user_json_or_null(b, u->emp_id);
	buf_str(b, ",\"mobile_number\":");
	user_json_or_null(b, u->mobile_number);
	buf_str(b, ",\"name\":");
	buf_json(b, u->name, strlen(u->name));
	buf_str(b, ",\"status\":\"");
	buf_str(b, user_status(u));
	buf_str(b, "\"}");
}
