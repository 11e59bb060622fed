/*
 * recovery_set - a new set of recovery codes: shown once, kept as MACs.
 */
#ifndef RECOVERY_SET_H
#define RECOVERY_SET_H

#include "db_param.h"
#include "err.h"
#include "saved_code.h"
#include "uuid.h"

struct http_request;

/* Part of the endpoint's input. */
struct recovery_set {
	char	codes[SAVED_CODE_SET][SAVED_CODE_TEXT_LEN + 1];
	uint8_t	macs[SAVED_CODE_SET * SAVED_CODE_MAC_LEN];
};

/* ERR_CRYPTO. */
enum err	recovery_set_make(const struct uuid *user,
		    struct recovery_set *out) MUSTCHECK;
/* The MACs, joined, as one parameter. */
void		recovery_set_params(struct db_params *p,
		    const struct recovery_set *s);
/* Replies 200 with the codes: nobody will see them again. */
int		recovery_set_reply(struct http_request *req,
		    const struct recovery_set *s);

#endif
