/*
 * http_call - see http_call.h.
 */
#include "http_call.h"

#include <string.h>

#include "placeholder.h"

static bool	http_call_is_token(const char *s);

void
http_call_init(struct http_call *c)
{
	size_t	i;

	c->method = "POST";
	c->n_headers = 0;
	buf_init(&c->url, HTTP_CALL_URL_MAX);
	buf_init(&c->body, HTTP_CALL_BODY_MAX);
	for (i = 0; i < COUNT(c->headers); i++)
		buf_init(&c->headers[i], HTTP_CALL_HEADER_MAX);
}

void
http_call_clear(struct http_call *c)
{
	size_t	i;

	buf_clear(&c->url);
	buf_clear(&c->body);
	for (i = 0; i < COUNT(c->headers); i++)
		buf_clear(&c->headers[i]);
	c->n_headers = 0;
}

enum err
http_call_header(struct http_call *c, const char *name, const char *value)
{
	struct buf	*b;

	if (!http_call_is_token(name))
		return (ERR_FORMAT);
	if (c->n_headers == COUNT(c->headers))
		return (ERR_SPACE);
	b = &c->headers[c->n_headers++];
	buf_str(b, name);
	buf_str(b, ": ");
	placeholder_escape(value, PH_IN_HEADER, b);
	return (buf_err(b));
}

enum err
http_call_err(const struct http_call *c)
{
	enum err	r;
	size_t		i;

	if ((r = buf_err(&c->url)) != ERR_OK ||
	    (r = buf_err(&c->body)) != ERR_OK)
		return (r);
	for (i = 0; i < c->n_headers; i++) {
		if ((r = buf_err(&c->headers[i])) != ERR_OK)
			return (r);
	}
	return (ERR_OK);
}

/* RFC 9110 s.5.6.2. */
static bool
http_call_is_token(const char *s)
{
	size_t	i;

	for (i = 0; s[i] != '\0'; i++) {
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
		    (s[i] >= 'A' && s[i] <= 'Z') ||
		    (s[i] >= '0' && s[i] <= '9') ||
		    strchr("!#$%&'*+-.^_`|~", s[i]) != NULL))
			return (false);
	}
	return (i > 0);
}
