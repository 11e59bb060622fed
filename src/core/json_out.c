/*
 * json_out - see json_out.h.
 */
#include "json_out.h"

#include <stdint.h>

#include "mem.h"

static int	json_out_add(const char *s, size_t len, void *arg);
static void	json_wipe_strings(json_t *j);

void
json_out(const json_t *j, struct buf *out)
{
	if (json_dump_callback(j, json_out_add, out, JSON_COMPACT |
	    JSON_ENCODE_ANY) != 0 && out->err == ERR_OK)
		out->err = ERR_NOMEM;
}

void
json_wipe(json_t *j)
{
	if (j != NULL)
		json_wipe_strings(j);
	json_decref(j);
}

static int
json_out_add(const char *s, size_t len, void *arg)
{
	struct buf	*out = arg;

	buf_add(out, s, len);
	return (out->err == ERR_OK ? 0 : -1);
}

/* Nested no deeper than json_in_object() lets in. */
static void
json_wipe_strings(json_t *j)
{
	const char	*key;
	json_t		*v;
	size_t		 i;

	if (json_is_string(j))
		mem_wipe((void *)(uintptr_t)json_string_value(j),
		    json_string_length(j));
	else if (json_is_object(j))
		json_object_foreach(j, key, v)
			json_wipe_strings(v);
	else if (json_is_array(j))
		json_array_foreach(j, i, v)
			json_wipe_strings(v);
}
