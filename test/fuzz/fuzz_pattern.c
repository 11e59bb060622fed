/*
 * fuzz_pattern - expressions that pass the check match within their bounds:
 * the first line is the expression, the rest the subject.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "pattern.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char	*s, *subject, why[PATTERN_WHY_MAX];
	bool	 is_first;

	if ((s = mem_dup(data, len)) == NULL)
		abort();
	if ((subject = memchr(s, '\n', len)) != NULL)
		*subject++ = '\0';
	else
		subject = s + len;
	if (pattern_check(s, why) != ERR_OK) {
		if (why[0] == '\0' || pattern_matches(s, subject,
		    len - (size_t)(subject - s)))
			abort();
	} else {
		is_first = pattern_matches(s, subject,
		    len - (size_t)(subject - s));
		if (is_first != pattern_matches(s, subject,
		    len - (size_t)(subject - s)))
			abort();
	}
	mem_free(s);
	return (0);
}
