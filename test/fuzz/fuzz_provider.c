/*
 * fuzz_provider - documents of administrators: what is accepted makes a
 * request, is exported without its secrets, and is accepted again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_in.h"
#include "provider.h"
#include "provider_send.h"
#include "str.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static void	fuzz_provider_again(const struct provider *p);
static void	fuzz_provider_request(const struct provider *p);

static struct cidr		fuzz_block;
static const struct cidr_list	fuzz_allow = { &fuzz_block, 1 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct provider_parse_args	 a = { NULL, NULL, &fuzz_allow };
	struct provider_errors		 errs;
	struct provider			*p = NULL;
	size_t				 i;

	if (cidr_parse("127.0.0.0/8", 11, &fuzz_block) != ERR_OK)
		abort();
	if (json_in_object((const char *)data, len, &a.doc) != ERR_OK)
		return (0);
	if (provider_parse(&a, &p, &errs) == ERR_OK) {
		fuzz_provider_request(p);
		fuzz_provider_again(p);
		provider_free(p);
	} else {
		if (p != NULL || errs.n == 0 || errs.n > PROVIDER_ERRORS_MAX)
			abort();
		for (i = 0; i < errs.n; i++) {
			if (errs.v[i].message[0] == '\0' ||
			    !str_is_utf8(errs.v[i].field,
			    strlen(errs.v[i].field)))
				abort();
		}
	}
	json_decref(a.doc);
	return (0);
}

/* The export, put back over |p|, is |p|. */
static void
fuzz_provider_again(const struct provider *p)
{
	struct provider_parse_args	 a = { NULL, p, &fuzz_allow };
	struct provider_errors		 errs;
	struct provider			*again;
	struct buf			 b;

	buf_init(&b, PROVIDER_DOC_MAX * 4);
	provider_export_json(p, &b);
	if (buf_err(&b) != ERR_OK ||
	    json_in_object(b.data, b.len, &a.doc) != ERR_OK ||
	    provider_parse(&a, &again, &errs) != ERR_OK ||
	    !json_equal(again->config, p->config) ||
	    !json_equal(again->secrets, p->secrets))
		abort();
	provider_free(again);
	json_decref(a.doc);
	buf_clear(&b);
}

static void
fuzz_provider_request(const struct provider *p)
{
	static const struct sms_send	 s = {
		.to = "+919876543210", .code = "012345",
		.message = "Code \"012345\"\n<b>&\x7f", .app_name = "A\r\nB: c",
		.brand = "Acme", .request_id = "id", .ttl_s = 300,
		.template = "sign_in_code", .locale = "hi-IN",
		.language = "ta", .now_s = 1700000000,
	};
	static const struct http_answer	 answer = {
		.status = 200,
		.body = "{\"ok\":true,\"return\":true,\"price\":-0.0075}",
		.len = 41
	};
	struct http_call		 c;
	struct verdict			 v;
	struct buf			 b;
	size_t				 i;

	http_call_init(&c);
	if (provider_request(p, &s, &c, &v) == ERR_OK) {
		if (strpbrk(c.url.data, "\r\n ") != NULL)
			abort();
		for (i = 0; i < c.n_headers; i++) {
			if (strpbrk(c.headers[i].data, "\r\n") != NULL)
				abort();
		}
		/* As it was asked, and as a transcript cuts it off. */
		for (i = 0; i < 2; i++) {
			buf_init(&b, HTTP_CALL_BODY_MAX);
			provider_mask(p, c.url.data, c.url.len / (1 + i),
			    i == 1, &b);
			buf_clear(&b);
		}
	} else if (v.reason[0] == '\0')
		abort();
	provider_judge(p, &answer, &v);
	http_call_clear(&c);
}
