/*
 * password_store - the statements about forgotten and changed passwords.
 */
#ifndef PASSWORD_STORE_H
#define PASSWORD_STORE_H

#include "audit.h"
#include "contact.h"
#include "db_param.h"
#include "db_row.h"
#include "digest.h"
#include "message.h"
#include "otp.h"
#include "password.h"
#include "user.h"

/* A message that waits for its row in the outbox. */
struct outbox_message {
	struct uuid	id;
	uint8_t		payload[MESSAGE_SEALED_MAX];	/* sealed */
	size_t		len;
};

/* What reset_request writes, for whoever it turns out to be. */
struct reset_wish {
	const struct contact		*who;
	const struct uuid		*app;
	struct uuid			 id;
	uint8_t				 token_hash[SHA256_LEN];
	uint8_t				 code_mac[OTP_MAC_LEN];
	int32_t				 ttl_s;
	/* Both under one id: one of them is written. */
	struct outbox_message		 by_email, by_sms;
	const char			*nobody;
	int32_t				 window_max, day_max;
	bool				 is_dev;
};

enum reset_channel { RESET_NONE, RESET_EMAIL, RESET_SMS };

/* What a person shows to prove a reset: a token, or an id and a code. */
struct reset_proof {
	bool		has_token, has_code;
	uint8_t		token_hash[SHA256_LEN];
	struct uuid	id;
	uint8_t		code_mac[OTP_MAC_LEN];
};

/* A right proof. */
struct reset_found {
	bool		is_found;
	struct uuid	id;
	struct user	user;
};

/* What password_try found. */
struct password_try {
	bool	is_found;
	char	hash[PASSWORD_HASH_MAX_LEN + 1];	/* "" = none */
	int64_t	retry_after_s;				/* 0: may try */
};

/* What a new password did. */
struct password_set {
	bool		is_set;
	struct uuid	user;
	int64_t		n;		/* sessions ended */
};

void		password_store_request(struct db_params *p,
		    const struct reset_wish *w, const struct audit_origin *o);
/* Rows of reset_request into enum reset_channel. */
enum err	password_store_requested(const struct db_result *res,
		    enum reset_channel *out) MUSTCHECK;
void		password_store_check(struct db_params *p,
		    const struct reset_proof *proof, const struct uuid *app,
		    const struct audit_origin *o);
enum err	password_store_checked(const struct db_result *res,
		    struct reset_found *out) MUSTCHECK;
enum err	password_store_tried(const struct db_result *res,
		    struct password_try *out) MUSTCHECK;
/* Rows of reset_use and of password_change. */
enum err	password_store_set(const struct db_result *res,
		    struct password_set *out) MUSTCHECK;

#endif
