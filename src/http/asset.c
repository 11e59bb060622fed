/*
 * asset - see asset.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "asset.h"
#include "asset_table.h"
#include "coding.h"
#include "etag.h"
#include "gzip.h"
#include "log.h"
#include "mem.h"
#include "str.h"

/* "<sha256>-gzip" */
#define ASSET_ETAG_LEN	(1 + 64 + 5 + 1)

static unsigned int	asset_coding(struct http_request *req);
static int		asset_send_packed(struct http_request *req,
			    const struct asset *a, unsigned int coding);
static int		asset_cmp(const void *key, const void *row);

const struct asset *
asset_find(const char *path)
{
	return (bsearch(path, asset_table, asset_count,
	    sizeof(asset_table[0]), asset_cmp));
}

int
asset_send(struct http_request *req, const struct asset *a)
{
	return (asset_send_packed(req, a, asset_coding(req)));
}

int
asset_send_tagged(struct http_request *req, const struct asset *a)
{
	unsigned int	coding = asset_coding(req);
	char		etag[ASSET_ETAG_LEN + 1];

	if (str_printf(etag, sizeof(etag), "\"%s%s\"", a->sha256,
	    coding == CODING_BR ? "-br" : coding == CODING_GZIP ? "-gzip" :
	    "") != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	api_set_header(req, "etag", etag);
	if (!etag_matches(api_header(req, "if-none-match"), etag))
		return (asset_send_packed(req, a, coding));
	api_set_header(req, "vary", "accept-encoding");
	return (api_reply_unchanged(req));
}

/* One coding, or 0: as it is. */
static unsigned int
asset_coding(struct http_request *req)
{
	unsigned int	all;

	all = coding_accepted(api_header(req, "accept-encoding"));
	return (all & CODING_BR ? CODING_BR : all & CODING_GZIP);
}

static int
asset_send_packed(struct http_request *req, const struct asset *a,
    unsigned int coding)
{
	void		*plain;
	enum err	 e;
	int		 r;

	api_set_header(req, "vary", "accept-encoding");
	if (coding == CODING_BR) {
		api_set_header(req, "content-encoding", "br");
		return (api_reply_bytes(req, HTTP_STATUS_OK, a->type, a->br.p,
		    a->br.len));
	}
	if (coding == CODING_GZIP) {
		api_set_header(req, "content-encoding", "gzip");
		return (api_reply_bytes(req, HTTP_STATUS_OK, a->type,
		    a->gzip.p, a->gzip.len));
	}
	if ((plain = mem_new(a->len)) == NULL)
		return (api_fail(req, PROBLEM_INTERNAL));
	if ((e = gzip_unpack(a->gzip.p, a->gzip.len, plain, a->len)) ==
	    ERR_OK) {
		r = api_reply_bytes(req, HTTP_STATUS_OK, a->type, plain,
		    a->len);
	} else {
		log_msg(LOG_LEVEL_ERROR, "asset %s: %s", a->path, err_text(e));
		r = api_fail(req, PROBLEM_INTERNAL);
	}
	mem_free(plain);
	return (r);
}

static int
asset_cmp(const void *key, const void *row)
{
	const struct asset	*a = row;

	return (strcmp(key, a->path));
}
