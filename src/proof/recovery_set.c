/*
 * recovery_set - see recovery_set.h.
 */
#include "recovery_set.h"

#include "api.h"
#include "mem.h"
#include "platform.h"

enum err
recovery_set_make(const struct uuid *user, struct recovery_set *out)
{
	char		parsed[SAVED_CODE_LEN + 1];
	enum err	r = ERR_OK;
	int		i;

	for (i = 0; i < SAVED_CODE_SET && r == ERR_OK; i++) {
		saved_code_make(out->codes[i]);
		if ((r = saved_code_parse(out->codes[i], SAVED_CODE_TEXT_LEN,
		    parsed)) == ERR_OK)
			r = saved_code_mac(platform_otp_key(), user, parsed,
			    out->macs + i * SAVED_CODE_MAC_LEN);
	}
	mem_wipe(parsed, sizeof(parsed));
	return (r);
}

void
recovery_set_params(struct db_params *p, const struct recovery_set *s)
{
	db_bytes(p, s->macs, sizeof(s->macs));
}

int
recovery_set_reply(struct http_request *req, const struct recovery_set *s)
{
	struct buf	body;
	int		i;

	buf_init(&body, 1024);
	buf_str(&body, "{\"recovery_codes\":");
	for (i = 0; i < SAVED_CODE_SET; i++)
		buf_printf(&body, "%c\"%s\"", i == 0 ? '[' : ',',
		    s->codes[i]);
	buf_str(&body, "]}");
	return (api_reply(req, 200, &body));
}
