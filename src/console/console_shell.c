/*
 * console_shell - see console_shell.h.
 */
#include "console_shell.h"

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include "assets.h"
#include "page.h"

int
console_shell(struct http_request *req)
{
	const struct page	page = {
		asset_console_shell_html, asset_len_console_shell_html, NULL, 0
	};

	return (page_reply(req, 200, &page));
}
