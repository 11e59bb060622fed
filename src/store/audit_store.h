/*
 * audit_store - the origin parameters that every writing statement ends with
 * (docs/queries.md: request_id, ip, remote, forwarded, client_ip,
 * client_user_agent).
 */
#ifndef AUDIT_STORE_H
#define AUDIT_STORE_H

#include "audit.h"
#include "db_param.h"

void	audit_store_origin(struct db_params *p, const struct audit_origin *o);

#endif
