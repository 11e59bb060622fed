/*
 * identify - see identify.h.
 */
#include "identify.h"

#include <string.h>

#include "api.h"
#include "platform.h"

bool
identify(struct http_request *req, const struct identify_input *in,
    struct contact *out, int *ret)
{
	const char	*cc = platform_values()->default_country_code;
	const char	*text = NULL;
	int		 n = 0;

	if (in->identifier[0] != '\0')
		text = in->identifier, n++;
	if (in->email[0] != '\0')
		text = in->email, n++;
	if (in->mobile_number[0] != '\0')
		text = in->mobile_number, n++;
	if (n == 0) {
		*ret = api_fail_field(req, "identifier",
		    "This field is required.");
		return (false);
	}
	if (n > 1) {
		*ret = api_fail_field(req, "identifier", "Send one of "
		    "identifier, email and mobile_number, not several.");
		return (false);
	}
	/* The validators have accepted it. */
	if (contact_parse(text, strlen(text), cc, out) == ERR_OK)
		return (true);
	*ret = api_fail_field(req, "identifier",
	    "Send an e-mail address or a mobile number.");
	return (false);
}
