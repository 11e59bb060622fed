/*
 * fuzz_list_cursor - a cursor as anybody may send it.  What is taken is bound
 * to the list and has a key of UTF-8; a byte more or less is another cursor.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "list_cursor.h"
#include "str.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* As the corpus has it. */
	static const uint8_t	bound[LIST_CURSOR_BOUND_LEN] = "ABCDEFG";
	static const uint8_t	other[LIST_CURSOR_BOUND_LEN] = "GFEDCBA";
	struct list_cursor	c;
	const char		*s = (const char *)data;
	enum err		r;

	r = list_cursor_parse(s, len, bound, &c);
	if (r == ERR_OK && (!str_is_utf8(c.key, strlen(c.key)) ||
	    memcmp(c.bound, bound, sizeof(bound)) != 0 ||
	    list_cursor_parse(s, len, other, &c) != ERR_CONFLICT))
		abort();
	if (r != ERR_OK && r != ERR_FORMAT && r != ERR_CONFLICT)
		abort();
	return (0);
}
