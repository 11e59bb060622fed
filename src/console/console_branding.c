/*
 * console_branding - /setup/api/branding, and what everybody may see of it:
 * /setup/logo and /setup/brand.css.  The logo is in the database, so that every
 * node serves it and one backup holds it.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "console_call.h"
#include "console_doc.h"
#include "console_guard.h"
#include "logo.h"
#include "mem.h"
#include "platform.h"
#include "routes.h"
#include "str.h"

#define LOGO_TYPE_LEN	15
#define LOGO_MAX_AGE_S	300

struct logo_input {
	char	type[LOGO_TYPE_LEN + 1];
};

struct logo_view {
	char	 type[LOGO_TYPE_LEN + 1];
	char	 hash[33];
	void	*data;
	size_t	 len;
};

static int	logo_parse(struct http_request *req);
static int	logo_cleaned(struct http_request *req);
static int	logo_ask(struct http_request *req);
static int	logo_got(struct http_request *req);
static void	logo_clear(void *arg);
static enum err	logo_rows(const struct db_result *res, void *target);
static int	brand_css_reply(struct http_request *req);

static struct http_state logo_put_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(logo_parse),
	KORE_HTTP_STATE(logo_cleaned),
	KORE_HTTP_STATE(console_doc_got),
};

static struct http_state logo_states[] = {
	KORE_HTTP_STATE(logo_ask),
	KORE_HTTP_STATE(logo_got),
};

static struct http_state brand_css_states[] = {
	KORE_HTTP_STATE(brand_css_reply),
};

static const struct console_call branding[] = {
	CONSOLE_CALL("console_branding_show", API_GET,
	    SQL_CONSOLE_BRANDING_SHOW, 0),
	CONSOLE_CALL("console_branding_patch", API_PATCH,
	    SQL_CONSOLE_BRANDING_PATCH, CALL_BODY | CALL_ACTOR),
};

static const struct console_call logo[] = {
	{ .route = { .name = "console_logo_put", .methods = API_PUT,
	    .states = logo_put_states, .n_states = COUNT(logo_put_states),
	    .input_size = sizeof(struct logo_input) } },
	CONSOLE_CALL("console_logo_delete", API_DELETE,
	    SQL_CONSOLE_LOGO_DELETE, CALL_ACTOR),
};

static const struct api_route logo_route = {
	.name = "logo", .methods = API_GET,
	.states = logo_states, .n_states = COUNT(logo_states),
};

static const struct api_route brand_css_route = {
	.name = "brand_css", .methods = API_GET,
	.states = brand_css_states, .n_states = COUNT(brand_css_states),
};

/* GET, PATCH /setup/api/branding */
int
console_branding(struct http_request *req)
{
	return (console_call_run(req, branding, COUNT(branding)));
}

/* PUT, DELETE /setup/api/branding/logo */
int
console_logo(struct http_request *req)
{
	return (console_call_run(req, logo, COUNT(logo)));
}

/* GET /setup/logo.  For everybody. */
int
console_logo_public(struct http_request *req)
{
	return (api_run(req, &logo_route));
}

/* GET /setup/brand.css.  For everybody. */
int
console_brand_css(struct http_request *req)
{
	return (api_run(req, &brand_css_route));
}

/* The picture is what its bytes say, whatever the header says. */
static int
logo_parse(struct http_request *req)
{
	struct logo_input	*in = api_input(req);
	const char		*said = api_header(req, "content-type"), *is;
	const void		*body;
	size_t			 len;
	int			 ret;

	if ((body = api_body(req, &len, &ret)) == NULL)
		return (ret);
	if (len > LOGO_BYTES_MAX)
		return (api_fail_with(req, PROBLEM_TOO_LARGE,
		    "A logo has 512 KiB at most.", NULL));
	is = logo_type(body, len);
	if (said == NULL || is == NULL || strcmp(said, is) != 0 ||
	    str_copy(in->type, sizeof(in->type), is, strlen(is)) != ERR_OK)
		return (api_fail_with(req, PROBLEM_MEDIA_TYPE, "Send a PNG, "
		    "JPEG or WebP picture with its Content-Type. SVG is "
		    "refused: it may hold scripts.", NULL));
	return (api_lane(req, logo_clean, body, len));
}

static int
logo_cleaned(struct http_request *req)
{
	struct logo_input	*in = api_input(req);
	struct db_params	 p = DB_PARAMS_INIT;
	const struct buf	*made;
	enum err		 e;
	int			 ret;

	if (!api_laned(req, &ret, &e, &made))
		return (ret);
	if (e == ERR_RANGE)
		return (api_fail_field(req, "logo",
		    "A logo has 1 to 1024 pixels on each side."));
	if (e == ERR_TOO_LONG || e == ERR_SPACE)
		return (api_fail_with(req, PROBLEM_TOO_LARGE,
		    "A logo has 512 KiB at most.", NULL));
	if (e != ERR_OK)
		return (api_fail_field(req, "logo", "The picture is damaged, "
		    "animated, or not of its type."));
	db_text(&p, in->type);
	db_bytes(&p, made->data, made->len);
	if (!console_call_params(req, CALL_ACTOR, &p, &ret))
		return (ret);
	return (console_doc_ask(req, SQL_CONSOLE_LOGO_PUT, &p));
}

/* ---- for everybody ---- */

static int
logo_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct logo_view	*v;

	if ((v = api_share(req, sizeof(*v), logo_clear)) == NULL)
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	return (api_ask(req, SQL_LOGO_SHOW, &p, logo_rows, v));
}

static int
logo_got(struct http_request *req)
{
	struct logo_view	*v = api_share(req, sizeof(*v), logo_clear);
	char			 tag[40];
	int			 ret;

	if (!api_got(req, &ret))
		return (ret);
	if (v->data == NULL || str_printf(tag, sizeof(tag), "\"%s\"",
	    v->hash) != ERR_OK)
		return (api_fail(req, PROBLEM_NOT_FOUND));
	/* A picture, and nothing that a browser could run. */
	api_set_header(req, "content-security-policy",
	    "default-src 'none'; sandbox");
	api_set_header(req, "cross-origin-resource-policy", "same-origin");
	api_cacheable(req, LOGO_MAX_AGE_S);
	return (api_reply_tagged(req, tag, v->type, v->data, v->len));
}

static void
logo_clear(void *arg)
{
	struct logo_view	*v = arg;

	mem_free(v->data);
}

static enum err
logo_rows(const struct db_result *res, void *target)
{
	struct logo_view	*v = target;
	struct db_row		 r;
	const void		*data;

	if (!db_row_first(res, &r))
		return (ERR_OK);
	db_row_text(&r, "type", v->type, sizeof(v->type));
	db_row_text(&r, "hash", v->hash, sizeof(v->hash));
	data = db_row_blob(&r, "data", &v->len);
	if (r.err != ERR_OK || data == NULL)
		return (r.err);
	v->data = mem_dup(data, v->len);
	return (v->data != NULL ? ERR_OK : ERR_NOMEM);
}

/* The accent as a property of all pages: no style may stand in a page. */
static int
brand_css_reply(struct http_request *req)
{
	const char	*accent = platform_values()->brand_accent;
	char		 css[48], tag[16];

	if (str_printf(css, sizeof(css), ":root{--brand:%s}\n", accent) !=
	    ERR_OK || str_printf(tag, sizeof(tag), "\"%s\"", accent + 1) !=
	    ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	api_set_header(req, "cross-origin-resource-policy", "same-origin");
	return (api_reply_tagged(req, tag, "text/css; charset=utf-8", css,
	    strlen(css)));
}
