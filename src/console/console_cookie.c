/*
 * console_cookie - see console_cookie.h.
 * SameSite=Lax: a link from elsewhere opens the console signed in; what
 * changes something is looked at once more (console_guard).  The prefix
 * __Host- makes browsers refuse the cookie from a neighbouring host or over
 * plain HTTP.
 */
#include "console_cookie.h"

#include <string.h>

#include "api.h"
#include "codec.h"
#include "form.h"
#include "mem.h"
#include "rnd.h"
#include "str.h"

#define COOKIE_HTTPS	"__Host-identity_console"
#define COOKIE_LOCAL	"identity_console"

static void	console_token_derive(struct console_token *t);

void
console_token_make(struct console_token *t)
{
	uint8_t	b[32];

	rnd_bytes(b, sizeof(b));
	b64url_encode(b, sizeof(b), t->text);
	mem_wipe(b, sizeof(b));
	console_token_derive(t);
}

bool
console_is_safe(struct http_request *req)
{
	static const char	suffix[] = ".localhost";
	const char		*host = api_host(req);
	char			 name[256];
	size_t			 len = strcspn(host, ":");

	if (api_is_https(req))
		return (true);
	if (str_copy(name, sizeof(name), host, len) != ERR_OK)
		return (false);
	return (str_caseeq(name, "localhost") ||
	    strcmp(name, "127.0.0.1") == 0 || (len > sizeof(suffix) - 1 &&
	    str_caseeq(name + len - (sizeof(suffix) - 1), suffix)));
}

enum err
console_cookie_read(struct http_request *req, struct console_token *out)
{
	const char	*header = api_header(req, "cookie"), *v;
	size_t		 len;

	if (header == NULL || cookie_find(header, api_is_https(req) ?
	    COOKIE_HTTPS : COOKIE_LOCAL, &v, &len) != ERR_OK ||
	    len != CONSOLE_TOKEN_LEN ||
	    str_copy(out->text, sizeof(out->text), v, len) != ERR_OK)
		return (ERR_NOT_FOUND);
	console_token_derive(out);
	return (ERR_OK);
}

void
console_cookie_set(struct http_request *req, const char *token)
{
	char	text[192];
	bool	is_https = api_is_https(req);

	if (str_printf(text, sizeof(text), "%s=%s; Path=/; HttpOnly; "
	    "SameSite=Lax%s%s", is_https ? COOKIE_HTTPS : COOKIE_LOCAL,
	    token != NULL ? token : "", is_https ? "; Secure" : "",
	    token != NULL ? "" : "; Max-Age=0") == ERR_OK)
		api_set_header(req, "set-cookie", text);
	mem_wipe(text, sizeof(text));
}

/* The token is random enough to be its own key. */
static void
console_token_derive(struct console_token *t)
{
	char	text[CONSOLE_TOKEN_LEN + 6] = "csrf:";
	uint8_t	h[SHA256_LEN];

	sha256_of(t->text, CONSOLE_TOKEN_LEN, t->hash);
	memcpy(text + 5, t->text, CONSOLE_TOKEN_LEN + 1);
	sha256_of(text, sizeof(text) - 1, h);
	b64url_encode(h, sizeof(h), t->csrf);
	mem_wipe(text, sizeof(text));
}
