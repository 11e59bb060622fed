/*
 * openapi_api - GET /openapi.json: the description of this API, as it was
 * when the binary was built (tools/openapi.mjs writes it).
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "asset.h"
#include "routes.h"

/* A newer binary is noticed after this time. */
#define OPENAPI_MAX_AGE_S	300

static int	openapi_reply(struct http_request *req);

static struct http_state openapi_states[] = {
	KORE_HTTP_STATE(openapi_reply),
};

static const struct api_route openapi_route = {
	.name = "openapi", .methods = API_GET,
	.states = openapi_states, .n_states = COUNT(openapi_states),
};

/* GET /openapi.json.  No key.  200 | 304. */
int
api_openapi(struct http_request *req)
{
	return (api_run(req, &openapi_route));
}

static int
openapi_reply(struct http_request *req)
{
	const struct asset	*a = asset_find("openapi.json");

	if (a == NULL)
		return (api_fail(req, PROBLEM_INTERNAL));
	api_cacheable(req, OPENAPI_MAX_AGE_S);
	return (asset_send_tagged(req, a));
}
