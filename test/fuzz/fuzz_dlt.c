/*
 * fuzz_dlt - approved texts: the first line is the template, the rest a text.
 * Values found in a text fill the template to that text again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlt.h"
#include "mem.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct dlt_values	 v;
	struct dlt_template		 t;
	const char			*values[DLT_VARS_MAX];
	char				 why[DLT_WHY_MAX], *s, *text;
	struct buf			 b;
	size_t				 i;

	if ((s = mem_dup(data, len)) == NULL)
		abort();
	if ((text = strchr(s, '\n')) != NULL)
		*text++ = '\0';
	else
		text = s + strlen(s);
	if (dlt_parse(s, &t, why) == ERR_OK &&
	    dlt_extract(&t, text, &v) == ERR_OK) {
		for (i = 0; i < t.n; i++)
			values[i] = v.v[i];
		buf_init(&b, DLT_TEXT_MAX * 4);
		if (dlt_fill(&t, values, t.n, &b, why) != ERR_OK ||
		    b.data == NULL || strcmp(b.data, text) != 0)
			abort();
		buf_clear(&b);
	}
	mem_free(s);
	return (0);
}
