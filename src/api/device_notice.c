/*
 * device_notice - see device_notice.h.
 */
#include "device_notice.h"

#include "api.h"
#include "log.h"
#include "platform.h"

const struct session_notice *
device_notice(struct http_request *req, const char *device_id,
    const char *device_name, struct session_notice *n)
{
	const struct audit_origin	*o = api_origin(req);
	const struct message_var	 vars[] = {
		{ "device", device_name[0] != '\0' ? device_name :
		    o->client_user_agent },
		{ "ip", o->client_ip[0] != '\0' ? o->client_ip : o->ip },
		{ "app_name", api_caller(req)->app_name },
	};
	const struct message		 m = {
		.template = MESSAGE_NEW_DEVICE,
		.vars = vars,
		.n_vars = COUNT(vars),
	};
	enum err			 e;

	if (device_id[0] == '\0')
		return (NULL);
	uuid_make(&n->id);
	n->is_dev = platform_settings()->dev_otp;
	if ((e = message_seal(platform_sealer(), &n->id, &m, n->payload,
	    &n->len)) == ERR_OK)
		return (n);
	log_msg(LOG_LEVEL_ERROR, "notice not sealed: %s", err_text(e));
	return (NULL);
}
