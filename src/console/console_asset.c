/*
 * console_asset - see console_asset.h.  Kore cannot compress, so each file is
 * kept packed too (tools/genasset.sh) and the client's Accept-Encoding picks.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "asset_table.h"
#include "coding.h"
#include "console_asset.h"
#include "headers.h"
#include "page.h"
#include "routes.h"

#define ASSET_BASE	"/setup/a/" ASSET_HASH

static int			 asset_reply(struct http_request *req);
static int			 asset_send(struct http_request *req,
				    const struct asset *a);
static int			 asset_cmp(const void *key, const void *row);
static const struct asset	*asset_find(const char *path);

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
	if (a == NULL || strcmp(a->type, HEADERS_HTML) == 0)
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

/* As small as the client can read it. */
static int
asset_send(struct http_request *req, const struct asset *a)
{
	const struct asset_bytes	*b = &a->plain;
	unsigned int			 codings;

	codings = coding_accepted(api_header(req, "accept-encoding"));
	if ((codings & CODING_BR) && a->br.p != NULL) {
		b = &a->br;
		api_set_header(req, "content-encoding", "br");
	} else if ((codings & CODING_GZIP) && a->gzip.p != NULL) {
		b = &a->gzip;
		api_set_header(req, "content-encoding", "gzip");
	}
	api_set_header(req, "vary", "accept-encoding");
	return (api_reply_bytes(req, 200, a->type, b->p, b->len));
}

static const struct asset *
asset_find(const char *path)
{
	return (bsearch(path, asset_table, asset_count,
	    sizeof(asset_table[0]), asset_cmp));
}

static int
asset_cmp(const void *key, const void *row)
{
	const struct asset	*a = row;

	return (strcmp(key, a->path));
}
