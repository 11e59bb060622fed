/*
 * fuzz_placeholder - templates and values: the first byte is the context, the
 * first line the template, the rest a value.  What passes the check expands,
 * and no value leaves the place that it was given.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "placeholder.h"
#include "str.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static void	fuzz_placeholder_stays(const char *s,
		    enum placeholder_context ctx, const struct buf *out,
		    const struct buf *empty);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct placeholder_values	 v = { { NULL }, NULL };
	enum placeholder_context	 ctx;
	char				 why[PH_WHY_MAX], *s, *value;
	struct buf			 out, empty;
	unsigned int			 used;
	int				 i;

	if (len < 1 || len > 4096)
		return (0);
	ctx = (enum placeholder_context)(data[0] % (PH_IN_TEXT + 1));
	if ((s = mem_dup(data + 1, len - 1)) == NULL)
		abort();
	if ((value = strchr(s, '\n')) != NULL)
		*value++ = '\0';
	else
		value = s + strlen(s);
	if (!str_is_utf8(s, strlen(s)) || !str_is_utf8(value, strlen(value)) ||
	    placeholder_check(s, ctx, NULL, &used, why) != ERR_OK) {
		mem_free(s);
		return (0);
	}
	buf_init(&out, 1 << 20);
	buf_init(&empty, 1 << 20);
	if (placeholder_expand(s, ctx, &v, &empty) != ERR_OK)
		abort();
	for (i = 0; i < PH_MAX; i++)
		v.v[i] = i == PH_TTL_MINUTES || i == PH_COUNTRY_CODE ? "7" :
		    value;
	if (placeholder_expand(s, ctx, &v, &out) != ERR_OK)
		abort();
	if (buf_err(&out) == ERR_OK && (used & (PH_BIT(PH_TTL_MINUTES) |
	    PH_BIT(PH_COUNTRY_CODE))) == 0)
		fuzz_placeholder_stays(s, ctx, &out, &empty);
	buf_clear(&out);
	buf_clear(&empty);
	mem_free(s);
	return (0);
}

/* As many characters with a meaning as there are without any value. */
static void
fuzz_placeholder_stays(const char *s, enum placeholder_context ctx,
    const struct buf *out, const struct buf *empty)
{
	static const char *const	meaning[] = {
		[PH_IN_URL] = "/?&=#:@ \r\n", [PH_IN_FORM] = "&= \r\n",
		[PH_IN_JSON] = "", [PH_IN_XML] = "<>\"'\r\n",
		[PH_IN_HEADER] = "\r\n", [PH_IN_TEXT] = "",
	};
	const char			*m;
	json_error_t			 why;
	json_t				*a, *b;
	size_t				 i, n;

	for (m = meaning[ctx]; *m != '\0'; m++) {
		n = 0;
		for (i = 0; i < out->len; i++)
			n += out->data[i] == *m;
		for (i = 0; i < empty->len; i++)
			n -= empty->data[i] == *m;
		if (n != 0)
			abort();
	}
	if (ctx != PH_IN_JSON || s[0] != '{' || empty->data == NULL ||
	    out->data == NULL)
		return;
	/* What is JSON stays JSON, with as many members. */
	a = json_loadb(empty->data, empty->len, 0, &why);
	b = json_loadb(out->data, out->len, 0, &why);
	if (a != NULL && strstr(s, "}\":") == NULL && (b == NULL ||
	    json_object_size(a) > json_object_size(b)))
		abort();
	json_decref(a);
	json_decref(b);
}
