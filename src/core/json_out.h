/*
 * json_out - writing of parsed JSON, and wiping it.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <jansson.h>

#include "buf.h"

/* Appends |j| without blanks; failures are left in |out|. */
void	json_out(const json_t *j, struct buf *out);
/* Overwrites every string value in |j| (not the keys), then json_decref().
 * For what nobody else refers to.  NULL is fine. */
void	json_wipe(json_t *j);

#endif
