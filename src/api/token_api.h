/*
 * token_api - the fields that RFC 7009 and RFC 7662 have in common: a token of
 * any kind, and what the client thinks it is.
 */
#ifndef TOKEN_API_H
#define TOKEN_API_H

#include "decode.h"

/* Whatever a client may hold: what is none of ours is "not active", which is
 * no error (RFC 7662 s.2.2, RFC 7009 s.2.2). */
#define TOKEN_ANY_MAX_LEN	4096
#define TOKEN_HINT_MAX_LEN	64

/* For a table; members token and token_type_hint of |s|. */
#define TOKEN_API_FIELDS(s)						\
	DECODE_F(s, token, "v_any_token", true,				\
	    "Send the token as it was given out."),			\
	DECODE_F(s, token_type_hint, "v_text", false,			\
	    "Send access_token or refresh_token.")

#endif
