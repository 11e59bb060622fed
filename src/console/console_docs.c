/*
 * console_docs - the API reference and the Guide.  They hold nothing that
 * /openapi.json does not tell everybody too, so no session is asked for; what
 * is this installation's own, their script fetches with the session.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "console_asset.h"
#include "routes.h"

static int	docs_reference(struct http_request *req);
static int	docs_guide(struct http_request *req);

static struct http_state docs_reference_states[] = {
	KORE_HTTP_STATE(docs_reference),
};
static const struct api_route docs_reference_route = {
	.name = "console_reference", .methods = API_GET,
	.states = docs_reference_states,
	.n_states = COUNT(docs_reference_states),
};

static struct http_state docs_guide_states[] = {
	KORE_HTTP_STATE(docs_guide),
};
static const struct api_route docs_guide_route = {
	.name = "console_guide", .methods = API_GET,
	.states = docs_guide_states, .n_states = COUNT(docs_guide_states),
};

/* GET /setup/reference */
int
console_reference(struct http_request *req)
{
	return (api_run(req, &docs_reference_route));
}

/* GET /setup/guide */
int
console_guide(struct http_request *req)
{
	return (api_run(req, &docs_guide_route));
}

static int
docs_reference(struct http_request *req)
{
	return (console_asset_page(req, "docs/reference.html"));
}

static int
docs_guide(struct http_request *req)
{
	return (console_asset_page(req, "docs/guide.html"));
}
