/*
 * text_priv - the messages there are and their shipped texts (text_english.c),
 * for message_text.c.
 */
#ifndef TEXT_PRIV_H
#define TEXT_PRIV_H

#include "message_text.h"

struct text_entry {
	const char	*name;
	const char	*vars;		/* its own, beside the common ones: " a b " */
	const char	*must;		/* one of these has to be in a text; or "" */
	struct text	 shipped[TEXT_CHANNEL_MAX];
};

/* Those of every message. */
#define TEXT_COMMON	" app_name brand name host "
#define TEXT_TTL	"ttl_minutes ttl_s "

/* The message number |i|, from 0; NULL beyond the last. */
const struct text_entry	*text_entry(size_t i);

#endif
