/*
 * platform - what is in force for all requests of this worker: trusted
 * proxies, token keys, the administrators' settings.  Loaded by the parent,
 * refreshed when the platform's generation moves.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "budget.h"
#include "digest.h"
#include "err.h"
#include "generation.h"
#include "hash_lane.h"
#include "ip.h"
#include "metrics.h"
#include "seal.h"
#include "session_cache.h"
#include "settings.h"
#include "throttle.h"
#include "token.h"

/* Settings of the database that requests need; times in s. */
struct platform_values {
	char	default_country_code[4];	/* digits, "91" */
	int32_t	access_ttl_s;
	int32_t	session_ttl_s;			/* unless refreshed */
	int32_t	refresh_ttl_s;
	int32_t	refresh_absolute_s;
	int32_t	refresh_grace_s;		/* same successor again */
	char	token_alg[8];			/* of new keys */
	int32_t	password_min_len;		/* code points */
	int32_t	password_min_len_mfa;
	int32_t	reset_ttl_s;
	int32_t	otp_length;			/* digits */
	int32_t	otp_ttl_s;
	int32_t	otp_resend_s;
	int32_t	otp_attempts;
	int32_t	otp_window_max, otp_day_max;	/* sent to one person */
	int32_t	otp_address_max;		/* asked for from one address */
	int32_t	mfa_ttl_s;
	int32_t	login_address_max;		/* in 5 minutes; 0: no limit */
	int32_t	login_app_max;
	char	brand_name[321];		/* 80 code points */
	char	public_hostname[254];		/* "": of the public URL */
	bool	email_fallback;			/* a code may go by e-mail */
	char	brand_accent[8];		/* "#rrggbb" */
	char	brand_support_url[2001];	/* 500 code points; "" = none */
	char	logo_url[64];			/* a path; "" = none */
};

/* In the parent, on a migrated database: shared memory, the first token key,
 * settings.  Logs why when it fails. */
enum err			 platform_parent_init(
				    const struct settings *s) MUSTCHECK;
/* In a worker, after db_init(). */
enum err			 platform_worker_init(void) MUSTCHECK;
/* Reloads when the platform's generation moved; every 100 ms. */
void				 platform_tick(void);

const struct settings		*platform_settings(void);
/* When the service was started; us since 1970. */
int64_t				 platform_started_us(void);
const struct cidr_list		*platform_trusted(void);
const struct platform_values	*platform_values(void);
/* The host that codes are bound to: as set, else of the public URL; "" where
 * that has none.  Good until the next call. */
const char			*platform_message_host(void);
struct token_keys		*platform_token_keys(void);
struct sealer			*platform_sealer(void);
/* Derives the successors of refresh tokens (core/token.h). */
struct hmac_key			*platform_refresh_key(void);
/* MACs of one-time codes (core/otp.h). */
struct hmac_key			*platform_otp_key(void);
/* Names of counts that are kept under a hash (proof/attempt.h). */
struct hmac_key			*platform_throttle_key(void);
/* MACs of cursors (core/sync_cursor.h). */
struct hmac_key			*platform_sync_key(void);
/* The same of the master key before (IDENTITY_MASTER_KEY_OLD), to know what it
 * made; NULL: none. */
struct hmac_key			*platform_otp_old(void);
struct hmac_key			*platform_sync_old(void);
struct generations		*platform_generations(void);
struct session_cache		*platform_sessions(void);
struct budgets			*platform_budgets(void);
struct throttle			*platform_throttle(void);
struct hash_lanes		*platform_lanes(void);
struct metrics			*platform_metrics(void);

#endif
