/*
 * session - see session.h.
 */
#include "session.h"

#include <string.h>

#include "clock.h"

static void	session_members(const struct session *s, struct buf *out);
static void	session_text(struct buf *out, const char *name,
		    const char *value);
static void	session_time(struct buf *out, const char *name, int64_t us);

void
session_json(const struct session *s, struct buf *out)
{
	session_members(s, out);
	buf_char(out, '}');
}

void
session_json_current(const struct session *s, bool is_current,
    struct buf *out)
{
	session_members(s, out);
	buf_str(out, is_current ? ",\"current\":true}" :
	    ",\"current\":false}");
}

/* All but the last brace. */
static void
session_members(const struct session *s, struct buf *out)
{
	char	id[UUID_TEXT_LEN + 1];

	uuid_format(&s->id, id);
	buf_str(out, "{\"id\":\"");
	buf_str(out, id);
	buf_char(out, '"');
	session_time(out, ",\"created_at\":", s->created_us);
	session_time(out, ",\"expires_at\":", s->expires_us);
	session_time(out, ",\"last_seen_at\":", s->last_seen_us);
	session_text(out, ",\"device\":{\"id\":", s->device_id);
	session_text(out, ",\"name\":", s->device_name);
	session_text(out, ",\"user_agent\":", s->user_agent);
	session_text(out, ",\"ip\":", s->ip);
	buf_char(out, '}');
}

static void
session_text(struct buf *out, const char *name, const char *value)
{
	buf_str(out, name);
	if (value[0] == '\0')
		buf_str(out, "null");
	else
		buf_json(out, value, strlen(value));
}

static void
session_time(struct buf *out, const char *name, int64_t us)
{
	char	text[CLOCK_RFC3339_LEN + 1];

	clock_format(us, text);
	buf_str(out, name);
	buf_char(out, '"');
	buf_str(out, text);
	buf_char(out, '"');
}
