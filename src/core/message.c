/*
 * message - see message.h.
 */
#include "message.h"

#include <string.h>

#include "buf.h"
#include "str.h"

enum err
message_seal(struct sealer *s, const struct uuid *id, const struct message *m,
    uint8_t out[MESSAGE_SEALED_MAX], size_t *len)
{
	struct buf	b;
	char		aad[64], text[UUID_TEXT_LEN + 1];
	enum err	r;
	size_t		i;

	buf_init(&b, MESSAGE_SEALED_MAX - SEAL_OVERHEAD);
	buf_str(&b, "{\"template\":");
	buf_json(&b, m->template, strlen(m->template));
	buf_str(&b, ",\"vars\":{");
	for (i = 0; i < m->n_vars; i++) {
		if (i > 0)
			buf_char(&b, ',');
		buf_json(&b, m->vars[i].name, strlen(m->vars[i].name));
		buf_char(&b, ':');
		buf_json(&b, m->vars[i].value, strlen(m->vars[i].value));
	}
	buf_str(&b, "}}");
	uuid_format(id, text);
	if ((r = buf_err(&b)) != ERR_OK ||
	    (r = str_printf(aad, sizeof(aad), "outbox/payload/%s", text)) !=
	    ERR_OK || (r = seal(s, aad, b.data, b.len, out)) != ERR_OK)
		goto done;
	*len = b.len + SEAL_OVERHEAD;
done:
	buf_clear(&b);
	return (r);
}
