/*
 * fuzz_phone - mobile numbers: what is accepted is E.164 and stays as it is.
 * The first byte chooses the country code.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "contact.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const	codes[] = {
		"91", "1", "353", "", NULL,
	};
	char	out[PHONE_MAX_LEN + 1], again[PHONE_MAX_LEN + 1];
	size_t	digits;

	if (len == 0)
		return (0);
	memset(out, 'x', sizeof(out));
	if (phone_normalise((const char *)data + 1, len - 1,
	    codes[data[0] % COUNT(codes)], out) != ERR_OK) {
		if (out[0] != '\0')
			abort();
		return (0);
	}
	digits = strlen(out) - 1;
	if (out[0] != '+' || out[1] == '0' || digits < 8 || digits > 15 ||
	    strspn(out + 1, "0123456789") != digits)
		abort();
	if (phone_normalise(out, strlen(out), NULL, again) != ERR_OK ||
	    strcmp(out, again) != 0)
		abort();
	return (0);
}
