/*
 * fuzz_answer - what a stranger's server says, held against a document: the
 * first byte is the status, the rest the body.  No answer is an error; OK
 * means what the document says.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fast2sms.h"
#include "json_in.h"
#include "json_pointer.h"
#include "provider_send.h"
#include "str.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static struct provider *fuzz_answer_load(const char *type,
		    const char *config);
static void	fuzz_answer_sound(const struct verdict *v);

static const char	fuzz_generic[] =
    "{\"url\":\"https://a.b/\",\"success\":{\"status\":\"2xx\",\"pointer\":"
    "\"/a/0/ok\",\"matches\":\"^(yes|1)$\"},\"errors\":{\"pointer\":\"/e~1f\","
    "\"map\":{\"1\":\"user\",\"x\":\"balance\"}},"
    "\"message_id_pointer\":\"/id\",\"cost_pointer\":\"/cost\"}";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct provider	*g, *f;
	struct fast2sms_wallet	 w;
	struct http_answer	 a = { .status = 200 };
	struct verdict		 v;
	json_t			*j = NULL;

	if (g == NULL) {
		g = fuzz_answer_load("generic", fuzz_generic);
		f = fuzz_answer_load("fast2sms", "{\"route\":\"q\"}");
	}
	if (len < 1)
		return (0);
	if (data[0] != 0)
		a.status = data[0] < 128 ? 200 : 300 + (data[0] - 128) * 2;
	a.body = (const char *)data + 1;
	a.len = len - 1;
	if (json_in_object(a.body, a.len, &j) != ERR_OK)
		j = NULL;
	provider_judge(g, &a, &v);
	fuzz_answer_sound(&v);
	if (v.kind == VERDICT_OK && (a.status != 200 ||
	    json_pointer_get(j, "/a/0/ok") == NULL))
		abort();
	provider_judge(f, &a, &v);
	fuzz_answer_sound(&v);
	if ((v.kind == VERDICT_OK) != (a.status == 200 &&
	    json_is_true(json_object_get(j, "return"))))
		abort();
	fast2sms_wallet_judge(&a, &w, &v);
	fuzz_answer_sound(&v);
	if (w.paise < 0)
		abort();
	json_decref(j);
	return (0);
}

static struct provider *
fuzz_answer_load(const char *type, const char *config)
{
	const struct provider_row	 row = { .name = "n", .type = type,
		.countries = "", .config = config };
	struct provider			*p;

	if (provider_load(&row, &p) != ERR_OK)
		abort();
	return (p);
}

static void
fuzz_answer_sound(const struct verdict *v)
{
	if (v->has_cost && (v->kind != VERDICT_OK || v->note != NULL ||
	    v->cost < 0 || v->cost > MONEY_MAX))
		abort();
	if ((v->reason[0] == '\0') != (v->kind == VERDICT_OK) ||
	    !str_is_utf8(v->reason, strlen(v->reason)) ||
	    strpbrk(v->reason, "\r\n") != NULL)
		abort();
}
