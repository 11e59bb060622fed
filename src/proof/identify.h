/*
 * identify - the fields that name a person: identifier, or email or
 * mobile_number in its place (api.md s.1).
 */
#ifndef IDENTIFY_H
#define IDENTIFY_H

#include <stdbool.h>

#include "contact.h"
#include "decode.h"

/* Numbers may come with blanks, dashes and brackets. */
#define IDENTIFY_TEXT_LEN	254

struct identify_input {
	char	identifier[IDENTIFY_TEXT_LEN + 1];
	char	email[IDENTIFY_TEXT_LEN + 1];
	char	mobile_number[IDENTIFY_TEXT_LEN + 1];
};

#define IDENTIFY_F(s, m, f, v, text)					\
	{ #f, DECODE_TEXT, (v), offsetof(struct s, m) +			\
	    offsetof(struct identify_input, f),				\
	    sizeof(((struct identify_input *)NULL)->f), false, (text) }

/* The three fields for a table; |m| is the member of |s| that holds them. */
#define IDENTIFY_FIELDS(s, m)						\
	IDENTIFY_F(s, m, identifier, "v_identifier",			\
	    "Send an e-mail address or a mobile number."),		\
	IDENTIFY_F(s, m, email, "v_email", "Send an e-mail address."),	\
	IDENTIFY_F(s, m, mobile_number, "v_phone", "Send a mobile number.")

struct http_request;

/* Exactly one of them, normalised into |out|; else |*ret| (422 replied). */
bool	identify(struct http_request *req, const struct identify_input *in,
	    struct contact *out, int *ret);

#endif
