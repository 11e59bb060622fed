/*
 * validators - the functions that kore.conf's validators name (routes.h).
 * Pure: each looks at one NUL-terminated value.
 */
#include <sys/param.h>

#include <kore/kore.h>

#include <string.h>

#include "contact.h"
#include "ip.h"
#include "platform.h"
#include "routes.h"
#include "str.h"
#include "uuid.h"

#define VALIDATE_TEXT_MAX	400

static int	validate_result(enum err e);

int
validate_identifier(struct http_request *req, char *value)
{
	struct contact	c;

	(void)req;
	return (validate_result(contact_parse(value, strlen(value),
	    platform_values()->default_country_code, &c)));
}

int
validate_email(struct http_request *req, char *value)
{
	char	out[EMAIL_MAX_LEN + 1];

	(void)req;
	return (validate_result(email_normalise(value, strlen(value), out)));
}

int
validate_phone(struct http_request *req, char *value)
{
	char	out[PHONE_MAX_LEN + 1];

	(void)req;
	return (validate_result(phone_normalise(value, strlen(value),
	    platform_values()->default_country_code, out)));
}

int
validate_uuid(struct http_request *req, char *value)
{
	struct uuid	u;

	(void)req;
	return (validate_result(uuid_parse(value, strlen(value), &u)));
}

int
validate_ip(struct http_request *req, char *value)
{
	struct ip	a;

	(void)req;
	return (validate_result(ip_parse(value, strlen(value), &a)));
}

int
validate_text(struct http_request *req, char *value)
{
	const unsigned char	*p = (const unsigned char *)value;
	size_t			 i, len = strlen(value);

	(void)req;
	if (len == 0 || len > VALIDATE_TEXT_MAX || !str_is_utf8(value, len))
		return (KORE_RESULT_ERROR);
	for (i = 0; i < len; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			return (KORE_RESULT_ERROR);
		if (p[i] == 0xc2 && p[i + 1] < 0xa0)	/* C1, U+0080..9F */
			return (KORE_RESULT_ERROR);
	}
	return (KORE_RESULT_OK);
}

static int
validate_result(enum err e)
{
	return (e == ERR_OK ? KORE_RESULT_OK : KORE_RESULT_ERROR);
}
