/*
 * message - what is to be said to a person, as it waits in the outbox: the
 * name of a template and its variables, sealed.  Texts are the dispatcher's.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "seal.h"
#include "uuid.h"

#define MESSAGE_SEALED_MAX	2048

/* Templates; names are fixed, since rows outlive a release. */
#define MESSAGE_SIGN_IN_CODE	"sign_in_code"	/* code, ttl_s, app_name */
#define MESSAGE_RESET_CODE	"reset_code"	/* code, ttl_s, app_name */
#define MESSAGE_RESET_TOKEN	"reset_token"	/* token, ttl_s, app_name */
#define MESSAGE_PASSWORD_CHANGED "password_changed"	/* app_name */
#define MESSAGE_MFA_ADDED	"mfa_added"	/* app_name */
#define MESSAGE_MFA_REMOVED	"mfa_removed"	/* app_name */
#define MESSAGE_RECOVERY_CODES	"recovery_codes_made"	/* app_name */
#define MESSAGE_NEW_DEVICE	"new_device"	/* device, ip, app_name */

struct message_var {
	const char	*name;
	const char	*value;		/* UTF-8 */
};

/* What message_seal() is given; everything is borrowed. */
struct message {
	const char			*template;
	const struct message_var	*vars;
	size_t				 n_vars;
};

/*
 * {"template":..,"vars":{..}} sealed for outbox row |id| into |out|, its length
 * into |*len|.  ERR_SPACE: too long; those of seal().
 */
enum err	message_seal(struct sealer *s, const struct uuid *id,
		    const struct message *m, uint8_t out[MESSAGE_SEALED_MAX],
		    size_t *len) MUSTCHECK;

/* What message_open() found. */
struct message_opened {
	json_t		*json;		/* owned; holds all below */
	const char	*template;
	const json_t	*vars;		/* an object of strings */
};

/*
 * Opens |len| bytes of outbox row |id|.  ERR_SIGNATURE: of another row or
 * changed; ERR_FORMAT; ERR_TOO_LONG; ERR_NOMEM.  Free with
 * message_opened_clear(), which wipes the values.
 */
enum err	message_open(struct sealer *s, const struct uuid *id,
		    const uint8_t *p, size_t len, struct message_opened *out)
		    MUSTCHECK;
void		message_opened_clear(struct message_opened *m);
/* The value of |name|, or NULL. */
const char	*message_var(const struct message_opened *m, const char *name);

#endif
