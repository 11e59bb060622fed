/*
 * message - see message.h.
 */
#include "message.h"

#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "json_in.h"
#include "json_out.h"
#include "mem.h"
#include "str.h"

#define MESSAGE_AAD_MAX	64

static enum err	message_aad(const struct uuid *id, char out[MESSAGE_AAD_MAX]);
static bool	message_is_sound(const json_t *j, json_t *vars);

enum err
message_seal(struct sealer *s, const struct uuid *id, const struct message *m,
    uint8_t out[MESSAGE_SEALED_MAX], size_t *len)
{
	struct buf	b;
	char		aad[MESSAGE_AAD_MAX];
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
	if ((r = buf_err(&b)) != ERR_OK ||
	    (r = message_aad(id, aad)) != ERR_OK ||
	    (r = seal(s, aad, b.data, b.len, out)) != ERR_OK)
		goto done;
	*len = b.len + SEAL_OVERHEAD;
done:
	buf_clear(&b);
	return (r);
}

enum err
message_open(struct sealer *s, const struct uuid *id, const uint8_t *p,
    size_t len, struct message_opened *out)
{
	uint8_t		plain[MESSAGE_SEALED_MAX];
	char		aad[MESSAGE_AAD_MAX];
	json_t		*vars;
	enum err	r;

	memset(out, 0, sizeof(*out));
	if (len > MESSAGE_SEALED_MAX)
		return (ERR_TOO_LONG);
	if (len < SEAL_OVERHEAD)
		return (ERR_FORMAT);
	if ((r = message_aad(id, aad)) != ERR_OK ||
	    (r = seal_open(s, aad, p, len, plain)) != ERR_OK ||
	    (r = json_in_object((const char *)plain, len - SEAL_OVERHEAD,
	    &out->json)) != ERR_OK)
		goto done;
	vars = json_object_get(out->json, "vars");
	if (!message_is_sound(out->json, vars)) {
		message_opened_clear(out);
		r = ERR_FORMAT;
		goto done;
	}
	out->template = json_string_value(json_object_get(out->json,
	    "template"));
	out->vars = vars;
done:
	mem_wipe(plain, sizeof(plain));
	return (r);
}

void
message_opened_clear(struct message_opened *m)
{
	json_wipe(m->json);
	memset(m, 0, sizeof(*m));
}

const char *
message_var(const struct message_opened *m, const char *name)
{
	return (json_string_value(json_object_get(m->vars, name)));
}

static enum err
message_aad(const struct uuid *id, char out[MESSAGE_AAD_MAX])
{
	char	text[UUID_TEXT_LEN + 1];

	uuid_format(id, text);
	return (str_printf(out, MESSAGE_AAD_MAX, "outbox/payload/%s", text));
}

static bool
message_is_sound(const json_t *j, json_t *vars)
{
	const char	*key;
	json_t		*v;

	if (!json_is_string(json_object_get(j, "template")) ||
	    !json_is_object(vars))
		return (false);
	json_object_foreach(vars, key, v) {
		if (!json_is_string(v))
			return (false);
	}
	return (true);
}
