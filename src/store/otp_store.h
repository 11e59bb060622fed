/*
 * otp_store - the statements about one-time codes and second factors.
 */
#ifndef OTP_STORE_H
#define OTP_STORE_H

#include "audit.h"
#include "contact.h"
#include "db_param.h"
#include "db_row.h"
#include "message.h"
#include "otp.h"
#include "seal.h"
#include "session_store.h"
#include "ticket.h"
#include "totp.h"

#define TOTP_SEALED_LEN	(TOTP_SECRET_LEN + SEAL_OVERHEAD)

/* Row of otp_options. */
struct otp_person {
	bool		is_found;
	struct uuid	user;
	char		email[EMAIL_MAX_LEN + 1];		/* "" = none */
	char		mobile_number[PHONE_MAX_LEN + 1];	/* "" = none */
	bool		is_active, is_assigned, mfa_enabled;
	bool		has_totp, has_recovery;
	struct otp_reach reach;
};

/* A code that is about to be sent: what is stored, and what is told. */
struct otp_code {
	enum otp_channel	channel;	/* OTP_NONE: there is none */
	struct uuid		id;		/* of the challenge */
	char			destination[EMAIL_MAX_LEN + 1];
	char			code[OTP_DIGITS_MAX + 1];
	uint8_t			mac[OTP_MAC_LEN];
	struct uuid		outbox;
	uint8_t			payload[MESSAGE_SEALED_MAX];
	size_t			payload_len;
};

/* Settings that go along with a code. */
struct otp_limits {
	int32_t	ttl_s;
	int32_t	attempts;
	int32_t	resend_s;
	int32_t	window_max, day_max, address_max;
};

/* Row of otp_request, mfa_resend, mfa_open. */
struct otp_sent {
	bool		is_found;	/* false: no such ticket */
	char		outcome[32];
	int64_t		retry_after_s;
	/* mfa_open: */
	bool		is_open;	/* a ticket was made */
	bool		has_challenge;
	struct uuid	challenge;
	char		channel[8];
	char		destination[EMAIL_MAX_LEN + 1];
	int64_t		expires_in_s;
};

/* What is compared with a typed second factor; exactly what was compared is
 * handed on, so that nothing else can be used up. */
struct otp_factor {
	bool		has_secret;
	uint8_t		secret[TOTP_SEALED_LEN];
	bool		has_step;	/* the code is that of |step| */
	int64_t		step;
	bool		has_recovery;
	/* One MAC, or a second one under the master key before. */
	uint8_t		recovery[2 * SHA256_LEN];
	size_t		recovery_len;
};

/* Row of mfa_look. */
struct otp_ticket {
	bool		is_found;
	struct uuid	user;
	bool		has_challenge;
	struct uuid	challenge;
	bool		has_totp;
	uint8_t		secret[TOTP_SEALED_LEN];
	int64_t		last_step;
	char		device_id[DEVICE_ID_MAX_LEN + 1];	/* "" = none */
	char		device_name[DEVICE_NAME_MAX_LEN + 1];
};

/* Row of otp_verify, mfa_verify, totp_remove, recovery_replace. */
struct otp_tried {
	char			outcome[32];
	int64_t			attempts_left;
	int64_t			retry_after_s;
	int64_t			sessions;	/* ended by totp_remove */
	struct session_view	view;		/* is_found: a session was opened */
};

/* Row of factor_look. */
struct otp_proof {
	bool		is_found;
	bool		has_totp, is_confirmed, is_stale;
	uint8_t		secret[TOTP_SEALED_LEN];
	int64_t		last_step;
	char		email[EMAIL_MAX_LEN + 1];
	char		mobile_number[PHONE_MAX_LEN + 1];
	int64_t		recovery_left;
};

/* Whom otp_options asks for: one of the three, the others NULL. */
struct otp_who {
	const struct contact		*contact;
	const struct uuid		*user;
	const struct ticket_hash	*ticket;
};

/* A notice in the outbox; channel OTP_NONE: none. */
struct otp_notice {
	enum otp_channel	channel;
	struct uuid		id;
	const char		*destination;
	uint8_t			payload[MESSAGE_SEALED_MAX];
	size_t			payload_len;
};

void		otp_store_person_params(struct db_params *p,
		    const struct otp_who *who, const struct uuid *app);
enum err	otp_store_person(const struct db_result *res,
		    struct otp_person *out) MUSTCHECK;
/* $1..$14 of otp_request and mfa_resend. */
void		otp_store_send_params(struct db_params *p,
		    const struct uuid *user, const struct uuid *app,
		    const struct otp_code *c, const struct otp_limits *l);
/* From the code on those of mfa_open ($8..$18), which knows no wait. */
void		otp_store_code_params(struct db_params *p,
		    const struct otp_code *c, const struct otp_limits *l);
enum err	otp_store_sent(const struct db_result *res,
		    struct otp_sent *out) MUSTCHECK;
enum err	otp_store_opened(const struct db_result *res,
		    struct otp_sent *out) MUSTCHECK;
enum err	otp_store_ticket(const struct db_result *res,
		    struct otp_ticket *out) MUSTCHECK;
/* As otp_store_ticket, for otp_find: only the challenge. */
enum err	otp_store_found(const struct db_result *res,
		    struct otp_ticket *out) MUSTCHECK;
/* Secret, step and recovery MAC, three parameters. */
void		otp_store_factor_params(struct db_params *p,
		    const struct otp_factor *f);
/* Device, refresh hash and the three times of a session to be opened. */
void		otp_store_session_params(struct db_params *p,
		    const struct session_opening *s);
enum err	otp_store_tried(const struct db_result *res,
		    struct otp_tried *out) MUSTCHECK;
/* As otp_store_tried, for totp_remove and recovery_replace. */
enum err	otp_store_proved(const struct db_result *res,
		    struct otp_tried *out) MUSTCHECK;
enum err	otp_store_proof(const struct db_result *res,
		    struct otp_proof *out) MUSTCHECK;
/* Id, channel, destination, payload. */
void		otp_store_notice_params(struct db_params *p,
		    const struct otp_notice *n);

#endif
