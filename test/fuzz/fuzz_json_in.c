/*
 * fuzz_json_in - what is accepted is an object, no deeper than promised,
 * without NUL, and reads back as itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_in.h"
#include "str.h"

#define FUZZ_DEPTH_MAX	32	/* json_in.h */

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static size_t	fuzz_depth(const json_t *j);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	json_t	*j = NULL, *again = NULL;
	char	*text;

	if (json_in_object((const char *)data, len, &j) != ERR_OK) {
		if (j != NULL)
			abort();
		return (0);
	}
	if (!json_is_object(j) || fuzz_depth(j) > FUZZ_DEPTH_MAX ||
	    memchr(data, '\0', len) != NULL ||
	    !str_is_utf8((const char *)data, len))
		abort();
	if ((text = json_dumps(j, JSON_COMPACT)) == NULL)
		abort();
	if (json_in_object(text, strlen(text), &again) != ERR_OK)
		abort();
	if (!json_equal(j, again))
		abort();
	json_decref(again);
	json_decref(j);
	free(text);
	return (0);
}

static size_t
fuzz_depth(const json_t *j)
{
	size_t		 i, d, max = 0;
	json_t		*v;
	void		*it;
	union {
		const json_t	*in;
		json_t		*out;
	} u = { .in = j };	/* the iterator's type wants no const */

	if (json_is_array(j)) {
		json_array_foreach(j, i, v) {
			d = fuzz_depth(v);
			max = d > max ? d : max;
		}
		return (max + 1);
	}
	if (!json_is_object(j))
		return (0);
	for (it = json_object_iter(u.out); it != NULL;
	    it = json_object_iter_next(u.out, it)) {
		const char	*key = json_object_iter_key(it);

		if (!str_is_utf8(key, strlen(key)))
			abort();
		d = fuzz_depth(json_object_iter_value(it));
		max = d > max ? d : max;
	}
	return (max + 1);
}
