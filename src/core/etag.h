/*
 * etag - does a client have the answer already?  Reads If-None-Match; knows
 * no request.  Ref: RFC 9110 s.8.8.3, s.13.1.2.
 */
#ifndef ETAG_H
#define ETAG_H

#include <stdbool.h>

/*
 * True if |if_none_match| (a header's value, may be NULL) is "*" or lists
 * |etag| (with its quotes), compared weakly.  A list that breaks off is true
 * for what stands before that.
 */
bool	etag_matches(const char *if_none_match, const char *etag);

#endif
