/*
 * console_asset - see console_asset.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "asset.h"
#include "asset_table.h"
#include "console_asset.h"
#include "page.h"
#include "routes.h"

#define ASSET_BASE	"/setup/a/" ASSET_HASH

static int	asset_reply(struct http_request *req);

static struct http_state asset_states[] = {
	KORE_HTTP_STATE(asset_reply),
};

static const struct api_route asset_route = {
	.name = "console_file", .methods = API_GET,
	.states = asset_states, .n_states = COUNT(asset_states),
};

const char *
console_asset_base(void)
{
	return (ASSET_BASE);
}

/* GET /setup/a/HASH/PATH.  No session: sign-in needs them. */
int
console_file(struct http_request *req)
{
	return (api_run(req, &asset_route));
}

static int
asset_reply(struct http_request *req)
{
	const char		*path = api_path(req);
	const struct asset	*a = NULL;

	if (strncmp(path, ASSET_BASE "/", sizeof(ASSET_BASE)) == 0)
		a = asset_find(path + sizeof(ASSET_BASE));
	/* Of another version: the page that asks has to be loaded anew.
	 * Documents have addresses of their own, and a page's headers. */
	if (a == NULL || a->is_document)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	api_set_header(req, "cross-origin-resource-policy", "same-origin");
	api_cacheable(req, API_IMMUTABLE_S);
	return (asset_send(req, a));
}

/* Not kept: it names the files of this version. */
int
console_asset_page(struct http_request *req, const char *name)
{
	const struct asset	*a = asset_find(name);

	if (a == NULL)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	page_headers(req);
	return (asset_send(req, a));
}
