/*
 * fuzz_uuid - what is read as an id is written as the same id.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "uuid.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct uuid	u, again;
	char		s[UUID_TEXT_LEN + 1];
	size_t		i;

	if (uuid_parse((const char *)data, len, &u) != ERR_OK)
		return (0);
	uuid_format(&u, s);
	if (len != UUID_TEXT_LEN || strlen(s) != UUID_TEXT_LEN)
		abort();
	for (i = 0; i < len; i++) {
		if (s[i] != tolower(data[i]))
			abort();
	}
	if (uuid_parse(s, UUID_TEXT_LEN, &again) != ERR_OK ||
	    uuid_cmp(&u, &again) != 0)
		abort();
	return (0);
}
