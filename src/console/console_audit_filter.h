/*
 * console_audit_filter - what a call's query string asks of the audit log, as
 * the JSON that audit_find() takes.
 */
#ifndef CONSOLE_AUDIT_FILTER_H
#define CONSOLE_AUDIT_FILTER_H

#include <stdbool.h>

#include "buf.h"

struct http_request;

/*
 * Appends the filter to |out|: event (a list), category, user, application, ip,
 * outcome, from, to, request_id, q.  False: |*ret|, 422 was replied.  The
 * database checks uuids, addresses and times.
 */
bool	console_audit_filter(struct http_request *req, struct buf *out,
	    int *ret);

#endif
