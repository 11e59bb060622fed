/*
 * otp_send - making a code for a person: channel, code, MAC, sealed message.
 * Nothing is stored here; the statement of the caller does it.
 */
#ifndef OTP_SEND_H
#define OTP_SEND_H

#include "otp_store.h"
#include "problem.h"

struct http_request;

/*
 * A code for |who| over |asked| (OTP_NONE: whatever is best) into |out|, whose
 * channel is OTP_NONE when there is no way to send one.  With development
 * codes no provider is needed.
 */
enum err		 otp_send_make(struct http_request *req,
			    const struct otp_person *who,
			    enum otp_channel asked, struct otp_code *out)
			    MUSTCHECK;
/* The platform's settings about codes. */
struct otp_limits	 otp_send_limits(void);
/* The row of otp_request, mfa_resend or console_code into the otp_sent at
 * |target|; a code that was queued goes out. */
enum err		 otp_send_rows(const struct db_result *res,
			    void *target) MUSTCHECK;
/* A code that was queued goes out now. */
void			 otp_send_ring(const struct otp_sent *sent);
/* Appends "challenge_id", "channel", "destination", "expires_in" (masked). */
void			 otp_send_json(const struct uuid *challenge,
			    const char *channel, const char *destination,
			    int64_t expires_in_s, struct buf *out);
/* Appends ,"dev_code" when the platform shows codes. */
void			 otp_send_dev_json(const struct otp_code *c,
			    struct buf *out);
/* What a code that was not sent is answered with; |outcome| as the statement
 * says it. */
enum problem		 otp_send_problem(const char *outcome);
/* Notice |template| for a person with these contacts ("" = none). */
enum err		 otp_send_notice(struct http_request *req,
			    const char *template, const char *email,
			    const char *mobile, struct otp_notice *out)
			    MUSTCHECK;

#endif
