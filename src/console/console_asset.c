/*
 * console_asset - the console's own files, compiled in.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "api.h"
#include "assets.h"
#include "routes.h"

static int	asset_css_reply(struct http_request *req);

static struct http_state asset_css_states[] = {
	KORE_HTTP_STATE(asset_css_reply),
};

static const struct api_route asset_css_route = {
	.name = "asset_css", .methods = API_GET,
	.states = asset_css_states, .n_states = COUNT(asset_css_states),
};

/* GET /setup/console.css */
int
console_css(struct http_request *req)
{
	return (api_run(req, &asset_css_route));
}

static int
asset_css_reply(struct http_request *req)
{
	return (api_reply_bytes(req, 200, "text/css; charset=utf-8",
	    asset_console_css, asset_len_console_css));
}
