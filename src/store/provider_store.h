/*
 * provider_store - rows of table provider: the document's public part as
 * JSON, its secrets sealed for this row alone.
 */
#ifndef PROVIDER_STORE_H
#define PROVIDER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db_param.h"
#include "err.h"
#include "provider.h"
#include "seal.h"
#include "uuid.h"

#define PROVIDER_SECRETS_MAX	65536

struct provider_save {
	struct uuid		 id;		/* kept when it is replaced */
	const struct provider	*p;
	struct sealer		*sealer;
	int64_t			 version;	/* that it must have */
	bool			 has_version;
};

/* $1..$10 of provider_save; actor and origin follow.  ERR_SPACE, ERR_NOMEM,
 * ERR_CRYPTO. */
enum err	provider_store_save_params(struct db_params *q,
		    const struct provider_save *a) MUSTCHECK;
/*
 * Opens the sealed secrets of provider |id|: JSON text, NULL when there are
 * none; the caller frees with mem_free_secret().  ERR_SIGNATURE, ERR_NOMEM.
 */
enum err	provider_store_open(struct sealer *s, const struct uuid *id,
		    const uint8_t *p, size_t len, char **out) MUSTCHECK;

#endif
