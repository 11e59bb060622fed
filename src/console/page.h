/*
 * page - HTML pages of the console: templates compiled in from assets, filled
 * by name, escaped always; and the headers that every page carries.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

#define PAGE_MAX_LEN	65536

/* One {{name}} of a template; |value| is escaped for text and quoted
 * attributes. */
struct page_var {
	const char	*name;
	const char	*value;
};

/* A template with what fills it. */
struct page {
	const uint8_t		*tmpl;
	size_t			 len;
	const struct page_var	*vars;
	size_t			 n_vars;
};

/*
 * Appends the template with its variables.  "{{?name}}..{{/name}}" stays only
 * where |name| is not empty; it does not nest.  ERR_FORMAT: an unknown name
 * or an open bracket, which is a mistake in the template.
 */
enum err	page_render(const struct page *p, struct buf *out) MUSTCHECK;

struct http_request;

/* The security headers of console.md 2.1. */
void		page_headers(struct http_request *req);
/*
 * Renders and replies with the security headers of console.md 2.1.  Every
 * template has these too: {{files}} console_asset_base(), {{brand}} the name
 * of the installation, {{initial}} its first letter, {{theme}} what the
 * administrator chose, "auto" else.
 */
int		page_reply(struct http_request *req, int status,
		    const struct page *p);

#endif
