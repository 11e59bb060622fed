/*
 * page - see page.h.
 */
#include "page.h"

#include <string.h>

#include "api.h"
#include "console_asset.h"
#include "form.h"
#include "headers.h"
#include "log.h"
#include "platform.h"

#define PAGE_MAX_VARS	32

static enum err		 page_render_whole(struct http_request *req,
			    const struct page *p, struct buf *out);
static const char	*page_initial(const char *s, char out[5]);
static const char	*page_theme(struct http_request *req);
static const char	*page_find(const struct page *page,
			    const char *name, size_t len);
static const char	*page_tag(const struct page *page, const char *p,
			    const char *end, struct buf *out);
static const char	*page_skip(const char *p, const char *end,
			    const char *name, size_t len);
static const char	*page_mem(const char *p, const char *end,
			    const char *what, size_t len);
static void		 page_escape(struct buf *out, const char *s);

enum err
page_render(const struct page *page, struct buf *out)
{
	const char	*p = (const char *)page->tmpl, *end = p + page->len;
	const char	*open;

	while ((open = page_mem(p, end, "{{", 2)) != NULL) {
		buf_add(out, p, (size_t)(open - p));
		if ((p = page_tag(page, open + 2, end, out)) == NULL)
			return (ERR_FORMAT);
	}
	buf_add(out, p, (size_t)(end - p));
	return (buf_err(out));
}

int
page_reply(struct http_request *req, int status, const struct page *p)
{
	struct buf	out;
	enum err	e;
	int		r;

	buf_init(&out, PAGE_MAX_LEN);
	if ((e = page_render_whole(req, p, &out)) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "page not rendered: %s", err_text(e));
		buf_clear(&out);
		return (api_fail(req, PROBLEM_INTERNAL));
	}
	page_headers(req);
	r = api_reply_bytes(req, status, HEADERS_HTML, out.data, out.len);
	buf_clear(&out);
	return (r);
}

void
page_headers(struct http_request *req)
{
	api_set_header(req, "content-security-policy", HEADERS_CSP);
	api_set_header(req, "referrer-policy", "no-referrer");
	api_set_header(req, "permissions-policy", HEADERS_PERMISSIONS);
	api_set_header(req, "cross-origin-opener-policy", "same-origin");
	api_set_header(req, "cross-origin-resource-policy", "same-origin");
}

/* With the variables that every template has. */
static enum err
page_render_whole(struct http_request *req, const struct page *p,
    struct buf *out)
{
	const struct platform_values	*v = platform_values();
	char			 initial[5] = "";
	const struct page_var	 own[] = {
		{ "files", console_asset_base() },
		{ "theme", page_theme(req) },
		{ "brand", v->brand_name },
		{ "logo", v->logo_url },
		/* Where there is no logo. */
		{ "initial", v->logo_url[0] != '\0' ? "" :
		    page_initial(v->brand_name, initial) },
		{ "support", v->brand_support_url },
	};
	struct page_var		 vars[PAGE_MAX_VARS];
	const struct page	 whole = {
		p->tmpl, p->len, vars, p->n_vars + COUNT(own)
	};

	if (whole.n_vars > COUNT(vars))
		return (ERR_TOO_LONG);
	memcpy(vars, own, sizeof(own));
	if (p->n_vars > 0)
		memcpy(vars + COUNT(own), p->vars,
		    p->n_vars * sizeof(vars[0]));
	return (page_render(&whole, out));
}

/* The first letter of |s|, which is UTF-8. */
static const char *
page_initial(const char *s, char out[5])
{
	size_t	n = 0;

	while (n < 4 && s[n] != '\0' &&
	    (n == 0 || ((unsigned char)s[n] & 0xc0) == 0x80)) {
		out[n] = s[n];
		n++;
	}
	out[n] = '\0';
	return (out);
}

/* The console's theme menu keeps its choice in a cookie. */
static const char *
page_theme(struct http_request *req)
{
	static const char *const	 themes[] = { "light", "dark" };
	const char			*cookies = api_header(req, "cookie");
	const char			*v;
	size_t				 len, i;

	if (cookies == NULL || cookie_find(cookies, "theme", &v, &len) !=
	    ERR_OK)
		return ("auto");
	for (i = 0; i < COUNT(themes); i++) {
		if (strlen(themes[i]) == len &&
		    memcmp(themes[i], v, len) == 0)
			return (themes[i]);
	}
	return ("auto");
}

/* |p| stands behind "{{"; returns what follows the tag, NULL if it is bad. */
static const char *
page_tag(const struct page *page, const char *p, const char *end,
    struct buf *out)
{
	const char	*close = page_mem(p, end, "}}", 2), *value;
	size_t		 len;
	char		 kind = '\0';

	if (close == NULL || close == p)
		return (NULL);
	if (*p == '?' || *p == '/')
		kind = *p++;
	len = (size_t)(close - p);
	if ((value = page_find(page, p, len)) == NULL)
		return (NULL);
	if (kind == '?' && value[0] == '\0')
		return (page_skip(close + 2, end, p, len));
	if (kind == '\0')
		page_escape(out, value);
	return (close + 2);
}

/* To behind "{{/name}}". */
static const char *
page_skip(const char *p, const char *end, const char *name, size_t len)
{
	const char	*tag;

	while ((tag = page_mem(p, end, "{{/", 3)) != NULL) {
		p = tag + 3;
		if ((size_t)(end - p) >= len + 2 &&
		    memcmp(p, name, len) == 0 && memcmp(p + len, "}}", 2) == 0)
			return (p + len + 2);
	}
	return (NULL);
}

static const char *
page_find(const struct page *page, const char *name, size_t len)
{
	size_t	i;

	for (i = 0; i < page->n_vars; i++) {
		if (strlen(page->vars[i].name) == len &&
		    memcmp(page->vars[i].name, name, len) == 0)
			return (page->vars[i].value);
	}
	return (NULL);
}

static const char *
page_mem(const char *p, const char *end, const char *what, size_t len)
{
	for (; (size_t)(end - p) >= len; p++) {
		if (memcmp(p, what, len) == 0)
			return (p);
	}
	return (NULL);
}

/* OWASP XSS rules 1 and 2: text and quoted attribute values. */
static void
page_escape(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\'':
			buf_str(out, "&#39;");
			break;
		default:
			buf_char(out, *s);
		}
	}
}
