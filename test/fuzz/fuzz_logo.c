/*
 * fuzz_logo - an uploaded picture: whatever comes out is of the same type,
 * within the bound, and is accepted again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "logo.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf	once, twice;

	buf_init(&once, LOGO_BYTES_MAX * 2);
	buf_init(&twice, LOGO_BYTES_MAX * 2);
	if (logo_clean(data, len, &once) == ERR_OK) {
		if (once.len > LOGO_BYTES_MAX || strcmp(logo_type(once.data,
		    once.len), logo_type(data, len)) != 0)
			abort();
		if (logo_clean(once.data, once.len, &twice) != ERR_OK)
			abort();
	}
	buf_clear(&once);
	buf_clear(&twice);
	return (0);
}
