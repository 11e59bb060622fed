/*
 * device_notice - "a new device signed in", made beforehand: whether it is
 * true is seen by the statement that opens the session, which then queues it.
 */
#ifndef DEVICE_NOTICE_H
#define DEVICE_NOTICE_H

#include "session_store.h"

struct http_request;

/*
 * Fills |n| for a sign-in of |device_id|; api_origin_client() before.  Gives
 * |n|, or NULL where there is nothing to recognise ("") or to be said: no
 * sign-in fails for want of a notice.
 */
const struct session_notice	*device_notice(struct http_request *req,
				    const char *device_id,
				    const char *device_name,
				    struct session_notice *n);

#endif
