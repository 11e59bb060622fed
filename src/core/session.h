/*
 * session - a sign-in of one person at one application, as applications see
 * it (api.md s.3).
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "ip.h"
#include "uuid.h"

#define DEVICE_ID_MAX_LEN	128
#define DEVICE_NAME_MAX_LEN	200
#define USER_AGENT_MAX_LEN	255

struct session {
	struct uuid	id;
	int64_t		created_us;
	int64_t		expires_us;
	int64_t		last_seen_us;
	char		device_id[DEVICE_ID_MAX_LEN + 1];	/* "" = null */
	char		device_name[DEVICE_NAME_MAX_LEN + 1];
	char		user_agent[USER_AGENT_MAX_LEN + 1];
	char		ip[IP_TEXT_LEN + 1];
};

/* Appends the Session object. */
void	session_json(const struct session *s, struct buf *out);
/* The same in a list, with "current": is it the one that asks? */
void	session_json_current(const struct session *s, bool is_current,
	    struct buf *out);

#endif
