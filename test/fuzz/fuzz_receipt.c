/*
 * fuzz_receipt - what a gateway sends about a message: the first byte says
 * whether the rest is JSON, a form or a query, and by which document it is
 * read.  What comes out is JSON of at most RECEIPT_ROWS_MAX sound rows.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_in.h"
#include "mem.h"
#include "receipt.h"
#include "str.h"
#include "verdict.h"

#define FUZZ_RECEIPT_MAP \
	"\"map\":{\"D\":\"delivered\",\"1\":\"failed\",\"Q\":\"ignored\"}"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static struct provider *fuzz_receipt_load(const char *config);
static void	fuzz_receipt_sound(const struct receipt_facts *f);

static const char *const	fuzz_receipt_docs[] = {
	("{\"receipt\":{\"id\":\"/m/id\",\"status\":\"/m/s\",\"error\":\"/e\","
	    FUZZ_RECEIPT_MAP "}}"),
	("{\"receipt\":{\"id\":\"i\",\"status\":\"s\",\"error\":\"e\","
	    FUZZ_RECEIPT_MAP "}}"),
	("{\"receipt\":{\"list\":\"/r\",\"id\":\"/i\",\"status\":\"s\","
	    "\"error\":\"e\"," FUZZ_RECEIPT_MAP "}}"),
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct provider	*p[COUNT(fuzz_receipt_docs)];
	struct receipt_said	 said = { NULL, NULL, NULL };
	struct receipt_facts	 f;
	struct form		 form;
	json_t			*json = NULL;
	char			*text;
	size_t			 i;

	for (i = 0; i < COUNT(p) && p[i] == NULL; i++)
		p[i] = fuzz_receipt_load(fuzz_receipt_docs[i]);
	if (len < 1 || (text = mem_dup(data + 1, len - 1)) == NULL)
		return (0);
	if (data[0] % 2 == 0 && json_in_any(text, len - 1, &json) == ERR_OK)
		said.json = json;
	else if (form_parse(text, len - 1, &form) == ERR_OK)
		*(data[0] & 8 ? &said.query : &said.form) = &form;
	receipt_facts_init(&f);
	if (receipt_read(&p[(data[0] >> 1) % COUNT(p)]->receipt, &said, &f) ==
	    ERR_OK)
		fuzz_receipt_sound(&f);
	receipt_facts_clear(&f);
	json_decref(json);
	mem_free(text);
	return (0);
}

static struct provider *
fuzz_receipt_load(const char *config)
{
	const struct provider_row	 row = { .name = "n",
		.type = "generic", .countries = "", .config = config };
	struct provider			*p;

	if (provider_load(&row, &p) != ERR_OK)
		abort();
	return (p);
}

static void
fuzz_receipt_sound(const struct receipt_facts *f)
{
	json_error_t	 why;
	json_t		*rows, *row;
	const char	*s;
	size_t		 i;

	rows = json_loadb(f->rows.data, f->rows.len, JSON_REJECT_DUPLICATES,
	    &why);
	if (!json_is_array(rows) || json_array_size(rows) != f->n_rows ||
	    f->n_rows > RECEIPT_ROWS_MAX || f->missing != NULL ||
	    !str_is_utf8(f->unmapped, strlen(f->unmapped)))
		abort();
	json_array_foreach(rows, i, row) {
		s = json_string_value(json_object_get(row, "ref"));
		if (s == NULL || s[0] == '\0' || strlen(s) > VERDICT_REF_MAX)
			abort();
		s = json_string_value(json_object_get(row, "state"));
		if (s == NULL || (strcmp(s, "delivered") != 0 &&
		    strcmp(s, "failed") != 0))
			abort();
		s = json_string_value(json_object_get(row, "error"));
		if (s != NULL && (s[0] == '\0' || strlen(s) >
		    RECEIPT_ERROR_MAX || strpbrk(s, "\r\n\t\x7f") != NULL))
			abort();
	}
	json_decref(rows);
}
