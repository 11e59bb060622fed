/*
 * console_asset - the files that browsers load: style sheet, modules, icon.
 */
#ifndef CONSOLE_ASSET_H
#define CONSOLE_ASSET_H

/*
 * Where they are: "/setup/a/HASH", without a slash at the end.  The hash is
 * that of all of them, so an address never changes its content.
 */
const char	*console_asset_base(void);

struct http_request;

/* Replies with the document |name|, "docs/guide.html", as a page. */
int		 console_asset_page(struct http_request *req,
		    const char *name);

#endif
