/*
 * guard_store - the row that a service key is judged by.
 */
#ifndef GUARD_STORE_H
#define GUARD_STORE_H

#include "apikey.h"
#include "db_row.h"
#include "ip.h"
#include "session_store.h"

struct guard_key {
	bool			is_found;
	uint8_t			hash[APIKEY_HASH_LEN];
	bool			is_key_enabled;
	int64_t			expires_us;	/* 0 = never */
	struct uuid		app;
	char			app_name[APP_NAME_MAX_LEN + 1];
	bool			is_app_enabled;
	struct cidr_list	allow;		/* owned */
	int32_t			per_minute;	/* 0 = no budget */
};

/* |out| is zeroed first; free with guard_key_clear(). */
enum err	guard_store_key(const struct db_result *res,
		    struct guard_key *out) MUSTCHECK;
void		guard_key_clear(struct guard_key *k);

#endif
